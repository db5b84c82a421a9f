//! Which bytes a download asks for.

use heliogram_ids::{DcId, FileId, Peer, UserId};
use heliogram_store::engine::View;
use heliogram_store::{BlobId, Prefix, Read};

use crate::error::{Rpc, RpcError};
use crate::record::PhotoSize;
use crate::tables::{Documents, Photos, ProfilePhotos, Users};

/// A file that its reader may have.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) enum Location {
    /// A document, or the preview of that letter.
    Document(FileId, Option<String>),
    /// The size of that letter.
    Photo(FileId, String),
    /// A profile photo, large or small.
    Profile { peer: Peer, photo: FileId, big: bool },
}

/// A file at its place.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Stored {
    pub(crate) blob: BlobId,
    /// When it was uploaded.
    pub(crate) date: i32,
    /// The data centre that is noted in its row.
    pub(crate) dc: Option<DcId>,
}

/// Finds the file.
///
/// # Errors
/// `LOCATION_INVALID`.
pub(crate) fn find(db: &dyn View, location: &Location) -> Rpc<Stored> {
    let missing = RpcError::LOCATION_INVALID;
    match location {
        Location::Document(id, size) => {
            let row = db.get::<Documents>(id)?.ok_or(missing)?;
            let blob = match size {
                None => row.blob,
                Some(letter) => lettered(&row.thumbs, letter)?,
            };
            Ok(Stored { blob, date: row.date, dc: row.dc })
        }
        Location::Photo(id, letter) => {
            let row = db.get::<Photos>(id)?.ok_or(missing)?;
            Ok(Stored { blob: lettered(&row.sizes, letter)?, date: row.date, dc: row.dc })
        }
        Location::Profile { peer, photo, big } => {
            let owner = peer.user().ok_or_else(|| missing.clone())?;
            if !is_profile_photo(db, owner, *photo)? {
                return Err(missing);
            }
            let row = db.get::<Photos>(photo)?.ok_or_else(|| missing.clone())?;
            let side = if *big { BIG_SIDE } else { SMALL_SIDE };
            let blob = nearest(&row.sizes, side).ok_or(missing)?;
            Ok(Stored { blob, date: row.date, dc: row.dc })
        }
    }
}

fn lettered(sizes: &[PhotoSize], letter: &str) -> Rpc<BlobId> {
    let found = sizes.iter().find(|size| size.letter == letter);
    found.map(|size| size.blob).ok_or(RpcError::LOCATION_INVALID)
}

/// The smallest size with a side of at least `side`, or else the largest.
fn nearest(sizes: &[PhotoSize], side: i32) -> Option<BlobId> {
    let large_enough = sizes.iter().find(|size| size.width.max(size.height) >= side);
    large_enough.or_else(|| sizes.last()).map(|size| size.blob)
}

fn is_profile_photo(db: &dyn View, owner: UserId, photo: FileId) -> Rpc<bool> {
    if db.get::<Users>(&owner)?.is_some_and(|user| user.photo == Some(photo)) {
        return Ok(true);
    }
    for row in db.range::<ProfilePhotos>(Prefix(owner)) {
        let ((_, _, id), ()) = row?;
        if id == photo {
            return Ok(true);
        }
    }
    Ok(false)
}

const SMALL_SIDE: i32 = 160;
const BIG_SIDE: i32 = 640;

/// A part of a file that may be asked for at once: it never crosses a border of a mebibyte.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) struct Piece {
    pub(crate) offset: u64,
    pub(crate) len: usize,
}

impl Piece {
    /// Checks offset and limit.
    ///
    /// # Errors
    /// `OFFSET_INVALID`, `LIMIT_INVALID`.
    // Spec: core.telegram.org/api/files, "Downloading files".
    pub(crate) fn parse(offset: i64, limit: i32, precise: bool) -> Rpc<Self> {
        let step: i32 = if precise { 1 << 10 } else { 4 << 10 };
        let start = u64::try_from(offset).map_err(|_| RpcError::OFFSET_INVALID)?;
        if offset % i64::from(step) != 0 {
            return Err(RpcError::OFFSET_INVALID);
        }
        let len = usize::try_from(limit).map_err(|_| RpcError::LIMIT_INVALID)?;
        let fits = if precise { limit <= BLOCK } else { limit > 0 && BLOCK % limit == 0 };
        if limit <= 0 || limit % step != 0 || !fits {
            return Err(RpcError::LIMIT_INVALID);
        }
        let last = start.saturating_add(u64::from(limit.unsigned_abs()) - 1);
        if start >> 20 != last >> 20 {
            return Err(RpcError::LIMIT_INVALID);
        }
        Ok(Self { offset: start, len })
    }
}

const BLOCK: i32 = 1 << 20;

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(offset: i64, limit: i32, precise: bool, expected: Result<(), RpcError>) {
        assert_eq!(Piece::parse(offset, limit, precise).map(drop), expected, "{offset}+{limit}");
    }

    #[test]
    fn pieces_are_aligned_and_stay_within_a_mebibyte() {
        check(0, 1 << 20, false, Ok(()));
        check(12 << 10, 4 << 10, false, Ok(()));
        check(5 << 30, 512 << 10, false, Ok(()));
        check(3 << 10, 5 << 10, true, Ok(()));

        check(-4096, 4096, false, Err(RpcError::OFFSET_INVALID));
        check(1024, 4096, false, Err(RpcError::OFFSET_INVALID));
        check(1000, 1024, true, Err(RpcError::OFFSET_INVALID));
        for limit in [0, -4096, 1024, 12 << 10, 2 << 20] {
            check(0, limit, false, Err(RpcError::LIMIT_INVALID));
        }
        for limit in [0, -1024, 1000, 2 << 20] {
            check(0, limit, true, Err(RpcError::LIMIT_INVALID));
        }
        check((1 << 20) - 4096, 8192, false, Err(RpcError::LIMIT_INVALID));
        check((1 << 20) - 1024, 2048, true, Err(RpcError::LIMIT_INVALID));
    }
}
