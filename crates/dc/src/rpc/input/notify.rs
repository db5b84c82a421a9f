//! Whose notifications are meant, as a caller names them.

use heliogram_store::engine::View;
use heliogram_tl as tl;

use super::peer;
use crate::cx::Cx;
use crate::error::{Rpc, RpcError};
use crate::record::NotifyScope;

/// A peer, or a kind of peers.
///
/// # Errors
/// `PEER_ID_INVALID`, also for topics and communities, of which there are none.
pub(in crate::rpc) fn notify_scope<D: View>(
    cx: &Cx<'_, D>,
    input: &tl::InputNotifyPeer,
) -> Rpc<NotifyScope> {
    match input {
        tl::InputNotifyPeer::InputNotifyPeer(of) => peer(cx, &of.peer).map(NotifyScope::Peer),
        tl::InputNotifyPeer::InputNotifyUsers => Ok(NotifyScope::Users),
        tl::InputNotifyPeer::InputNotifyChats => Ok(NotifyScope::Chats),
        tl::InputNotifyPeer::InputNotifyBroadcasts => Ok(NotifyScope::Broadcasts),
        _ => Err(RpcError::PEER_ID_INVALID),
    }
}
