//! The engine of tests, simulations and `--ephemeral`: every version of every row in one B-tree.
//!
//! A commit adds versions under the next number, and a view reads the newest version not above its
//! own number, so taking a view copies nothing. A version that no view can see any more is removed
//! by the first commit after that becomes true.

use std::collections::{BTreeMap, VecDeque};
use std::ops::Bound;
use std::sync::Arc;

use bytes::Bytes;
use parking_lot::{Mutex, RwLock};

use super::contract::bounds;
use super::{Engine, EngineTxn, Order, Outcome, Row, Scan, View, Writes};
use crate::{ByteRange, StoreError};

/// An engine that keeps everything in memory and nothing afterwards.
#[derive(Clone, Default)]
pub struct MemoryEngine {
    shared: Arc<Shared>,
}

#[derive(Default)]
struct Shared {
    rows: RwLock<Versions>,
    pins: Mutex<Pins>,
}

#[derive(Default)]
struct Versions {
    /// The versions of each row, oldest first.
    rows: BTreeMap<Bytes, Vec<Version>>,
    /// Rows that own a superseded version or end in a deletion, by the commit that made it so.
    stale: VecDeque<(u64, Bytes)>,
}

struct Version {
    commit: u64,
    value: Option<Bytes>,
}

#[derive(Default)]
struct Pins {
    newest: u64,
    /// How many views stand at each commit.
    views: BTreeMap<u64, usize>,
}

impl MemoryEngine {
    /// An empty engine.
    pub fn new() -> Self {
        Self::default()
    }

    fn pin(&self) -> MemoryView {
        let mut pins = self.shared.pins.lock();
        let commit = pins.newest;
        *pins.views.entry(commit).or_default() += 1;
        MemoryView { shared: Arc::clone(&self.shared), commit }
    }

    /// How many versions are kept, for tests of the clean-up.
    #[cfg(test)]
    pub(crate) fn version_count(&self) -> usize {
        self.shared.rows.read().rows.values().map(Vec::len).sum()
    }
}

impl Engine for MemoryEngine {
    fn snapshot(&self) -> Result<Box<dyn View>, StoreError> {
        Ok(Box::new(self.pin()))
    }

    fn begin(&self) -> Result<Box<dyn EngineTxn>, StoreError> {
        Ok(Box::new(self.pin()))
    }
}

struct MemoryView {
    shared: Arc<Shared>,
    commit: u64,
}

impl View for MemoryView {
    fn fetch(&self, key: &[u8]) -> Result<Option<Bytes>, StoreError> {
        let versions = self.shared.rows.read();
        Ok(versions.rows.get(key).and_then(|row| visible(row, self.commit)).cloned())
    }

    fn scan<'a>(&'a self, range: &ByteRange, order: Order) -> Scan<'a> {
        Box::new(MemoryScan {
            view: self,
            rest: range.clone(),
            order,
            chunk: VecDeque::new(),
            chunk_rows: CHUNK_ROWS_MIN,
        })
    }
}

impl EngineTxn for MemoryView {
    fn commit(self: Box<Self>, writes: &Writes) -> Result<Outcome, StoreError> {
        let mut versions = self.shared.rows.write();
        let commit = self.commit + 1;
        for (key, value) in writes.iter() {
            versions.add(commit, key, value.clone());
        }
        let oldest = self.shared.pins.lock().publish(commit, self.commit);
        versions.prune(oldest);
        Ok(Outcome::Committed)
    }
}

impl Drop for MemoryView {
    fn drop(&mut self) {
        let mut pins = self.shared.pins.lock();
        if let Some(count) = pins.views.get_mut(&self.commit) {
            *count -= 1;
            if *count == 0 {
                pins.views.remove(&self.commit);
            }
        }
    }
}

impl Pins {
    /// Makes `commit` the newest, and returns the oldest commit that anybody still looks at. The
    /// view at `base` that is committing needs nothing any more.
    fn publish(&mut self, commit: u64, base: u64) -> u64 {
        assert_eq!(self.newest, base, "the memory engine has a single writer");
        self.newest = commit;
        let others = |(&pin, &count): (&u64, &usize)| (pin != base || count > 1).then_some(pin);
        self.views.iter().find_map(others).unwrap_or(commit)
    }
}

impl Versions {
    fn add(&mut self, commit: u64, key: &Bytes, value: Option<Bytes>) {
        let row = self.rows.entry(key.clone()).or_default();
        if !row.is_empty() || value.is_none() {
            self.stale.push_back((commit, key.clone()));
        }
        row.push(Version { commit, value });
    }

