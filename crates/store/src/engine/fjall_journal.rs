//! A look at fjall's journals before fjall itself recovers from them.
//!
//! Recovery cuts a journal off at the first entry that it cannot read. After a crash that is
//! right: the rest is a batch that was never finished. After damage in the middle it destroys
//! what could still be saved, so a journal that does not end cleanly is copied aside first, and
//! the copy stays if the store then finds that acknowledged data is missing.
//!
//! Recovery also believes the sequence number in the head of each batch, which no checksum
//! covers. A batch whose number shrank would be overruled by older rows without a word, so numbers
//! that do not grow are refused here.

use std::fs::{self, File};
use std::io::{self, BufRead, BufReader, ErrorKind, Read};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::{Loss, StoreError};

/// Copies of the journals that recovery is about to cut off.
#[derive(Debug)]
pub(crate) struct SuspectJournals {
    keep_dir: PathBuf,
    copies: Vec<PathBuf>,
}

impl SuspectJournals {
    /// Reads all journals in `dir`, and copies those with a ragged end to `keep_dir`.
    pub(crate) fn inspect(dir: &Path, keep_dir: PathBuf, loss: Loss) -> Result<Self, StoreError> {
        let mut suspects = Self { keep_dir, copies: Vec::new() };
        for path in journals(dir)? {
            let end = scan(&path).map_err(StoreError::io("read", &path))?;
            match end {
                End::Clean => {}
                End::Ragged => suspects.copy(&path)?,
                End::Disordered { before, after } if loss == Loss::Refused => {
                    return Err(StoreError::engine(format_args!(
                        "{} is damaged: batch {after} follows batch {before}; restore a backup, \
                         or start once with the option to accept the loss",
                        path.display()
                    )));
                }
                End::Disordered { before, after } => {
                    tracing::error!(path = %path.display(), before, after, "damaged journal");
                    suspects.copy(&path)?;
                }
            }
        }
        Ok(suspects)
    }

    fn copy(&mut self, path: &Path) -> Result<(), StoreError> {
        fs::create_dir_all(&self.keep_dir).map_err(StoreError::io("create", &self.keep_dir))?;
        let copy = self.keep_dir.join(path.file_name().unwrap_or_default());
        // An earlier start was refused and left the better copy.
        if copy.exists() {
            return Ok(());
        }
        fs::copy(path, &copy).map_err(StoreError::io("copy", path))?;
        self.copies.push(copy);
        Ok(())
    }

    /// Removes the copies if all is well, and otherwise tells where they are.
    pub(crate) fn settle<T>(self, opened: Result<T, StoreError>) -> Result<T, StoreError> {
        match opened {
            Ok(opened) => {
                self.copies.iter().for_each(|copy| drop(fs::remove_file(copy)));
                // Fails if an earlier start left copies, and is meant to.
                let _ = fs::remove_dir(&self.keep_dir);
                Ok(opened)
            }
            Err(StoreError::DataLost { found, acknowledged, .. }) if self.keep_dir.is_dir() => {
                let kept: Arc<str> =
                    format!("; journals as found are in {}", self.keep_dir.display()).into();
                Err(StoreError::DataLost { found, acknowledged, kept })
            }
            Err(error) => {
                if self.keep_dir.is_dir() {
                    tracing::error!(dir = %self.keep_dir.display(), "journals were kept as found");
                }
                Err(error)
            }
        }
    }
}

/// The journals in order; none if there is no database yet.
fn journals(dir: &Path) -> Result<Vec<PathBuf>, StoreError> {
    let entries = match fs::read_dir(dir) {
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Vec::new()),
        entries => entries.map_err(StoreError::io("list", dir))?,
    };
    let mut paths = Vec::new();
    for entry in entries {
        let path = entry.map_err(StoreError::io("list", dir))?.path();
        if path.extension().is_some_and(|extension| extension == "jnl") {
            paths.push(path);
        }
    }
    paths.sort();
    Ok(paths)
}

