//! Parts of files on their way up: what may come in, and how much one account may have in progress.
//!
//! The bytes go to the store of blobs at once, and outlive a crash there. What is kept here is soft:
//! after a crash an upload is measured anew by the parts that are still to come.

use std::collections::{BTreeMap, HashMap};

use heliogram_ids::{FileId, Timestamp, UserId};
use heliogram_store::BlobError;
use heliogram_store::blobs::UploadKey;
use parking_lot::Mutex;

use crate::error::{Rpc, RpcError};
use crate::limits::Limits;
use crate::world::World;

/// One part as it came.
#[derive(Clone, Copy, Debug)]
pub(crate) struct NewPart<'a> {
    pub(crate) number: i32,
    /// How many parts the file has, where the uploader knows.
    pub(crate) total: Option<i32>,
    pub(crate) bytes: &'a [u8],
}

/// The uploads in progress of all accounts.
#[derive(Debug, Default)]
pub(crate) struct Uploads {
    owners: Mutex<HashMap<UserId, BTreeMap<FileId, Progress>>>,
}

/// The shape of one upload, as far as its parts show it.
#[derive(Clone, Debug)]
struct Progress {
    started: Timestamp,
    touched: Timestamp,
    /// Length of all parts but the last, once a part is known not to be the last.
    part_len: Option<u32>,
    /// Number and length of the farthest part.
    top: (u32, u32),
    total: Option<u32>,
}

/// Keeps one part of a file that `owner` uploads.
///
/// Where an account has too much in progress, what it has not touched for longest gives way.
///
/// # Errors
/// `FILE_PART_INVALID`, `FILE_PART_EMPTY`, `FILE_PART_TOO_BIG`, `FILE_PART_SIZE_INVALID`,
/// `FILE_PART_SIZE_CHANGED`, `FILE_PARTS_INVALID`, `FLOOD_WAIT_X`.
pub(crate) fn save(world: &World, key: UploadKey, part: NewPart<'_>, now: Timestamp) -> Rpc<()> {
    let checked = check(part, world.limits())?;
    for displaced in world.uploads.admit(key, checked, now, world.limits())? {
        tracing::debug!(owner = displaced.owner.get(), "an idle upload gives way");
        world.blobs.abandon(displaced);
    }
    world.blobs.start_upload(key, now).map_err(refusal)?;
    world.blobs.write_part(key, checked.number, part.bytes).map_err(refusal)
}

/// Forgets uploads that nobody finished; returns how many.
pub(crate) fn sweep(world: &World, now: Timestamp) -> usize {
    let before = now - world.limits().upload_ttl;
    world.uploads.sweep(before);
    world.blobs.sweep(before)
}

/// What the store of blobs says, in the words of the protocol.
pub(super) fn refusal(error: BlobError) -> RpcError {
    match error {
        BlobError::NoUpload => RpcError::file_part_missing(0),
        BlobError::PartMissing(number) => {
            RpcError::file_part_missing(i32::try_from(number).unwrap_or(i32::MAX))
        }
        BlobError::PartSize { found: 0, .. } => RpcError::FILE_PART_EMPTY,
        BlobError::PartSize { .. } => RpcError::FILE_PART_TOO_BIG,
        BlobError::PartNumber { .. } => RpcError::FILE_PARTS_INVALID,
        BlobError::TooManyUploads(_) => RpcError::flood_wait(FULL_WAIT),
        other => RpcError::from(other),
    }
}

/// How long an uploader is sent away while the whole cloud has too many uploads open.
const FULL_WAIT: std::time::Duration = std::time::Duration::from_secs(60);

/// A part whose number and length are possible.
#[derive(Clone, Copy, Debug)]
struct Checked {
    number: u32,
    len: u32,
    total: Option<u32>,
}

fn check(part: NewPart<'_>, limits: &Limits) -> Rpc<Checked> {
    if part.bytes.is_empty() {
        return Err(RpcError::FILE_PART_EMPTY);
    }
    if part.bytes.len() > limits.part_bytes_max {
        return Err(RpcError::FILE_PART_TOO_BIG);
    }
    if !(0..limits.parts_max).contains(&part.number) {
        return Err(RpcError::FILE_PART_INVALID);
    }
    let total = match part.total {
        None => None,
        Some(total) if (1..=limits.parts_max).contains(&total) => u32::try_from(total).ok(),
        Some(_) => return Err(RpcError::FILE_PARTS_INVALID),
    };
    let number = u32::try_from(part.number).map_err(|_| RpcError::FILE_PART_INVALID)?;
    let len = u32::try_from(part.bytes.len()).map_err(|_| RpcError::FILE_PART_TOO_BIG)?;
    let checked = Checked { number, len, total };
    match total {
        Some(total) if number >= total => Err(RpcError::FILE_PART_INVALID),
        Some(total) if number + 1 < total && !is_part_len(len, limits) => {
            Err(RpcError::FILE_PART_SIZE_INVALID)
        }
        _ => Ok(checked),
    }
}

