//! Deleting messages, for oneself or for both sides.

use std::collections::BTreeMap;
use std::ops::Bound::{Excluded, Included, Unbounded};

use heliogram_ids::{MessageId, Peer, UserId};
use heliogram_store::engine::View;
use heliogram_store::{Read, Within};

use super::{copies, history};
use crate::cx::Writing;
use crate::domain::{boxes, dialogs};
use crate::error::Rpc;
use crate::record::{Media, MessageRow, ServiceAction, UpdateRow};
use crate::tables::{Copies, History, Messages, Pins};

/// Whose copies go.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Whose {
    Mine,
    Everybodys,
}

/// Which part of a history is cleared.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Clearing {
    /// The newest id that goes; all if absent.
    pub(crate) max_id: Option<MessageId>,
    /// Only messages at or after this date.
    pub(crate) min_date: Option<i32>,
    /// Only messages at or before this date.
    pub(crate) max_date: Option<i32>,
    /// Keep the dialog in the list, with a mark in place of its newest message.
    pub(crate) just_clear: bool,
    pub(crate) whose: Whose,
    /// Most messages that go at once.
    pub(crate) limit: usize,
}

/// Deletes messages of the caller's box. Ids that are not there are passed over.
pub(crate) fn messages(cx: &mut Writing<'_>, ids: &[MessageId], whose: Whose) -> Rpc<()> {
    let mut touched = Touched::new();
    for id in ids {
        remove(cx, *id, whose, &mut touched)?;
    }
    settle(cx, touched)
}

/// Clears one dialog from its newest message on; returns how many messages are left to clear.
pub(crate) fn clear(cx: &mut Writing<'_>, peer: Peer, clearing: Clearing) -> Rpc<usize> {
    let Some((first, last)) = bounds(cx.db, cx.me, peer, clearing)? else { return Ok(0) };
    let range = Within((cx.me, peer), (first.map_or(Unbounded, Included), Included(last)));
    // The mark stands for the top of the list; where newer messages stay, none is needed.
    let top = dialogs::find(cx.db, cx.me, peer)?.and_then(|dialog| dialog.top_message);
    let keeps = clearing.just_clear && first.is_none() && top.is_some_and(|top| top <= last);

    let mut ids = Vec::new();
    let wanted = clearing.limit.saturating_add(usize::from(keeps));
    for row in cx.db.range_rev::<History>(range).take(wanted) {
        let ((_, _, id), ()) = row?;
        ids.push(id);
    }
    let mut touched = Touched::new();
    let mut gone = ids.as_slice();
    if keeps && let Some((newest, rest)) = gone.split_first() {
        mark_cleared(cx, *newest, clearing.whose, &mut touched)?;
        gone = rest;
    }
    for id in gone {
        remove(cx, *id, clearing.whose, &mut touched)?;
    }
    settle(cx, touched)?;

    let left = cx.db.count::<History>(range, history::COUNT_MAX)?;
    Ok(left.saturating_sub(usize::from(keeps)))
}

/// The first and last id that the dates and the greatest id leave; `None` if that is nothing.
fn bounds(
    db: &dyn View,
    owner: UserId,
    peer: Peer,
    clearing: Clearing,
) -> Rpc<Option<(Option<MessageId>, MessageId)>> {
    let mut last = clearing.max_id.unwrap_or(MessageId::MAX);
    if let Some(date) = clearing.max_date
        && let Some(behind) = history::first_at(db, owner, peer, date.saturating_add(1))?
    {
        let below = Within((owner, peer), (Unbounded, Excluded(behind)));
        let Some(((_, _, newest), ())) = db.last::<History>(below)? else { return Ok(None) };
        last = last.min(newest);
    }
    let Some(date) = clearing.min_date else { return Ok(Some((None, last))) };
    match history::first_at(db, owner, peer, date)? {
        Some(first) if first <= last => Ok(Some((Some(first), last))),
        _ => Ok(None),
    }
}

