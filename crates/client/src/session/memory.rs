//! A session that lives as long as the process.

use parking_lot::Mutex;

use super::{Change, SessionError, SessionStore, Snapshot};

/// Keeps a session in memory: for tests, for one-off scripts, and as the carrier of a
/// [`SessionString`](super::SessionString).
#[derive(Debug, Default)]
pub struct MemorySession(Mutex<Snapshot>);

impl MemorySession {
    /// A session that begins as `snapshot`.
    pub fn starting_as(snapshot: Snapshot) -> Self {
        Self(Mutex::new(snapshot))
    }
}

impl SessionStore for MemorySession {
    fn load(&self) -> Result<Snapshot, SessionError> {
        Ok(self.0.lock().clone())
    }

    fn commit(&self, changes: &[Change]) -> Result<(), SessionError> {
        let mut snapshot = self.0.lock();
        changes.iter().for_each(|change| snapshot.apply(change));
        Ok(())
    }
}
