//! `channels.getMessages`, and the read mark of a channel.

use heliogram_tl as tl;

use crate::cx::Reading;
use crate::error::{Rpc, RpcError};
use crate::rpc::input;

/// `channels.getMessages`: messages of one channel by id.
///
/// # Errors
/// `CHANNEL_INVALID`.
pub(super) fn get_messages(
    cx: &mut Reading<'_>,
    req: tl::channels::GetMessages,
) -> Rpc<tl::messages::Messages> {
    input::channel(cx, &req.channel)?;
    Err(RpcError::CHANNEL_INVALID)
}

/// `channels.readHistory`: marks a channel as read.
///
/// # Errors
/// `CHANNEL_INVALID`.
pub(super) fn read_history(cx: &mut Reading<'_>, req: tl::channels::ReadHistory) -> Rpc<bool> {
    input::channel(cx, &req.channel)?;
    Err(RpcError::CHANNEL_INVALID)
}
