//! The bots' folders as somebody sees them who keeps the cloud: after a restore, and when checked.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use heliogram_client::session::{FileSession, SessionStore as _};
use heliogram_ids::Timestamp;

use crate::updates::{Hook, Queue};

/// Makes the folders in `bots` fit for a cloud that was restored from a backup: a bot has seen more
/// updates than its queue knows, so the ids of those to come go on far behind.
///
/// # Errors
/// If a queue cannot be read or written.
pub fn after_restore(bots: &Path, now: Timestamp) -> io::Result<()> {
    for folder in folders(bots)? {
        let path = folder.join(QUEUE);
        if path.is_file() {
            Queue::open(&path, 0, now)?.skip(IDS_SKIPPED)?;
        }
    }
    Ok(())
}

/// Reads everything in the folders; how many bots there are, and what is wrong in words.
///
/// # Errors
/// If the folders cannot be listed.
pub fn check(bots: &Path) -> io::Result<(usize, Vec<String>)> {
    let folders = folders(bots)?;
    let mut faults = Vec::new();
    for folder in &folders {
        if let Err(error) = Hook::load(folder) {
            faults.push(error.to_string());
        }
        let queue = folder.join(QUEUE);
        match Queue::unreadable(&queue) {
            Ok(0) => {}
            Ok(bytes) => faults.push(format!("{}: {bytes} bytes are damaged", queue.display())),
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            Err(error) => faults.push(format!("{}: {error}", queue.display())),
        }
        let session = folder.join("session");
        if session.is_file()
            && let Err(error) = FileSession::open(&session).and_then(|session| session.load())
        {
            faults.push(error.to_string());
        }
    }
    Ok((folders.len(), faults))
}

fn folders(bots: &Path) -> io::Result<Vec<PathBuf>> {
    let entries = match fs::read_dir(bots) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        entries => entries?,
    };
    let mut folders = Vec::new();
    for entry in entries {
        let path = entry?.path();
        if path.is_dir() {
            folders.push(path);
        }
    }
    Ok(folders)
}

const QUEUE: &str = "updates.log";
/// More than a bot gets between two backups.
const IDS_SKIPPED: i32 = 1 << 20;
