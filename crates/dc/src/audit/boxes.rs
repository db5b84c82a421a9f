//! Update logs: dense, and the only way in which a box came to hold what it holds.

use std::collections::{BTreeMap, BTreeSet};

use heliogram_ids::{MessageId, Pts, UserId};
use heliogram_store::{Read as _, Snapshot, StoreError};

use super::Audit;
use crate::record::{BoxState, UpdateRow};
use crate::restored;
use crate::tables::{Boxes, Messages, Updates};

/// What following a log from its beginning leads to.
#[derive(Default)]
struct Followed {
    pts: Option<Pts>,
    last: Option<MessageId>,
    live: BTreeSet<MessageId>,
}

pub(super) fn check(db: &Snapshot, audit: &mut Audit) -> Result<(), StoreError> {
    let mut logs: BTreeMap<UserId, Followed> = BTreeMap::new();
    for row in db.range::<Updates>(..) {
        let ((owner, pts), event) = row?;
        logs.entry(owner).or_default().follow(owner, pts, &event, audit);
    }
    let mut held: BTreeMap<UserId, BTreeSet<MessageId>> = BTreeMap::new();
    for row in db.range::<Messages>(..) {
        let ((owner, id), _) = row?;
        held.entry(owner).or_default().insert(id);
    }
    for row in db.range::<Boxes>(..) {
        let (owner, state) = row?;
        let followed = logs.remove(&owner).unwrap_or_default();
        followed.compare(owner, &state, &held.remove(&owner).unwrap_or_default(), audit);
    }
    for owner in logs.keys().chain(held.keys()) {
        audit.fault(format_args!("{owner:?} has a log or messages and no box"));
    }
    Ok(())
}

impl Followed {
    fn follow(&mut self, owner: UserId, pts: Pts, event: &UpdateRow, audit: &mut Audit) {
        let before = self.pts.unwrap_or(Pts::START);
        if !restored::follows(before.get(), pts.get()) {
            audit.fault(format_args!("log of {owner:?}: {pts:?} follows {before:?}"));
        }
        self.pts = Some(pts);
        match event {
            UpdateRow::NewMessage(id) => {
                let before = self.last.map_or(0, MessageId::get);
                if !restored::follows(before, id.get()) {
                    audit.fault(format_args!("log of {owner:?}: {id:?} is new after {before}"));
                }
                self.last = Some(*id);
                self.live.insert(*id);
            }
            UpdateRow::DeleteMessage(id) => {
                if !self.live.remove(id) {
                    audit.fault(format_args!("log of {owner:?}: {id:?} goes and was not there"));
                }
            }
            UpdateRow::EditMessage(id)
            | UpdateRow::ReadContents(id)
            | UpdateRow::Pinned { id, .. } => {
                if !self.live.contains(id) {
                    audit.fault(format_args!("log of {owner:?}: {id:?} changes and is not there"));
                }
            }
            UpdateRow::ReadInbox { max_id, .. } | UpdateRow::ReadOutbox { max_id, .. } => {
                if self.last < Some(*max_id) {
                    audit.fault(format_args!("log of {owner:?}: {max_id:?} is read too early"));
                }
            }
        }
    }

    fn compare(
        self,
        owner: UserId,
        state: &BoxState,
        held: &BTreeSet<MessageId>,
        audit: &mut Audit,
    ) {
        let pts = self.pts.unwrap_or(Pts::START);
        if !restored::stands_at(pts.get(), state.pts.get()) {
            audit.same(|| format!("pts of {owner:?}"), state.pts, pts);
        }
        let [last, written] =
            [self.last, state.last_message].map(|id| id.map_or(0, MessageId::get));
        if !restored::stands_at(last, written) {
            audit.same(|| format!("last message of {owner:?}"), state.last_message, self.last);
        }
        audit.same(|| format!("messages of {owner:?}"), held, &self.live);
    }
}
