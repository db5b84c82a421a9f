//! What an engine must offer: reading a fixed moment, and replacing it atomically by the next.

use std::collections::BTreeMap;
use std::collections::btree_map;
use std::ops::Bound;

use bytes::Bytes;

use crate::{ByteRange, StoreError};

/// A key and its value.
pub type Row = (Bytes, Bytes);

/// Rows in key order, read as they are asked for.
pub type Scan<'a> = Box<dyn Iterator<Item = Result<Row, StoreError>> + 'a>;

/// An ordered map from bytes to bytes with consistent views and atomic, durable commits.
pub trait Engine: Send + Sync {
    /// The present moment, for reading only. It must be cheap: every request takes one.
    ///
    /// # Errors
    /// If the engine cannot be reached.
    fn snapshot(&self) -> Result<Box<dyn View>, StoreError>;

    /// Opens the transaction of one group.
    ///
    /// # Errors
    /// If the engine cannot be reached.
    fn begin(&self) -> Result<Box<dyn EngineTxn>, StoreError>;

    /// Moves rows that are only in the journal into tables, if enough of them have been there since
    /// the last call, and gives back memory; does not wait until that is done. Whether the next call
    /// can do more, if there is a commit before it.
    ///
    /// # Errors
    /// If the engine cannot be reached.
    fn settle(&self) -> Result<bool, StoreError> {
        Ok(false)
    }

    /// What it takes, as far as it can tell without looking for long.
    fn usage(&self) -> Usage {
        Usage::default()
    }
}

/// What an engine takes and how it fares; nothing where it does not say.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct Usage {
    /// Bytes of all its files.
    pub disk_bytes: Option<u64>,
    /// Blocks that were read since the start, and where they were found.
    pub block_reads: Option<BlockReads>,
    /// What it keeps in memory.
    pub memory: Option<Memory>,
}

/// Bytes that are kept in memory, each within a bound of its own.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct Memory {
    /// Blocks of files, up to [`cache_bytes`](crate::Options::cache_bytes).
    pub blocks: u64,
    /// Rows that are in the journal and not in a table yet.
    pub unflushed: u64,
    /// Rows above the engine, up to [`hot_bytes_max`](crate::Options::hot_bytes_max).
    pub hot: u64,
}

/// Where an engine found the blocks that it read.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct BlockReads {
    /// In its cache.
    pub cache: u64,
    /// In a file.
    pub disk: u64,
}

/// One moment of an engine: later commits do not show.
///
/// What it hands out may be kept: it holds on to nothing larger than itself.
pub trait View: Send + Sync {
    /// The value of `key`.
    ///
    /// # Errors
    /// If the disk fails or its data is damaged.
    fn fetch(&self, key: &[u8]) -> Result<Option<Bytes>, StoreError>;

    /// The rows of `range`.
    fn scan<'a>(&'a self, range: &ByteRange, order: Order) -> Scan<'a>;
}

/// A view that can be followed by a commit on top of it.
///
/// All reads of the group pass through this object. An engine with other writers beside us records
/// them here as the read set, and answers [`Outcome::Conflict`] if one of them was overtaken. Then
/// the whole group runs again in a new transaction, which is why its closures are `FnMut`. The
/// embedded engines have a single writer and never conflict.
pub trait EngineTxn: View {
    /// Makes all writes durable and visible, or none.
    ///
    /// # Errors
    /// If it is unknown whether the writes are durable. The store stops then.
    fn commit(self: Box<Self>, writes: &Writes) -> Result<Outcome, StoreError>;
}

/// How a commit ended when nothing failed.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Outcome {
    /// The writes are durable and visible.
    Committed,
    /// Another writer changed what was read; nothing was written.
    Conflict,
}

/// The direction of a scan.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Order {
    /// Smallest key first.
    Ascending,
    /// Greatest key first.
    Descending,
}

/// The rows that one group puts (`Some`) and deletes (`None`).
#[derive(Clone, Debug, Default)]
pub struct Writes {
    rows: BTreeMap<Bytes, Option<Bytes>>,
}

impl Writes {
    /// What the group did to `key`, if anything.
    pub fn get(&self, key: &[u8]) -> Option<&Option<Bytes>> {
        self.rows.get(key)
    }

    /// All writes in key order.
    pub fn iter(&self) -> btree_map::Iter<'_, Bytes, Option<Bytes>> {
        self.rows.iter()
    }

    /// The writes inside `range` in key order, from either end.
    pub(crate) fn range(&self, range: &ByteRange) -> btree_map::Range<'_, Bytes, Option<Bytes>> {
        if range.is_empty() {
            return btree_map::Range::default();
        }
        self.rows.range::<[u8], _>(bounds(range))
    }

    /// Replaces what the group did to `key`, and returns what stood before.
    pub(crate) fn set(&mut self, key: Bytes, value: Option<Bytes>) -> Option<Option<Bytes>> {
        self.rows.insert(key, value)
    }

    /// Forgets that the group touched `key`.
    pub(crate) fn forget(&mut self, key: &[u8]) {
        self.rows.remove(key);
    }

    /// Whether the group changed nothing.
    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// How many rows the group touched.
    pub fn len(&self) -> usize {
        self.rows.len()
    }
}

impl FromIterator<(Bytes, Option<Bytes>)> for Writes {
    fn from_iter<I: IntoIterator<Item = (Bytes, Option<Bytes>)>>(rows: I) -> Self {
        Self { rows: rows.into_iter().collect() }
    }
}

/// The bounds of a range that is not empty, as the standard library's maps take them.
pub(crate) fn bounds(range: &ByteRange) -> (Bound<&[u8]>, Bound<&[u8]>) {
    let end = range.end.as_deref().map_or(Bound::Unbounded, Bound::Excluded);
    (Bound::Included(&range.start), end)
}
