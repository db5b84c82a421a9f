//! Channels as a caller names them.

use heliogram_ids::ChannelId;
use heliogram_store::engine::View;
use heliogram_tl as tl;

use crate::cx::Cx;
use crate::error::{Rpc, RpcError};

/// The channel that the caller names. No channel was ever made in this cloud, so no name is right;
/// the check is the one by which all peers are checked.
///
/// # Errors
/// `CHANNEL_INVALID`.
pub(in crate::rpc) fn channel<D: View>(_: &Cx<'_, D>, _: &tl::InputChannel) -> Rpc<ChannelId> {
    Err(RpcError::CHANNEL_INVALID)
}
