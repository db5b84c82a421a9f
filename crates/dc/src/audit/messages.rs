//! Messages and their indexes; copies of one message in several boxes, and their order.

use std::collections::{BTreeMap, BTreeSet};

use heliogram_ids::{MessageId, Peer, UserId};
use heliogram_store::{Read as _, Snapshot, StoreError};

use super::Audit;
use crate::record::MessageRow;
use crate::tables::{Copies, History, Messages, Pins, SentIds};

type All = BTreeMap<(UserId, MessageId), MessageRow>;

pub(super) fn check(db: &Snapshot, audit: &mut Audit) -> Result<(), StoreError> {
    let all = db.range::<Messages>(..).collect::<Result<All, _>>()?;
    indexes(db, &all, audit)?;
    copies(&all, audit);
    order(&all, audit);
    sent(db, &all, audit)
}

/// Each index holds every message that belongs into it, and nothing else.
fn indexes(db: &Snapshot, all: &All, audit: &mut Audit) -> Result<(), StoreError> {
    let keys = |wanted: fn(&MessageRow) -> bool| -> BTreeSet<(UserId, Peer, MessageId)> {
        let wanted = all.iter().filter(|(_, row)| wanted(row));
        wanted.map(|((owner, id), row)| (*owner, row.peer, *id)).collect()
    };
    let written = db.range::<History>(..).map(|row| row.map(|(key, ())| key));
    let written = written.collect::<Result<BTreeSet<_>, _>>()?;
    difference("history", &written, &keys(|_| true), audit);

    let written = db.range::<Pins>(..).map(|row| row.map(|(key, ())| key));
    let written = written.collect::<Result<BTreeSet<_>, _>>()?;
    difference("pins", &written, &keys(|row| row.pinned), audit);

    let written =
        db.range::<Copies>(..).map(|row| row.map(|((copy, owner), id)| (copy, owner, id)));
    let written = written.collect::<Result<BTreeSet<_>, _>>()?;
    let counted = all.iter().map(|((owner, id), row)| (row.copy, *owner, *id)).collect();
    difference("copies", &written, &counted, audit);
    Ok(())
}

fn difference<K: Ord + std::fmt::Debug>(
    name: &str,
    written: &BTreeSet<K>,
    counted: &BTreeSet<K>,
    audit: &mut Audit,
) {
    for key in written.difference(counted) {
        audit.fault(format_args!("{name}: {key:?} is there for no message"));
    }
    for key in counted.difference(written) {
        audit.fault(format_args!("{name}: {key:?} is missing"));
    }
}

/// The parts that copies share are the same in all of them.
fn copies(all: &All, audit: &mut Audit) {
    let mut first: BTreeMap<i64, (&(UserId, MessageId), &MessageRow)> = BTreeMap::new();
    for (key, row) in all {
        let (other, one) = *first.entry(row.copy).or_insert((key, row));
        // Kept apart for each owner: the dialog, the direction, the answered message, pins.
        let shared = MessageRow {
            peer: one.peer,
            out: one.out,
            reply: one.reply.clone(),
            pinned: one.pinned,
            media_unread: one.media_unread,
            ..row.clone()
        };
        audit.same(|| format!("copies {other:?} and {key:?}"), &shared, one);
    }
}

/// Two people see what both of them have in the same order.
fn order(all: &All, audit: &mut Audit) {
    let mut places: BTreeMap<i64, Vec<(UserId, MessageId)>> = BTreeMap::new();
    for ((owner, id), row) in all {
        places.entry(row.copy).or_default().push((*owner, *id));
    }
    let mut newest: BTreeMap<(UserId, UserId), MessageId> = BTreeMap::new();
    for ((owner, _), row) in all {
        let Some(there) = row.peer.user().filter(|there| there != owner) else { continue };
        let Some(places) = places.get(&row.copy) else { continue };
        let Some((_, id)) = places.iter().find(|(one, _)| *one == there) else { continue };
        if newest.insert((*owner, there), *id).is_some_and(|before| before >= *id) {
            audit.fault(format_args!("{owner:?} and {there:?} see {id:?} in different places"));
        }
    }
}

/// What a repeated request would be answered with was sent to that dialog.
fn sent(db: &Snapshot, all: &All, audit: &mut Audit) -> Result<(), StoreError> {
    let mut ids = BTreeSet::new();
    for row in db.range::<SentIds>(..) {
        let ((owner, random_id), sent) = row?;
        if !ids.insert((owner, sent.id)) {
            audit.fault(format_args!(
                "{random_id:?} of {owner:?} is not the only one of its message"
            ));
        }
        let message = all.get(&(owner, sent.id));
        if message.is_some_and(|message| message.peer != sent.peer || !message.out) {
            audit.fault(format_args!("{random_id:?} of {owner:?} stands for another's message"));
        }
    }
    Ok(())
}
