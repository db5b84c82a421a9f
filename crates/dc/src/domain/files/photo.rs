//! Pictures: taken apart once, on the way in, into the sizes that clients ask for.
//!
//! Every size is encoded anew, so whatever else the uploaded file held, where and when it was taken
//! or worse, is gone. Only its orientation is applied.

use std::io::Cursor;

use fast_image_resize::images::Image;
use fast_image_resize::{PixelType, Resizer};
use heliogram_ids::{Timestamp, UserId};
use heliogram_store::BlobId;
use image::{DynamicImage, ImageDecoder, ImageReader, RgbImage};
use jpeg_encoder::{ColorType, Encoder, SamplingFactor};

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

/// A decoded picture, upright and opaque.
pub(crate) struct Picture {
    pixels: RgbImage,
}

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
    PhotoRow { date: now.unix(), sizes, stripped: Some(stripped), uploader }
}

impl Picture {
    /// Decodes a blob of any known format; of an animation the first frame.
    ///
    /// # Errors
    /// `PHOTO_EXT_INVALID` if the format is not known, `PHOTO_INVALID_DIMENSIONS`,
    /// `IMAGE_PROCESS_FAILED`.
    pub(crate) fn decode(world: &World, blob: &BlobId) -> Rpc<Self> {
        if blob.len > world.limits().photo_bytes_max {
            return Err(RpcError::IMAGE_PROCESS_FAILED);
        }
        let len = usize::try_from(blob.len).map_err(|_| RpcError::IMAGE_PROCESS_FAILED)?;
        Self::parse(&world.blobs.read(blob, 0, len)?)
    }

    fn parse(bytes: &[u8]) -> Rpc<Self> {
        let mut reader = ImageReader::new(Cursor::new(bytes))
            .with_guessed_format()
            .map_err(|_| RpcError::IMAGE_PROCESS_FAILED)?;
        if reader.format().is_none() {
            return Err(RpcError::PHOTO_EXT_INVALID);
        }
        let mut limits = image::Limits::default();
        limits.max_alloc = Some(ALLOC_BYTES_MAX);
        reader.limits(limits);
        let mut decoder = reader.into_decoder().map_err(failed)?;
        let (width, height) = decoder.dimensions();
        if !is_possible(width, height) {
            return Err(RpcError::PHOTO_INVALID_DIMENSIONS);
        }
        if decoder.total_bytes() > ALLOC_BYTES_MAX {
            return Err(RpcError::IMAGE_PROCESS_FAILED);
        }
        let orientation = decoder.orientation().map_err(failed)?;
        let mut image = DynamicImage::from_decoder(decoder).map_err(failed)?;
        image.apply_orientation(orientation);
        Ok(Self { pixels: opaque(image) })
    }

    /// Width and height.
    pub(crate) fn size(&self) -> (u32, u32) {
        self.pixels.dimensions()
    }

    /// The middle of the picture, as wide as high.
    fn square(self) -> Self {
        let (width, height) = self.size();
        let side = width.min(height);
        let (left, top) = ((width - side) / 2, (height - side) / 2);
        let pixels = image::imageops::crop_imm(&self.pixels, left, top, side, side).to_image();
        Self { pixels }
    }

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

    fn longest(&self) -> u32 {
        let (width, height) = self.size();
        width.max(height)
    }

    /// The picture scaled down until no side is longer than `side`.
    fn within(self, side: u32) -> Rpc<Self> {
        let longest = self.longest();
        if longest <= side {
            return Ok(self);
        }
        let (width, height) = self.size();
        let scaled = |length: u32| {
            let exact =
                (u64::from(length) * u64::from(side) + u64::from(longest) / 2) / u64::from(longest);
            u32::try_from(exact).unwrap_or(side).max(1)
        };
        let (to_width, to_height) = (scaled(width), scaled(height));
        let source = Image::from_vec_u8(width, height, self.pixels.into_raw(), PixelType::U8x3)
            .map_err(failed)?;
        let mut target = Image::new(to_width, to_height, PixelType::U8x3);
        Resizer::new().resize(&source, &mut target, None).map_err(failed)?;
        let pixels = RgbImage::from_raw(to_width, to_height, target.into_vec())
            .ok_or(RpcError::IMAGE_PROCESS_FAILED)?;
        Ok(Self { pixels })
    }

