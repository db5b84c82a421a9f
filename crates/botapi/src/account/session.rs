//! A session that stays in memory until its bot is known to be one: made-up tokens must not
//! leave traces on the disk.

use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use heliogram_client::session::{Change, FileSession, SessionError, SessionStore, Snapshot};

/// A session whose place is decided later. Clones are one session.
#[derive(Clone)]
pub(super) struct Provisional(Arc<Mutex<State>>);

enum State {
    Waiting(Vec<Change>),
    Settled(FileSession),
}

impl Provisional {
    /// A new session in memory.
    pub(super) fn new() -> Self {
        Self(Arc::new(Mutex::new(State::Waiting(Vec::new()))))
    }

    /// The session of an earlier run.
    pub(super) fn resume(path: &Path) -> Result<Self, SessionError> {
        Ok(Self(Arc::new(Mutex::new(State::Settled(FileSession::open(path)?)))))
    }

    /// Moves to the disk, unless it is there already.
    pub(super) fn settle(&self, path: &Path) -> Result<(), SessionError> {
        let mut state = self.state();
        if let State::Waiting(changes) = &*state {
            let file = FileSession::open(path)?;
            file.commit(changes)?;
            *state = State::Settled(file);
        }
        Ok(())
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl SessionStore for Provisional {
    fn load(&self) -> Result<Snapshot, SessionError> {
        match &*self.state() {
            State::Waiting(_) => Ok(Snapshot::default()),
            State::Settled(file) => file.load(),
        }
    }

    fn commit(&self, changes: &[Change]) -> Result<(), SessionError> {
        match &mut *self.state() {
            State::Waiting(waiting) => waiting.extend_from_slice(changes),
            State::Settled(file) => file.commit(changes)?,
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use heliogram_client::session::Login;
    use heliogram_ids::UserId;

    use super::*;

    #[test]
    fn a_settled_session_is_found_again() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("session");
        let login = Login { user_id: UserId::MIN, is_bot: true };
        let session = Provisional::new();
        session.commit(&[Change::Login(Some(login))]).unwrap();
        assert!(!path.exists());
        session.settle(&path).unwrap();
        drop(session);
        let found = Provisional::resume(&path).unwrap().load().unwrap();
        assert_eq!(found.login, Some(login));
    }
}
