//! A session in one file that survives a crash at any byte.
//!
//! The file is a header and then frames: length, checksum, changes. A commit appends one frame
//! and syncs; a frame that was torn by a crash fails its checksum and ends the file. When the
//! file has grown well beyond its content it is written anew beside itself and renamed over.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use parking_lot::Mutex;

use super::{Change, SessionError, SessionLock, SessionStore, Snapshot};

/// Keeps a session in a file, for one process at a time.
#[derive(Debug)]
pub struct FileSession {
    path: PathBuf,
    log: Mutex<Log>,
    _lock: SessionLock,
}

#[derive(Debug)]
struct Log {
    file: File,
    /// Bytes that hold whole frames; anything behind them is a torn write.
    length: u64,
    /// Length after the last compaction.
    compact: u64,
}

impl FileSession {
    /// Opens the session at `path`, or begins one there.
    ///
    /// # Errors
    /// `Locked` if it is open elsewhere, `NotASession` if the file is something else, `Io`.
    pub fn open(path: impl Into<PathBuf>) -> Result<Self, SessionError> {
        let path = path.into();
        let lock = SessionLock::acquire(&path)?;
        let log = Log::open(&path).map_err(|error| error.at(&path))?;
        Ok(Self { path, log: Mutex::new(log), _lock: lock })
    }

    /// The session's file.
    pub fn path(&self) -> &Path {
        &self.path
    }
}

impl SessionStore for FileSession {
    fn load(&self) -> Result<Snapshot, SessionError> {
        let scan = self.log.lock().scan().map_err(|error| error.at(&self.path))?;
        Ok(scan.snapshot)
    }

    fn commit(&self, changes: &[Change]) -> Result<(), SessionError> {
        if changes.is_empty() {
            return Ok(());
        }
        let mut log = self.log.lock();
        log.append(changes).map_err(|error| Trouble::Io(error).at(&self.path))?;
        if log.length > COMPACT_BYTES_MIN.max(log.compact.saturating_mul(4)) {
            log.compact(&self.path).map_err(|error| error.at(&self.path))?;
        }
        Ok(())
    }
}

/// What a file holds: its changes, and where its whole frames end.
pub(super) struct Scan {
    pub(super) snapshot: Snapshot,
    pub(super) length: u64,
}

impl Log {
    fn open(path: &Path) -> Result<Self, Trouble> {
        let file = open_private(path)?;
        let mut log = Self { file, length: 0, compact: 0 };
        if log.file.metadata()?.len() == 0 {
            log.file.write_all(HEADER)?;
            log.file.sync_all()?;
        }
        log.length = log.scan()?.length;
        log.compact = log.length;
        let torn = log.file.metadata()?.len().saturating_sub(log.length);
        if torn > 0 {
            tracing::warn!(path = %path.display(), bytes = torn, "the tail of a session is torn");
        }
        // Cut now, or frames appended behind a torn one would never be read.
        log.file.set_len(log.length)?;
        Ok(log)
    }

    fn scan(&mut self) -> Result<Scan, Trouble> {
        let mut bytes = Vec::new();
        self.file.rewind()?;
        (&self.file).take(FILE_BYTES_MAX).read_to_end(&mut bytes)?;
        scan(&bytes)
    }

    fn append(&mut self, changes: &[Change]) -> io::Result<()> {
        let frame = frame(changes);
        self.file.seek(SeekFrom::Start(self.length))?;
        let written = self.file.write_all(&frame).and_then(|()| self.file.sync_data());
        if let Err(error) = written {
            // A half frame must not stand before the next one; if even this fails, the next
            // append starts at the same place and the checksum guards the reader.
            let _ = self.file.set_len(self.length);
            return Err(error);
        }
        self.length += frame.len() as u64;
        Ok(())
    }

    fn compact(&mut self, path: &Path) -> Result<(), Trouble> {
        let changes = self.scan()?.snapshot.changes();
        let mut bytes = HEADER.to_vec();
        changes.chunks(FRAME_CHANGES_MAX).for_each(|chunk| bytes.extend(frame(chunk)));

        let fresh = beside(path);
        let mut file = open_private(&fresh)?;
        file.set_len(0)?;
        file.write_all(&bytes)?;
        file.sync_all()?;
        fs::rename(&fresh, path)?;
        sync_folder(path)?;

        let length = bytes.len() as u64;
        *self = Self { file, length, compact: length };
        Ok(())
    }
}

pub(super) fn frame(changes: &[Change]) -> Vec<u8> {
    let mut body = Vec::new();
    changes.iter().for_each(|change| change.encode(&mut body));
    let length = u32::try_from(body.len()).expect("a batch is far below 4 GiB");
    let mut frame = Vec::with_capacity(8 + body.len());
    frame.extend_from_slice(&length.to_le_bytes());
    frame.extend_from_slice(&crc32fast::hash(&body).to_le_bytes());
    frame.extend_from_slice(&body);
    frame
}

pub(super) fn scan(bytes: &[u8]) -> Result<Scan, Trouble> {
    let Some(mut rest) = bytes.strip_prefix(HEADER) else {
        return Err(Trouble::NotASession("the file does not begin like a session"));
    };
    let mut snapshot = Snapshot::default();
    while let Some((body, behind)) = whole_frame(rest) {
        let Ok(changes) = Change::decode_all(body) else {
            // The checksum holds, so a later version wrote this: cutting it would destroy data.
            return Err(Trouble::NotASession("the file holds changes of an unknown kind"));
        };
        changes.iter().for_each(|change| snapshot.apply(change));
        rest = behind;
    }
    Ok(Scan { snapshot, length: (bytes.len() - rest.len()) as u64 })
}

fn whole_frame(rest: &[u8]) -> Option<(&[u8], &[u8])> {
    let (length, rest) = rest.split_first_chunk()?;
    let (checksum, rest) = rest.split_first_chunk()?;
    let (body, behind) = rest.split_at_checked(u32::from_le_bytes(*length) as usize)?;
    (crc32fast::hash(body) == u32::from_le_bytes(*checksum)).then_some((body, behind))
}

// The file holds keys: nobody else's to read.
fn open_private(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.read(true).write(true).create(true).truncate(false);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)
}

fn beside(path: &Path) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(".new");
    name.into()
}

// A rename is durable only once its folder is.
fn sync_folder(path: &Path) -> io::Result<()> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
    File::open(folder.unwrap_or_else(|| Path::new(".")))?.sync_all()
}

/// What goes wrong below a path that only the session knows.
pub(super) enum Trouble {
    Io(io::Error),
    NotASession(&'static str),
}

impl Trouble {
    fn at(self, path: &Path) -> SessionError {
        let path = path.to_owned();
        match self {
            Self::Io(source) => SessionError::Io { path, source },
            Self::NotASession(why) => SessionError::NotASession { path, why },
        }
    }
}

impl From<io::Error> for Trouble {
    fn from(error: io::Error) -> Self {
        Self::Io(error)
    }
}

/// Name and version of the format.
const HEADER: &[u8] = b"heliogram session 1\n";
/// Smaller files are not worth writing anew.
const COMPACT_BYTES_MIN: u64 = 64 * 1024;
/// What a reader takes at most; compaction keeps files far below.
const FILE_BYTES_MAX: u64 = 1 << 30;
/// Changes per frame of a compacted file.
const FRAME_CHANGES_MAX: usize = 4096;

#[cfg(test)]
#[path = "file_tests.rs"]
mod tests;
