//! `messages.saveDraft`, and all drafts at once.

use heliogram_tl as tl;
use heliogram_tl::types;

use crate::cx::{Reading, Writing};
use crate::domain::drafts;
use crate::error::Rpc;
use crate::record::Draft;
use crate::render::{self, Peers};
use crate::rpc::input;

/// `messages.saveDraft`: keeps what is being written; an empty text without a reply forgets it.
///
/// # Errors
/// `PEER_ID_INVALID`, `MESSAGE_TOO_LONG`, `ENTITY_BOUNDS_INVALID`.
pub(super) fn save_draft(cx: &mut Writing<'_>, req: tl::messages::SaveDraft) -> Rpc<bool> {
    let peer = input::peer(cx, &req.peer)?;
    let (text, entities) = input::draft_text(cx, &req.message, req.entities.as_deref())?;
    let reply_to = match &req.reply_to {
        Some(tl::InputReplyTo::InputReplyToMessage(reply)) => {
            input::message_id(reply.reply_to_msg_id)
        }
        _ => None,
    };
    let (date, no_webpage) = (cx.now.unix(), req.no_webpage);
    let draft = Draft { text, entities, reply_to, date, no_webpage };
    let is_empty = draft.text.is_empty() && draft.reply_to.is_none();

    drafts::save(cx, peer, (!is_empty).then_some(draft))?;

    Ok(true)
}

/// `messages.getAllDrafts`: every draft, as the updates that told of them.
pub(super) fn get_all_drafts(
    cx: &mut Reading<'_>,
    _: tl::messages::GetAllDrafts,
) -> Rpc<tl::Updates> {
    let viewer = cx.mine();
    let mut peers = Peers::default();
    let mut updates = Vec::new();
    for (peer, row) in drafts::all(cx.db, cx.me)? {
        peers.mention(peer);
        let (peer, draft) = (render::peer(peer), render::draft(&row, &mut peers));
        updates.push(types::UpdateDraftMessage { peer, draft, ..Default::default() }.into());
    }
    render::updates(viewer, updates, &peers)
}

/// `messages.clearAllDrafts`: forgets every draft.
pub(super) fn clear_all_drafts(cx: &mut Writing<'_>, _: tl::messages::ClearAllDrafts) -> Rpc<bool> {
    drafts::clear(cx)?;
    Ok(true)
}
