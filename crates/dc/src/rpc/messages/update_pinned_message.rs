//! `messages.updatePinnedMessage`, and taking all pinned messages down.

use heliogram_tl as tl;

use crate::cx::Writing;
use crate::domain::messages::pin::{self, Side};
use crate::domain::messages::post::Notify;
use crate::domain::permit;
use crate::error::{Rpc, RpcError};
use crate::render;
use crate::rpc::input;

/// `messages.updatePinnedMessage`: pins a message for both sides or for oneself, or takes it down.
///
/// # Errors
/// `PEER_ID_INVALID`, `MESSAGE_ID_INVALID`, `CHAT_NOT_MODIFIED`, `YOU_BLOCKED_USER`,
/// `USER_IS_BLOCKED`, `INPUT_USER_DEACTIVATED`.
pub(super) fn update_pinned_message(
    cx: &mut Writing<'_>,
    req: tl::messages::UpdatePinnedMessage,
) -> Rpc<tl::Updates> {
    let peer = input::peer(cx, &req.peer)?;
    let id = input::message_id(req.id).ok_or(RpcError::MESSAGE_ID_INVALID)?;
    let side = if req.pm_oneside { Side::Mine } else { Side::Both };
    let notify = if req.silent { Notify::Silent } else { Notify::Loud };

    if !req.unpin && side == Side::Both {
        permit::post(cx.db, cx.me, cx.caller.is_bot, peer)?;
    }

    pin::set(cx, peer, id, !req.unpin, side, notify)?;

    render::own_log(cx.mine(), &cx.outbox.logged)
}

/// `messages.unpinAllMessages`: takes down all pinned messages of a dialog, a part at a time.
///
/// # Errors
/// `PEER_ID_INVALID`.
pub(super) fn unpin_all_messages(
    cx: &mut Writing<'_>,
    req: tl::messages::UnpinAllMessages,
) -> Rpc<tl::messages::AffectedHistory> {
    let peer = input::peer(cx, &req.peer)?;

    let left = pin::clear(cx, peer, cx.world.limits().clear_messages_max)?;

    render::affected_history(cx.mine(), &cx.outbox.logged, left)
}
