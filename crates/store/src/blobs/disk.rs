//! Blobs as files: `ab/cdef…`, the hash in hexadecimal with its first byte as the folder, and
//! `ab/cdef….sums`, the checksums of its pieces.
//!
//! A file appears under its final name only when it is whole and synced, and never changes
//! afterwards. Whatever else a crash leaves behind lies in `tmp`: unfinished uploads go on after a
//! start, the rest is removed then.

use std::collections::btree_map::Entry;
use std::collections::{BTreeMap, BTreeSet};
use std::fs::{self, File};
use std::io::{ErrorKind, Write};
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use heliogram_ids::Timestamp;
use parking_lot::Mutex;
use sha2::{Digest, Sha256};

use super::disk_done::Done;
use super::disk_index::DiskIndex;
use super::disk_sums::{self, PIECE_BYTES, Sums};
use super::disk_tally::{DiskTally, len_at};
use super::disk_upload::{DiskUpload, Joined};
use super::{BlobError, BlobId, BlobUsage, Blobs, Part, UploadKey};
use crate::watermark::sync_dir_of;
use crate::{Limits, StoreError};

/// Keeps blobs as files in one directory.
///
/// The directory belongs to one process: open it after the store has locked its own.
#[derive(Debug)]
pub struct DiskBlobs {
    dir: PathBuf,
    limits: Limits,
    uploads: Mutex<BTreeMap<UploadKey, Arc<DiskUpload>>>,
    /// Number of the next file in `tmp`.
    temporary: AtomicU64,
    tally: DiskTally,
}

impl DiskBlobs {
    /// Opens the directory, or creates it, and removes what earlier processes left half done.
    ///
    /// # Errors
    /// If the directory cannot be used.
    pub fn open(dir: impl Into<PathBuf>, limits: Limits) -> Result<Self, BlobError> {
        let dir = dir.into();
        let tmp = dir.join("tmp");
        fs::create_dir_all(&tmp).map_err(StoreError::io("create", &tmp))?;
        sync_dir_of(&tmp)?;
        let (uploads, temporary) = (Mutex::default(), AtomicU64::new(0));
        let mut blobs = Self { dir, limits, uploads, temporary, tally: DiskTally::default() };
        let Resumed { uploads, free } = blobs.resume(&tmp)?;
        *blobs.uploads.get_mut() = uploads;
        *blobs.temporary.get_mut() = free;
        Ok(blobs)
    }

    /// Takes up the uploads that earlier processes left unfinished, or that became blobs not long
    /// ago, the newest if there are too many, and removes everything else.
    fn resume(&self, tmp: &Path) -> Result<Resumed, BlobError> {
        let mut found = self.found(tmp)?;
        found.sort_by_key(|found| std::cmp::Reverse(found.upload.started));
        found.truncate(self.limits.uploads_max);

        let mut uploads = BTreeMap::new();
        let mut kept = BTreeSet::new();
        for Found { key, upload, files } in found {
            if let Entry::Vacant(place) = uploads.entry(key) {
                place.insert(Arc::new(upload));
                kept.extend(files);
            }
        }
        for path in files(tmp)? {
            if !kept.contains(&path) {
                fs::remove_file(&path).map_err(StoreError::io("clean up", &path))?;
            }
        }
        let numbers =
            kept.iter().filter_map(|path| path.file_stem()?.to_str()?.parse::<u64>().ok());
        let free = numbers.max().map_or(0, |last| last + 1);
        Ok(Resumed { uploads, free })
    }

    /// The uploads in `tmp`, those first that became blobs.
    fn found(&self, tmp: &Path) -> Result<Vec<Found>, BlobError> {
        let (mut found, mut indexes) = (Vec::new(), Vec::new());
        let all: BTreeSet<PathBuf> = files(tmp)?.into_iter().collect();
        for path in all.iter().cloned() {
            match Done::read(&path) {
                Some(done) if self.contains(&done.blob)? => {
                    let upload = DiskUpload::resume_done(path.with_extension(""), &done);
                    found.push(Found { key: done.key, upload, files: vec![path] });
                }
                _ => indexes.extend(DiskIndex::at(&path)),
            }
        }
        let done: BTreeSet<PathBuf> = found
            .iter()
            .flat_map(|found| &found.files)
            .map(|path| path.with_extension(""))
            .collect();
        // An index that is still empty has nobody's upload in it yet.
        indexes.retain(|(index, bytes)| !done.contains(bytes) && !index.is_empty());
        let begun = indexes.len();
        for (index, bytes) in indexes {
            let Some(one) = index.read(&self.limits).filter(|_| bytes.is_file()) else { continue };
            let upload = DiskUpload::resume(bytes.clone(), &one);
            let files = vec![bytes.with_extension("parts"), bytes];
            found.push(Found { key: one.key, upload, files });
        }
        // Bytes of which nothing is known: with the index gone, nobody knows whose they are.
        let is_stray = |path: &&PathBuf| {
            let is_upload = path.extension().is_none() && !done.contains(*path);
            let has_bytes = || fs::metadata(path).is_ok_and(|found| found.len() > 0);
            is_upload && !all.contains(&path.with_extension("parts")) && has_bytes()
        };
        let strays = all.iter().filter(is_stray).count();
        let lost = begun + done.len() + strays - found.len();
        if lost > 0 {
            tracing::warn!(lost, dir = %tmp.display(), "unfinished uploads are damaged and lost");
        }
        Ok(found)
    }

