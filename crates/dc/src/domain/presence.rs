//! Who is online. Soft state: after a restart everybody is offline until the next sign of life.

use std::collections::HashMap;

use heliogram_ids::{Timestamp, UserId};
use parking_lot::Mutex;

/// The last signs of life of all accounts.
#[derive(Debug, Default)]
pub(crate) struct Presence {
    seen: Mutex<HashMap<UserId, Seen>>,
}

/// When an account was last seen.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Seen {
    /// Online until then unless another sign of life comes.
    OnlineUntil(Timestamp),
    /// Offline since then.
    OfflineSince(Timestamp),
}

impl Presence {
    pub(crate) fn set(&self, user: UserId, seen: Seen) {
        self.seen.lock().insert(user, seen);
    }

    /// What is known of `user` at `now`.
    pub(crate) fn of(&self, user: UserId, now: Timestamp) -> Option<Seen> {
        match self.seen.lock().get(&user).copied() {
            Some(Seen::OnlineUntil(until)) if until <= now => Some(Seen::OfflineSince(until)),
            seen => seen,
        }
    }
}
