//! Which blob an upload became, in a small file where the upload was.
//!
//! A client hears of a finished upload only with the message that carries it. When the process dies
//! in between, the client repeats its request, and the parts are gone by then: they are the blob.

use std::fs;
use std::path::{Path, PathBuf};

use heliogram_ids::Timestamp;

use super::{BlobId, UploadKey};
use crate::key::decode_key;
use crate::{Key, StoreError};

/// What an upload has become.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) struct Done {
    pub(super) key: UploadKey,
    pub(super) started: Timestamp,
    /// Of how many parts it was made.
    pub(super) parts: u32,
    pub(super) blob: BlobId,
}

type Fields = (u64, (heliogram_ids::UserId, heliogram_ids::FileId), (Timestamp, u32), BlobId);

impl Done {
    /// Writes it down where the upload at `upload` was.
    pub(super) fn write(&self, upload: &Path) -> Result<(), StoreError> {
        let path = beside(upload);
        let mut bytes = Vec::new();
        let fields: Fields =
            (MAGIC, (self.key.owner, self.key.file), (self.started, self.parts), self.blob);
        fields.encode(&mut bytes);
        bytes.extend(crc32fast::hash(&bytes).to_le_bytes());
        fs::write(&path, bytes).map_err(StoreError::io("write", &path))
    }

    /// Reads what stands in the file at `path`; none if it is something else, or not whole.
    pub(super) fn read(path: &Path) -> Option<Self> {
        if path.extension()? != EXTENSION {
            return None;
        }
        let bytes = fs::read(path).ok()?;
        let (bytes, sum) = bytes.split_last_chunk()?;
        if crc32fast::hash(bytes) != u32::from_le_bytes(*sum) {
            return None;
        }
        let (magic, (owner, file), (started, parts), blob) = decode_key::<Fields>(bytes).ok()?;
        let key = UploadKey { owner, file };
        (magic == MAGIC).then_some(Self { key, started, parts, blob })
    }
}

/// Where the file of the upload at `upload` lies.
pub(super) fn beside(upload: &Path) -> PathBuf {
    upload.with_extension(EXTENSION)
}

const EXTENSION: &str = "done";
const MAGIC: u64 = 0x4847_646F_6E65_3031;
