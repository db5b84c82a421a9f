//! What a client remembers between runs, and where it is kept.
//!
//! A [`Snapshot`] is everything; a [`Change`] is the unit of writing. Stores take batches of
//! changes and make each batch durable as a whole, so that a position in the update sequences is
//! never ahead of the peers that came with it.

mod change;
mod file;
#[cfg(fuzzing)]
pub(crate) mod fuzzing;
mod lock;
mod memory;
mod snapshot;
mod string;

pub use change::{Change, CodecError};
pub use file::FileSession;
pub use lock::SessionLock;
pub use memory::MemorySession;
pub use snapshot::{Home, Login, PeerRecord, Snapshot, StoredKey, UpdateState};
pub use string::SessionString;

use std::io;
use std::path::PathBuf;

/// Keeps a session. Calls are short and may come from any task.
pub trait SessionStore: Send + Sync + 'static {
    /// Everything that was committed so far.
    ///
    /// # Errors
    /// When the store cannot be read, or holds something else.
    fn load(&self) -> Result<Snapshot, SessionError>;

    /// Makes all of `changes` durable, or none.
    ///
    /// # Errors
    /// When the store cannot be written; nothing has changed then.
    fn commit(&self, changes: &[Change]) -> Result<(), SessionError>;
}

/// Why a session cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum SessionError {
    /// Another process, or another client of this one, has the session open.
    #[error("session {} is in use{}", path.display(), owner.map(|pid| format!(" by process {pid}")).unwrap_or_default())]
    Locked {
        /// The session's file.
        path: PathBuf,
        /// The process that has it open, if it could write its id down.
        owner: Option<u32>,
    },
    /// Reading or writing failed.
    #[error("session {}: {source}", path.display())]
    Io {
        /// The session's file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// The file is not a session of ours, or its beginning is damaged.
    #[error("session {}: {why}", path.display())]
    NotASession {
        /// The session's file.
        path: PathBuf,
        /// What was found.
        why: &'static str,
    },
    /// A session string that was cut, mistyped or made by something else.
    #[error("session string {0}")]
    BadString(&'static str),
    /// A store of somebody else's failed.
    #[error("session store: {0}")]
    Other(Box<dyn std::error::Error + Send + Sync>),
}
