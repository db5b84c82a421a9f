//! `messages.getHistory`.

use heliogram_store::Snapshot;
use heliogram_tl as tl;
use heliogram_tl::types;

use crate::cx::{Cx, Reading};
use crate::domain::messages::history::{self, Page, Slice};
use crate::error::Rpc;
use crate::render::{self, Peers};
use crate::rpc::input;

/// `messages.getHistory`: one page of a dialog, the newest message first.
///
/// # Errors
/// `PEER_ID_INVALID`.
pub(super) fn get_history(
    cx: &mut Reading<'_>,
    req: tl::messages::GetHistory,
) -> Rpc<tl::messages::Messages> {
    let peer = input::peer(cx, &req.peer)?;
    let page = Page {
        offset_id: input::message_id(req.offset_id),
        offset_date: (req.offset_date > 0).then_some(req.offset_date),
        add_offset: req.add_offset,
        limit: usize::try_from(req.limit).unwrap_or(0).min(cx.world.limits().history_page_max),
        max_id: input::message_id(req.max_id),
        min_id: input::message_id(req.min_id),
    };

    let slice = history::page(cx.db, cx.me, peer, page)?;

    render_slice(cx, slice)
}

/// A page as `messages.messages` if it is everything there is, else as a slice with the count.
pub(super) fn render_slice(cx: &Cx<'_, Snapshot>, slice: Slice) -> Rpc<tl::messages::Messages> {
    let mut peers = Peers::default();
    let viewer = cx.mine();
    let mut messages = Vec::with_capacity(slice.messages.len());
    for (id, row) in &slice.messages {
        messages.push(render::message(viewer, *id, row, &mut peers)?);
    }
    let (users, chats) = peers.render(viewer)?;
    if messages.len() == slice.count {
        return Ok(types::messages::Messages { messages, topics: Vec::new(), chats, users }.into());
    }
    let count = i32::try_from(slice.count).unwrap_or(i32::MAX);
    Ok(types::messages::MessagesSlice { count, messages, chats, users, ..Default::default() }
        .into())
}
