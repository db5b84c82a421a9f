//! A part of the entries under one lock, and who has to go when there is no room.

use std::collections::{HashMap, VecDeque};
use std::hash::{BuildHasherDefault, Hasher};

use bytes::Bytes;

use super::entry::{Entry, Kept};

/// Entries by the hashes of their places. Of two places with one hash only one is kept.
#[derive(Debug)]
pub(super) struct Shard {
    entries: HashMap<u64, Entry, BuildHasherDefault<AsItIs>>,
    /// Every entry once: who came first stands in front, and gets a second chance if it was used.
    queue: VecDeque<u64>,
    bytes: usize,
    bytes_max: usize,
    /// The newest commit that touched any place of a slot, kept or not.
    touched: Box<[u64; SLOTS]>,
}

/// Places that share a number of `touched`. Too few, and what was read is not kept as often as it
/// could be.
const SLOTS: usize = 512;

/// Something that is found here, and its hash.
#[derive(Clone, Copy, Debug)]
pub(super) struct Place<'a> {
    pub(super) bytes: &'a [u8],
    pub(super) hash: u64,
}

impl Shard {
    pub(super) fn new(bytes_max: usize) -> Self {
        Self {
            entries: HashMap::default(),
            queue: VecDeque::new(),
            bytes: 0,
            bytes_max,
            touched: Box::new([0; SLOTS]),
        }
    }

    /// What is kept at a place and is the same at `seq`.
    pub(super) fn find(&mut self, seq: u64, place: Place<'_>) -> Option<&Kept> {
        let entry = self.entry(place).filter(|entry| entry.since <= seq)?;
        entry.used = true;
        entry.fresh = true;
        Some(&entry.kept)
    }

    /// Follows what a commit did to one row of a place.
    pub(super) fn write(&mut self, seq: u64, place: Place<'_>, key: &Bytes, value: Option<&Bytes>) {
        self.touched[slot(place.hash)] = seq;
        self.change(place, |entry| entry.write(seq, key, value));
    }

    /// Keeps what somebody read at `seq`, unless it has changed since.
    pub(super) fn keep(&mut self, seq: u64, place: Place<'_>, kept: Kept) {
        if self.touched[slot(place.hash)] > seq {
            return;
        }
        let entry = Entry::new(place.bytes, seq, kept);
        self.bytes += entry.bytes();
        match self.entries.insert(place.hash, entry) {
            Some(before) => self.bytes -= before.bytes(),
            None => self.queue.push_back(place.hash),
        }
        self.make_room();
    }

    /// Changes what is kept at a place by what somebody read at `seq`, unless it has changed since.
    pub(super) fn extend(&mut self, seq: u64, place: Place<'_>, extend: impl FnOnce(&mut Kept)) {
        if self.touched[slot(place.hash)] <= seq {
            self.change(place, |entry| extend(&mut entry.kept));
        }
    }

    fn change(&mut self, place: Place<'_>, change: impl FnOnce(&mut Entry)) {
        let Some(entry) = self.entry(place) else { return };
        let before = entry.bytes();
        change(entry);
        let after = entry.bytes();
        self.bytes = self.bytes + after - before;
        self.make_room();
    }

    fn entry(&mut self, place: Place<'_>) -> Option<&mut Entry> {
        self.entries.get_mut(&place.hash).filter(|entry| *entry.place == *place.bytes)
    }

    /// Drops what is not new since the last call, and nobody has asked for since then.
    pub(super) fn sweep(&mut self) {
        let Self { entries, queue, bytes, .. } = self;
        entries.retain(|_, entry| {
            let stays = std::mem::take(&mut entry.fresh);
            *bytes -= if stays { 0 } else { entry.bytes() };
            stays
        });
        queue.retain(|hash| entries.contains_key(hash));
        entries.shrink_to_fit();
        queue.shrink_to_fit();
    }

    /// Memory in use, about.
    pub(super) const fn bytes(&self) -> usize {
        self.bytes
    }

    fn make_room(&mut self) {
        while self.bytes > self.bytes_max {
            let Some(hash) = self.queue.pop_front() else { return };
            let Some(entry) = self.entries.get_mut(&hash) else { continue };
            if std::mem::take(&mut entry.used) {
                self.queue.push_back(hash);
                continue;
            }
            self.bytes -= entry.bytes();
            self.entries.remove(&hash);
        }
    }
}

