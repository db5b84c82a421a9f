//! Dialogs: their newest message, what is unread, how far each side has read, and their order.

use std::collections::{BTreeMap, BTreeSet};

use heliogram_ids::{MessageId, Peer, UserId};
use heliogram_store::{Read as _, Snapshot, StoreError};

use super::Audit;
use crate::record::{DialogRow, MessageRow};
use crate::tables::{Boxes, DialogOrder, Dialogs, Messages, OutboxReads, PinnedDialogs};

type Key = (UserId, Peer);
type Held = BTreeMap<Key, BTreeMap<MessageId, MessageRow>>;

pub(super) fn check(db: &Snapshot, audit: &mut Audit) -> Result<(), StoreError> {
    let mut held = Held::new();
    for row in db.range::<Messages>(..) {
        let ((owner, id), message) = row?;
        held.entry((owner, message.peer)).or_default().insert(id, message);
    }
    let dialogs = db.range::<Dialogs>(..).collect::<Result<BTreeMap<Key, DialogRow>, _>>()?;
    for key in held.keys().filter(|key| !dialogs.contains_key(key)) {
        audit.fault(format_args!("{key:?} has messages and no dialog"));
    }
    let nothing = BTreeMap::new();
    for (key, dialog) in &dialogs {
        counters(key, dialog, held.get(key).unwrap_or(&nothing), audit);
    }
    order(db, &dialogs, audit)?;
    unread(db, &dialogs, audit)?;
    read_marks(db, &dialogs, &held, audit)
}

fn counters(
    key: &Key,
    dialog: &DialogRow,
    messages: &BTreeMap<MessageId, MessageRow>,
    audit: &mut Audit,
) {
    let top = messages.last_key_value();
    let written = (dialog.top_message, dialog.top_date);
    let counted = (top.map(|(id, _)| *id), top.map_or(0, |(_, message)| message.date));
    audit.same(|| format!("top of {key:?}"), written, counted);

    let count = |count: usize| u32::try_from(count).unwrap_or(u32::MAX);
    audit.same(|| format!("messages of {key:?}"), dialog.messages, count(messages.len()));
    let is_unread =
        |(id, row): &(&MessageId, &MessageRow)| !row.out && Some(**id) > dialog.read_inbox_max;
    let unread = messages.iter().filter(is_unread).count();
    audit.same(|| format!("unread in {key:?}"), dialog.unread_count, count(unread));
}

fn order(
    db: &Snapshot,
    dialogs: &BTreeMap<Key, DialogRow>,
    audit: &mut Audit,
) -> Result<(), StoreError> {
    let written = db.range::<DialogOrder>(..).map(|row| row.map(|(key, ())| key));
    let written = written.collect::<Result<BTreeSet<_>, _>>()?;
    let place = |((owner, peer), dialog): (&Key, &DialogRow)| {
        Some((*owner, dialog.top_date, dialog.top_message?, *peer))
    };
    audit.same(|| "dialog order".into(), written, dialogs.iter().filter_map(place).collect());

    let written = db.range::<PinnedDialogs>(..).map(|row| row.map(|(key, ())| key));
    let written = written.collect::<Result<BTreeSet<_>, _>>()?;
    let place = |((owner, peer), dialog): (&Key, &DialogRow)| Some((*owner, dialog.pinned?, *peer));
    audit.same(|| "pinned dialogs".into(), written, dialogs.iter().filter_map(place).collect());
    Ok(())
}

fn unread(
    db: &Snapshot,
    dialogs: &BTreeMap<Key, DialogRow>,
    audit: &mut Audit,
) -> Result<(), StoreError> {
    let mut counted: BTreeMap<UserId, u32> = BTreeMap::new();
    for ((owner, _), dialog) in dialogs {
        let is_unread = dialog.unread_count > 0 || dialog.unread_mark;
        *counted.entry(*owner).or_default() += u32::from(is_unread);
    }
    for row in db.range::<Boxes>(..) {
        let (owner, state) = row?;
        // Absent in rows from before it was kept.
        if let Some(written) = state.unread_dialogs {
            let counted = counted.get(&owner).copied().unwrap_or(0);
            audit.same(|| format!("unread dialogs of {owner:?}"), written, counted);
        }
    }
    Ok(())
}

/// Nobody is told that something was read before it was, and each mark has its date.
fn read_marks(
    db: &Snapshot,
    dialogs: &BTreeMap<Key, DialogRow>,
    held: &Held,
    audit: &mut Audit,
) -> Result<(), StoreError> {
    for ((author, peer), dialog) in dialogs {
        let Some(reader) = peer.user().filter(|reader| reader != author) else { continue };
        let Some(mark) = dialog.read_outbox_max else { continue };
        if db.get::<OutboxReads>(&(*author, *peer, mark))?.is_none() {
            audit.fault(format_args!("{author:?}: when {peer:?} read {mark:?} is not noted"));
        }
        let there = (reader, Peer::User(*author));
        let read = dialogs.get(&there).and_then(|dialog| dialog.read_inbox_max);
        let marked = held.get(&(*author, *peer)).and_then(|all| all.get(&mark));
        let Some(copy) = marked.map(|message| message.copy) else { continue };
        let theirs = held.get(&there).into_iter().flatten().find(|(_, row)| row.copy == copy);
        if theirs.is_some_and(|(id, _)| Some(*id) > read) {
            audit.fault(format_args!("{author:?}: {peer:?} has not read {mark:?} yet"));
        }
    }
    Ok(())
}
