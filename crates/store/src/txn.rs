//! A transaction: reads the newest state, its own writes included, and writes.

use bytes::Bytes;

use crate::engine::{EngineTxn, Order, Outcome, Scan, View, Writes};
use crate::range::with_row_key;
use crate::{ByteRange, Limits, Record, StoreError, Table, overlay};

/// What a transaction's closure reads and writes. Read through [`crate::Read`].
///
/// One object serves a whole group of transactions in turn: each sees what those before it wrote,
/// and takes back only what it wrote itself.
pub struct Txn {
    engine: Box<dyn EngineTxn>,
    writes: Writes,
    seq: u64,
    limits: Limits,
    /// What the running transaction replaced, oldest first.
    undo: Vec<(Bytes, Option<Option<Bytes>>)>,
    /// Bytes that the running transaction wrote.
    bytes: usize,
    /// Bytes that the finished ones of the group wrote.
    group_bytes: usize,
    /// The first write that was refused. The transaction fails even if its closure ignores it.
    refused: Option<StoreError>,
}

impl Txn {
    pub(crate) fn new(engine: Box<dyn EngineTxn>, seq: u64, limits: Limits) -> Self {
        Self {
            engine,
            writes: Writes::default(),
            seq,
            limits,
            undo: Vec::new(),
            bytes: 0,
            group_bytes: 0,
            refused: None,
        }
    }

    /// The number that the commit of this transaction's group will have.
    ///
    /// It grows with every group that writes, but all transactions of one group share it.
    pub const fn seq(&self) -> u64 {
        self.seq
    }

    /// Writes a row, whether or not there was one.
    ///
    /// # Errors
    /// If the row, or the whole transaction with it, exceeds the limits. The transaction fails
    /// then, whatever its closure returns.
    pub fn put<T: Table>(&mut self, key: &T::Key, value: &T::Value) -> Result<(), StoreError> {
        self.write(with_row_key::<T, _>(key, Bytes::copy_from_slice), Some(value.to_record()))
    }

    /// Removes a row, if there is one.
    ///
    /// # Errors
    /// If the transaction exceeds the limits. It fails then, whatever its closure returns.
    pub fn delete<T: Table>(&mut self, key: &T::Key) -> Result<(), StoreError> {
        self.write(with_row_key::<T, _>(key, Bytes::copy_from_slice), None)
    }

    fn write(&mut self, key: Bytes, value: Option<Vec<u8>>) -> Result<(), StoreError> {
        self.bytes += key.len() + value.as_ref().map_or(0, Vec::len);
        if let Err(error) = self.check(key.len(), value.as_ref().map_or(0, Vec::len)) {
            self.refused.get_or_insert_with(|| error.clone());
            return Err(error);
        }
        let before = self.writes.set(key.clone(), value.map(snug));
        self.undo.push((key, before));
        Ok(())
    }

    const fn check(&self, key_bytes: usize, value_bytes: usize) -> Result<(), StoreError> {
        let Limits { key_bytes_max, value_bytes_max, txn_bytes_max, .. } = self.limits;
        if key_bytes > key_bytes_max {
            return Err(StoreError::KeyTooLarge { found: key_bytes, limit: key_bytes_max });
        }
        if value_bytes > value_bytes_max {
            return Err(StoreError::ValueTooLarge { found: value_bytes, limit: value_bytes_max });
        }
        if self.bytes > txn_bytes_max {
            return Err(StoreError::TxnTooLarge { found: self.bytes, limit: txn_bytes_max });
        }
        Ok(())
    }

    /// Ends the running transaction in favour of its writes, unless one was refused.
    pub(crate) fn keep(&mut self) -> Result<(), StoreError> {
        if let Some(error) = self.refused.clone() {
            self.take_back();
            return Err(error);
        }
        self.group_bytes += std::mem::take(&mut self.bytes);
        self.undo.clear();
        Ok(())
    }

    /// Ends the running transaction and undoes its writes.
    pub(crate) fn take_back(&mut self) {
        while let Some((key, before)) = self.undo.pop() {
            match before {
                Some(value) => drop(self.writes.set(key, value)),
                None => self.writes.forget(&key),
            }
        }
        self.bytes = 0;
        self.refused = None;
    }

    /// Bytes written by the group so far.
    pub(crate) const fn group_bytes(&self) -> usize {
        self.group_bytes
    }

    /// Whether the group changed nothing.
    pub(crate) fn is_unchanged(&self) -> bool {
        self.writes.is_empty()
    }

    /// Commits the group, and hands back what it wrote.
    pub(crate) fn commit(self) -> Result<(Outcome, Writes), StoreError> {
        let outcome = self.engine.commit(&self.writes)?;
        Ok((outcome, self.writes))
    }
}

/// The bytes without the room that a vector keeps for growing: rows stay in memory for long, those
/// that are hot and, in some engines, those that were written last.
fn snug(bytes: Vec<u8>) -> Bytes {
    if bytes.len() == bytes.capacity() { bytes.into() } else { Bytes::copy_from_slice(&bytes) }
}

impl View for Txn {
    fn fetch(&self, key: &[u8]) -> Result<Option<Bytes>, StoreError> {
        match self.writes.get(key) {
            Some(written) => Ok(written.clone()),
            None => self.engine.fetch(key),
        }
    }

    fn scan<'a>(&'a self, range: &ByteRange, order: Order) -> Scan<'a> {
        overlay::scan(&*self.engine, &self.writes, range, order)
    }
}