    /// Encodes with halved colour planes, the quantisation tables of ITU T.81 annex K and the
    /// Huffman tables next to them, none of which the stripped form can carry.
    fn jpeg(&self, quality: u8) -> Rpc<Vec<u8>> {
        let (width, height) = self.size();
        let side =
            |length: u32| u16::try_from(length).map_err(|_| RpcError::PHOTO_INVALID_DIMENSIONS);
        let mut jpeg = Vec::new();
        let mut encoder = Encoder::new(&mut jpeg, quality);
        encoder.set_sampling_factor(SamplingFactor::F_2_2);
        encoder
            .encode(self.pixels.as_raw(), side(width)?, side(height)?, ColorType::Rgb)
            .map_err(failed)?;
        Ok(jpeg)
    }

    /// The picture without all that clients put back: what stands before the scan, and the mark
    /// behind it.
    ///
    /// Spec: core.telegram.org/api/files, "Stripped thumbnails".
    fn stripped(&self) -> Rpc<Vec<u8>> {
        let (width, height) = self.size();
        let side = |length: u32| u8::try_from(length).map_err(|_| RpcError::IMAGE_PROCESS_FAILED);
        let jpeg = self.jpeg(STRIPPED_QUALITY)?;
        let mut stripped = vec![1, side(height)?, side(width)?];
        stripped.extend_from_slice(scan(&jpeg).ok_or(RpcError::IMAGE_PROCESS_FAILED)?);
        Ok(stripped)
    }
}

/// The entropy-coded bytes of a JPEG with one scan.
fn scan(jpeg: &[u8]) -> Option<&[u8]> {
    let mut rest = jpeg.strip_prefix(&[0xff, 0xd8])?;
    loop {
        let [0xff, marker, high, low, ..] = rest else { return None };
        let end = 2 + usize::from(u16::from_be_bytes([*high, *low]));
        let is_scan = *marker == 0xda;
        rest = rest.get(end..)?;
        if is_scan {
            return rest.strip_suffix(&[0xff, 0xd9]);
        }
    }
}

/// Whether Telegram takes photos of these dimensions.
fn is_possible(width: u32, height: u32) -> bool {
    let (short, long) = (width.min(height), width.max(height));
    short > 0
        && width.saturating_add(height) <= SIDES_MAX
        && u64::from(long) <= u64::from(short) * RATIO_MAX
}

/// Lays what is transparent on white.
fn opaque(image: DynamicImage) -> RgbImage {
    if !image.color().has_alpha() {
        return image.into_rgb8();
    }
    let rgba = image.into_rgba8();
    let blend = |colour: u8, alpha: u8| {
        let (colour, alpha) = (u16::from(colour), u16::from(alpha));
        let mixed = (colour * alpha + 255 * (255 - alpha)) / 255;
        u8::try_from(mixed).unwrap_or(u8::MAX)
    };
    let (width, height) = rgba.dimensions();
    RgbImage::from_fn(width, height, |x, y| {
        let image::Rgba([red, green, blue, alpha]) = *rgba.get_pixel(x, y);
        image::Rgb([blend(red, alpha), blend(green, alpha), blend(blue, alpha)])
    })
}

fn failed(error: impl std::fmt::Display) -> RpcError {
    tracing::debug!(%error, "picture cannot be processed");
    RpcError::IMAGE_PROCESS_FAILED
}

/// Width and height together.
const SIDES_MAX: u32 = 10_000;
/// How many times longer than wide.
const RATIO_MAX: u64 = 20;
/// Shortest side of a profile photo.
const PROFILE_SIDE_MIN: u32 = 160;
/// Most memory for one decoded picture: the largest that is allowed, with four channels of 16 bits.
const ALLOC_BYTES_MAX: u64 = 256 << 20;
const QUALITY: u8 = 87;
/// Longest side of the hint that is shown while a photo loads.
const STRIPPED_SIDE: u32 = 40;
/// The quality whose tables stand in the header that clients put before a stripped picture.
const STRIPPED_QUALITY: u8 = 20;

#[cfg(test)]
mod tests;
