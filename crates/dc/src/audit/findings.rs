//! What an audit brings to light, and the order in which it looks.

use std::collections::BTreeMap;
use std::fmt;

use heliogram_ids::UserId;
use heliogram_store::{Blobs, Read as _, Snapshot, StoreError};

use super::{accounts, boxes, dialogs, files, messages};
use crate::server::Server;
use crate::tables::Boxes;

/// What an audit found.
#[derive(Clone, Debug, Default)]
pub struct Audit {
    /// What does not agree, in words; the first few hundred.
    pub faults: Vec<String>,
}

impl Audit {
    /// Looks at one moment of all rows, and at the files.
    ///
    /// # Errors
    /// If the rows cannot be read.
    pub(crate) fn of(snapshot: &Snapshot, blobs: &dyn Blobs) -> Result<Self, StoreError> {
        let mut audit = Self::default();
        boxes::check(snapshot, &mut audit)?;
        messages::check(snapshot, &mut audit)?;
        dialogs::check(snapshot, &mut audit)?;
        accounts::check(snapshot, &mut audit)?;
        files::check(snapshot, blobs, &mut audit)?;
        Ok(audit)
    }

    pub(super) fn fault(&mut self, fault: impl fmt::Display) {
        if self.faults.len() < FAULTS_MAX {
            self.faults.push(fault.to_string());
        }
    }

    /// Notes a fault unless two things are the same.
    pub(super) fn same<T: PartialEq + fmt::Debug>(
        &mut self,
        what: impl FnOnce() -> String,
        written: T,
        counted: T,
    ) {
        if written != counted {
            self.fault(format_args!("{}: {written:?} is written, {counted:?} is true", what()));
        }
    }
}

/// More are not told: whatever is wrong with one row is often wrong with all.
const FAULTS_MAX: usize = 200;

impl Server {
    /// Where the update log of each account ends.
    ///
    /// # Errors
    /// If the rows cannot be read.
    pub fn positions(&self) -> Result<BTreeMap<UserId, i32>, StoreError> {
        let snapshot = self.gateway().store.snapshot()?;
        let rows = snapshot.range::<Boxes>(..);
        rows.map(|row| row.map(|(owner, state)| (owner, state.pts.get()))).collect()
    }

    /// Works out from the rows of one moment everything that is also written down, and tells where
    /// the two differ. It reads every row and every file.
    ///
    /// # Errors
    /// If the rows cannot be read.
    pub fn audit(&self) -> Result<Audit, StoreError> {
        let gateway = self.gateway();
        Audit::of(&gateway.store.snapshot()?, &*gateway.world.blobs)
    }
}
