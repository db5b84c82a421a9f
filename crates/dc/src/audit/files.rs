//! Files: whatever a row names is there, and is what it was.

use heliogram_store::blobs::BlobId;
use heliogram_store::{Blobs, Read as _, Snapshot, StoreError};

use super::Audit;
use crate::record::Media;
use crate::tables::{Documents, Messages, Photos};

pub(super) fn check(db: &Snapshot, blobs: &dyn Blobs, audit: &mut Audit) -> Result<(), StoreError> {
    for row in db.range::<Documents>(..) {
        let (id, document) = row?;
        let thumbs = document.thumbs.iter().map(|thumb| &thumb.blob);
        for blob in thumbs.chain([&document.blob]) {
            verify(blobs, blob, &format!("document {id:?}"), audit);
        }
    }
    for row in db.range::<Photos>(..) {
        let (id, photo) = row?;
        for size in &photo.sizes {
            verify(blobs, &size.blob, &format!("photo {id:?}"), audit);
        }
    }
    for row in db.range::<Messages>(..) {
        let ((owner, message), row) = row?;
        let is_there = match row.media {
            Some(Media::Document { id, .. }) => db.contains::<Documents>(&id)?,
            Some(Media::Photo { id, .. }) => db.contains::<Photos>(&id)?,
            _ => true,
        };
        if !is_there {
            audit.fault(format_args!("{message:?} of {owner:?} shows a file that is not there"));
        }
    }
    Ok(())
}

fn verify(blobs: &dyn Blobs, blob: &BlobId, what: &str, audit: &mut Audit) {
    if let Err(error) = blobs.verify(blob) {
        audit.fault(format_args!("{what}: {error}"));
    }
}
