//! A decoded picture: read from any known format, upright, opaque, and never scaled up.

use std::io::Cursor;

use fast_image_resize::images::Image;
use fast_image_resize::{PixelType, Resizer};
use heliogram_store::BlobId;
use image::{DynamicImage, ImageDecoder, ImageReader, RgbImage};

use crate::error::{Rpc, RpcError};
use crate::world::World;

/// A decoded picture, upright and opaque.
pub(crate) struct Picture {
    pub(super) pixels: RgbImage,
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

    pub(super) fn parse(bytes: &[u8]) -> Rpc<Self> {
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
    pub(super) fn square(self) -> Self {
        let (width, height) = self.size();
        let side = width.min(height);
        let (left, top) = ((width - side) / 2, (height - side) / 2);
        let pixels = image::imageops::crop_imm(&self.pixels, left, top, side, side).to_image();
        Self { pixels }
    }

    /// The longer side.
    pub(super) fn longest(&self) -> u32 {
        let (width, height) = self.size();
        width.max(height)
    }

    /// The picture scaled down until no side is longer than `side`.
    pub(super) fn within(self, side: u32) -> Rpc<Self> {
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
}

/// Whether Telegram takes photos of these dimensions.
pub(super) fn is_possible(width: u32, height: u32) -> bool {
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

pub(super) fn failed(error: impl std::fmt::Display) -> RpcError {
    tracing::debug!(%error, "picture cannot be processed");
    RpcError::IMAGE_PROCESS_FAILED
}

/// Width and height together.
const SIDES_MAX: u32 = 10_000;
/// How many times longer than wide.
const RATIO_MAX: u64 = 20;
/// Most memory for one decoded picture: the largest that is allowed, with four channels of 16 bits.
const ALLOC_BYTES_MAX: u64 = 256 << 20;
