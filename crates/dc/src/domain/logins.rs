//! What a login needs besides rows: password proofs that were asked for and not yet given.

use std::collections::BTreeMap;

use heliogram_crypto::srp;
use heliogram_ids::{AuthKeyId, Timestamp, UserId};
use parking_lot::Mutex;

/// The open SRP challenges, one for each key. Lost in a restart: clients ask again.
#[derive(Default)]
pub(crate) struct Challenges {
    open: Mutex<BTreeMap<AuthKeyId, Open>>,
}

/// One challenge.
pub(crate) struct Open {
    pub(crate) id: i64,
    pub(crate) user: UserId,
    pub(crate) expires: Timestamp,
    pub(crate) challenge: srp::Challenge,
}

impl Challenges {
    /// Replaces the challenge of a key, and forgets those that nobody answered.
    pub(crate) fn put(&self, key: AuthKeyId, now: Timestamp, open: Open) {
        let mut all = self.open.lock();
        all.retain(|_, open| open.expires > now);
        all.insert(key, open);
    }

    /// Takes the challenge of a key: it can be answered once.
    pub(crate) fn take(&self, key: AuthKeyId, now: Timestamp, id: i64) -> Option<Open> {
        let mut all = self.open.lock();
        match all.get(&key) {
            Some(open) if open.id == id && open.expires > now => all.remove(&key),
            _ => None,
        }
    }
}
