//! Whether everything in a directory can be read, and fits together.
//!
//! The engine compares checksums when it reads, so damage shows where somebody looks. Here everything
//! is looked at: tables as files, rows one by one, what is counted and indexed, every file by its hash.

use std::path::Path;

use heliogram_store::blobs::DiskBlobs;
use heliogram_store::{Limits, Loss, Read as _, Store, check_rows, check_tables};

use crate::audit::Audit;
use crate::image::referenced;
use crate::restored::UNFINISHED;
use crate::server::{Foundations, StartError};
use crate::server_key;
use crate::tables::{Boxes, TABLES};

/// One thing that was looked at.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Finding {
    /// It was looked at: what it is, and how much of it.
    Seen(&'static str, usize),
    /// It is not as it should be, in words.
    Bad(String),
}

/// Reads everything in the directory at `path` and tells what it finds. Nothing may run there.
///
/// # Errors
/// If the directory cannot even be opened.
pub fn check(path: &Path, told: &mut dyn FnMut(Finding)) -> Result<(), StartError> {
    let unfinished = path.join(UNFINISHED);
    if unfinished.exists() {
        return Err(StartError::HalfRestored(unfinished));
    }
    // Before the engine is open: it may merge tables into new ones at any time.
    check_tables(path)?.into_iter().for_each(|fault| told(Finding::Bad(fault)));
    let store = Store::open_dir(path, &Foundations::STORE)?;
    let rows = store.snapshot()?;
    match check_rows(&rows, TABLES, |fault| told(Finding::Bad(fault))) {
        Ok(count) => told(Finding::Seen("rows", count)),
        Err(error) => told(Finding::Bad(error.to_string())),
    }
    let blobs = DiskBlobs::open(path.join("blobs"), Limits::DEFAULT)?;
    match Audit::of(&rows, &blobs) {
        Ok(audit) => audit.faults.into_iter().for_each(|fault| told(Finding::Bad(fault))),
        Err(error) => told(Finding::Bad(error.to_string())),
    }
    if let (Ok(boxes), Ok(files)) = (rows.count::<Boxes>(.., usize::MAX), referenced(&rows)) {
        told(Finding::Seen("boxes", boxes));
        told(Finding::Seen("files", files.len()));
    }
    server_key::key_in(path, &store, Loss::Refused)?;
    Ok(())
}
