//! One process per session: two would answer each update twice and tear each other's file.

use std::fs::{File, OpenOptions};
use std::io::{self, Read, Seek, Write};
use std::path::{Path, PathBuf};

use rustix::fs::{FlockOperation, flock};

use super::SessionError;

/// Holds a session's lock until it is dropped, or until the process dies in whatever way.
///
/// The lock lies on a file of its own beside the session, because the session's file is replaced
/// when it is compacted, and a lock does not follow a rename.
#[derive(Debug)]
pub struct SessionLock {
    _file: File,
}

impl SessionLock {
    /// Takes the lock of the session at `path`, without waiting.
    ///
    /// # Errors
    /// `Locked`, with the id of the process that holds it; `Io`.
    pub fn acquire(path: &Path) -> Result<Self, SessionError> {
        let failed = |source| SessionError::Io { path: path.to_owned(), source };
        let mut file = OpenOptions::new()
            .read(true)
            .write(true)
            .create(true)
            .truncate(false) // The holder's id must survive our attempt.
            .open(lock_path(path))
            .map_err(failed)?;
        match flock(&file, FlockOperation::NonBlockingLockExclusive) {
            Ok(()) => {}
            Err(rustix::io::Errno::WOULDBLOCK) => {
                return Err(SessionError::Locked {
                    path: path.to_owned(),
                    owner: owner(&mut file),
                });
            }
            Err(errno) => return Err(failed(errno.into())),
        }
        sign(&mut file).map_err(failed)?;
        Ok(Self { _file: file })
    }
}

// The file stays behind when the lock is released: removing it would let a third process lock
// a new file while a second one waits on the old.
fn lock_path(path: &Path) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(".lock");
    name.into()
}

fn sign(file: &mut File) -> io::Result<()> {
    file.set_len(0)?;
    file.rewind()?;
    writeln!(file, "{}", std::process::id())
}

fn owner(file: &mut File) -> Option<u32> {
    let mut text = String::new();
    file.take(PID_BYTES_MAX).read_to_string(&mut text).ok()?;
    text.trim().parse().ok()
}

/// More digits than a process id has.
const PID_BYTES_MAX: u64 = 16;
