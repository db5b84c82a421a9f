//! What of a table is kept.

use crate::key::FixedKey;
use crate::{Leading, Table};

/// A line of [`Options::hot`](crate::Options::hot): a table whose rows are worth memory, and how they
/// are asked for.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct HotTable {
    pub(super) id: u16,
    pub(super) kept: Kept,
}

/// How a table is asked for.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Kept {
    /// Row by row.
    Rows,
    /// From the newest end of all rows that share so many leading bytes, the table's id included.
    Newest { lead_bytes: usize },
}

impl HotTable {
    /// Table `T` is asked for single rows. That a row is absent is kept as well.
    pub const fn rows<T: Table>() -> Self {
        Self { id: T::ID, kept: Kept::Rows }
    }

    /// Table `T` is asked for the last rows of those that begin with a `P`, in either direction:
    /// `HotTable::newest::<Messages, UserId>()` keeps the greatest keys of each user.
    pub const fn newest<T: Table, P: Leading<T::Key> + FixedKey>() -> Self {
        Self { id: T::ID, kept: Kept::Newest { lead_bytes: size_of::<u16>() + P::BYTES } }
    }
}
