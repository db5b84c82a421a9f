//! What can go wrong beneath the domain: disks, damage, limits and our own misuse of them.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Failure of the store itself. Every transaction of a failed group receives a copy, hence `Clone`.
#[derive(Clone, Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StoreError {
    /// The file system refused an operation.
    #[error("cannot {action} {}: {source}", path.display())]
    Io {
        /// What was attempted, as a verb.
        action: &'static str,
        /// Where.
        path: PathBuf,
        /// What the operating system said.
        source: Arc<io::Error>,
    },

    /// The engine below failed, in its own words.
    #[error("storage engine: {0}")]
    Engine(Arc<str>),

    /// A stored key does not have the shape that its table declares.
    #[error("malformed key: {0}")]
    BadKey(&'static str),

    /// A stored value does not have the shape that its table declares.
    #[error("malformed record of {type_name}: {reason}")]
    BadRecord {
        /// The Rust type that was expected.
        type_name: &'static str,
        /// What did not fit.
        reason: Arc<str>,
    },

    /// One value exceeds [`crate::Limits::value_bytes_max`].
    #[error("value of {found} bytes, limit {limit}")]
    ValueTooLarge {
        /// Its size.
        found: usize,
        /// What is allowed.
        limit: usize,
    },

    /// One key exceeds [`crate::Limits::key_bytes_max`].
    #[error("key of {found} bytes, limit {limit}")]
    KeyTooLarge {
        /// Its size.
        found: usize,
        /// What is allowed.
        limit: usize,
    },

    /// One transaction writes more than [`crate::Limits::txn_bytes_max`].
    #[error("transaction of {found} bytes, limit {limit}")]
    TxnTooLarge {
        /// Bytes written so far, the refused ones included.
        found: usize,
        /// What is allowed.
        limit: usize,
    },

    /// The closure of a transaction panicked; its writes were taken back.
    #[error("transaction panicked: {0}")]
    Panicked(Arc<str>),

    /// Too many transactions wait for the writer; this one was not queued.
    #[error("{0} transactions are waiting already")]
    Overloaded(usize),

    /// Other writers of a shared engine were faster too many times in a row.
    #[error("transaction conflicted {0} times")]
    Conflict(usize),

    /// The store was closed before the transaction ran.
    #[error("store is closed")]
    Closed,

    /// An earlier commit failed, so nothing is known about the state of the disk.
    #[error("store stopped after a failed commit: {0}")]
    Stopped(Arc<str>),

    /// Another process works in the data directory.
    #[error("{} is in use by process {pid}", path.display())]
    Locked {
        /// The data directory.
        path: PathBuf,
        /// The owner, as it wrote itself into the lock file; `unknown` if it did not get that far.
        pid: Arc<str>,
    },

    /// The engine came back older than what it once acknowledged.
    #[error(
        "acknowledged data is missing: the engine ends at commit {found}, but commit {acknowledged} \
         was acknowledged; restore a backup, or start once with the option to accept the loss{kept}"
    )]
    DataLost {
        /// The newest commit that the engine still knows.
        found: u64,
        /// The newest commit that was acknowledged.
        acknowledged: u64,
        /// Where the journals from before this start were kept, as an addition to the sentence.
        kept: Arc<str>,
    },

    /// A file is missing, cut off or changed.
    #[error("{} {what}; {remedy}", path.display())]
    Damaged {
        /// The file.
        path: PathBuf,
        /// What is wrong with it, and what is lost by that, as the rest of a sentence.
        what: Arc<str>,
        /// What can be done.
        remedy: &'static str,
    },

    /// The copy of the commit sequence outside the engine is missing or unreadable.
    #[error(
        "{} {state}, so nothing proves that the engine's {found} commits are complete; restore a \
         backup, or start once with the option to accept the loss", path.display()
    )]
    NoWatermark {
        /// The file.
        path: PathBuf,
        /// `is missing` or `is damaged`.
        state: &'static str,
        /// The newest commit that the engine knows.
        found: u64,
    },

    /// The data was written by a newer release.
    #[error("{what} has version {found}, this release knows {known}")]
    FromTheFuture {
        /// What carries the version.
        what: &'static str,
        /// The version on disk.
        found: u64,
        /// The newest version known here.
        known: u64,
    },

    /// A table's id was given to another table, which would read foreign rows.
    #[error("table id {id} belongs to {stored}, not to {declared}")]
    TableMismatch {
        /// The contested id.
        id: u16,
        /// The name on disk.
        stored: String,
        /// The name in the catalogue.
        declared: &'static str,
    },

    /// A migration failed; the data stays at the version before it.
    #[error("migration to schema {to} ({name}): {cause}")]
    Migration {
        /// The version it leads to.
        to: u64,
        /// Its name.
        name: &'static str,
        /// Why it failed.
        cause: Box<Self>,
    },
}

impl StoreError {
    /// Wraps an input/output error with what was attempted, for use in `map_err`.
    pub(crate) fn io(action: &'static str, path: &Path) -> impl FnOnce(io::Error) -> Self {
        move |source| Self::Io { action, path: path.to_path_buf(), source: Arc::new(source) }
    }

    /// A file that nothing but a backup brings back.
    pub(crate) fn damaged(path: &Path, what: impl Into<Arc<str>>) -> Self {
        Self::Damaged { path: path.to_path_buf(), what: what.into(), remedy: RESTORE }
    }

    /// A file without whose content the store could go on, if a person says so.
    pub(crate) fn damaged_or_accept(path: &Path, what: impl Into<Arc<str>>) -> Self {
        Self::Damaged { path: path.to_path_buf(), what: what.into(), remedy: RESTORE_OR_ACCEPT }
    }

    /// An engine's complaint.
    pub(crate) fn engine(error: impl std::fmt::Display) -> Self {
        Self::Engine(error.to_string().into())
    }

    /// A value that does not decode as `T`.
    pub(crate) fn bad_record<T>(reason: impl std::fmt::Display) -> Self {
        Self::BadRecord { type_name: std::any::type_name::<T>(), reason: reason.to_string().into() }
    }
}

const RESTORE: &str = "restore a backup";
const RESTORE_OR_ACCEPT: &str =
    "restore a backup, or start once with the option to accept the loss";
