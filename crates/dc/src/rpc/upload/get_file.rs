//! `upload.getFile` and `upload.getFileHashes`.

use heliogram_crypto::sha256;
use heliogram_store::BlobId;
use heliogram_tl as tl;
use heliogram_tl::types;

use crate::cx::Reading;
use crate::domain::files::kind::{FileKind, HEAD_BYTES};
use crate::domain::files::location::{self, Piece};
use crate::domain::homes;
use crate::error::{Rpc, RpcError};
use crate::rpc::input;

/// `upload.getFile`: a piece of a file; behind its end, an empty one.
///
/// # Errors
/// `LOCATION_INVALID`, `OFFSET_INVALID`, `LIMIT_INVALID`, `PEER_ID_INVALID`, `FILE_REFERENCE_EMPTY`,
/// `FILE_REFERENCE_EXPIRED`, `FILE_REFERENCE_INVALID`, `FILE_MIGRATE_X`.
pub(super) fn get_file(cx: &mut Reading<'_>, req: tl::upload::GetFile) -> Rpc<tl::upload::File> {
    let location = input::location(cx, &req.location)?;
    let piece = Piece::parse(req.offset, req.limit, req.precise)?;

    let stored = location::find(cx.db, &location)?;
    homes::require_file(&cx.world.config, cx.caller, stored.dc)?;
    let bytes = cx.world.blobs.read(&stored.blob, piece.offset, piece.len)?;
    let kind = match piece.offset {
        0 => FileKind::of(&bytes),
        _ => FileKind::of(&cx.world.blobs.read(&stored.blob, 0, HEAD_BYTES)?),
    };

    let (r#type, mtime) = (file_type(kind), stored.date);
    Ok(types::upload::File { r#type, mtime, bytes: bytes.into() }.into())
}

/// `upload.getFileHashes`: checksums of the blocks from `offset` on, those of one mebibyte at most.
///
/// # Errors
/// `OFFSET_INVALID` and, for the location, those of [`get_file`].
pub(super) fn get_file_hashes(
    cx: &mut Reading<'_>,
    req: tl::upload::GetFileHashes,
) -> Rpc<Vec<tl::FileHash>> {
    let location = input::location(cx, &req.location)?;
    let offset = u64::try_from(req.offset).map_err(|_| RpcError::OFFSET_INVALID)?;

    let stored = location::find(cx.db, &location)?;
    homes::require_file(&cx.world.config, cx.caller, stored.dc)?;
    let first = offset - offset % BLOCK_BYTES as u64;
    let offsets = (first..stored.blob.len).step_by(BLOCK_BYTES).take(BLOCKS_MAX);
    offsets.map(|offset| hash(cx, &stored.blob, offset)).collect()
}

fn hash(cx: &Reading<'_>, blob: &BlobId, offset: u64) -> Rpc<tl::FileHash> {
    let block = cx.world.blobs.read(blob, offset, BLOCK_BYTES)?;
    Ok(types::FileHash {
        offset: i64::try_from(offset).map_err(|_| RpcError::OFFSET_INVALID)?,
        limit: i32::try_from(block.len()).map_err(|_| RpcError::LIMIT_INVALID)?,
        hash: sha256(&[&block]).to_vec().into(),
    }
    .into())
}

/// What one checksum covers.
const BLOCK_BYTES: usize = 128 << 10;
const BLOCKS_MAX: usize = 8;

fn file_type(kind: FileKind) -> tl::storage::FileType {
    use tl::storage::FileType as T;
    match kind {
        FileKind::Unknown => T::FileUnknown,
        FileKind::Jpeg => T::FileJpeg,
        FileKind::Gif => T::FileGif,
        FileKind::Png => T::FilePng,
        FileKind::Pdf => T::FilePdf,
        FileKind::Mp3 => T::FileMp3,
        FileKind::Mov => T::FileMov,
        FileKind::Mp4 => T::FileMp4,
        FileKind::Webp => T::FileWebp,
    }
}
