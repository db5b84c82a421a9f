//! How a store is opened.

use crate::{HotTable, Limits, Migration, TableRow};

/// How a store is opened. Every field has a sensible default.
#[derive(Clone, Copy, Debug)]
pub struct Options {
    /// The bounds of rows, transactions and queues.
    pub limits: Limits,
    /// All tables of the application; an id that changed its name since the last start is refused.
    pub catalogue: &'static [TableRow],
    /// The steps from each schema version to the next, in order, see [`Migration`].
    pub migrations: &'static [Migration],
    /// Who runs the writer.
    pub writer: WriterMode,
    /// What happens when acknowledged data turns out to be missing.
    pub loss: Loss,
    /// Memory for the engine's cache of blocks.
    pub cache_bytes: u64,
    /// Tables whose rows are kept in memory above the engine. Only for an engine that nobody writes
    /// to beside this store.
    pub hot: &'static [HotTable],
    /// Memory for those rows.
    pub hot_bytes_max: usize,
}

/// Who runs the writer.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum WriterMode {
    /// A thread of the store.
    Thread,
    /// The caller, by [`crate::Store::run_writer_once`] or by waiting for a ticket: every run with
    /// the same inputs commits the same groups.
    ByHand,
}

/// What happens when acknowledged data turns out to be missing.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Loss {
    /// The store does not open.
    Refused,
    /// A person has decided to go on without the missing data, which is written to the log.
    Accepted,
}

impl Options {
    /// Production limits, no tables, a writer thread, 64 MiB for the engine's cache and as much for
    /// hot rows.
    pub const DEFAULT: Self = Self {
        limits: Limits::DEFAULT,
        catalogue: &[],
        migrations: &[],
        writer: WriterMode::Thread,
        loss: Loss::Refused,
        cache_bytes: 64 << 20,
        hot: &[],
        hot_bytes_max: 64 << 20,
    };
}

impl Default for Options {
    fn default() -> Self {
        Self::DEFAULT
    }
}
