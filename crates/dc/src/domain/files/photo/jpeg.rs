//! Pictures as JPEG: the sizes that are stored, and the hint that is sent along.

use jpeg_encoder::{ColorType, Encoder, SamplingFactor};

use super::picture::{Picture, failed};
use crate::error::{Rpc, RpcError};

impl Picture {
    /// Encodes with halved colour planes, the quantisation tables of ITU T.81 annex K and the
    /// Huffman tables next to them, none of which the stripped form can carry.
    pub(super) fn jpeg(&self, quality: u8) -> Rpc<Vec<u8>> {
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
    pub(super) fn stripped(&self) -> Rpc<Vec<u8>> {
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

/// The quality whose tables stand in the header that clients put before a stripped picture.
const STRIPPED_QUALITY: u8 = 20;
