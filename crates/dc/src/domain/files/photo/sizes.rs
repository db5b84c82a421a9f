//! The sizes of photos, and which of them a picture gets.

use heliogram_ids::{Timestamp, UserId};
use heliogram_store::BlobId;

use super::picture::Picture;
use crate::error::{Rpc, RpcError};
use crate::record::{PhotoRow, PhotoSize};
use crate::world::World;

/// How a picture is cut into sizes: letters and the longest side of each, the smallest first.
type Boxes = &'static [(&'static str, u32)];

/// Sizes of a photo in a message.
const MESSAGE: Boxes = &[("s", 100), ("m", 320), ("x", 800), ("y", 1280), ("w", 2560)];
/// Sizes of a profile photo, which is a square.
const PROFILE: Boxes = &[("a", 160), ("b", 320), ("c", 640)];
/// Sizes of the preview of a document.
const PREVIEW: Boxes = &[("m", 320)];

/// What is made of a picture: its sizes, and a hint of a few hundred bytes.
pub(crate) struct Developed {
    pub(crate) sizes: Vec<PhotoSize>,
    pub(crate) stripped: Vec<u8>,
}

/// The photo of a message.
///
/// # Errors
/// `PHOTO_EXT_INVALID`, `PHOTO_INVALID_DIMENSIONS`, `IMAGE_PROCESS_FAILED`.
pub(crate) fn message(world: &World, me: UserId, now: Timestamp, blob: &BlobId) -> Rpc<PhotoRow> {
    let picture = Picture::decode(world, blob)?;
    Ok(row(me, now, picture.develop(world, MESSAGE)?))
}

/// A profile photo: the middle square of the picture.
///
/// # Errors
/// Those of [`message`], `PHOTO_CROP_SIZE_SMALL`.
pub(crate) fn profile(world: &World, me: UserId, now: Timestamp, blob: &BlobId) -> Rpc<PhotoRow> {
    let picture = Picture::decode(world, blob)?.square();
    let (side, _) = picture.size();
    if side < PROFILE_SIDE_MIN {
        return Err(RpcError::PHOTO_CROP_SIZE_SMALL);
    }
    Ok(row(me, now, picture.develop(world, PROFILE)?))
}

fn row(uploader: UserId, now: Timestamp, developed: Developed) -> PhotoRow {
    let Developed { sizes, stripped } = developed;
    PhotoRow { date: now.unix(), sizes, stripped: Some(stripped), uploader, dc: None }
}

impl Picture {
    /// The preview of a document.
    ///
    /// # Errors
    /// `IMAGE_PROCESS_FAILED`.
    pub(crate) fn preview(self, world: &World) -> Rpc<Developed> {
        self.develop(world, PREVIEW)
    }

    /// Makes every size that is smaller than the picture, and one as large as allowed. Nothing is
    /// ever scaled up.
    fn develop(self, world: &World, boxes: Boxes) -> Rpc<Developed> {
        let longest = self.longest();
        let wanted = boxes.iter().take_while(|(_, side)| *side < longest).count() + 1;
        let mut sizes = Vec::with_capacity(boxes.len());
        let mut picture = self;
        // From the largest down: each is scaled from the one before, which is cheaper.
        for (letter, side) in boxes.iter().take(wanted).rev() {
            picture = picture.within(*side)?;
            let (width, height) = picture.size();
            sizes.push(PhotoSize {
                letter: (*letter).to_owned(),
                width: i32::try_from(width).map_err(|_| RpcError::PHOTO_INVALID_DIMENSIONS)?,
                height: i32::try_from(height).map_err(|_| RpcError::PHOTO_INVALID_DIMENSIONS)?,
                blob: world.blobs.put(&picture.jpeg(QUALITY)?)?,
            });
        }
        sizes.reverse();
        Ok(Developed { sizes, stripped: picture.within(STRIPPED_SIDE)?.stripped()? })
    }
}

/// Shortest side of a profile photo.
const PROFILE_SIDE_MIN: u32 = 160;
const QUALITY: u8 = 87;
/// Longest side of the hint that is shown while a photo loads.
const STRIPPED_SIDE: u32 = 40;
