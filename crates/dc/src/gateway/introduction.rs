//! What clients say of themselves, on its way to the store.
//!
//! Most say it once for each connection, some with every request. A key has one such note on its way at
//! a time, the newest waits behind it, and one that says nothing new is not written.

use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::sync::Arc;
use std::time::Duration;

use heliogram_ids::{Layer, Timestamp};
use heliogram_store::{Read as _, Store};
use parking_lot::Mutex;

use super::keys::PermKey;
use crate::record::ClientInfo;
use crate::tables::AuthKeys;

/// How old the time of a key's last use may become.
const FRESH: Duration = Duration::from_secs(60);

/// What is to be written of a key.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) struct Introduction {
    pub(super) layer: Layer,
    /// Nothing to leave it as it is; and so for the address.
    pub(super) client: Option<ClientInfo>,
    pub(super) ip: Option<String>,
    pub(super) at: Timestamp,
}

/// The notes of one key.
#[derive(Debug, Default)]
pub(super) struct Introductions(Mutex<Notes>);

#[derive(Debug, Default)]
struct Notes {
    /// What the newest says, in short, and since when.
    newest: Option<(u64, Timestamp)>,
    is_writing: bool,
    next: Option<Box<Introduction>>,
}

impl Introductions {
    /// Takes a note; gives it back if it is to be written now.
    fn take(&self, mut note: Introduction) -> Option<Introduction> {
        let mut notes = self.0.lock();
        let digest = note.digest();
        let is_known = |(known, at): (u64, Timestamp)| known == digest && note.at < at + FRESH;
        if notes.newest.is_some_and(is_known) {
            return None;
        }
        notes.newest = Some((digest, note.at));
        if !notes.is_writing {
            notes.is_writing = true;
            return Some(note);
        }
        if let Some(skipped) = notes.next.take() {
            note.client = note.client.or(skipped.client);
            note.ip = note.ip.or(skipped.ip);
        }
        notes.next = Some(note.into());
        None
    }

    /// A note was written, or could not be; gives the next.
    fn written(&self, is_good: bool) -> Option<Introduction> {
        let mut notes = self.0.lock();
        if !is_good {
            notes.newest = None;
        }
        let next = notes.next.take();
        notes.is_writing = next.is_some();
        next.map(|note| *note)
    }
}

impl Introduction {
    fn digest(&self) -> u64 {
        let mut hasher = DefaultHasher::new();
        (self.layer, &self.client, &self.ip).hash(&mut hasher);
        hasher.finish()
    }
}

/// Writes down what a client said of itself, unless that is written already.
pub(super) fn note(store: &Store, key: &Arc<PermKey>, introduction: Introduction) {
    if let Some(introduction) = key.introductions.take(introduction) {
        write(store.clone(), Arc::clone(key), introduction);
    }
}

fn write(store: Store, key: Arc<PermKey>, introduction: Introduction) {
    let id = key.id;
    let ticket = store.write(move |txn| {
        let Some(mut row) = txn.get::<AuthKeys>(&id)? else { return Ok(()) };
        let Introduction { layer, client, ip, at } = introduction.clone();
        row.layer = Some(layer);
        row.client = client.or(row.client);
        row.ip = ip.unwrap_or(row.ip);
        row.active = at.unix();
        txn.put::<AuthKeys>(&id, &row)
    });
    ticket.on_complete(move |stored| {
        if let Err(error) = &stored {
            tracing::error!(%error, "a client's description was not stored");
        }
        if let Some(next) = key.introductions.written(stored.is_ok()) {
            write(store, key, next);
        }
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    fn introduction(device: &str, at: u64) -> Introduction {
        let client = ClientInfo { device_model: device.into(), ..ClientInfo::default() };
        Introduction {
            layer: Layer::new(200).expect("a layer"),
            client: Some(client),
            ip: None,
            at: Timestamp::from_secs(at),
        }
    }

    #[test]
    fn what_is_known_is_not_written_again() {
        let notes = Introductions::default();
        let first = introduction("a", 100);
        assert_eq!(notes.take(first.clone()), Some(first));
        assert_eq!(notes.take(introduction("a", 110)), None);
        assert_eq!(notes.written(true), None);
        assert_eq!(notes.take(introduction("a", 159)), None);
        let later = introduction("a", 160);
        assert_eq!(notes.take(later.clone()), Some(later), "when it was last used is worth a row");
        assert_eq!(notes.written(false), None);
        let again = introduction("a", 161);
        assert_eq!(notes.take(again.clone()), Some(again), "it is not stored yet");
    }

    #[test]
    fn one_is_written_at_a_time_and_the_newest_after_it() {
        let notes = Introductions::default();
        assert!(notes.take(introduction("a", 100)).is_some());
        assert_eq!(notes.take(introduction("b", 101)), None);
        let unnamed = Introduction { client: None, ..introduction("", 102) };
        assert_eq!(notes.take(unnamed), None);
        let expected = Introduction { at: Timestamp::from_secs(102), ..introduction("b", 0) };
        assert_eq!(notes.written(true), Some(expected));
        assert_eq!(notes.written(true), None);
        assert!(notes.take(introduction("a", 103)).is_some());
    }
}
