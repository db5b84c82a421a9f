//! What a backup takes: one moment of all rows, and the files that these rows name.
//!
//! The moment costs the writer nothing, and nobody waits for the copying. A file is on disk before a
//! row names it and is never changed afterwards, so the files may be read long after the moment.

use std::collections::BTreeSet;
use std::io::{self, Write};
use std::sync::Arc;

use heliogram_store::engine::View;
use heliogram_store::{BlobId, Dumped, Read as _, Snapshot, StoreError, dump};

use crate::Server;
use crate::tables::{Documents, Photos};
use crate::world::World;

/// One moment of a data centre.
pub struct Image {
    rows: Snapshot,
    world: Arc<World>,
}

impl Server {
    /// The present moment, to be copied while the server goes on.
    ///
    /// # Errors
    /// If the rows cannot be reached.
    pub fn image(&self) -> Result<Image, StoreError> {
        let rows = self.gateway().store.snapshot()?;
        Ok(Image { rows, world: Arc::clone(&self.gateway().world) })
    }
}

impl Image {
    /// Writes all rows to `out`, in the form that [`heliogram_store::load`] reads.
    ///
    /// # Errors
    /// If a row cannot be read, or `out` cannot be written.
    pub fn write_rows(&self, out: &mut dyn Write) -> io::Result<Dumped> {
        dump(&self.rows, out)
    }

    /// The files that rows of this moment name.
    ///
    /// # Errors
    /// If a row cannot be read.
    pub fn blobs(&self) -> Result<BTreeSet<BlobId>, StoreError> {
        referenced(&self.rows)
    }

    /// Reads a file from beginning to end, and verifies it.
    ///
    /// # Errors
    /// If it is damaged or gone, and those of `visit`.
    pub fn read_blob(
        &self,
        blob: &BlobId,
        mut visit: impl FnMut(&[u8]) -> io::Result<()>,
    ) -> io::Result<()> {
        let mut offset = 0;
        while offset < blob.len {
            let piece = self.world.blobs.read(blob, offset, PIECE_BYTES);
            visit(&piece.map_err(io::Error::other)?)?;
            offset += PIECE_BYTES as u64;
        }
        Ok(())
    }
}

/// The files that rows name.
pub(crate) fn referenced(rows: &dyn View) -> Result<BTreeSet<BlobId>, StoreError> {
    let mut blobs = BTreeSet::new();
    for row in rows.range::<Photos>(..) {
        blobs.extend(row?.1.sizes.into_iter().map(|size| size.blob));
    }
    for row in rows.range::<Documents>(..) {
        let (_, document) = row?;
        blobs.insert(document.blob);
        blobs.extend(document.thumbs.into_iter().map(|size| size.blob));
    }
    Ok(blobs)
}

const PIECE_BYTES: usize = 1 << 20;
