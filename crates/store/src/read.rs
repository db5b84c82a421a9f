//! Reading rows, the same from a snapshot and from a transaction.

use crate::engine::{Order, Scan, View};
use crate::key::decode_key;
use crate::range::with_row_key;
use crate::{KeyRange, Record, RowOf, StoreError, Table};

/// Reads typed rows. Domain code takes `&impl Read`, and so runs on either.
///
/// Everything that reads bytes reads rows: `&dyn View` is as good as [`crate::Snapshot`].
pub trait Read: View {
    /// The row under `key`.
    ///
    /// # Errors
    /// If the engine fails or the value does not decode.
    fn get<T: Table>(&self, key: &T::Key) -> Result<Option<T::Value>, StoreError> {
        let value = with_row_key::<T, _>(key, |key| self.fetch(key))?;
        value.map(|value| T::Value::from_record(&value)).transpose()
    }

    /// Whether there is a row under `key`.
    ///
    /// # Errors
    /// If the engine fails.
    fn contains<T: Table>(&self, key: &T::Key) -> Result<bool, StoreError> {
        Ok(with_row_key::<T, _>(key, |key| self.fetch(key))?.is_some())
    }

    /// The rows inside `range`, smallest key first, read as the iterator advances.
    fn range<'a, T: Table>(&'a self, range: impl KeyRange<T>) -> Rows<'a, T> {
        Rows::new(self.scan(&range.to_bytes(), Order::Ascending))
    }

    /// The rows inside `range`, greatest key first.
    fn range_rev<'a, T: Table>(&'a self, range: impl KeyRange<T>) -> Rows<'a, T> {
        Rows::new(self.scan(&range.to_bytes(), Order::Descending))
    }

    /// The first row inside `range`.
    ///
    /// # Errors
    /// If the engine fails or the row does not decode.
    fn first<T: Table>(&self, range: impl KeyRange<T>) -> Result<Option<RowOf<T>>, StoreError> {
        self.range::<T>(range).next().transpose()
    }

    /// The last row inside `range`.
    ///
    /// # Errors
    /// If the engine fails or the row does not decode.
    fn last<T: Table>(&self, range: impl KeyRange<T>) -> Result<Option<RowOf<T>>, StoreError> {
        self.range_rev::<T>(range).next().transpose()
    }

    /// How many rows lie inside `range`, up to `max`: values are not decoded, but all are read.
    ///
    /// # Errors
    /// If the engine fails.
    fn count<T: Table>(&self, range: impl KeyRange<T>, max: usize) -> Result<usize, StoreError> {
        let rows = self.scan(&range.to_bytes(), Order::Ascending).take(max);
        rows.map(|row| row.map(|_| 1)).sum()
    }
}

impl<V: View + ?Sized> Read for V {}

/// Typed rows in key order: what [`Read::range`] returns.
pub struct Rows<'a, T: Table> {
    rows: Scan<'a>,
    table: std::marker::PhantomData<fn() -> T>,
}

impl<'a, T: Table> Rows<'a, T> {
    const fn new(rows: Scan<'a>) -> Self {
        Self { rows, table: std::marker::PhantomData }
    }
}

impl<T: Table> Iterator for Rows<'_, T> {
    type Item = Result<RowOf<T>, StoreError>;

    fn next(&mut self) -> Option<Self::Item> {
        let row = self.rows.next()?;
        Some(row.and_then(|(key, value)| {
            let (_table, key): (u16, T::Key) = decode_key(&key)?;
            Ok((key, T::Value::from_record(&value)?))
        }))
    }
}
