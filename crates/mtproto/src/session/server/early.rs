//! Messages that were refused because they seemed to come from the future.
//!
//! Their client was told, and has asked again under other ids. Once their time has come, whoever has
//! recorded them could have them run beside the others.

use std::collections::BTreeSet;

use heliogram_ids::{MsgId, Timestamp};

use crate::session::msg_id::{Skew, skew};

/// A bounded memory of outermost ids. Takes no memory when there are none.
#[derive(Debug, Default)]
pub(super) struct Early(BTreeSet<MsgId>);

impl Early {
    /// A message was refused. Those that are too old by now are forgotten, and so is the one whose
    /// time comes first if there are too many.
    pub(super) fn note(&mut self, id: MsgId, now: Timestamp) {
        self.0.retain(|id| skew(*id, now) != Err(Skew::Low));
        self.0.insert(id);
        if self.0.len() > EARLY_MAX {
            self.0.pop_first();
        }
    }

    pub(super) fn contains(&self, id: MsgId) -> bool {
        self.0.contains(&id)
    }

    pub(super) fn len(&self) -> usize {
        self.0.len()
    }
}

/// Ids remembered of messages that came too early: more than a client has under way before it
/// hears of the first refusal.
const EARLY_MAX: usize = 256;
