//! One thing that is kept.

use bytes::Bytes;

use super::newest::Newest;

/// What is kept, and since when it is so.
#[derive(Debug)]
pub(super) struct Entry {
    /// What it is found by: a row's key, or what rows share.
    pub(super) place: Box<[u8]>,
    /// The commit after which it has not changed, or a later one. Who looks at an earlier moment has
    /// to look elsewhere.
    pub(super) since: u64,
    /// Whether somebody has asked for it lately.
    pub(super) used: bool,
    /// Whether it is new, or somebody has asked for it, since its shard was last swept.
    pub(super) fresh: bool,
    pub(super) kept: Kept,
}

#[derive(Debug)]
pub(super) enum Kept {
    /// A row, or that there is none.
    Row(Option<Bytes>),
    /// Rows that share a lead.
    Newest(Box<Newest>),
}

impl Entry {
    pub(super) fn new(place: &[u8], since: u64, kept: Kept) -> Self {
        Self { place: place.into(), since, used: false, fresh: true, kept }
    }

    /// Memory in use, about.
    pub(super) fn bytes(&self) -> usize {
        ENTRY_BYTES
            + self.place.len()
            + match &self.kept {
                Kept::Row(value) => value.as_ref().map_or(0, Bytes::len),
                Kept::Newest(newest) => newest.bytes(),
            }
    }

    /// Does what a commit did to a row of the entry.
    pub(super) fn write(&mut self, seq: u64, key: &Bytes, value: Option<&Bytes>) {
        self.since = seq;
        match &mut self.kept {
            Kept::Row(kept) => *kept = value.cloned(),
            Kept::Newest(newest) => newest.write(key, value),
        }
    }
}

/// The entry itself with its place in the map, half as much again for places of the map that are
/// free, its place in the queue, a count of handles, and what allocations are rounded up by.
const ENTRY_BYTES: usize = size_of::<(u64, Entry)>() * 3 / 2 + 2 * size_of::<u64>() + 32 + 16;