/// How a journal ends.
#[derive(Debug, Eq, PartialEq)]
enum End {
    /// After a whole batch, with nothing but preallocated zeros behind it.
    Clean,
    /// In the middle of something, or before something unreadable.
    Ragged,
    /// At a batch whose number does not exceed the one before it.
    Disordered { before: u64, after: u64 },
}

fn scan(path: &Path) -> io::Result<End> {
    let mut reader = BufReader::new(File::open(path)?);
    let mut newest = None;
    let mut in_batch = false;
    loop {
        match entry(&mut reader) {
            Ok(Entry::Start { .. }) if in_batch => return Ok(End::Ragged),
            Ok(Entry::Inside | Entry::End) if !in_batch => return Ok(End::Ragged),
            Ok(Entry::Start { seqno }) => {
                if let Some(before) = newest.replace(seqno)
                    && before >= seqno
                {
                    return Ok(End::Disordered { before, after: seqno });
                }
                in_batch = true;
            }
            Ok(Entry::Inside) => {}
            Ok(Entry::End) => in_batch = false,
            Ok(Entry::Blank) if !in_batch && only_zeros(&mut reader)? => return Ok(End::Clean),
            Ok(Entry::Blank | Entry::Unknown) => return Ok(End::Ragged),
            Err(error) if error.kind() == ErrorKind::UnexpectedEof => return Ok(End::Ragged),
            Err(error) => return Err(error),
        }
    }
}

enum Entry {
    Start { seqno: u64 },
    Inside,
    End,
    Blank,
    Unknown,
}

// Seen: fjall 3.1.13, journal format 3. Fields are little-endian.
const START: u8 = 1;
const ITEM: u8 = 2;
const END: u8 = 3;
const CLEAR: u8 = 4;
/// Values, tombstones and weak tombstones; [`super::FjallEngine`] writes nothing else, and nothing
/// compressed.
const ITEM_KINDS: [u8; 3] = [0, 1, 2];
const TRAILER: [u8; 4] = *b"FJL\x03";

/// Reads one entry; the end of the file counts as blank.
fn entry(reader: &mut BufReader<File>) -> io::Result<Entry> {
    let Some(&tag) = reader.fill_buf()?.first() else { return Ok(Entry::Blank) };
    reader.consume(1);
    match tag {
        0 => Ok(Entry::Blank),
        START => {
            let _item_count: [u8; 4] = take(reader)?;
            Ok(Entry::Start { seqno: u64::from_le_bytes(take(reader)?) })
        }
        ITEM => {
            let [kind, compression] = take(reader)?;
            let _keyspace: [u8; 8] = take(reader)?;
            let key_bytes = u16::from_le_bytes(take(reader)?);
            let plain_bytes = u32::from_le_bytes(take(reader)?);
            let value_bytes = u32::from_le_bytes(take(reader)?);
            if !ITEM_KINDS.contains(&kind) || compression != 0 || plain_bytes != value_bytes {
                return Ok(Entry::Unknown);
            }
            reader.seek_relative(i64::from(key_bytes) + i64::from(value_bytes))?;
            Ok(Entry::Inside)
        }
        END => {
            let _checksum: [u8; 8] = take(reader)?;
            Ok(if take(reader)? == TRAILER { Entry::End } else { Entry::Unknown })
        }
        CLEAR => {
            let _keyspace: [u8; 8] = take(reader)?;
            Ok(Entry::Inside)
        }
        _ => Ok(Entry::Unknown),
    }
}

fn take<const N: usize>(reader: &mut impl Read) -> io::Result<[u8; N]> {
    let mut bytes = [0; N];
    reader.read_exact(&mut bytes)?;
    Ok(bytes)
}

fn only_zeros(reader: &mut impl BufRead) -> io::Result<bool> {
    loop {
        let piece = reader.fill_buf()?;
        if piece.is_empty() {
            return Ok(true);
        }
        if piece.iter().any(|&byte| byte != 0) {
            return Ok(false);
        }
        let read = piece.len();
        reader.consume(read);
    }
}
