//! `messages.getSavedDialogs` and `messages.getSavedHistory`: Saved Messages by their origin.

use heliogram_ids::Peer;
use heliogram_tl as tl;
use heliogram_tl::types;

use super::search::render_found;
use crate::cx::Reading;
use crate::domain::messages::search::{self, Page, Wanted};
use crate::domain::messages::{history, saved};
use crate::error::{Rpc, RpcError};
use crate::render::{self, Peers};
use crate::rpc::input;

/// `messages.getSavedDialogs`: whom one has saved messages from, the newest message first.
///
/// # Errors
/// `PEER_ID_INVALID` for the topics of a channel's direct messages, of which there are none.
pub(super) fn get_saved_dialogs(
    cx: &mut Reading<'_>,
    req: tl::messages::GetSavedDialogs,
) -> Rpc<tl::messages::SavedDialogs> {
    if req.parent_peer.is_some() {
        return Err(RpcError::PEER_ID_INVALID);
    }
    let offset = input::message_id(req.offset_id);
    let limit = usize::try_from(req.limit).unwrap_or(0).min(cx.world.limits().dialogs_page_max);

    let all = saved::dialogs(cx.db, cx.me)?;
    let count = all.len();
    let later = all.into_iter().filter(|dialog| offset.is_none_or(|offset| dialog.top < offset));
    let page: Vec<_> = later.take(limit).collect();

    let viewer = cx.mine();
    let mut peers = Peers::default();
    let (mut dialogs, mut messages) = (Vec::new(), Vec::new());
    for dialog in &page {
        peers.mention(dialog.peer);
        let (peer, top_message) = (render::peer(dialog.peer), dialog.top.get());
        dialogs.push(types::SavedDialog { pinned: false, peer, top_message }.into());
        messages.push(render::message(viewer, dialog.top, &dialog.message, &mut peers)?);
    }
    let (users, chats) = peers.render(viewer)?;
    if dialogs.len() == count {
        return Ok(types::messages::SavedDialogs { dialogs, messages, chats, users }.into());
    }
    let count = i32::try_from(count).unwrap_or(i32::MAX);
    Ok(types::messages::SavedDialogsSlice { count, dialogs, messages, chats, users }.into())
}

/// `messages.getSavedHistory`: what one has saved from one peer, the newest message first.
///
/// # Errors
/// `PEER_ID_INVALID`.
// Seen: TDLib 1.8 reads Saved Messages through this once it has said something there.
pub(super) fn get_saved_history(
    cx: &mut Reading<'_>,
    req: tl::messages::GetSavedHistory,
) -> Rpc<tl::messages::Messages> {
    if req.parent_peer.is_some() {
        return Err(RpcError::PEER_ID_INVALID);
    }
    let own = Peer::User(cx.me);
    let wanted = Wanted { saved: Some(input::peer(cx, &req.peer)?), ..Wanted::default() };
    let offset_id = match (input::message_id(req.offset_id), req.offset_date) {
        (None, date) if date > 0 => history::first_at(cx.db, cx.me, own, date)?,
        (id, _) => id,
    };
    let page = Page {
        offset_id,
        add_offset: req.add_offset,
        limit: usize::try_from(req.limit).unwrap_or(0).min(cx.world.limits().history_page_max),
        max_id: input::message_id(req.max_id),
        min_id: input::message_id(req.min_id),
    };

    let found = search::dialog(cx.db, cx.me, own, &wanted, page)?;

    render_found(cx, found)
}
