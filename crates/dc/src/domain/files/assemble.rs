//! An upload whose parts are all there becomes a blob.

use heliogram_ids::{FileId, UserId};
use heliogram_store::BlobId;
use heliogram_store::blobs::UploadKey;
use md5::{Digest as _, Md5};

use super::parts::refusal;
use crate::error::{Rpc, RpcError};
use crate::world::World;

/// A file that its uploader says is complete.
#[derive(Clone, Debug)]
pub(crate) struct Upload {
    pub(crate) file: FileId,
    pub(crate) parts: i32,
    pub(crate) name: String,
    /// In hexadecimal digits; empty if the uploader did not care.
    pub(crate) md5: String,
}

/// Joins the parts. Asked again, it answers the same, so that a repeated request finds its file.
///
/// Reads and hashes everything: not for the writer's thread.
///
/// # Errors
/// `FILE_PARTS_INVALID`, `FILE_PART_X_MISSING`, `MD5_CHECKSUM_INVALID`.
pub(crate) fn assemble(world: &World, owner: UserId, upload: &Upload) -> Rpc<BlobId> {
    let key = UploadKey { owner, file: upload.file };
    if !(1..=world.limits().parts_max).contains(&upload.parts) {
        return Err(RpcError::FILE_PARTS_INVALID);
    }
    let parts = u32::try_from(upload.parts).map_err(|_| RpcError::FILE_PARTS_INVALID)?;
    world.uploads.check_count(key, parts)?;
    let blob = world.blobs.finish(key, parts).map_err(refusal)?;
    world.uploads.close(key);
    if upload.md5.is_empty() || md5(world, &blob)?.eq_ignore_ascii_case(&upload.md5) {
        Ok(blob)
    } else {
        Err(RpcError::MD5_CHECKSUM_INVALID)
    }
}

/// The MD5 of a blob in hexadecimal digits.
fn md5(world: &World, blob: &BlobId) -> Rpc<String> {
    let mut hash = Md5::new();
    let mut offset = 0;
    while offset < blob.len {
        let piece = world.blobs.read(blob, offset, PIECE_BYTES)?;
        hash.update(&piece);
        offset += PIECE_BYTES as u64;
    }
    Ok(hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect())
}

const PIECE_BYTES: usize = 512 << 10;
