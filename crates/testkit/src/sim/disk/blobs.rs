//! Blobs in real files, on a disk that can be full.

use std::io;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use heliogram_ids::Timestamp;
use heliogram_store::blobs::{BlobId, DiskBlobs, Part, UploadKey};
use heliogram_store::{BlobError, Blobs, StoreError};

/// Blobs that cannot be written for as long as their disk is full.
pub(in crate::sim) struct FrailBlobs {
    blobs: DiskBlobs,
    full: Arc<AtomicBool>,
}

impl FrailBlobs {
    pub(in crate::sim) fn new(blobs: DiskBlobs, full: Arc<AtomicBool>) -> Self {
        Self { blobs, full }
    }

    fn room(&self) -> Result<(), BlobError> {
        if !self.full.load(Ordering::Relaxed) {
            return Ok(());
        }
        let source = Arc::new(io::Error::from(io::ErrorKind::StorageFull));
        Err(StoreError::Io { action: "write", path: PathBuf::from("blobs"), source }.into())
    }
}

impl Blobs for FrailBlobs {
    fn start_upload(&self, key: UploadKey, now: Timestamp) -> Result<(), BlobError> {
        self.room()?;
        self.blobs.start_upload(key, now)
    }

    fn write_part(&self, key: UploadKey, number: u32, bytes: &[u8]) -> Result<(), BlobError> {
        self.room()?;
        self.blobs.write_part(key, number, bytes)
    }

    fn parts(&self, key: UploadKey) -> Result<Vec<Part>, BlobError> {
        self.blobs.parts(key)
    }

    fn finish(&self, key: UploadKey, count: u32) -> Result<BlobId, BlobError> {
        self.room()?;
        self.blobs.finish(key, count)
    }

    fn abandon(&self, key: UploadKey) {
        self.blobs.abandon(key);
    }

    fn sweep(&self, before: Timestamp) -> usize {
        self.blobs.sweep(before)
    }

    fn put(&self, bytes: &[u8]) -> Result<BlobId, BlobError> {
        self.room()?;
        self.blobs.put(bytes)
    }

    fn read(&self, id: &BlobId, offset: u64, len: usize) -> Result<Vec<u8>, BlobError> {
        self.blobs.read(id, offset, len)
    }

    fn contains(&self, id: &BlobId) -> Result<bool, BlobError> {
        self.blobs.contains(id)
    }

    fn verify(&self, id: &BlobId) -> Result<(), BlobError> {
        self.blobs.verify(id)
    }

    fn remove(&self, id: &BlobId) -> Result<(), BlobError> {
        self.blobs.remove(id)
    }
}
