//! `updates.getChannelDifference`.

use heliogram_tl as tl;

use crate::cx::Reading;
use crate::error::{Rpc, RpcError};
use crate::rpc::input;

/// `updates.getChannelDifference`: what was logged in one channel behind the caller's pts.
///
/// # Errors
/// `CHANNEL_INVALID`.
pub(super) fn get_channel_difference(
    cx: &mut Reading<'_>,
    req: tl::updates::GetChannelDifference,
) -> Rpc<tl::updates::ChannelDifference> {
    input::channel(cx, &req.channel)?;
    Err(RpcError::CHANNEL_INVALID)
}
