//! What stands in one of fjall's journals, batch by batch, as far as the store has to know.

use std::fs::File;
use std::io::{self, BufRead, BufReader, ErrorKind, Read};
use std::path::Path;

use xxhash_rust::xxh3::Xxh3Default;

use crate::Record as _;
use crate::meta;

/// One journal at a glance.
#[derive(Debug)]
pub(super) struct Journal {
    pub(super) end: End,
    pub(super) first: Option<Batch>,
    pub(super) last: Option<Batch>,
    /// Where the last batch ends that is whole and what it was.
    pub(super) good_bytes: u64,
}

/// A whole batch.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) struct Batch {
    /// The engine's number of it.
    pub(crate) seqno: u64,
    /// Ours: see [`meta::COMMIT_SEQ`].
    pub(crate) commit: u64,
}

/// How a journal ends.
#[derive(Debug, Eq, PartialEq)]
pub(super) enum End {
    /// After a whole batch, with nothing but preallocated zeros behind it.
    Clean,
    /// In the middle of something, or before something unreadable.
    Ragged,
    /// At a batch whose number does not exceed the one before it.
    Disordered { before: u64, after: u64 },
    /// At a batch that does not have its checksum.
    Damaged,
}

/// Reads a journal from its beginning to its end, or to the first thing that is not what it was.
pub(super) fn scan(path: &Path) -> io::Result<Journal> {
    let mut reader = Reader::open(path)?;
    let key = meta::commit_seq_key();
    let mut journal = Journal { end: End::Clean, first: None, last: None, good_bytes: 0 };
    let mut newest = None;
    let mut open: Option<(u64, Option<u64>)> = None;
    journal.end = loop {
        let entry = match entry(&mut reader, &key) {
            Ok(entry) => entry,
            Err(error) if error.kind() == ErrorKind::UnexpectedEof => break End::Ragged,
            Err(error) => return Err(error),
        };
        match (entry, open) {
            (Entry::Start { seqno }, None) => {
                if let Some(before) = newest.replace(seqno)
                    && before >= seqno
                {
                    break End::Disordered { before, after: seqno };
                }
                reader.hash.reset();
                open = Some((seqno, None));
            }
            (Entry::Inside, Some(_)) => {}
            (Entry::Commit(commit), Some((seqno, _))) => open = Some((seqno, Some(commit))),
            (Entry::End { is_good: false }, Some(_)) => break End::Damaged,
            (Entry::End { .. }, Some((seqno, commit))) => {
                if let Some(commit) = commit {
                    journal.last = Some(Batch { seqno, commit });
                    journal.first = journal.first.or(journal.last);
                }
                journal.good_bytes = reader.at;
                open = None;
            }
            (Entry::Blank, None) if reader.only_zeros()? => break End::Clean,
            _ => break End::Ragged,
        }
    };
    Ok(journal)
}

#[derive(Clone, Copy)]
enum Entry {
    Start {
        seqno: u64,
    },
    Inside,
    /// The row with our number of the batch.
    Commit(u64),
    End {
        is_good: bool,
    },
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
fn entry(reader: &mut Reader, commit_key: &[u8]) -> io::Result<Entry> {
    let sum = reader.hash.digest();
    let Some([tag]) = reader.take_or_end()? else { return Ok(Entry::Blank) };
    match tag {
        0 => Ok(Entry::Blank),
        START => {
            let _item_count: [u8; 4] = reader.take()?;
            Ok(Entry::Start { seqno: u64::from_le_bytes(reader.take()?) })
        }
        ITEM => item(reader, commit_key),
        END => {
            let is_good = u64::from_le_bytes(reader.take()?) == sum;
            Ok(if reader.take()? == TRAILER { Entry::End { is_good } } else { Entry::Unknown })
        }
        CLEAR => {
            let _keyspace: [u8; 8] = reader.take()?;
            Ok(Entry::Inside)
        }
        _ => Ok(Entry::Unknown),
    }
}

fn item(reader: &mut Reader, commit_key: &[u8]) -> io::Result<Entry> {
    let [kind, compression] = reader.take()?;
    let _keyspace: [u8; 8] = reader.take()?;
    let key_bytes = u16::from_le_bytes(reader.take()?);
    let plain_bytes = u32::from_le_bytes(reader.take()?);
    let value_bytes = u32::from_le_bytes(reader.take()?);
    if !ITEM_KINDS.contains(&kind) || compression != 0 || plain_bytes != value_bytes {
        return Ok(Entry::Unknown);
    }
    if usize::from(key_bytes) != commit_key.len() || value_bytes != COMMIT_BYTES {
        reader.skip(u64::from(key_bytes) + u64::from(value_bytes))?;
        return Ok(Entry::Inside);
    }
    let mut key = vec![0; commit_key.len()];
    reader.fill(&mut key)?;
    let value: [u8; COMMIT_BYTES as usize] = reader.take()?;
    if key != commit_key {
        return Ok(Entry::Inside);
    }
    Ok(u64::from_record(&value).map_or(Entry::Unknown, Entry::Commit))
}

/// Length of a number as a row.
const COMMIT_BYTES: u32 = 8;

/// A journal's bytes, with the checksum of those that passed.
struct Reader {
    file: BufReader<File>,
    hash: Xxh3Default,
    at: u64,
}

impl Reader {
    fn open(path: &Path) -> io::Result<Self> {
        let file = BufReader::with_capacity(PIECE_BYTES, File::open(path)?);
        Ok(Self { file, hash: Xxh3Default::new(), at: 0 })
    }

    fn take_or_end<const N: usize>(&mut self) -> io::Result<Option<[u8; N]>> {
        if self.file.fill_buf()?.is_empty() { Ok(None) } else { self.take().map(Some) }
    }

    fn take<const N: usize>(&mut self) -> io::Result<[u8; N]> {
        let mut bytes = [0; N];
        self.fill(&mut bytes)?;
        Ok(bytes)
    }

    fn fill(&mut self, bytes: &mut [u8]) -> io::Result<()> {
        self.file.read_exact(bytes)?;
        self.hash.update(bytes);
        self.at += bytes.len() as u64;
        Ok(())
    }

    fn skip(&mut self, mut bytes: u64) -> io::Result<()> {
        while bytes > 0 {
            let piece = self.file.fill_buf()?;
            if piece.is_empty() {
                return Err(ErrorKind::UnexpectedEof.into());
            }
            let now = piece.len().min(usize::try_from(bytes).unwrap_or(usize::MAX));
            self.hash.update(piece.get(..now).unwrap_or_default());
            self.file.consume(now);
            self.at += now as u64;
            bytes -= now as u64;
        }
        Ok(())
    }

    fn only_zeros(&mut self) -> io::Result<bool> {
        loop {
            let piece = self.file.fill_buf()?;
            if piece.is_empty() {
                return Ok(true);
            }
            if piece.iter().any(|&byte| byte != 0) {
                return Ok(false);
            }
            let read = piece.len();
            self.file.consume(read);
        }
    }
}

const PIECE_BYTES: usize = 64 << 10;