    fn path(&self, id: &BlobId) -> PathBuf {
        let hex = id.hex();
        let (folder, name) = hex.split_at(2);
        self.dir.join(folder).join(name)
    }

    fn temporary_path(&self) -> PathBuf {
        let number = self.temporary.fetch_add(1, Ordering::Relaxed);
        self.dir.join("tmp").join(number.to_string())
    }

    fn upload(&self, key: UploadKey) -> Result<Arc<DiskUpload>, BlobError> {
        self.uploads.lock().get(&key).cloned().ok_or(BlobError::NoUpload)
    }

    /// Moves a whole, synced file to its place.
    fn place(&self, joined: Joined) -> Result<(), BlobError> {
        let path = self.path(&joined.id);
        let folder = path.parent().unwrap_or(&self.dir);
        if !folder.is_dir() {
            fs::create_dir_all(folder).map_err(StoreError::io("create", folder))?;
            sync_dir_of(folder)?;
        }
        joined.sums.write(&path);
        let tally = self.tally.of(&joined.id);
        let before = len_at(&path);
        // The same content may be there already; replacing it heals it if it was damaged.
        fs::rename(&joined.path, &path).map_err(StoreError::io("place", &path))?;
        tally.note(before, Some(joined.id.len));
        Ok(sync_dir_of(&path)?)
    }

    fn open_blob(&self, id: &BlobId) -> Result<(File, PathBuf), BlobError> {
        let path = self.path(id);
        match File::open(&path) {
            Ok(file) => Ok((file, path)),
            Err(error) if error.kind() == ErrorKind::NotFound => Err(BlobError::NotFound(*id)),
            Err(error) => Err(StoreError::io("open", &path)(error).into()),
        }
    }
}

impl Blobs for DiskBlobs {
    fn start_upload(&self, key: UploadKey, now: Timestamp) -> Result<(), BlobError> {
        let mut uploads = self.uploads.lock();
        if uploads.contains_key(&key) {
            return Ok(());
        }
        if uploads.len() >= self.limits.uploads_max {
            return Err(BlobError::TooManyUploads(uploads.len()));
        }
        uploads.insert(key, Arc::new(DiskUpload::create(self.temporary_path(), key, now)?));
        Ok(())
    }

    fn write_part(&self, key: UploadKey, number: u32, bytes: &[u8]) -> Result<(), BlobError> {
        let upload = self.upload(key)?;
        if upload.write_part(number, bytes, &self.limits)? {
            return Ok(());
        }
        let mut uploads = self.uploads.lock();
        // Another thread may have been here first.
        if uploads.get(&key).is_some_and(|current| Arc::ptr_eq(current, &upload)) {
            let fresh = DiskUpload::create(self.temporary_path(), key, upload.started)?;
            if let Some(finished) = uploads.insert(key, Arc::new(fresh)) {
                finished.doom();
            }
        }
        let fresh = uploads.get(&key).cloned().ok_or(BlobError::NoUpload)?;
        drop(uploads);
        if fresh.write_part(number, bytes, &self.limits)? {
            Ok(())
        } else {
            Err(BlobError::NoUpload)
        }
    }

    fn parts(&self, key: UploadKey) -> Result<Vec<Part>, BlobError> {
        Ok(self.upload(key)?.parts())
    }

    fn finish(&self, key: UploadKey, count: u32) -> Result<BlobId, BlobError> {
        self.upload(key)?.finish(count, &self.limits, |joined| self.place(joined))
    }

    fn abandon(&self, key: UploadKey) {
        let upload = self.uploads.lock().remove(&key);
        if let Some(upload) = &upload {
            upload.doom();
        }
        // Removing its file may take a while; the lock is free by now.
        drop(upload);
    }

    fn sweep(&self, before: Timestamp) -> usize {
        let mut uploads = self.uploads.lock();
        let (stale, fresh) = std::mem::take(&mut *uploads)
            .into_iter()
            .partition::<BTreeMap<_, _>, _>(|(_, upload)| upload.started < before);
        *uploads = fresh;
        drop(uploads);
        stale.values().for_each(|upload| upload.doom());
        stale.len()
    }

