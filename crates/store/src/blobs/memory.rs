//! Blobs that live in memory: for tests and `--ephemeral`.

use std::collections::BTreeMap;

use heliogram_ids::Timestamp;
use parking_lot::Mutex;
use sha2::{Digest, Sha256};

use super::parts::Parts;
use super::{BlobError, BlobId, BlobUsage, Blobs, Part, UploadKey};
use crate::Limits;

/// Keeps every blob and every upload in memory.
#[derive(Debug, Default)]
pub struct MemoryBlobs {
    limits: Limits,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    blobs: BTreeMap<BlobId, Vec<u8>>,
    uploads: BTreeMap<UploadKey, Upload>,
}

#[derive(Debug)]
struct Upload {
    started: Timestamp,
    parts: Parts,
    bytes: BTreeMap<u32, Vec<u8>>,
    finished: Option<(u32, BlobId)>,
}

impl Upload {
    fn new(started: Timestamp) -> Self {
        Self { started, parts: Parts::default(), bytes: BTreeMap::new(), finished: None }
    }
}

impl MemoryBlobs {
    /// An empty store of blobs.
    pub fn new(limits: Limits) -> Self {
        Self { limits, state: Mutex::default() }
    }
}

impl State {
    fn keep(&mut self, bytes: Vec<u8>) -> BlobId {
        let id = BlobId { sha256: Sha256::digest(&bytes).into(), len: bytes.len() as u64 };
        self.blobs.insert(id, bytes);
        id
    }
}

impl Blobs for MemoryBlobs {
    fn start_upload(&self, key: UploadKey, now: Timestamp) -> Result<(), BlobError> {
        let mut state = self.state.lock();
        let open = state.uploads.len();
        if open >= self.limits.uploads_max && !state.uploads.contains_key(&key) {
            return Err(BlobError::TooManyUploads(open));
        }
        state.uploads.entry(key).or_insert_with(|| Upload::new(now));
        Ok(())
    }

    fn write_part(&self, key: UploadKey, number: u32, bytes: &[u8]) -> Result<(), BlobError> {
        let len = Parts::check(number, bytes, &self.limits)?;
        let mut state = self.state.lock();
        let upload = state.uploads.get_mut(&key).ok_or(BlobError::NoUpload)?;
        if upload.finished.is_some() {
            *upload = Upload::new(upload.started);
        }
        upload.parts.insert(number, len);
        upload.bytes.insert(number, bytes.to_vec());
        Ok(())
    }

    fn parts(&self, key: UploadKey) -> Result<Vec<Part>, BlobError> {
        let state = self.state.lock();
        Ok(state.uploads.get(&key).ok_or(BlobError::NoUpload)?.parts.list())
    }

    fn finish(&self, key: UploadKey, count: u32) -> Result<BlobId, BlobError> {
        let mut state = self.state.lock();
        let upload = state.uploads.get_mut(&key).ok_or(BlobError::NoUpload)?;
        if let Some((finished, id)) = upload.finished
            && finished == count
        {
            return Ok(id);
        }
        upload.parts.complete(count, &self.limits)?;
        let bytes = upload.bytes.range(..count).flat_map(|(_, part)| part).copied().collect();
        let id = state.keep(bytes);
        if let Some(upload) = state.uploads.get_mut(&key) {
            upload.finished = Some((count, id));
        }
        Ok(id)
    }

    fn abandon(&self, key: UploadKey) {
        self.state.lock().uploads.remove(&key);
    }

    fn sweep(&self, before: Timestamp) -> usize {
        let mut state = self.state.lock();
        let count = state.uploads.len();
        state.uploads.retain(|_, upload| upload.started >= before);
        count - state.uploads.len()
    }

    fn put(&self, bytes: &[u8]) -> Result<BlobId, BlobError> {
        Ok(self.state.lock().keep(bytes.to_vec()))
    }

    fn read(&self, id: &BlobId, offset: u64, len: usize) -> Result<Vec<u8>, BlobError> {
        let state = self.state.lock();
        let blob = state.blobs.get(id).ok_or(BlobError::NotFound(*id))?;
        let start = usize::try_from(offset).unwrap_or(usize::MAX).min(blob.len());
        let end = start.saturating_add(len).min(blob.len());
        Ok(blob.get(start..end).unwrap_or_default().to_vec())
    }

    fn contains(&self, id: &BlobId) -> Result<bool, BlobError> {
        Ok(self.state.lock().blobs.contains_key(id))
    }

    fn verify(&self, id: &BlobId) -> Result<(), BlobError> {
        let state = self.state.lock();
        let blob = state.blobs.get(id).ok_or(BlobError::NotFound(*id))?;
        let sha256: [u8; 32] = Sha256::digest(blob).into();
        if sha256 == id.sha256 { Ok(()) } else { Err(BlobError::Damaged(*id)) }
    }

    fn remove(&self, id: &BlobId) -> Result<(), BlobError> {
        self.state.lock().blobs.remove(id);
        Ok(())
    }

    fn usage(&self) -> Result<BlobUsage, BlobError> {
        let state = self.state.lock();
        let bytes = state.blobs.keys().map(|id| id.len).sum();
        Ok(BlobUsage { count: state.blobs.len() as u64, bytes })
    }
}
