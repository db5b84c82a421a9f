//! An engine over the disk of a world: a journal that survives, and rows in memory that do not.

use std::collections::BTreeMap;

use bytes::Bytes;
use heliogram_store::engine::{
    Engine, EngineTxn, MemoryEngine, Order, Outcome, Scan, View, Writes,
};
use heliogram_store::{ByteRange, StoreError};

use super::journal::Disk;

/// What one process makes of a disk.
pub(in crate::sim) struct SimEngine {
    disk: Disk,
    tenant: u64,
    rows: MemoryEngine,
}

impl SimEngine {
    /// Takes the disk, and reads the journal up to where it ends or cannot be read. What follows is
    /// cut off by the first commit, as if it had never been.
    ///
    /// # Errors
    /// None of its own.
    pub(in crate::sim) fn open(disk: &Disk) -> Result<Self, StoreError> {
        let (tenant, batches) = disk.take();
        let mut state = BTreeMap::new();
        for (key, value) in batches.into_iter().flatten() {
            match value {
                Some(value) => drop(state.insert(key, value)),
                None => drop(state.remove(&key)),
            }
        }
        let rows = MemoryEngine::new();
        rows.begin()?
            .commit(&state.into_iter().map(|(key, value)| (key, Some(value))).collect())?;
        Ok(Self { disk: disk.clone(), tenant, rows })
    }
}

impl Engine for SimEngine {
    fn snapshot(&self) -> Result<Box<dyn View>, StoreError> {
        self.rows.snapshot()
    }

    fn begin(&self) -> Result<Box<dyn EngineTxn>, StoreError> {
        let rows = self.rows.begin()?;
        Ok(Box::new(SimTxn { disk: self.disk.clone(), tenant: self.tenant, rows }))
    }
}

struct SimTxn {
    disk: Disk,
    tenant: u64,
    rows: Box<dyn EngineTxn>,
}

impl View for SimTxn {
    fn fetch(&self, key: &[u8]) -> Result<Option<Bytes>, StoreError> {
        self.rows.fetch(key)
    }

    fn scan<'a>(&'a self, range: &ByteRange, order: Order) -> Scan<'a> {
        self.rows.scan(range, order)
    }
}

impl EngineTxn for SimTxn {
    fn commit(self: Box<Self>, writes: &Writes) -> Result<Outcome, StoreError> {
        let appended = self.disk.append(self.tenant, writes);
        appended.map_err(|why| StoreError::Engine(why.into()))?;
        self.rows.commit(writes)
    }
}
