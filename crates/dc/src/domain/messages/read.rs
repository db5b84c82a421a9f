//! Reading: what the reader has seen, what the author learns of it, and what was listened to.

use std::ops::Bound::{Excluded, Included, Unbounded};

use heliogram_ids::{MessageId, Peer, UserId};
use heliogram_store::engine::View;
use heliogram_store::{Read, StoreError, Within};

use crate::cx::Writing;
use crate::domain::{boxes, dialogs};
use crate::error::Rpc;
use crate::fanout::Notice;
use crate::record::{DialogRow, MessageRow, UpdateRow};
use crate::tables::{Copies, History, Messages, OutboxReads};

/// The caller has read a dialog up to `max_id`, or to its end.
///
/// Read marks only grow: what was read before changes nothing and appends nothing.
pub(crate) fn history(cx: &mut Writing<'_>, peer: Peer, max_id: Option<MessageId>) -> Rpc<()> {
    let me = cx.me;
    let Some(dialog) = dialogs::find(cx.db, me, peer)? else { return Ok(()) };
    let upto = max_id.unwrap_or(MessageId::MAX);
    if dialog.unread_mark {
        dialogs::update(cx.db, me, peer, |dialog| dialog.unread_mark = false)?;
        cx.outbox.tell(me, Notice::UnreadMark { peer, unread: false });
    }
    let above = dialog.read_inbox_max;
    let Some(newest) = newest_incoming(cx.db, me, peer, above, upto)? else { return Ok(()) };

    let still_unread = dialogs::unread_after(cx.db, me, peer, Some(newest))?;
    dialogs::update(cx.db, me, peer, |dialog| {
        dialog.read_inbox_max = Some(newest);
        dialog.unread_count = still_unread;
    })?;
    let event = UpdateRow::ReadInbox { peer, max_id: newest, still_unread };
    boxes::append(cx.db, cx.outbox, me, &event)?;
    tell_author(cx, me, peer, above, newest)
}

/// `sender` wrote into a dialog that stood like `before`: whoever writes has read what stands above.
///
/// The rows themselves were changed with the arrival of the message `id`.
pub(crate) fn by_writing(
    cx: &mut Writing<'_>,
    sender: UserId,
    peer: Peer,
    before: &DialogRow,
    id: MessageId,
) -> Rpc<()> {
    if before.unread_mark {
        cx.outbox.tell(sender, Notice::UnreadMark { peer, unread: false });
    }
    if before.unread_count == 0 {
        return Ok(());
    }
    let event = UpdateRow::ReadInbox { peer, max_id: id, still_unread: 0 };
    boxes::append(cx.db, cx.outbox, sender, &event)?;
    tell_author(cx, sender, peer, before.read_inbox_max, id)
}

/// The caller has listened to voice messages or watched round videos. Ids without such, and ids
/// that are not there, are passed over.
pub(crate) fn contents(cx: &mut Writing<'_>, ids: &[MessageId]) -> Rpc<()> {
    for id in ids {
        let Some(message) = cx.db.get::<Messages>(&(cx.me, *id))? else { continue };
        if !message.media_unread || message.out {
            continue;
        }
        for (owner, id) in super::copies(cx.db, message.copy)? {
            let Some(row) = cx.db.get::<Messages>(&(owner, id))? else { continue };
            cx.db.put::<Messages>(&(owner, id), &MessageRow { media_unread: false, ..row })?;
            boxes::append(cx.db, cx.outbox, owner, &UpdateRow::ReadContents(id))?;
        }
    }
    Ok(())
}

/// When `peer` read the caller's message `id`, if that has happened.
pub(crate) fn outbox_date(
    db: &dyn View,
    owner: UserId,
    peer: Peer,
    id: MessageId,
) -> Result<Option<i32>, StoreError> {
    Ok(db.first::<OutboxReads>(Within((owner, peer), id..))?.map(|(_, date)| date))
}

/// Moves the author's own mark to the newest of his messages that `reader` has read now.
fn tell_author(
    cx: &mut Writing<'_>,
    reader: UserId,
    peer: Peer,
    above: Option<MessageId>,
    upto: MessageId,
) -> Rpc<()> {
    let Some(author) = peer.user().filter(|author| *author != reader) else { return Ok(()) };
    let Some(id) = newest_with_author(cx.db, reader, peer, author, above, upto)? else {
        return Ok(());
    };
    let there = Peer::User(reader);
    let known = dialogs::find(cx.db, author, there)?.and_then(|dialog| dialog.read_outbox_max);
    if known >= Some(id) {
        return Ok(());
    }
    dialogs::update(cx.db, author, there, |dialog| dialog.read_outbox_max = Some(id))?;
    cx.db.put::<OutboxReads>(&(author, there, id), &cx.now.unix())?;
    boxes::append(cx.db, cx.outbox, author, &UpdateRow::ReadOutbox { peer: there, max_id: id })?;
    Ok(())
}

/// The newest message from the other side within `(above, upto]`.
fn newest_incoming(
    db: &dyn View,
    owner: UserId,
    peer: Peer,
    above: Option<MessageId>,
    upto: MessageId,
) -> Result<Option<MessageId>, StoreError> {
    let incoming = |_: MessageId, row: MessageRow| Ok((!row.out).then_some(()));
    let found = newest(db, owner, peer, above, upto, incoming)?;
    Ok(found.map(|(id, ())| id))
}

/// The author's id of the newest message in the reader's range of which he still has a copy.
fn newest_with_author(
    db: &dyn View,
    reader: UserId,
    peer: Peer,
    author: UserId,
    above: Option<MessageId>,
    upto: MessageId,
) -> Result<Option<MessageId>, StoreError> {
    let theirs = |_: MessageId, row: MessageRow| {
        if row.out { Ok(None) } else { db.get::<Copies>(&(row.copy, author)) }
    };
    let found = newest(db, reader, peer, above, upto, theirs)?;
    Ok(found.map(|(_, id)| id))
}

fn newest<T>(
    db: &dyn View,
    owner: UserId,
    peer: Peer,
    above: Option<MessageId>,
    upto: MessageId,
    wanted: impl Fn(MessageId, MessageRow) -> Result<Option<T>, StoreError>,
) -> Result<Option<(MessageId, T)>, StoreError> {
    let range = (above.map_or(Unbounded, Excluded), Included(upto));
    if above.is_some_and(|above| above >= upto) {
        return Ok(None);
    }
    for row in db.range_rev::<History>(Within((owner, peer), range)) {
        let ((_, _, id), ()) = row?;
        let Some(message) = db.get::<Messages>(&(owner, id))? else { continue };
        if let Some(found) = wanted(id, message)? {
            return Ok(Some((id, found)));
        }
    }
    Ok(None)
}
