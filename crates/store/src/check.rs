//! Looking at everything in a store, for a person who wants to know.

use std::path::Path;

use crate::engine::{Order, View as _, survey, verify};
use crate::{ByteRange, Snapshot, StoreError, TableRow};

/// Reads every table of the store in `dir` as a file and compares its checksum; the names of those
/// that are not what they were. The store must not be open: an engine replaces tables as it works.
///
/// # Errors
/// If what lists the tables is damaged, and so nobody knows which there should be.
pub fn check_tables(dir: &Path) -> Result<Vec<String>, StoreError> {
    let tables = survey(&dir.join("rows"))?;
    let faults = tables.iter().filter_map(|table| verify(table).err());
    Ok(faults.map(|fault| fault.to_string()).collect())
}

/// Reads every row and decodes it as its table says; returns how many there are.
///
/// # Errors
/// If the engine cannot read on.
pub fn check_rows(
    moment: &Snapshot,
    catalogue: &[TableRow],
    mut told: impl FnMut(String),
) -> Result<usize, StoreError> {
    let mut count = 0;
    for row in moment.scan(&ByteRange { start: Vec::new(), end: None }, Order::Ascending) {
        let (key, value) = row?;
        count += 1;
        let id = key.first_chunk().map(|id| u16::from_be_bytes(*id)).unwrap_or_default();
        if id < TableRow::FIRST_ID {
            continue;
        }
        match catalogue.iter().find(|table| table.id == id) {
            Some(table) => {
                if let Err(error) = (table.decode)(&key, &value) {
                    told(format!("a row of {}: {error}", table.name));
                }
            }
            None => told(format!("a row of table {id}, which nobody knows")),
        }
    }
    Ok(count)
}
