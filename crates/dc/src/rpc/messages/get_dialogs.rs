//! `messages.getDialogs`, and the dialogs that are asked for by name or pinned.

use heliogram_ids::Peer;
use heliogram_store::Read as _;
use heliogram_tl as tl;
use heliogram_tl::types;

use crate::cx::Reading;
use crate::domain::dialogs::{self, Page};
use crate::error::{Rpc, RpcError};
use crate::record::DialogRow;
use crate::render::{self, Peers};
use crate::rpc::input;
use crate::tables::Messages;

/// `messages.getDialogs`: one page of the list of dialogs, the pinned ones first.
///
/// # Errors
/// `PEER_ID_INVALID`.
pub(super) fn get_dialogs(
    cx: &mut Reading<'_>,
    req: tl::messages::GetDialogs,
) -> Rpc<tl::messages::Dialogs> {
    let offset_peer = input::offset_peer(cx, &req.offset_peer)?;
    let offset_id = input::message_id(req.offset_id);
    let page = Page {
        offset: offset(req.offset_date, offset_id),
        offset_peer,
        exclude_pinned: req.exclude_pinned,
        folder: req.folder_id,
        limit: usize::try_from(req.limit).unwrap_or(0).min(cx.world.limits().dialogs_page_max),
    };

    let slice = dialogs::page(cx.db, cx.me, page)?;

    let Rendered { dialogs, messages, users, chats } = render_dialogs(cx, &slice.dialogs)?;
    if dialogs.len() == slice.count {
        return Ok(types::messages::Dialogs { dialogs, messages, chats, users }.into());
    }
    let count = i32::try_from(slice.count).unwrap_or(i32::MAX);
    Ok(types::messages::DialogsSlice { count, dialogs, messages, chats, users }.into())
}

/// Where a page begins. Some callers know only the date of the last message.
fn offset(
    date: i32,
    id: Option<heliogram_ids::MessageId>,
) -> Option<(i32, heliogram_ids::MessageId)> {
    match (date, id) {
        (0, None) => None,
        (0, Some(id)) => Some((i32::MAX, id)),
        (date, id) => Some((date, id.unwrap_or(heliogram_ids::MessageId::MIN))),
    }
}

/// `messages.getPinnedDialogs`: the pinned dialogs of a folder, the topmost first.
pub(super) fn get_pinned_dialogs(
    cx: &mut Reading<'_>,
    req: tl::messages::GetPinnedDialogs,
) -> Rpc<tl::messages::PeerDialogs> {
    let mut rows = dialogs::pinned(cx.db, cx.me)?;
    rows.retain(|(_, row)| row.folder.unwrap_or(0) == req.folder_id);

    render_peer_dialogs(cx, &rows)
}

/// `messages.getPeerDialogs`: dialogs by their peers, with the state of the update log.
///
/// A peer without a dialog is answered with an empty one.
///
/// # Errors
/// `PEER_ID_INVALID`, `LIMIT_INVALID` for more peers than one request may name.
pub(super) fn get_peer_dialogs(
    cx: &mut Reading<'_>,
    req: tl::messages::GetPeerDialogs,
) -> Rpc<tl::messages::PeerDialogs> {
    if req.peers.len() > cx.world.limits().dialogs_page_max {
        return Err(RpcError::LIMIT_INVALID);
    }
    let mut rows = Vec::with_capacity(req.peers.len());
    for one in &req.peers {
        let peer = input::dialog_peer(cx, one)?;
        rows.push((peer, dialogs::find(cx.db, cx.me, peer)?.unwrap_or_default()));
    }

    render_peer_dialogs(cx, &rows)
}

fn render_peer_dialogs(
    cx: &Reading<'_>,
    rows: &[(Peer, DialogRow)],
) -> Rpc<tl::messages::PeerDialogs> {
    let state = render::state(cx.mine())?;
    let Rendered { dialogs, messages, users, chats } = render_dialogs(cx, rows)?;
    Ok(types::messages::PeerDialogs { dialogs, messages, chats, users, state }.into())
}

/// Dialogs with their newest messages, and everybody who is mentioned.
struct Rendered {
    dialogs: Vec<tl::Dialog>,
    messages: Vec<tl::Message>,
    users: Vec<tl::User>,
    chats: Vec<tl::Chat>,
}

fn render_dialogs(cx: &Reading<'_>, rows: &[(Peer, DialogRow)]) -> Rpc<Rendered> {
    let viewer = cx.mine();
    let mut peers = Peers::default();
    let mut dialogs = Vec::with_capacity(rows.len());
    let mut messages = Vec::with_capacity(rows.len());
    for (peer, row) in rows {
        dialogs.push(render::dialog(viewer, *peer, row, &mut peers)?);
        if let Some(id) = row.top_message
            && let Some(message) = cx.db.get::<Messages>(&(cx.me, id))?
        {
            messages.push(render::message(viewer, id, &message, &mut peers)?);
        }
    }
    let (users, chats) = peers.render(viewer)?;
    Ok(Rendered { dialogs, messages, users, chats })
}