    /// Removes what no view at `oldest` or later can see.
    fn prune(&mut self, oldest: u64) {
        while let Some((_, key)) = self.stale.pop_front_if(|(commit, _)| *commit <= oldest) {
            let Some(row) = self.rows.get_mut(&key) else { continue };
            let seen = row.iter().rposition(|version| version.commit <= oldest).unwrap_or(0);
            row.drain(..seen);
            if let [Version { value: None, commit }] = row.as_slice()
                && *commit <= oldest
            {
                self.rows.remove(&key);
            }
        }
    }
}

fn visible(row: &[Version], commit: u64) -> Option<&Bytes> {
    row.iter().rev().find(|version| version.commit <= commit)?.value.as_ref()
}

/// Reads in growing chunks, so that the lock is never held between two rows.
struct MemoryScan<'a> {
    view: &'a MemoryView,
    rest: ByteRange,
    order: Order,
    chunk: VecDeque<Row>,
    chunk_rows: usize,
}

const CHUNK_ROWS_MIN: usize = 8;
const CHUNK_ROWS_MAX: usize = 256;

impl MemoryScan<'_> {
    fn refill(&mut self) {
        if self.rest.is_empty() {
            return;
        }
        let versions = self.view.shared.rows.read();
        let found = versions.rows.range::<[u8], (Bound<&[u8]>, Bound<&[u8]>)>(bounds(&self.rest));
        let shown = |(key, row): (&Bytes, &Vec<Version>)| {
            Some((key.clone(), visible(row, self.view.commit)?.clone()))
        };
        match self.order {
            Order::Ascending => self.chunk.extend(found.filter_map(shown).take(self.chunk_rows)),
            Order::Descending => {
                self.chunk.extend(found.rev().filter_map(shown).take(self.chunk_rows));
            }
        }
        drop(versions);
        self.skip_read();
        self.chunk_rows = (self.chunk_rows * 2).min(CHUNK_ROWS_MAX);
    }

    /// Narrows the rest to what lies beyond the chunk.
    fn skip_read(&mut self) {
        let Some((last, _)) = self.chunk.back() else {
            self.rest.end = Some(Vec::new());
            return;
        };
        match self.order {
            Order::Ascending => self.rest.start = [last, &[0][..]].concat(),
            Order::Descending => self.rest.end = Some(last.to_vec()),
        }
    }
}

impl Iterator for MemoryScan<'_> {
    type Item = Result<Row, StoreError>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.chunk.is_empty() {
            self.refill();
        }
        self.chunk.pop_front().map(Ok)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn commit(engine: &MemoryEngine, key: &'static [u8], value: Option<&'static [u8]>) {
        let mut writes = Writes::default();
        writes.set(Bytes::from_static(key), value.map(Bytes::from_static));
        let outcome = engine.begin().and_then(|txn| txn.commit(&writes)).unwrap();
        assert_eq!(outcome, Outcome::Committed);
    }

    #[test]
    fn versions_go_when_the_last_view_of_them_does() {
        let engine = MemoryEngine::new();
        commit(&engine, b"a", Some(b"1"));
        let old = engine.snapshot().unwrap();
        commit(&engine, b"a", Some(b"2"));
        let newer = engine.snapshot().unwrap();
        commit(&engine, b"a", None);
        commit(&engine, b"b", Some(b"1"));
        assert_eq!(engine.version_count(), 4);
        assert_eq!(old.fetch(b"a").unwrap().as_deref(), Some(&b"1"[..]));

        drop(old);
        commit(&engine, b"c", Some(b"1"));
        assert_eq!(engine.version_count(), 4, "a1 went, c1 came");
        assert_eq!(newer.fetch(b"a").unwrap().as_deref(), Some(&b"2"[..]));

        drop(newer);
        commit(&engine, b"d", Some(b"1"));
        assert_eq!(engine.version_count(), 3, "only b, c and d are left");
    }

    #[test]
    fn a_hot_row_keeps_one_version() {
        let engine = MemoryEngine::new();
        (0..1000).for_each(|_| commit(&engine, b"a", Some(b"1")));
        assert_eq!(engine.version_count(), 1);
    }

    #[test]
    fn a_scan_crosses_its_chunks_both_ways() {
        let engine = MemoryEngine::new();
        let mut writes = Writes::default();
        for key in 0u16..1000 {
            writes.set(Bytes::copy_from_slice(&key.to_be_bytes()), Some(Bytes::new()));
        }
        engine.begin().and_then(|txn| txn.commit(&writes)).unwrap();
        let view = engine.snapshot().unwrap();
        let range = ByteRange { start: vec![0, 5], end: Some(vec![3, 0]) };
        let keys = |order| view.scan(&range, order).map(|row| row.unwrap().0).collect::<Vec<_>>();
        let forth = keys(Order::Ascending);
        let mut back = keys(Order::Descending);
        back.reverse();
        assert_eq!(forth.len(), 768 - 5);
        assert_eq!(forth, back);
        assert!(forth.is_sorted());
    }
}
