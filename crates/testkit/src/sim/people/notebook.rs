//! Where a session of a simulated person is written down: it outlives the client, not the world.

use std::sync::Arc;

use heliogram_client::session::{Change, SessionError, SessionStore, Snapshot};
use parking_lot::Mutex;

/// A session that clients are opened on, one after the other.
#[derive(Clone, Debug)]
pub(in crate::sim) struct Notebook {
    pages: Arc<Mutex<Pages>>,
    /// The life that may write.
    life: u64,
}

#[derive(Debug)]
struct Pages {
    snapshot: Snapshot,
    life: u64,
}

impl Notebook {
    /// One that begins as that.
    pub(in crate::sim) fn holding(snapshot: Snapshot) -> Self {
        Self { pages: Arc::new(Mutex::new(Pages { snapshot, life: 0 })), life: 0 }
    }

    /// The same for another client. Whatever the one before still writes is lost, as when its
    /// process was killed.
    pub(in crate::sim) fn reopen(&self) -> Self {
        let mut pages = self.pages.lock();
        pages.life += 1;
        Self { pages: Arc::clone(&self.pages), life: pages.life }
    }

    /// What is written down.
    pub(in crate::sim) fn read<R>(&self, read: impl FnOnce(&Snapshot) -> R) -> R {
        read(&self.pages.lock().snapshot)
    }
}

impl SessionStore for Notebook {
    fn load(&self) -> Result<Snapshot, SessionError> {
        Ok(self.read(Snapshot::clone))
    }

    fn commit(&self, changes: &[Change]) -> Result<(), SessionError> {
        let mut pages = self.pages.lock();
        if pages.life == self.life {
            changes.iter().for_each(|change| pages.snapshot.apply(change));
        }
        Ok(())
    }
}
