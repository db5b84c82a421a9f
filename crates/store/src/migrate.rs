//! From the data of an earlier release to today's, before anybody reads it.

use std::sync::Arc;

use crate::meta::{self, Meta, MigrationCursors, TableNames};
use crate::writer::Core;
use crate::{Options, Read, StoreError, TableRow, Txn};

/// Version of how this crate lays out keys, records and blobs.
pub const FORMAT_VERSION: u64 = 1;

/// One step of the application's schema, from `to - 1` to `to`.
///
/// Large tables are rewritten in pieces: the function gets `None` first and then whatever cursor
/// it returned, each time in a transaction of its own that also remembers the cursor. So a process
/// that dies in the middle goes on where it was. A new store starts at the newest version and runs
/// none of them.
#[derive(Clone, Copy, Debug)]
pub struct Migration {
    /// The version that the step leads to; the first one is 1.
    pub to: u64,
    /// What it does, for the log.
    pub name: &'static str,
    /// Does one piece of it.
    pub run: fn(&mut Txn, Option<Vec<u8>>) -> Result<Step, StoreError>,
}

/// How a piece of a migration ended.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Step {
    /// There is more: run again with this cursor.
    Continue(Vec<u8>),
    /// The migration is complete.
    Done,
}

/// Brings versions and table names up to date, or refuses to.
pub(crate) fn migrate(core: &Arc<Core>, options: &Options) -> Result<(), StoreError> {
    let newest = options.migrations.last().map_or(0, |migration| migration.to);
    let catalogue = options.catalogue;
    let current = run(core, move |txn| {
        check_format(txn)?;
        check_tables(txn, catalogue)?;
        current_schema(txn, newest)
    })?;
    options
        .migrations
        .iter()
        .filter(|migration| migration.to > current)
        .try_for_each(|migration| run_to_end(core, migration))
}

fn check_format(txn: &mut Txn) -> Result<(), StoreError> {
    let key = meta::FORMAT.to_owned();
    match txn.get::<Meta>(&key)? {
        None => txn.put::<Meta>(&key, &FORMAT_VERSION),
        Some(FORMAT_VERSION) => Ok(()),
        Some(found) => {
            Err(StoreError::FromTheFuture { what: "store format", found, known: FORMAT_VERSION })
        }
    }
}

fn check_tables(txn: &mut Txn, catalogue: &[TableRow]) -> Result<(), StoreError> {
    for row in catalogue {
        match txn.get::<TableNames>(&row.id)? {
            None => txn.put::<TableNames>(&row.id, &row.name.to_owned())?,
            Some(stored) if stored == row.name => {}
            Some(stored) => {
                let mismatch = StoreError::TableMismatch { id: row.id, stored, declared: row.name };
                return Err(mismatch);
            }
        }
    }
    Ok(())
}

/// The schema version on disk; a store without one is new and gets the newest.
fn current_schema(txn: &mut Txn, newest: u64) -> Result<u64, StoreError> {
    let key = meta::SCHEMA.to_owned();
    match txn.get::<Meta>(&key)? {
        None => txn.put::<Meta>(&key, &newest).map(|()| newest),
        Some(found) if found > newest => {
            Err(StoreError::FromTheFuture { what: "schema", found, known: newest })
        }
        Some(found) => Ok(found),
    }
}

fn run_to_end(core: &Arc<Core>, migration: &Migration) -> Result<(), StoreError> {
    let Migration { to, name, run: piece } = *migration;
    tracing::info!(to, name, "migrating");
    loop {
        let step = run(core, move |txn| {
            let step = piece(txn, txn.get::<MigrationCursors>(&to)?)?;
            match &step {
                Step::Continue(cursor) => txn.put::<MigrationCursors>(&to, cursor)?,
                Step::Done => {
                    txn.delete::<MigrationCursors>(&to)?;
                    txn.put::<Meta>(&meta::SCHEMA.to_owned(), &to)?;
                }
            }
            Ok(step)
        });
        match step {
            Ok(Step::Continue(_)) => {}
            Ok(Step::Done) => return Ok(()),
            Err(cause) => {
                return Err(StoreError::Migration { to, name, cause: Box::new(cause) });
            }
        }
    }
}

/// One transaction, while the store has no writer of its own yet.
fn run<R: Send + 'static>(
    core: &Arc<Core>,
    f: impl FnMut(&mut Txn) -> Result<R, StoreError> + Send + 'static,
) -> Result<R, StoreError> {
    core.enqueue(f, Some(Arc::clone(core))).wait()
}