    fn put(&self, bytes: &[u8]) -> Result<BlobId, BlobError> {
        let id = BlobId { sha256: Sha256::digest(bytes).into(), len: bytes.len() as u64 };
        if self.contains(&id)? {
            return Ok(id);
        }
        let path = self.temporary_path();
        File::create_new(&path)
            .and_then(|mut file| {
                file.write_all(bytes)?;
                file.sync_all()
            })
            .map_err(StoreError::io("write", &path))?;
        let mut sums = Sums::default();
        sums.update(bytes);
        self.place(Joined { id, path, sums })?;
        Ok(id)
    }

    fn read(&self, id: &BlobId, offset: u64, len: usize) -> Result<Vec<u8>, BlobError> {
        let (file, path) = self.open_blob(id)?;
        let rest = usize::try_from(id.len.saturating_sub(offset)).unwrap_or(usize::MAX);
        let len = len.min(rest);
        if len == 0 {
            return Ok(Vec::new());
        }
        // Whole pieces, so that they can be held against their checksums.
        let first = offset / PIECE_BYTES as u64;
        let lead = usize::try_from(offset % PIECE_BYTES as u64).unwrap_or_default();
        let from = first * PIECE_BYTES as u64;
        let whole = (lead + len).next_multiple_of(PIECE_BYTES) as u64;
        let whole = whole.min(id.len.saturating_sub(from));
        let mut bytes = vec![0; usize::try_from(whole).unwrap_or(usize::MAX)];
        match file.read_exact_at(&mut bytes, from) {
            Ok(()) => {}
            Err(error) if error.kind() == ErrorKind::UnexpectedEof => {
                return Err(BlobError::Damaged(*id));
            }
            Err(error) => return Err(StoreError::io("read", &path)(error).into()),
        }
        if disk_sums::agree(&path, id.len, first, &bytes) != Some(true) {
            self.verify(id)?;
        }
        bytes.truncate(lead + len);
        bytes.drain(..lead.min(bytes.len()));
        Ok(bytes)
    }

    fn contains(&self, id: &BlobId) -> Result<bool, BlobError> {
        let path = self.path(id);
        match fs::metadata(&path) {
            Ok(found) => Ok(found.len() == id.len),
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(false),
            Err(error) => Err(StoreError::io("look for", &path)(error).into()),
        }
    }

    fn verify(&self, id: &BlobId) -> Result<(), BlobError> {
        let (file, path) = self.open_blob(id)?;
        let (mut hash, mut sums) = (Sha256::new(), Sums::default());
        let len = each_piece(&file, &path, |bytes| {
            hash.update(bytes);
            sums.update(bytes);
        })?;
        let sha256: [u8; 32] = hash.finalize().into();
        if sha256 != id.sha256 || len != id.len {
            return Err(BlobError::Damaged(*id));
        }
        sums.write(&path);
        Ok(())
    }

    fn remove(&self, id: &BlobId) -> Result<(), BlobError> {
        let path = self.path(id);
        disk_sums::remove(&path);
        let tally = self.tally.of(id);
        let before = len_at(&path);
        match fs::remove_file(&path) {
            Err(error) if error.kind() != ErrorKind::NotFound => {
                Err(StoreError::io("remove", &path)(error).into())
            }
            Err(_) => Ok(()),
            Ok(()) => {
                tally.note(before, None);
                Ok(())
            }
        }
    }

    fn usage(&self) -> Result<BlobUsage, BlobError> {
        Ok(self.tally.sum(&self.dir).map_err(StoreError::io("count", &self.dir))?)
    }
}

/// An upload of an earlier process.
struct Found {
    key: UploadKey,
    upload: DiskUpload,
    files: Vec<PathBuf>,
}

/// What earlier processes left in `tmp`.
struct Resumed {
    uploads: BTreeMap<UploadKey, Arc<DiskUpload>>,
    /// The first number that no file has.
    free: u64,
}

fn files(dir: &Path) -> Result<Vec<PathBuf>, StoreError> {
    let entries = fs::read_dir(dir).map_err(StoreError::io("list", dir))?;
    entries
        .map(|entry| entry.map(|entry| entry.path()).map_err(StoreError::io("list", dir)))
        .collect()
}

/// Reads the whole file, a piece at a time; returns its length.
fn each_piece(file: &File, path: &Path, mut visit: impl FnMut(&[u8])) -> Result<u64, StoreError> {
    let mut piece = vec![0; 256 << 10];
    let mut offset = 0;
    loop {
        match file.read_at(&mut piece, offset) {
            Ok(0) => return Ok(offset),
            Ok(read) => {
                visit(piece.get(..read).unwrap_or_default());
                offset += read as u64;
            }
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            Err(error) => return Err(StoreError::io("read", path)(error)),
        }
    }
}
