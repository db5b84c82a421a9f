//! One upload on disk: a file in which every part has a slot of the greatest part's size.
//!
//! Clients send parts in any order, over several connections, and the last part is the only hint
//! at the part size, so a part's final offset is not known when it arrives. Slots make every part
//! writable at once. If all parts but the last fill their slots, as those of every large file do,
//! the file is the blob already; otherwise the parts are copied together.
//!
//! An upload outlives the process: what has arrived is noted in an index beside the file.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::os::unix::fs::FileExt;
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};

use heliogram_ids::Timestamp;
use parking_lot::{Mutex, RwLock};
use sha2::{Digest, Sha256};

use super::disk_done::{self, Done};
use super::disk_index::{DiskIndex, Found, Noted};
use super::disk_sums::Sums;
use super::parts::Parts;
use super::{BlobError, BlobId, Part, UploadKey};
use crate::{Limits, StoreError};

/// An upload in progress, or one that became a blob not long ago.
#[derive(Debug)]
pub(super) struct DiskUpload {
    key: UploadKey,
    pub(super) started: Timestamp,
    /// Opened for each part: thousands of uploads may be open, thousands of files may not.
    path: PathBuf,
    index: DiskIndex,
    parts: Mutex<Parts>,
    /// Checksums of the parts: what was on its way to the disk when a machine died may be missing.
    crcs: Mutex<BTreeMap<u32, u32>>,
    /// Nobody wants it any more: its files go when the last user does.
    doomed: AtomicBool,
    /// Shared while a part is written, exclusive while they are joined.
    stage: RwLock<Stage>,
}

#[derive(Debug)]
enum Stage {
    Gathering,
    /// The file may be the blob itself by now, and must not be touched.
    Finished(u32, BlobId),
}

/// A file with a whole blob in it, not yet at its place.
pub(super) struct Joined {
    pub(super) id: BlobId,
    pub(super) path: PathBuf,
    pub(super) sums: Sums,
}

impl DiskUpload {
    pub(super) fn create(
        path: PathBuf,
        key: UploadKey,
        started: Timestamp,
    ) -> Result<Self, BlobError> {
        create(&path)?;
        let upload = Self::new(path, key, started);
        upload.index.begin(key, started)?;
        Ok(upload)
    }

    /// An upload that another process began.
    pub(super) fn resume(path: PathBuf, found: &Found) -> Self {
        let upload = Self::new(path, found.key, found.started);
        for part in &found.parts {
            upload.parts.lock().insert(part.number, part.len);
            upload.crcs.lock().insert(part.number, part.crc);
        }
        upload
    }

    /// An upload that became a blob while another process ran.
    pub(super) fn resume_done(path: PathBuf, done: &Done) -> Self {
        let mut upload = Self::new(path, done.key, done.started);
        *upload.stage.get_mut() = Stage::Finished(done.parts, done.blob);
        upload
    }

    fn new(path: PathBuf, key: UploadKey, started: Timestamp) -> Self {
        Self {
            key,
            started,
            index: DiskIndex::beside(&path),
            path,
            parts: Mutex::default(),
            crcs: Mutex::default(),
            doomed: AtomicBool::new(false),
            stage: RwLock::new(Stage::Gathering),
        }
    }

    /// Has its files removed once nobody works on it.
    pub(super) fn doom(&self) {
        self.doomed.store(true, Ordering::Relaxed);
    }

    /// Keeps a part; `false` if the upload is finished and takes none.
    pub(super) fn write_part(
        &self,
        number: u32,
        bytes: &[u8],
        limits: &Limits,
    ) -> Result<bool, BlobError> {
        let len = Parts::check(number, bytes, limits)?;
        let stage = self.stage.read();
        if matches!(*stage, Stage::Finished(..)) {
            return Ok(false);
        }
        self.open()?
            .write_all_at(bytes, slot(number, limits))
            .map_err(StoreError::io("write", &self.path))?;
        let crc = crc32fast::hash(bytes);
        self.index.note(Noted { number, len, crc })?;
        self.crcs.lock().insert(number, crc);
        self.parts.lock().insert(number, len);
        Ok(true)
    }

    fn open(&self) -> Result<File, StoreError> {
        let file = File::options().read(true).write(true).open(&self.path);
        file.map_err(StoreError::io("open", &self.path))
    }

    pub(super) fn parts(&self) -> Vec<Part> {
        self.parts.lock().list()
    }

