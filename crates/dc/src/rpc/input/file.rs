//! Files as a caller names them: those on their way up, and those that are here.

use heliogram_ids::{AccessHash, FileId};
use heliogram_store::Read as _;
use heliogram_store::engine::View;
use heliogram_tl as tl;

use crate::cx::Cx;
use crate::domain::access::Target;
use crate::domain::files::assemble::Upload;
use crate::domain::files::document;
use crate::domain::files::location::Location;
use crate::error::{Rpc, RpcError};
use crate::tables::{Documents, Photos};

/// An upload that the caller says is complete.
///
/// # Errors
/// `FILE_ID_INVALID` for files that were not uploaded just now.
pub(in crate::rpc) fn upload(input: &tl::InputFile) -> Rpc<Upload> {
    match input {
        tl::InputFile::InputFile(file) => Ok(Upload {
            file: FileId(file.id),
            parts: file.parts,
            name: document::file_name(&file.name),
            md5: file.md5_checksum.to_string(),
        }),
        tl::InputFile::InputFileBig(file) => Ok(Upload {
            file: FileId(file.id),
            parts: file.parts,
            name: document::file_name(&file.name),
            md5: String::new(),
        }),
        tl::InputFile::InputFileStoryDocument(_) => Err(RpcError::FILE_ID_INVALID),
    }
}

/// A photo that the caller was shown.
///
/// # Errors
/// `invalid`, `FILE_REFERENCE_EMPTY`, `FILE_REFERENCE_EXPIRED`, `FILE_REFERENCE_INVALID`.
pub(in crate::rpc) fn photo<D: View>(
    cx: &Cx<'_, D>,
    input: &tl::InputPhoto,
    invalid: RpcError,
) -> Rpc<FileId> {
    let tl::InputPhoto::InputPhoto(photo) = input else { return Err(invalid) };
    let id = FileId(photo.id);
    admit(cx, Target::Photo(id), photo.access_hash, &photo.file_reference, &invalid)?;
    if cx.db.contains::<Photos>(&id)? { Ok(id) } else { Err(invalid) }
}

/// A document that the caller was shown.
///
/// # Errors
/// `invalid`, `FILE_REFERENCE_EMPTY`, `FILE_REFERENCE_EXPIRED`, `FILE_REFERENCE_INVALID`.
pub(in crate::rpc) fn document<D: View>(
    cx: &Cx<'_, D>,
    input: &tl::InputDocument,
    invalid: RpcError,
) -> Rpc<FileId> {
    let tl::InputDocument::InputDocument(document) = input else { return Err(invalid) };
    let id = FileId(document.id);
    admit(cx, Target::Document(id), document.access_hash, &document.file_reference, &invalid)?;
    if cx.db.contains::<Documents>(&id)? { Ok(id) } else { Err(invalid) }
}

/// What the caller wants to download.
///
/// # Errors
/// `LOCATION_INVALID`, `PEER_ID_INVALID`, `FILE_REFERENCE_EMPTY`, `FILE_REFERENCE_EXPIRED`,
/// `FILE_REFERENCE_INVALID`.
pub(in crate::rpc) fn location<D: View>(
    cx: &Cx<'_, D>,
    input: &tl::InputFileLocation,
) -> Rpc<Location> {
    use tl::InputFileLocation as L;
    let invalid = RpcError::LOCATION_INVALID;
    match input {
        L::InputDocumentFileLocation(file) => {
            let id = FileId(file.id);
            admit(cx, Target::Document(id), file.access_hash, &file.file_reference, &invalid)?;
            let letter = (!file.thumb_size.is_empty()).then(|| file.thumb_size.to_string());
            Ok(Location::Document(id, letter))
        }
        L::InputPhotoFileLocation(file) => {
            let id = FileId(file.id);
            admit(cx, Target::Photo(id), file.access_hash, &file.file_reference, &invalid)?;
            Ok(Location::Photo(id, file.thumb_size.to_string()))
        }
        L::InputPeerPhotoFileLocation(file) => Ok(Location::Profile {
            peer: super::peer(cx, &file.peer)?,
            photo: FileId(file.photo_id),
            big: file.big,
        }),
        _ => Err(invalid),
    }
}

/// Checks that the caller was shown the file.
///
/// Bots keep file ids for years, and those hold no reference: a bot may leave it out.
fn admit<D>(
    cx: &Cx<'_, D>,
    target: Target,
    hash: i64,
    reference: &[u8],
    invalid: &RpcError,
) -> Rpc<()> {
    let access = &cx.world.access;
    if !access.verify(cx.me, target, AccessHash(hash)) {
        return Err(invalid.clone());
    }
    match reference {
        [] if cx.caller.is_bot => Ok(()),
        [] => Err(RpcError::FILE_REFERENCE_EMPTY),
        _ if access.verify_reference(cx.me, target, reference) => Ok(()),
        _ if access.is_outdated(reference) => Err(RpcError::FILE_REFERENCE_EXPIRED),
        _ => Err(RpcError::FILE_REFERENCE_INVALID),
    }
}