/// Puts a mark in place of the newest message of a cleared dialog, in the caller's box alone.
fn mark_cleared(
    cx: &mut Writing<'_>,
    id: MessageId,
    whose: Whose,
    touched: &mut Touched,
) -> Rpc<()> {
    let Some(message) = cx.db.get::<Messages>(&(cx.me, id))? else { return Ok(()) };
    if message.action == Some(ServiceAction::HistoryClear) {
        return Ok(());
    }
    if whose == Whose::Everybodys && is_revocable(&message, cx.now.unix()) {
        remove_others(cx, &message, touched)?;
    }
    // The mark is a message of its own: what happens to the other copies is no longer its business.
    cx.db.delete::<Copies>(&(message.copy, cx.me))?;
    cx.db.delete::<Pins>(&(cx.me, message.peer, id))?;
    let mark = MessageRow {
        copy: cx.rng.i64(),
        text: String::new(),
        entities: Vec::new(),
        media: None,
        reply: None,
        forward: None,
        markup: None,
        edit_date: None,
        edit_hide: false,
        pinned: false,
        media_unread: false,
        grouped_id: None,
        via_bot: None,
        action: Some(ServiceAction::HistoryClear),
        no_webpage: None,
        ..message
    };
    cx.db.put::<Messages>(&(cx.me, id), &mark)?;
    cx.db.put::<Copies>(&(mark.copy, cx.me), &id)?;
    boxes::append(cx.db, cx.outbox, cx.me, &UpdateRow::EditMessage(id))?;
    // The mark stays, so the dialog is looked at and loses nothing.
    touched.entry((cx.me, mark.peer)).or_default();
    Ok(())
}

fn remove(cx: &mut Writing<'_>, id: MessageId, whose: Whose, touched: &mut Touched) -> Rpc<()> {
    let Some(message) = cx.db.get::<Messages>(&(cx.me, id))? else { return Ok(()) };
    remove_copy(cx, cx.me, id, &message, touched)?;
    if whose == Whose::Everybodys && is_revocable(&message, cx.now.unix()) {
        remove_others(cx, &message, touched)?;
    }
    Ok(())
}

/// Dialogs that lose messages, and how many.
type Touched = BTreeMap<(UserId, Peer), u32>;

fn remove_others(cx: &mut Writing<'_>, message: &MessageRow, touched: &mut Touched) -> Rpc<()> {
    for (owner, id) in copies(cx.db, message.copy)? {
        if owner == cx.me {
            continue;
        }
        if let Some(theirs) = cx.db.get::<Messages>(&(owner, id))? {
            remove_copy(cx, owner, id, &theirs, touched)?;
        }
    }
    Ok(())
}

/// Takes one message out of one box: the row, its indexes, and an event.
fn remove_copy(
    cx: &mut Writing<'_>,
    owner: UserId,
    id: MessageId,
    message: &MessageRow,
    touched: &mut Touched,
) -> Rpc<()> {
    cx.db.delete::<Messages>(&(owner, id))?;
    cx.db.delete::<History>(&(owner, message.peer, id))?;
    cx.db.delete::<Copies>(&(message.copy, owner))?;
    if message.pinned {
        cx.db.delete::<Pins>(&(owner, message.peer, id))?;
    }
    boxes::append(cx.db, cx.outbox, owner, &UpdateRow::DeleteMessage(id))?;
    *touched.entry((owner, message.peer)).or_default() += 1;
    Ok(())
}

/// Whether the other side's copy may be taken away too: not what the cloud itself noted of the
/// other side's doing, and not a die that has just been cast.
fn is_revocable(message: &MessageRow, now: i32) -> bool {
    const DIE_STAYS_SECONDS: i64 = 24 * 60 * 60;
    let is_fresh_die = matches!(message.media, Some(Media::Dice { .. }))
        && i64::from(now) - i64::from(message.date) < DIE_STAYS_SECONDS;
    !is_fresh_die && (message.action.is_none() || message.out)
}

fn settle(cx: &mut Writing<'_>, touched: Touched) -> Rpc<()> {
    for ((owner, peer), gone) in touched {
        dialogs::on_deleted(cx.db, owner, peer, gone)?;
    }
    Ok(())
}