    /// Joins the parts `0..count` and has `place` put the file where it belongs.
    pub(super) fn finish(
        &self,
        count: u32,
        limits: &Limits,
        place: impl FnOnce(Joined) -> Result<(), BlobError>,
    ) -> Result<BlobId, BlobError> {
        let mut stage = self.stage.write();
        if let Stage::Finished(finished, id) = *stage {
            return if finished == count { Ok(id) } else { Err(BlobError::NoUpload) };
        }
        let parts = self.parts.lock().complete(count, limits)?;
        let joined = self.join(&parts, limits)?;
        let id = joined.id;
        let is_copy = joined.path != self.path;
        let done = Done { key: self.key, started: self.started, parts: count, blob: id };
        // Written first: the parts are gone as soon as the file is at its place.
        done.write(&self.path)?;
        place(joined)?;
        self.index.remove();
        if is_copy {
            fs::remove_file(&self.path).map_err(StoreError::io("remove", &self.path))?;
        }
        *stage = Stage::Finished(count, id);
        Ok(id)
    }

    fn join(&self, parts: &[Part], limits: &Limits) -> Result<Joined, BlobError> {
        let len = parts.iter().map(|part| u64::from(part.len)).sum();
        let gapless = parts
            .iter()
            .rev()
            .skip(1)
            .all(|part| usize::try_from(part.len) == Ok(limits.part_bytes_max));
        let io = |action| StoreError::io(action, &self.path);
        let file = self.open()?;
        if gapless {
            let (sha256, sums) = self.each_part(&file, parts, limits, |_| Ok(()))?;
            file.set_len(len).map_err(io("truncate"))?;
            file.sync_all().map_err(io("sync"))?;
            return Ok(Joined { id: BlobId { sha256, len }, path: self.path.clone(), sums });
        }
        let path = self.path.with_extension("joined");
        // An earlier attempt may have failed half-way.
        let _ = fs::remove_file(&path);
        let copy = create(&path)?;
        let mut offset = 0;
        let (sha256, sums) = self.each_part(&file, parts, limits, |bytes| {
            copy.write_all_at(bytes, offset).map_err(StoreError::io("write", &path))?;
            offset += bytes.len() as u64;
            Ok(())
        })?;
        copy.sync_all().map_err(StoreError::io("sync", &path))?;
        Ok(Joined { id: BlobId { sha256, len }, path, sums })
    }

    /// Reads the parts one by one, hashes them and passes them on; the hash of all of them, and the
    /// checksums of the pieces that they make.
    fn each_part(
        &self,
        file: &File,
        parts: &[Part],
        limits: &Limits,
        mut visit: impl FnMut(&[u8]) -> Result<(), StoreError>,
    ) -> Result<([u8; 32], Sums), BlobError> {
        let (mut hash, mut sums) = (Sha256::new(), Sums::default());
        let mut bytes = Vec::new();
        for part in parts {
            bytes.resize(usize::try_from(part.len).unwrap_or(limits.part_bytes_max), 0);
            file.read_exact_at(&mut bytes, slot(part.number, limits))
                .map_err(StoreError::io("read", &self.path))?;
            if self.crcs.lock().get(&part.number) != Some(&crc32fast::hash(&bytes)) {
                let (path, part) = (self.path.display(), part.number);
                tracing::warn!(%path, part, "a part of an upload is not what arrived: it is lost");
                return Err(BlobError::PartMissing(part));
            }
            hash.update(&bytes);
            sums.update(&bytes);
            visit(&bytes)?;
        }
        Ok((hash.finalize().into(), sums))
    }
}

impl Drop for DiskUpload {
    fn drop(&mut self) {
        if *self.doomed.get_mut() {
            // What stays behind after an error is cleaned up at the next start.
            let _ = fs::remove_file(disk_done::beside(&self.path));
            if matches!(*self.stage.get_mut(), Stage::Gathering) {
                self.index.remove();
                let _ = fs::remove_file(&self.path);
                let _ = fs::remove_file(self.path.with_extension("joined"));
            }
        }
    }
}

fn slot(number: u32, limits: &Limits) -> u64 {
    u64::from(number) * limits.part_bytes_max as u64
}

fn create(path: &std::path::Path) -> Result<File, StoreError> {
    File::options()
        .read(true)
        .write(true)
        .create_new(true)
        .open(path)
        .map_err(StoreError::io("create", path))
}
