//! Editing: what may be changed and for how long, and the change in every box.

use heliogram_ids::{MessageId, Peer, UserId};
use heliogram_store::Read;
use heliogram_store::engine::View;

use super::copies;
use crate::cx::{Cx, Writing};
use crate::domain::boxes;
use crate::domain::text::Text;
use crate::error::{Rpc, RpcError};
use crate::record::{Markup, Media, MessageRow, UpdateRow};
use crate::tables::Messages;

/// What is to become of a message.
#[derive(Clone, Debug, Default)]
pub(crate) struct Edit {
    /// The text or caption; the old one stays if absent.
    pub(crate) text: Option<Text>,
    /// The media; the old one stays if absent.
    pub(crate) media: Option<Media>,
    /// The keyboard. Absent means none: an edit replaces it always.
    pub(crate) markup: Option<Markup>,
    pub(crate) no_webpage: bool,
    pub(crate) invert_media: bool,
}

/// The caller's message, if the caller may still edit it.
///
/// # Errors
/// `MESSAGE_ID_INVALID` if it is not there or of a kind that nobody edits; `MESSAGE_AUTHOR_REQUIRED`
/// if somebody else wrote it; `MESSAGE_EDIT_TIME_EXPIRED`.
pub(crate) fn editable<D: View>(cx: &Cx<'_, D>, peer: Peer, id: MessageId) -> Rpc<MessageRow> {
    let found = cx.db.get::<Messages>(&(cx.me, id))?.filter(|message| message.peer == peer);
    let message = found.ok_or(RpcError::MESSAGE_ID_INVALID)?;
    if message.action.is_some() {
        return Err(RpcError::MESSAGE_ID_INVALID);
    }
    if !message.out || message.forward.is_some() {
        return Err(RpcError::MESSAGE_AUTHOR_REQUIRED);
    }
    if message.markup.as_ref().is_some_and(|markup| !matches!(markup, Markup::Inline(_))) {
        return Err(RpcError::MESSAGE_ID_INVALID);
    }
    let unlimited = cx.caller.is_bot || peer == Peer::User(cx.me);
    let age = i64::from(cx.now.unix()) - i64::from(message.date);
    let window = i64::try_from(cx.world.limits().edit_time.as_secs()).unwrap_or(i64::MAX);
    if !unlimited && age > window {
        return Err(RpcError::MESSAGE_EDIT_TIME_EXPIRED);
    }
    Ok(message)
}

/// Changes a message in every box that still has it.
///
/// # Errors
/// `MESSAGE_NOT_MODIFIED` if it would stay as it is.
pub(crate) fn apply(cx: &mut Writing<'_>, message: MessageRow, edit: Edit) -> Rpc<()> {
    let (copy, after) = (message.copy, edited(&message, edit, cx.now.unix())?);
    // The caller first, so that the answer does not depend on the order of account numbers.
    let mut all = copies(cx.db, copy)?;
    all.sort_by_key(|(owner, _)| *owner != cx.me);
    for (owner, id) in all {
        change_copy(cx, owner, id, &after)?;
    }
    Ok(())
}

/// The message after the edit, as its author sees it.
fn edited(before: &MessageRow, edit: Edit, now: i32) -> Rpc<MessageRow> {
    let mut after = before.clone();
    if let Some(text) = edit.text {
        (after.text, after.entities) = text.into_parts();
        after.no_webpage = edit.no_webpage.then_some(true);
        after.invert_media = edit.invert_media;
    }
    if let Some(media) = edit.media {
        after.media = Some(media);
    }
    let content_changed = after != *before;
    after.markup = edit.markup;
    if after == *before {
        return Err(RpcError::MESSAGE_NOT_MODIFIED);
    }
    // A keyboard may change many times while a user plays with it; that is no edit to be shown.
    let shown_before = before.edit_date.is_some() && !before.edit_hide;
    after.edit_hide = !content_changed && !shown_before;
    after.edit_date = Some(now);
    Ok(after)
}

fn change_copy(cx: &mut Writing<'_>, owner: UserId, id: MessageId, after: &MessageRow) -> Rpc<()> {
    let Some(before) = cx.db.get::<Messages>(&(owner, id))? else { return Ok(()) };
    let theirs = MessageRow {
        text: after.text.clone(),
        entities: after.entities.clone(),
        media: after.media.clone(),
        markup: after.markup.clone(),
        no_webpage: after.no_webpage,
        invert_media: after.invert_media,
        edit_date: after.edit_date,
        edit_hide: after.edit_hide,
        ..before
    };
    cx.db.put::<Messages>(&(owner, id), &theirs)?;
    boxes::append(cx.db, cx.outbox, owner, &UpdateRow::EditMessage(id))?;
    Ok(())
}