/// Whether all parts but the last may have this length.
fn is_part_len(len: u32, limits: &Limits) -> bool {
    let Ok(len) = usize::try_from(len) else { return false };
    len > 0 && len.is_multiple_of(1024) && limits.part_bytes_max.is_multiple_of(len)
}

impl Uploads {
    /// Notes a part; returns the uploads that have to give way to it.
    fn admit(
        &self,
        key: UploadKey,
        part: Checked,
        now: Timestamp,
        limits: &Limits,
    ) -> Rpc<Vec<UploadKey>> {
        let mut owners = self.owners.lock();
        let open = owners.entry(key.owner).or_default();
        let progress = match open.get(&key.file) {
            Some(known) => known.clone().with(part, now, limits)?,
            None => Progress::new(part, now),
        };
        open.insert(key.file, progress);
        Ok(displace(open, key, limits))
    }

    /// Whether `parts` can be the number of parts of an upload, by what is known of it.
    ///
    /// # Errors
    /// `FILE_PARTS_INVALID` if there are parts beyond, or the uploader had named another number.
    pub(super) fn check_count(&self, key: UploadKey, parts: u32) -> Rpc<()> {
        let owners = self.owners.lock();
        let Some(known) = owners.get(&key.owner).and_then(|open| open.get(&key.file)) else {
            return Ok(());
        };
        let fits = known.top.0 < parts && known.total.is_none_or(|total| total == parts);
        if fits { Ok(()) } else { Err(RpcError::FILE_PARTS_INVALID) }
    }

    /// An upload became a blob, and no longer counts.
    pub(super) fn close(&self, key: UploadKey) {
        let mut owners = self.owners.lock();
        if let Some(open) = owners.get_mut(&key.owner) {
            open.remove(&key.file);
            if open.is_empty() {
                owners.remove(&key.owner);
            }
        }
    }

    fn sweep(&self, before: Timestamp) {
        self.owners.lock().retain(|_, open| {
            open.retain(|_, progress| progress.started >= before);
            !open.is_empty()
        });
    }
}

impl Progress {
    fn new(part: Checked, now: Timestamp) -> Self {
        let top = (part.number, part.len);
        Self { started: now, touched: now, part_len: None, top, total: part.total }
    }

    /// The upload with one more part. Until the count is known, the farthest part may be the last.
    fn with(mut self, part: Checked, now: Timestamp, limits: &Limits) -> Rpc<Self> {
        self.touched = now;
        match (self.total, part.total) {
            (Some(known), Some(named)) if known != named => {
                return Err(RpcError::FILE_PARTS_INVALID);
            }
            (None, named) => self.total = named,
            _ => {}
        }
        let inner = match part.number.cmp(&self.top.0) {
            std::cmp::Ordering::Less => Some(part.len),
            std::cmp::Ordering::Equal => None,
            std::cmp::Ordering::Greater => Some(self.top.1),
        };
        if part.number >= self.top.0 {
            self.top = (part.number, part.len);
        }
        if self.total.is_some_and(|total| self.top.0 >= total) {
            return Err(RpcError::FILE_PARTS_INVALID);
        }
        if let Some(len) = inner {
            if !is_part_len(len, limits) {
                return Err(RpcError::FILE_PART_SIZE_INVALID);
            }
            if *self.part_len.get_or_insert(len) != len {
                return Err(RpcError::FILE_PART_SIZE_CHANGED);
            }
        }
        match self.part_len {
            Some(len) if self.top.1 > len => Err(RpcError::FILE_PART_SIZE_CHANGED),
            _ => Ok(self),
        }
    }

    /// The most that can be on disk for it.
    fn bytes_max(&self) -> u64 {
        (u64::from(self.top.0) + 1) * u64::from(self.part_len.unwrap_or(self.top.1))
    }
}

