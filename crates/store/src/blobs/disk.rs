//! Blobs as files: `ab/cdef…`, the hash in hexadecimal with its first byte as the folder.
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

use super::disk_index::DiskIndex;
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
        let Resumed { uploads, free } = resume(&tmp, &limits)?;
        let (uploads, temporary) = (Mutex::new(uploads), AtomicU64::new(free));
        Ok(Self { dir, limits, uploads, temporary, tally: DiskTally::default() })
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
    fn place(&self, joined: &Joined) -> Result<(), BlobError> {
        let path = self.path(&joined.id);
        let folder = path.parent().unwrap_or(&self.dir);
        if !folder.is_dir() {
            fs::create_dir_all(folder).map_err(StoreError::io("create", folder))?;
            sync_dir_of(folder)?;
        }
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
            uploads.insert(key, Arc::new(fresh));
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
        self.upload(key)?.finish(count, &self.limits, |joined| self.place(&joined))
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
        self.place(&Joined { id, path })?;
        Ok(id)
    }

    fn read(&self, id: &BlobId, offset: u64, len: usize) -> Result<Vec<u8>, BlobError> {
        let (file, path) = self.open_blob(id)?;
        let rest = usize::try_from(id.len.saturating_sub(offset)).unwrap_or(usize::MAX);
        let mut bytes = vec![0; len.min(rest)];
        match file.read_exact_at(&mut bytes, offset) {
            Ok(()) => Ok(bytes),
            Err(error) if error.kind() == ErrorKind::UnexpectedEof => Err(BlobError::Damaged(*id)),
            Err(error) => Err(StoreError::io("read", &path)(error).into()),
        }
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
        let mut hash = Sha256::new();
        let len = copy(&file, &mut hash, &path)?;
        let sha256: [u8; 32] = hash.finalize().into();
        if sha256 == id.sha256 && len == id.len { Ok(()) } else { Err(BlobError::Damaged(*id)) }
    }

    fn remove(&self, id: &BlobId) -> Result<(), BlobError> {
        let path = self.path(id);
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

/// What earlier processes left in `tmp`.
struct Resumed {
    uploads: BTreeMap<UploadKey, Arc<DiskUpload>>,
    /// The first number that no file has.
    free: u64,
}

/// Takes up the uploads that earlier processes left unfinished, the newest if there are too many,
/// and removes everything else.
fn resume(tmp: &Path, limits: &Limits) -> Result<Resumed, BlobError> {
    let files = || fs::read_dir(tmp).map_err(StoreError::io("list", tmp));
    let mut found = Vec::new();
    for entry in files()? {
        let path = entry.map_err(StoreError::io("list", tmp))?.path();
        let Some((index, bytes)) = DiskIndex::at(&path) else { continue };
        if let Some(one) = index.read(limits).filter(|_| bytes.is_file()) {
            found.push((one, bytes));
        }
    }
    found.sort_by_key(|(one, _)| std::cmp::Reverse(one.started));
    found.truncate(limits.uploads_max);

    let mut uploads = BTreeMap::new();
    let mut kept = BTreeSet::new();
    for (one, path) in found {
        if let Entry::Vacant(place) = uploads.entry(one.key) {
            kept.extend([path.with_extension("parts"), path.clone()]);
            place.insert(Arc::new(DiskUpload::resume(path, &one)));
        }
    }
    for entry in files()? {
        let path = entry.map_err(StoreError::io("list", tmp))?.path();
        if !kept.contains(&path) {
            fs::remove_file(&path).map_err(StoreError::io("clean up", &path))?;
        }
    }
    let numbers = kept.iter().filter_map(|path| path.file_stem()?.to_str()?.parse::<u64>().ok());
    Ok(Resumed { uploads, free: numbers.max().map_or(0, |last| last + 1) })
}

/// Feeds the whole file to the hash, a piece at a time; returns its length.
fn copy(file: &File, hash: &mut Sha256, path: &Path) -> Result<u64, StoreError> {
    let mut piece = vec![0; 256 << 10];
    let mut offset = 0;
    loop {
        match file.read_at(&mut piece, offset) {
            Ok(0) => return Ok(offset),
            Ok(read) => {
                hash.update(piece.get(..read).unwrap_or_default());
                offset += read as u64;
            }
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            Err(error) => return Err(StoreError::io("read", path)(error)),
        }
    }
}
