//! The embedded engine: fjall, a log-structured merge tree in pure Rust.
//!
//! All tables share one keyspace. With one per table a group commit touches several trees, and
//! measured throughput falls by a third.

use std::fs;
use std::io::ErrorKind;
use std::panic::catch_unwind;
use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

use bytes::Bytes;
use fjall::{
    AbstractTree as _, CompressionType, Database, Keyspace, KeyspaceCreateOptions, PersistMode,
    Readable, UserKey, UserValue,
};

use super::contract::bounds;
use super::fjall_batches::Batch;
use super::{
    BlockReads, Engine, EngineTxn, Memory, Order, Outcome, Row, Scan, Usage, View, Writes,
};
use crate::watermark::sync_dir_of;
use crate::{ByteRange, Record as _, StoreError, meta};

/// A fjall database in one directory.
pub struct FjallEngine {
    database: Database,
    rows: Keyspace,
    /// The memtable that took writes when it was last told to settle.
    settled: AtomicU64,
}

impl FjallEngine {
    /// Opens the database in `dir`, or creates it there.
    ///
    /// # Errors
    /// If the directory cannot be used, or if recovery finds damage that it can see.
    pub fn open(dir: &Path, cache_bytes: u64) -> Result<Self, StoreError> {
        if !dir.try_exists().map_err(StoreError::io("look for", dir))? {
            create_aside(dir)?;
        }
        Self::open_at(dir, cache_bytes)
    }

    fn open_at(dir: &Path, cache_bytes: u64) -> Result<Self, StoreError> {
        // Some damage to a journal trips assertions of the engine instead of its checks.
        let database = catch_unwind(|| {
            Database::builder(dir)
                .cache_size(cache_bytes)
                .max_journaling_size(JOURNAL_BYTES_MAX)
                .manual_journal_persist(true)
                // A damaged byte in compressed data would count as the journal's end.
                .journal_compression(CompressionType::None)
                .open()
        })
        .map_err(|_| StoreError::engine("recovery panicked, the journal is damaged"))?
        .map_err(StoreError::engine)?;
        let options = || KeyspaceCreateOptions::default().max_memtable_size(MEMTABLE_BYTES_MAX);
        let rows = database.keyspace("rows", options).map_err(StoreError::engine)?;
        Ok(Self { database, rows, settled: AtomicU64::new(u64::MAX) })
    }

    /// The newest commit before `first`, the oldest batch of all journals, if the tables end before
    /// that batch; none if they hold it already, and so nothing can be missing in between.
    ///
    /// # Errors
    /// If the tables cannot be read.
    pub(crate) fn commit_before(&self, first: Batch) -> Result<Option<u64>, StoreError> {
        let tree = &self.rows.tree;
        if tree.get_highest_persisted_seqno().is_some_and(|newest| newest >= first.seqno) {
            return Ok(None);
        }
        let found = tree.get(meta::commit_seq_key(), first.seqno).map_err(StoreError::engine)?;
        found.map_or(Ok(Some(0)), |found| u64::from_record(&found).map(Some))
    }

    fn view(&self) -> FjallView {
        FjallView {
            snapshot: self.database.snapshot(),
            rows: self.rows.clone(),
            database: self.database.clone(),
        }
    }
}

/// Makes a database beside `dir` and moves it there when it is whole: one that a crash left half made
/// could neither be opened nor made again.
fn create_aside(dir: &Path) -> Result<(), StoreError> {
    let new = dir.with_extension("new");
    match fs::remove_dir_all(&new) {
        Err(error) if error.kind() != ErrorKind::NotFound => {
            return Err(StoreError::io("clean up", &new)(error));
        }
        _ => {}
    }
    drop(FjallEngine::open_at(&new, CACHE_BYTES_MIN)?);
    fs::rename(&new, dir).map_err(StoreError::io("move to its place", &new))?;
    sync_dir_of(dir)
}

/// Enough for a database without rows.
const CACHE_BYTES_MIN: u64 = 1 << 20;