/// Takes out uploads, the longest idle first, until the rest is within what one account may have.
fn displace(
    open: &mut BTreeMap<FileId, Progress>,
    newest: UploadKey,
    limits: &Limits,
) -> Vec<UploadKey> {
    let mut displaced = Vec::new();
    let mut bytes: u64 = open.values().map(Progress::bytes_max).sum();
    while open.len() > limits.uploads_per_owner_max || bytes > limits.upload_bytes_per_owner_max {
        let others = open.iter().filter(|(file, _)| **file != newest.file);
        let Some(idle) = others.min_by_key(|(_, progress)| progress.touched).map(|(file, _)| *file)
        else {
            break;
        };
        bytes -= open.remove(&idle).map_or(0, |progress| progress.bytes_max());
        displaced.push(UploadKey { owner: newest.owner, file: idle });
    }
    displaced
}

#[cfg(test)]
mod tests {
    use super::*;

    const KIB: u32 = 1024;

    fn key(file: i64) -> UploadKey {
        UploadKey { owner: UserId::new(7).expect("7 is an id"), file: FileId(file) }
    }

    #[track_caller]
    fn check_sequence(parts: &[(u32, u32)], expected: Result<(), RpcError>) {
        let uploads = Uploads::default();
        let now = Timestamp::from_secs(1);
        let admit = |(number, len): &(u32, u32)| {
            let part = Checked { number: *number, len: *len, total: None };
            uploads.admit(key(1), part, now, &Limits::DEFAULT).map(drop)
        };
        assert_eq!(parts.iter().try_for_each(admit), expected);
    }

    #[test]
    fn parts_may_come_in_any_order_and_twice() {
        check_sequence(&[(2, 700), (0, 64 * KIB), (1, 64 * KIB), (0, 64 * KIB)], Ok(()));
        check_sequence(&[(0, 700)], Ok(()));
    }

    #[test]
    fn all_parts_but_the_last_have_one_length() {
        let changed = Err(RpcError::FILE_PART_SIZE_CHANGED);
        check_sequence(&[(0, 64 * KIB), (1, 32 * KIB), (2, KIB)], changed.clone());
        check_sequence(&[(0, 64 * KIB), (1, 128 * KIB)], changed);
    }

    #[test]
    fn only_the_last_part_may_be_of_an_odd_length() {
        check_sequence(&[(0, 700), (1, KIB)], Err(RpcError::FILE_PART_SIZE_INVALID));
        check_sequence(&[(0, 3 * KIB), (1, KIB)], Err(RpcError::FILE_PART_SIZE_INVALID));
    }

    #[test]
    fn the_longest_idle_upload_gives_way() {
        let limits = Limits { uploads_per_owner_max: 2, ..Limits::DEFAULT };
        let uploads = Uploads::default();
        let part = Checked { number: 0, len: KIB, total: None };
        for (second, file) in [(1, 1), (2, 2), (3, 1)] {
            let displaced = uploads.admit(key(file), part, Timestamp::from_secs(second), &limits);
            assert_eq!(displaced, Ok(vec![]));
        }
        let displaced = uploads.admit(key(3), part, Timestamp::from_secs(4), &limits);
        assert_eq!(displaced, Ok(vec![key(2)]));
    }

    #[test]
    fn bytes_are_bounded_by_the_farthest_part() {
        let limits = Limits { upload_bytes_per_owner_max: 100 << 10, ..Limits::DEFAULT };
        let uploads = Uploads::default();
        let now = Timestamp::from_secs(1);
        let part = Checked { number: 0, len: KIB, total: None };
        assert_eq!(uploads.admit(key(1), part, now, &limits), Ok(vec![]));
        let far = Checked { number: 99, len: KIB, total: None };
        assert_eq!(uploads.admit(key(2), far, now, &limits), Ok(vec![key(1)]));
    }

    #[test]
    fn what_the_store_refuses_is_said_in_the_words_of_the_protocol() {
        let check = |error, expected: &str| assert_eq!(refusal(error).text(), expected);
        check(BlobError::NoUpload, "FILE_PART_0_MISSING");
        check(BlobError::PartMissing(12), "FILE_PART_12_MISSING");
        check(BlobError::PartSize { found: 0, limit: 1 }, "FILE_PART_EMPTY");
        check(BlobError::PartSize { found: 2, limit: 1 }, "FILE_PART_TOO_BIG");
        check(BlobError::PartNumber { found: 9, limit: 9 }, "FILE_PARTS_INVALID");
        check(BlobError::TooManyUploads(5), "FLOOD_WAIT_60");
    }
}
