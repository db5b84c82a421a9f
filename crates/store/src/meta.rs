//! The store's own rows: the commit sequence, the versions and the names of the tables.

use crate::Table;
use crate::range::row_key;

/// Numbers about the store as a whole.
pub(crate) enum Meta {}

impl Table for Meta {
    const NAME: &'static str = "store_meta";
    const ID: u16 = 0;
    type Key = String;
    type Value = u64;
}

/// The name of every table that was ever in the catalogue, by its id.
pub(crate) enum TableNames {}

impl Table for TableNames {
    const NAME: &'static str = "store_table_names";
    const ID: u16 = 1;
    type Key = u16;
    type Value = String;
}

/// Where the migration to a schema version stands, while it is running.
pub(crate) enum MigrationCursors {}

impl Table for MigrationCursors {
    const NAME: &'static str = "store_migration_cursors";
    const ID: u16 = 2;
    type Key = u64;
    type Value = Vec<u8>;
}

/// Number of the newest commit; part of every batch.
pub(crate) const COMMIT_SEQ: &str = "commit_seq";
/// Version of how the store lays out keys and values.
pub(crate) const FORMAT: &str = "format";
/// Version of what the application keeps in its tables.
pub(crate) const SCHEMA: &str = "schema";
/// The commit after which data was last found missing, and a person accepted that.
pub(crate) const LOSS_ACCEPTED: &str = "loss_accepted";
/// The newest commit that was made for the sake of committing, see [`crate::Store::heartbeat`].
pub(crate) const HEARTBEAT: &str = "heartbeat";
/// The oldest commit behind those that were last found missing in the middle, and a person accepted
/// that.
pub(crate) const GAP_ACCEPTED: &str = "gap_accepted";

/// The key of [`COMMIT_SEQ`] as the engine sees it.
pub(crate) fn commit_seq_key() -> Vec<u8> {
    row_key::<Meta>(&COMMIT_SEQ.to_owned())
}
