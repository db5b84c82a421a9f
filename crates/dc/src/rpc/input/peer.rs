//! Peers, users and messages as a caller names them.

use heliogram_ids::{AccessHash, MessageId, Peer, UserId};
use heliogram_store::Read as _;
use heliogram_store::engine::View;
use heliogram_tl as tl;

use crate::cx::Cx;
use crate::domain::access::Target;
use crate::domain::users;
use crate::error::{Rpc, RpcError};
use crate::tables::Dialogs;

/// The peer that the caller names.
///
/// # Errors
/// `PEER_ID_INVALID`.
pub(in crate::rpc) fn peer<D: View>(cx: &Cx<'_, D>, input: &tl::InputPeer) -> Rpc<Peer> {
    match input {
        tl::InputPeer::InputPeerSelf => Ok(Peer::User(cx.me)),
        tl::InputPeer::InputPeerUser(user) => {
            named_user(cx, user.user_id, user.access_hash, RpcError::PEER_ID_INVALID)
                .map(Peer::User)
        }
        _ => Err(RpcError::PEER_ID_INVALID),
    }
}

/// The peer at which a page begins; `inputPeerEmpty` is none.
pub(in crate::rpc) fn offset_peer<D: View>(
    cx: &Cx<'_, D>,
    input: &tl::InputPeer,
) -> Rpc<Option<Peer>> {
    match input {
        tl::InputPeer::InputPeerEmpty => Ok(None),
        other => peer(cx, other).map(Some),
    }
}

/// The user that the caller names.
///
/// # Errors
/// `USER_ID_INVALID`.
pub(in crate::rpc) fn user<D: View>(cx: &Cx<'_, D>, input: &tl::InputUser) -> Rpc<UserId> {
    match input {
        tl::InputUser::InputUserSelf => Ok(cx.me),
        tl::InputUser::InputUser(user) => {
            named_user(cx, user.user_id, user.access_hash, RpcError::USER_ID_INVALID)
        }
        _ => Err(RpcError::USER_ID_INVALID),
    }
}

fn named_user<D: View>(cx: &Cx<'_, D>, raw: i64, hash: i64, error: RpcError) -> Rpc<UserId> {
    let Some(id) = UserId::new(raw) else { return Err(error) };
    if id == cx.me {
        return Ok(id);
    }
    let peer = Peer::User(id);
    let right = cx.world.access.verify(cx.me, Target::Peer(peer), AccessHash(hash));
    // A bot that lost its memory may name those who wrote to it without a hash.
    let met = || {
        Ok::<_, RpcError>(
            cx.caller.is_bot && hash == 0 && cx.db.contains::<Dialogs>(&(cx.me, peer))?,
        )
    };
    if (right || met()?) && users::find(&*cx.db, id)?.is_some() { Ok(id) } else { Err(error) }
}

/// A message id, if the number can be one.
pub(in crate::rpc) fn message_id(raw: i32) -> Option<MessageId> {
    MessageId::new(raw)
}

/// The messages that the caller names; numbers that cannot be ids are passed over.
///
/// # Errors
/// `LIMIT_INVALID` for more than one request may name.
pub(in crate::rpc) fn message_ids<D: View>(cx: &Cx<'_, D>, raw: &[i32]) -> Rpc<Vec<MessageId>> {
    if raw.len() > cx.world.limits().message_ids_max {
        return Err(RpcError::LIMIT_INVALID);
    }
    Ok(raw.iter().filter_map(|raw| message_id(*raw)).collect())
}

/// The peer of a dialog that the caller names.
///
/// # Errors
/// `PEER_ID_INVALID`.
pub(in crate::rpc) fn dialog_peer<D: View>(
    cx: &Cx<'_, D>,
    input: &tl::InputDialogPeer,
) -> Rpc<Peer> {
    match input {
        tl::InputDialogPeer::InputDialogPeer(dialog) => peer(cx, &dialog.peer),
        _ => Err(RpcError::PEER_ID_INVALID),
    }
}
