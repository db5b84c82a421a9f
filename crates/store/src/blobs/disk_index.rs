//! What is known of an upload besides its bytes, in a small file beside them, so that the upload
//! outlives the process.
//!
//! Nothing here is synced: a process that is killed loses none of it, and what a machine loses
//! shows in the checksums. Each part has its place in the file, so the file has a bound.
//!
//! When the upload becomes a blob its bytes move away, and [`super::disk_done`] takes the place of
//! the index.

use std::fs::{self, File};
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};

use heliogram_ids::{FileId, Timestamp, UserId};

use super::UploadKey;
use crate::{Limits, StoreError};

/// The file beside an upload's bytes.
#[derive(Debug)]
pub(super) struct DiskIndex {
    path: PathBuf,
}

/// A part as it was noted.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) struct Noted {
    pub(super) number: u32,
    pub(super) len: u32,
    pub(super) crc: u32,
}

/// Everything that an index says.
#[derive(Debug)]
pub(super) struct Found {
    pub(super) key: UploadKey,
    pub(super) started: Timestamp,
    pub(super) parts: Vec<Noted>,
}

impl DiskIndex {
    /// Where the index of the upload at `upload` lies.
    pub(super) fn beside(upload: &Path) -> Self {
        Self { path: upload.with_extension(EXTENSION) }
    }

    /// The index that a file is, and the path of its upload's bytes; none if it is something else.
    pub(super) fn at(path: &Path) -> Option<(Self, PathBuf)> {
        let is_index = path.extension().is_some_and(|extension| extension == EXTENSION);
        is_index.then(|| (Self { path: path.to_owned() }, path.with_extension("")))
    }

    /// Whether nothing has been written down, as when the process died at that moment.
    pub(super) fn is_empty(&self) -> bool {
        fs::metadata(&self.path).is_ok_and(|found| found.len() == 0)
    }

    /// Writes down whose upload it is.
    pub(super) fn begin(&self, key: UploadKey, started: Timestamp) -> Result<(), StoreError> {
        let head = head(key, started);
        fs::write(&self.path, head.concat()).map_err(StoreError::io("write", &self.path))
    }

    /// Writes down that a part is there.
    pub(super) fn note(&self, part: Noted) -> Result<(), StoreError> {
        let record = [part.len.to_le_bytes(), part.crc.to_le_bytes()].concat();
        let offset = HEAD_BYTES + RECORD_BYTES * u64::from(part.number);
        File::options()
            .write(true)
            .open(&self.path)
            .and_then(|file| file.write_all_at(&record, offset))
            .map_err(StoreError::io("write", &self.path))
    }

    /// Reads what was written down; none if it is not whole or beyond the limits.
    pub(super) fn read(&self, limits: &Limits) -> Option<Found> {
        let bytes_max = HEAD_BYTES + RECORD_BYTES * u64::from(limits.upload_parts_max);
        if fs::metadata(&self.path).ok()?.len() > bytes_max {
            return None;
        }
        let bytes = fs::read(&self.path).ok()?;
        let (head, records) = bytes.split_at_checked(usize::try_from(HEAD_BYTES).ok()?)?;
        let field = |at: usize| head.get(8 * at..)?.first_chunk().copied();
        let owner = UserId::new(i64::from_le_bytes(field(1)?))?;
        let file = FileId(i64::from_le_bytes(field(2)?));
        let started = Timestamp::from_nanos(u64::from_le_bytes(field(3)?));
        let key = UploadKey { owner, file };
        // An index of somebody else's upload would be worse than none.
        if head != self::head(key, started).concat() {
            return None;
        }
        let (records, _) = records.as_chunks::<{ RECORD_BYTES as usize }>();
        let parts = (0..).zip(records).filter_map(|(number, record)| noted(number, record, limits));
        Some(Found { key, started, parts: parts.collect() })
    }

    /// Forgets the upload. That there is no index is no matter.
    pub(super) fn remove(&self) {
        let _ = fs::remove_file(&self.path);
    }
}

/// Whose upload it is, when it began, and a checksum over that.
fn head(key: UploadKey, started: Timestamp) -> [[u8; 8]; 5] {
    let [owner, file] = [key.owner.get(), key.file.get()].map(i64::to_le_bytes);
    let started = started.nanos().to_le_bytes();
    let sum = crc32fast::hash(&[*MAGIC, owner, file, started].concat());
    [*MAGIC, owner, file, started, u64::from(sum).to_le_bytes()]
}

/// One place of the file; none if nothing was written there.
fn noted(number: u32, record: &[u8; RECORD_BYTES as usize], limits: &Limits) -> Option<Noted> {
    let &[a, b, c, d, e, f, g, h] = record;
    let (len, crc) = (u32::from_le_bytes([a, b, c, d]), u32::from_le_bytes([e, f, g, h]));
    let is_len = len > 0 && usize::try_from(len).is_ok_and(|len| len <= limits.part_bytes_max);
    is_len.then_some(Noted { number, len, crc })
}

const EXTENSION: &str = "parts";
const MAGIC: &[u8; 8] = b"HGparts2";
const HEAD_BYTES: u64 = 40;
const RECORD_BYTES: u64 = 8;