/// What is written stays in memory until there is this much of it, as the engine counts: keys, values
/// and its handles to them; the index over them takes about half as much again. The engine's own
/// choice, four times this, let a small cloud grow by a quarter of a gigabyte before it first wrote
/// a table.
const MEMTABLE_BYTES_MAX: u64 = 16 << 20;

/// Less than this is not worth a table of its own.
const SETTLE_BYTES_MIN: u64 = 1 << 20;

/// Journals are replayed at start, so their size bounds the time that takes.
const JOURNAL_BYTES_MAX: u64 = 128 << 20;

impl Engine for FjallEngine {
    fn snapshot(&self) -> Result<Box<dyn View>, StoreError> {
        Ok(Box::new(self.view()))
    }

    fn begin(&self) -> Result<Box<dyn EngineTxn>, StoreError> {
        Ok(Box::new(self.view()))
    }

    fn settle(&self) -> Result<bool, StoreError> {
        let tree = &self.rows.tree;
        let active = tree.active_memtable();
        let is_old = self.settled.swap(active.id(), Relaxed) == active.id();
        // The engine keeps what it has written out until it rotates the next time.
        let outlived = tree.version_memtable_size_sum().saturating_sub(active.size());
        let has_outlived = outlived >= SETTLE_BYTES_MIN && tree.sealed_memtable_count() == 0;
        if has_outlived || is_old && active.size() >= SETTLE_BYTES_MIN {
            self.rows.rotate_memtable().map_err(StoreError::engine)?;
        }
        Ok(has_outlived && active.is_empty())
    }

    fn usage(&self) -> Usage {
        let metrics = self.rows.metrics();
        let (all, cache) = (metrics.block_loads(), metrics.block_load_cached_count());
        let disk = all.saturating_sub(cache) as u64;
        Usage {
            disk_bytes: self.database.disk_space().ok(),
            block_reads: Some(BlockReads { cache: cache as u64, disk }),
            memory: Some(Memory {
                blocks: self.database.cache_size(),
                unflushed: self.database.write_buffer_size(),
                hot: 0,
            }),
        }
    }
}

struct FjallView {
    snapshot: fjall::Snapshot,
    rows: Keyspace,
    database: Database,
}

impl View for FjallView {
    fn fetch(&self, key: &[u8]) -> Result<Option<Bytes>, StoreError> {
        let value = self.snapshot.get(&self.rows, key).map_err(unreadable)?;
        Ok(value.map(|value| Bytes::copy_from_slice(&value)))
    }

    fn scan<'a>(&'a self, range: &ByteRange, order: Order) -> Scan<'a> {
        if range.is_empty() {
            return Box::new(std::iter::empty());
        }
        let rows = self.snapshot.range::<&[u8], _>(&self.rows, bounds(range));
        match order {
            Order::Ascending => Box::new(rows.map(load)),
            Order::Descending => Box::new(rows.rev().map(load)),
        }
    }
}

fn load(row: fjall::Guard) -> Result<Row, StoreError> {
    let (key, value) = row.into_inner().map_err(unreadable)?;
    let mut both = Bytes::from([&key[..], &value[..]].concat());
    let key = both.split_to(key.len());
    Ok((key, both))
}

/// What is read is compared with checksums, so this is a table that is damaged or a disk that fails.
fn unreadable(error: fjall::Error) -> StoreError {
    StoreError::engine(format_args!(
        "{error}: a table cannot be read; a check of the directory names it"
    ))
}

impl EngineTxn for FjallView {
    fn commit(self: Box<Self>, writes: &Writes) -> Result<Outcome, StoreError> {
        // Data mode: the journal's length reaches the disk with its data, its times need not.
        let mut batch = self.database.batch().durability(Some(PersistMode::SyncData));
        for (key, value) in writes.iter() {
            // Copied: the engine's own short slices need no allocation, and no key here is long.
            let key = UserKey::from(&key[..]);
            match value {
                Some(value) => batch.insert(&self.rows, key, UserValue::from(&value[..])),
                None => batch.remove(&self.rows, key),
            }
        }
        batch.commit().map_err(StoreError::engine)?;
        Ok(Outcome::Committed)
    }
}
