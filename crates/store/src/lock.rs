//! One process per data directory.

use std::fs::File;
use std::io::{Read, Write};
use std::path::Path;

use rustix::fs::{FlockOperation, flock};
use rustix::io::Errno;

use crate::StoreError;

/// Holds the directory until dropped. The kernel lets go of it when the process dies, however it
/// dies, so a stale lock cannot exist; the file stays and only its content is old.
#[derive(Debug)]
pub(crate) struct DirLock {
    _file: File,
}

impl DirLock {
    /// Takes the directory, or names the process that has it.
    pub(crate) fn acquire(dir: &Path) -> Result<Self, StoreError> {
        let path = dir.join("lock");
        let mut file = File::options()
            .read(true)
            .write(true)
            .create(true)
            .truncate(false)
            .open(&path)
            .map_err(StoreError::io("open", &path))?;
        match flock(&file, FlockOperation::NonBlockingLockExclusive) {
            Ok(()) => {}
            Err(Errno::WOULDBLOCK) => return Err(locked(dir, file)),
            Err(errno) => return Err(StoreError::io("lock", &path)(errno.into())),
        }
        file.set_len(0)
            .and_then(|()| file.write_all(std::process::id().to_string().as_bytes()))
            .map_err(StoreError::io("write", &path))?;
        Ok(Self { _file: file })
    }
}

fn locked(dir: &Path, file: File) -> StoreError {
    let mut pid = String::new();
    let read = file.take(PID_BYTES_MAX).read_to_string(&mut pid);
    if read.is_err() || pid.is_empty() {
        pid = "unknown".into();
    }
    StoreError::Locked { path: dir.to_path_buf(), pid: pid.into() }
}

const PID_BYTES_MAX: u64 = 20;
