//! Dialogs: their newest message, what is unread, and their order.

use heliogram_ids::{MessageId, Peer, UserId};
use heliogram_store::engine::View;
use heliogram_store::{Prefix, Read, StoreError, Txn, Within};

use crate::cx::Writing;
use crate::fanout::Notice;
use crate::record::{DialogRow, MessageRow};
use crate::tables::{DialogOrder, Dialogs, History, Messages};

/// One dialog, if it exists.
pub(crate) fn find(
    db: &dyn View,
    owner: UserId,
    peer: Peer,
) -> Result<Option<DialogRow>, StoreError> {
    db.get::<Dialogs>(&(owner, peer))
}

/// Changes one dialog, making it if need be, and keeps its place in the order.
pub(crate) fn update<R>(
    txn: &mut Txn,
    owner: UserId,
    peer: Peer,
    change: impl FnOnce(&mut DialogRow) -> R,
) -> Result<R, StoreError> {
    let before = find(txn, owner, peer)?;
    let mut dialog = before.clone().unwrap_or_default();
    let answer = change(&mut dialog);
    if let Some(old) = before.as_ref().and_then(|before| order_key(owner, peer, before)) {
        txn.delete::<DialogOrder>(&old)?;
    }
    if let Some(new) = order_key(owner, peer, &dialog) {
        txn.put::<DialogOrder>(&new, &())?;
    }
    txn.put::<Dialogs>(&(owner, peer), &dialog)?;
    Ok(answer)
}

/// A message arrived: it is the newest now.
pub(crate) fn on_message(
    txn: &mut Txn,
    owner: UserId,
    id: MessageId,
    message: &MessageRow,
) -> Result<(), StoreError> {
    update(txn, owner, message.peer, |dialog| {
        dialog.top_message = Some(id);
        dialog.top_date = message.date;
        if message.out {
            // Who writes has read what stands above.
            dialog.read_inbox_max = Some(id);
            dialog.unread_count = 0;
            dialog.unread_mark = false;
        } else {
            dialog.unread_count += 1;
        }
        if message.out && message.peer == Peer::User(owner) {
            dialog.read_outbox_max = Some(id);
        }
    })
}

/// Forgets the draft of a dialog and tells the caller's other sessions, if there was one.
pub(crate) fn clear_draft(cx: &mut Writing<'_>, peer: Peer) -> Result<(), StoreError> {
    let has_draft = find(cx.db, cx.me, peer)?.is_some_and(|dialog| dialog.draft.is_some());
    if has_draft {
        update(cx.db, cx.me, peer, |dialog| dialog.draft = None)?;
        cx.outbox.tell(cx.me, Notice::Draft { peer });
    }
    Ok(())
}

/// Messages went away: finds the newest that is left and counts again what is unread.
///
/// A dialog without messages disappears, unless it is pinned or holds a draft.
pub(crate) fn on_deleted(txn: &mut Txn, owner: UserId, peer: Peer) -> Result<(), StoreError> {
    let Some(dialog) = find(txn, owner, peer)? else { return Ok(()) };
    let top = match txn.last::<History>(Prefix((owner, peer)))? {
        Some(((_, _, id), ())) => {
            txn.get::<Messages>(&(owner, id))?.map(|message| (id, message.date))
        }
        None => None,
    };
    if top.is_none() && dialog.draft.is_none() && dialog.pinned.is_none() {
        if let Some(old) = order_key(owner, peer, &dialog) {
            txn.delete::<DialogOrder>(&old)?;
        }
        return txn.delete::<Dialogs>(&(owner, peer));
    }
    let unread = unread_after(txn, owner, peer, dialog.read_inbox_max)?;
    update(txn, owner, peer, |dialog| {
        dialog.top_message = top.map(|(id, _)| id);
        dialog.top_date = top.map_or(0, |(_, date)| date);
        dialog.unread_count = unread;
    })
}

/// How many dialogs have something unread.
pub(crate) fn unread_dialogs(db: &dyn View, owner: UserId) -> Result<i32, StoreError> {
    let mut unread = 0;
    for row in db.range::<Dialogs>(Prefix(owner)) {
        let (_, dialog) = row?;
        unread += i32::from(dialog.unread_count > 0 || dialog.unread_mark);
    }
    Ok(unread)
}

/// Counts the incoming messages above the read mark.
pub(crate) fn unread_after(
    db: &dyn View,
    owner: UserId,
    peer: Peer,
    read: Option<MessageId>,
) -> Result<u32, StoreError> {
    use std::ops::Bound::{Excluded, Unbounded};
    let above = read.map_or(Unbounded, Excluded);
    let mut unread = 0;
    for row in db.range::<History>(Within((owner, peer), (above, Unbounded))) {
        let ((_, _, id), ()) = row?;
        if db.get::<Messages>(&(owner, id))?.is_some_and(|message| !message.out) {
            unread += 1;
        }
    }
    Ok(unread)
}

fn order_key(
    owner: UserId,
    peer: Peer,
    dialog: &DialogRow,
) -> Option<(UserId, i32, MessageId, Peer)> {
    Some((owner, dialog.top_date, dialog.top_message?, peer))
}