/// Hashes of hashes: what was hashed with a secret once needs no second time.
#[derive(Debug, Default)]
pub(super) struct AsItIs(u64);

impl Hasher for AsItIs {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, _: &[u8]) {
        unreachable!("only hashes are hashed here");
    }

    fn write_u64(&mut self, hash: u64) {
        self.0 = hash;
    }
}

const fn slot(hash: u64) -> usize {
    // Bits that neither the map nor the choice of a shard goes by.
    (hash >> 32) as usize % SLOTS
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(value: &'static [u8]) -> Kept {
        Kept::Row(Some(Bytes::from_static(value)))
    }

    fn place(bytes: &[u8]) -> Place<'_> {
        Place { bytes, hash: bytes.iter().fold(0, |hash, byte| hash * 31 + u64::from(*byte)) }
    }

    fn value(shard: &mut Shard, seq: u64, bytes: &[u8]) -> Option<Vec<u8>> {
        match shard.find(seq, place(bytes))? {
            Kept::Row(value) => value.as_ref().map(|value| value.to_vec()),
            Kept::Newest(_) => panic!("only rows are kept here"),
        }
    }

    const KEY: Bytes = Bytes::from_static(b"key");

    #[test]
    fn an_earlier_moment_does_not_see_a_later_one() {
        let mut shard = Shard::new(1 << 20);
        shard.keep(5, place(&KEY), row(b"five"));
        shard.write(7, place(&KEY), &KEY, Some(&Bytes::from_static(b"seven")));
        assert_eq!(value(&mut shard, 6, &KEY), None);
        assert_eq!(value(&mut shard, 7, &KEY), Some(b"seven".to_vec()));
    }

    #[test]
    fn what_was_read_before_a_commit_is_not_kept_after_it() {
        let mut shard = Shard::new(1 << 20);
        shard.write(7, place(&KEY), &KEY, None);
        shard.keep(6, place(&KEY), row(b"six"));
        assert_eq!(value(&mut shard, 9, &KEY), None);
        shard.keep(7, place(&KEY), row(b"seven"));
        assert_eq!(value(&mut shard, 9, &KEY), Some(b"seven".to_vec()));
    }

    #[test]
    fn of_two_places_with_one_hash_the_later_is_kept() {
        let mut shard = Shard::new(1 << 20);
        let other = Place { bytes: b"other", ..place(&KEY) };
        shard.keep(1, place(&KEY), row(b"value"));
        assert!(shard.find(1, other).is_none());
        shard.keep(1, other, row(b"longer value"));
        assert!(shard.find(1, other).is_some());
        assert_eq!(value(&mut shard, 1, &KEY), None);
        assert_eq!((shard.queue.len(), shard.bytes()), (1, shard.entry(other).unwrap().bytes()));
    }

    #[test]
    fn what_nobody_uses_makes_room() {
        let mut shard = Shard::new(4000);
        for n in 0..100_u8 {
            shard.keep(1, place(&[n]), row(b"value"));
            value(&mut shard, 1, &[0]);
            assert!(shard.bytes() <= 4000, "{} bytes", shard.bytes());
        }
        assert!(value(&mut shard, 1, &[0]).is_some(), "it was used all the time");
        assert!(value(&mut shard, 1, &[1]).is_none());
        assert!(value(&mut shard, 1, &[99]).is_some());
        assert_eq!(shard.queue.len(), shard.entries.len());
    }

    #[test]
    fn what_nobody_has_used_for_two_sweeps_is_gone() {
        let mut shard = Shard::new(1 << 20);
        let other = Place { bytes: b"other", hash: 1 };
        shard.keep(1, place(&KEY), row(b"value"));
        shard.keep(1, other, row(b"value"));
        shard.sweep();
        assert!(value(&mut shard, 1, &KEY).is_some(), "it is new");
        shard.sweep();
        assert!(value(&mut shard, 1, &KEY).is_some(), "it was used in between");
        assert!(shard.find(1, other).is_none());
        shard.sweep();
        shard.sweep();
        assert_eq!((shard.bytes(), shard.queue.len(), shard.entries.len()), (0, 0, 0));
    }

    #[test]
    fn an_entry_larger_than_all_room_is_not_kept() {
        let mut shard = Shard::new(10);
        shard.keep(1, place(&KEY), row(b"value"));
        assert_eq!((value(&mut shard, 1, &KEY), shard.bytes()), (None, 0));
    }
}
