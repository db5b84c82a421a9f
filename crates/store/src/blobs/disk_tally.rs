//! How many blobs a directory has, without looking at all of them each time.
//!
//! Each of the 256 folders is counted once, when somebody first asks, and kept up to date from then
//! on. Who adds or removes a file holds its folder's count meanwhile, so a count is exact even if it
//! is taken while files come and go.

use std::fs;
use std::io::{self, ErrorKind};
use std::path::Path;

use parking_lot::{Mutex, MutexGuard};

use super::{BlobId, BlobUsage};

/// The counts of all folders.
#[derive(Debug)]
pub(super) struct DiskTally {
    folders: Box<[Mutex<Option<BlobUsage>>]>,
}

/// The count of one folder, while it may change.
pub(super) struct FolderTally<'a>(MutexGuard<'a, Option<BlobUsage>>);

impl Default for DiskTally {
    fn default() -> Self {
        Self { folders: (0..FOLDERS).map(|_| Mutex::default()).collect() }
    }
}

impl DiskTally {
    /// The count of the folder that a blob lies in. To be held while its file is touched.
    pub(super) fn of(&self, id: &BlobId) -> FolderTally<'_> {
        FolderTally(self.folders[usize::from(id.sha256[0])].lock())
    }

    /// All of them, after those folders are counted that never were.
    pub(super) fn sum(&self, dir: &Path) -> io::Result<BlobUsage> {
        let mut sum = BlobUsage::default();
        for (number, folder) in self.folders.iter().enumerate() {
            let mut folder = folder.lock();
            let usage = match *folder {
                Some(usage) => usage,
                None => count(&dir.join(format!("{number:02x}")))?,
            };
            *folder = Some(usage);
            sum.count += usage.count;
            sum.bytes += usage.bytes;
        }
        Ok(sum)
    }
}

impl FolderTally<'_> {
    /// A file of some length has taken a place: that of one with another length, or none's.
    pub(super) fn note(mut self, before: Option<u64>, after: Option<u64>) {
        // A folder that was never counted will be.
        let Some(usage) = self.0.as_mut() else { return };
        if let Some(bytes) = before {
            usage.count = usage.count.saturating_sub(1);
            usage.bytes = usage.bytes.saturating_sub(bytes);
        }
        if let Some(bytes) = after {
            usage.count += 1;
            usage.bytes += bytes;
        }
    }
}

/// The length of the file at a place, if there is one.
pub(super) fn len_at(path: &Path) -> Option<u64> {
    fs::metadata(path).ok().map(|found| found.len())
}

fn count(folder: &Path) -> io::Result<BlobUsage> {
    let mut usage = BlobUsage::default();
    let entries = match fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(usage),
        Err(error) => return Err(error),
    };
    for entry in entries {
        let entry = entry?;
        // What has an extension lies beside a blob and is none.
        if Path::new(&entry.file_name()).extension().is_none() {
            usage.count += 1;
            usage.bytes += entry.metadata()?.len();
        }
    }
    Ok(usage)
}

/// One for each first byte of a hash.
const FOLDERS: usize = 256;
