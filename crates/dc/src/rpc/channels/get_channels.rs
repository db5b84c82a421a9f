//! `channels.getChannels`.

use heliogram_tl as tl;
use heliogram_tl::types;

use crate::cx::Reading;
use crate::error::Rpc;
use crate::rpc::input;

/// `channels.getChannels`: channels by their ids.
///
/// # Errors
/// `CHANNEL_INVALID`.
pub(super) fn get_channels(
    cx: &mut Reading<'_>,
    req: tl::channels::GetChannels,
) -> Rpc<tl::messages::Chats> {
    for channel in &req.id {
        input::channel(cx, channel)?;
    }
    Ok(types::messages::Chats { chats: Vec::new() }.into())
}
