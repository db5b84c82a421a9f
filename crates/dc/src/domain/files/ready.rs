//! Media between the two halves of a request: its files are in place, its rows are not.
//!
//! Joining parts and taking pictures apart is slow, and happens before the transaction. Keeping
//! rows is quick, and happens within it.

use heliogram_ids::{DcId, FileId};
use heliogram_store::Read;
use heliogram_store::engine::View;

use crate::cx::Writing;
use crate::domain::{homes, users};
use crate::error::{Rpc, RpcError};
use crate::record::{DocumentAttribute, DocumentRow, Media, PhotoRow};
use crate::tables::{Documents, Photos};

/// Media that only lacks its rows.
#[derive(Clone, Debug)]
pub(crate) enum Ready {
    /// A new photo.
    Photo { row: PhotoRow, spoiler: bool, ttl_seconds: Option<i32> },
    /// A new document.
    Document { row: DocumentRow, spoiler: bool, ttl_seconds: Option<i32> },
    /// What needs no new row: files that are known already, places, contacts, dice.
    Known(Media),
    /// A page that was asked for on condition, and is not to be had: the text stands alone.
    Nothing,
}

/// Gives new photos and documents their rows.
pub(crate) fn keep(cx: &mut Writing<'_>, ready: &Ready) -> Rpc<Option<Media>> {
    Ok(Some(match ready {
        Ready::Photo { row, spoiler, ttl_seconds } => {
            let id = photo(cx, row)?;
            Media::Photo { id, spoiler: *spoiler, ttl_seconds: *ttl_seconds }
        }
        Ready::Document { row, spoiler, ttl_seconds } => {
            let id = fresh(cx, |db, id| Ok(db.contains::<Documents>(&id)?))?;
            let row = DocumentRow { dc: Some(home(cx)?), ..row.clone() };
            cx.db.put::<Documents>(&id, &row)?;
            Media::Document { id, spoiler: *spoiler, ttl_seconds: *ttl_seconds }
        }
        Ready::Known(media) => media.clone(),
        Ready::Nothing => return Ok(None),
    }))
}

/// Gives a new photo its row.
pub(crate) fn photo(cx: &mut Writing<'_>, row: &PhotoRow) -> Rpc<FileId> {
    let id = fresh(cx, |db, id| Ok(db.contains::<Photos>(&id)?))?;
    let row = PhotoRow { dc: Some(home(cx)?), ..row.clone() };
    cx.db.put::<Photos>(&id, &row)?;
    Ok(id)
}

/// Files lie where their uploaders live.
fn home(cx: &Writing<'_>) -> Rpc<DcId> {
    Ok(homes::of_account(&cx.world.config, &users::require(&*cx.db, cx.me)?))
}

fn fresh(cx: &mut Writing<'_>, taken: fn(&dyn View, FileId) -> Rpc<bool>) -> Rpc<FileId> {
    loop {
        // Positive: some clients print ids into file names.
        let id = FileId(cx.rng.i64() & i64::MAX);
        if id.get() != 0 && !taken(cx.db, id)? {
            return Ok(id);
        }
    }
}

/// Whether readers are expected to listen or watch, and the author to be told: voice messages and
/// round videos.
pub(crate) fn is_listened_to(db: &dyn View, media: &Media) -> Rpc<bool> {
    let Media::Document { id, .. } = media else { return Ok(false) };
    let Some(row) = db.get::<Documents>(id)? else { return Ok(false) };
    Ok(row.attributes.iter().any(|attribute| {
        matches!(
            attribute,
            DocumentAttribute::Audio { voice: true, .. }
                | DocumentAttribute::Video { round: true, .. }
        )
    }))
}

/// What may share an album.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum AlbumSort {
    /// Photos and videos.
    Seen,
    /// Music.
    Heard,
    /// Files of other kinds.
    Files,
}

/// In which sort of album something belongs.
///
/// # Errors
/// `MEDIA_GROUPED_INVALID` for what no album takes.
pub(crate) fn album_sort(db: &dyn View, ready: &Ready) -> Rpc<AlbumSort> {
    match ready {
        Ready::Photo { .. } | Ready::Known(Media::Photo { .. }) => Ok(AlbumSort::Seen),
        Ready::Document { row, .. } => Ok(document_sort(row)),
        Ready::Known(Media::Document { id, .. }) => {
            let row = db.get::<Documents>(id)?.ok_or(RpcError::MEDIA_INVALID)?;
            Ok(document_sort(&row))
        }
        Ready::Known(_) | Ready::Nothing => Err(RpcError::MEDIA_GROUPED_INVALID),
    }
}

fn document_sort(row: &DocumentRow) -> AlbumSort {
    let has = |wanted: fn(&DocumentAttribute) -> bool| row.attributes.iter().any(wanted);
    if has(|one| matches!(one, DocumentAttribute::Video { .. })) {
        AlbumSort::Seen
    } else if has(|one| matches!(one, DocumentAttribute::Audio { .. })) {
        AlbumSort::Heard
    } else {
        AlbumSort::Files
    }
}
