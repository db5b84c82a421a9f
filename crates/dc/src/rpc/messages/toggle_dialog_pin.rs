//! `messages.toggleDialogPin`, and the other marks of a dialog.

use heliogram_tl as tl;
use heliogram_tl::types;

use crate::cx::{Reading, Writing};
use crate::domain::dialogs;
use crate::error::{Rpc, RpcError};
use crate::render;
use crate::rpc::input;

/// `messages.toggleDialogPin`: pins a dialog on top of the list, or takes it down.
///
/// # Errors
/// `PEER_ID_INVALID`, `PINNED_DIALOGS_TOO_MUCH`.
pub(super) fn toggle_dialog_pin(
    cx: &mut Writing<'_>,
    req: tl::messages::ToggleDialogPin,
) -> Rpc<bool> {
    let peer = input::dialog_peer(cx, &req.peer)?;

    dialogs::set_pinned(cx, peer, req.pinned)?;

    Ok(true)
}

/// `messages.reorderPinnedDialogs`: puts the pinned dialogs into an order.
///
/// # Errors
/// `PEER_ID_INVALID`, `PINNED_DIALOGS_TOO_MUCH`, `FOLDER_ID_INVALID` for other lists than the main
/// one.
pub(super) fn reorder_pinned_dialogs(
    cx: &mut Writing<'_>,
    req: tl::messages::ReorderPinnedDialogs,
) -> Rpc<bool> {
    if req.folder_id != 0 {
        return Err(RpcError::FOLDER_ID_INVALID);
    }
    if req.order.len() > cx.world.limits().pinned_dialogs_max {
        return Err(RpcError::PINNED_DIALOGS_TOO_MUCH);
    }
    let order = req.order.iter().map(|one| input::dialog_peer(cx, one)).collect::<Rpc<Vec<_>>>()?;

    dialogs::reorder_pinned(cx, &order, req.force)?;

    Ok(true)
}

/// `messages.markDialogUnread`: marks a dialog as unread by hand, or takes the mark away.
///
/// # Errors
/// `PEER_ID_INVALID`.
pub(super) fn mark_dialog_unread(
    cx: &mut Writing<'_>,
    req: tl::messages::MarkDialogUnread,
) -> Rpc<bool> {
    let peer = input::dialog_peer(cx, &req.peer)?;

    dialogs::mark_unread(cx, peer, req.unread)?;

    Ok(true)
}

/// `messages.getDialogUnreadMarks`: the dialogs that are marked as unread by hand.
pub(super) fn get_dialog_unread_marks(
    cx: &mut Reading<'_>,
    _: tl::messages::GetDialogUnreadMarks,
) -> Rpc<Vec<tl::DialogPeer>> {
    let marked = dialogs::marked_unread(cx.db, cx.me)?;
    let dialog_peer = |peer| types::DialogPeer { peer: render::peer(peer) }.into();
    Ok(marked.into_iter().map(dialog_peer).collect())
}
