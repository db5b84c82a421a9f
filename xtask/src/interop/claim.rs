//! Folders that one run has to itself, even if somebody else tests in the same checkout.

use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};

/// A folder, for as long as the value lives.
#[derive(Debug)]
pub(super) struct Claim {
    pub(super) folder: PathBuf,
    _lock: File,
}

impl Claim {
    /// Waits until nobody else has the folder, which need not be there yet.
    ///
    /// # Errors
    /// If no lock can be had beside it.
    pub(super) fn on(folder: PathBuf) -> io::Result<Self> {
        if let Some(parent) = folder.parent() {
            fs::create_dir_all(parent)?;
        }
        let lock = File::create(lock_of(&folder))?;
        lock.lock()?;
        Ok(Self { folder, _lock: lock })
    }

    /// Empties the folder.
    ///
    /// # Errors
    /// If something in it cannot be removed.
    pub(super) fn clear(&self) -> io::Result<()> {
        if self.folder.exists() {
            fs::remove_dir_all(&self.folder)?;
        }
        fs::create_dir_all(&self.folder)
    }
}

/// Beside the folder and not in it, since the folder is emptied.
fn lock_of(folder: &Path) -> PathBuf {
    let mut name = folder.file_name().unwrap_or_default().to_owned();
    name.push(".lock");
    folder.with_file_name(name)
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc;
    use std::time::Duration;

    use super::*;

    #[test]
    fn a_folder_has_one_owner_at_a_time() {
        let parent = tempfile::tempdir().unwrap();
        let folder = parent.path().join("run");
        let first = Claim::on(folder.clone()).unwrap();
        first.clear().unwrap();
        fs::write(folder.join("leftover"), []).unwrap();
        let (told, has) = mpsc::channel();
        std::thread::scope(|scope| {
            scope.spawn(|| {
                let second = Claim::on(folder.clone()).unwrap();
                second.clear().unwrap();
                told.send(folder.join("leftover").exists()).unwrap();
            });
            assert!(has.recv_timeout(Duration::from_millis(100)).is_err());
            drop(first);
            assert!(!has.recv().unwrap());
        });
    }
}
