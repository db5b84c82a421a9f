//! `gzip_packed`: an object that travels compressed, at any depth of a message.
//!
//! Unpacking is bounded, because a kilobyte of gzip can claim a megabyte of zeros.

use std::io::{self, Read, Write as _};

use bytes::Bytes;
use flate2::Compression;
use flate2::bufread::{GzDecoder, ZlibDecoder};
use flate2::write::GzEncoder;
use heliogram_tl::Reader;

/// Constructor id of `gzip_packed`.
pub const ID: u32 = 0x3072_cfa1;

/// An object that claims to be packed and is not, or is too large once unpacked.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
pub enum BadGzip {
    /// Not a compressed stream of whole 32-bit words inside one TL string.
    #[error("packed object is damaged")]
    Damaged,
    /// The contents exceed the limit; how far is not explored.
    #[error("packed object holds more than {0} bytes")]
    Long(usize),
}

/// Tells whether an object is packed.
pub fn is_packed(object: &[u8]) -> bool {
    object.first_chunk().is_some_and(|id| u32::from_le_bytes(*id) == ID)
}

/// The object inside one `gzip_packed`, which may be packed again.
///
/// # Errors
/// [`BadGzip::Damaged`] or, when the contents exceed `bytes_max`, [`BadGzip::Long`].
pub fn unpack(object: &Bytes, bytes_max: usize) -> Result<Bytes, BadGzip> {
    let mut reader = Reader::of(object);
    if reader.u32() != Ok(ID) {
        return Err(BadGzip::Damaged);
    }
    let packed = reader.bytes().map_err(|_| BadGzip::Damaged)?;
    if reader.remaining() != 0 {
        return Err(BadGzip::Damaged);
    }
    let mut contents = Vec::with_capacity(bytes_max.min(packed.len().saturating_mul(4)));
    let limit = u64::try_from(bytes_max).unwrap_or(u64::MAX).saturating_add(1);
    inflate(&packed, limit, &mut contents).map_err(|_| BadGzip::Damaged)?;
    if contents.len() > bytes_max {
        return Err(BadGzip::Long(bytes_max));
    }
    // Seen: tdesktop 2025-09 drops a packed object that is not a whole number of words; so do we.
    if contents.is_empty() || !contents.len().is_multiple_of(4) {
        return Err(BadGzip::Damaged);
    }
    Ok(contents.into())
}

/// Seen: mtcute 0.30.3 packs what it sends in the zlib format, whatever the name of the object says.
fn inflate(packed: &[u8], limit: u64, contents: &mut Vec<u8>) -> io::Result<usize> {
    if packed.starts_with(&GZIP_MAGIC) {
        GzDecoder::new(packed).take(limit).read_to_end(contents)
    } else {
        ZlibDecoder::new(packed).take(limit).read_to_end(contents)
    }
}

/// The object as `gzip_packed`, unless that would not be smaller.
///
/// Whether a try is worth its time is the caller's judgement: below some hundred bytes it never
/// is.
pub fn pack(object: &[u8]) -> Option<Bytes> {
    let mut head = Vec::with_capacity(object.len() / 2 + 64);
    head.extend_from_slice(&ID.to_le_bytes());
    head.extend_from_slice(&[0; LONG_PREFIX_BYTES]);
    let mut encoder = GzEncoder::new(head, LEVEL);
    encoder.write_all(object).ok()?;
    let mut out = encoder.finish().ok()?;
    finish_string(&mut out)?;
    (out.len() < object.len()).then(|| out.into())
}

/// Writes the length of the TL string that starts behind the constructor id, and pads it.
fn finish_string(out: &mut Vec<u8>) -> Option<()> {
    let start = 4 + LONG_PREFIX_BYTES;
    let len = out.len().checked_sub(start)?;
    match u8::try_from(len) {
        Ok(short) if short < 254 => {
            out.copy_within(start.., 5);
            out.truncate(5 + len);
            *out.get_mut(4)? = short;
        }
        _ => {
            let [a, b, c, 0] = u32::try_from(len).ok()?.to_le_bytes() else { return None };
            out.get_mut(4..start)?.copy_from_slice(&[254, a, b, c]);
        }
    }
    out.resize(out.len().next_multiple_of(4), 0);
    Some(())
}

/// How a gzip stream begins, and no zlib stream: there, the four low bits of the first byte are 8.
const GZIP_MAGIC: [u8; 2] = [0x1f, 0x8b];

/// The first level that adapts its codes to the data: level 1 of this implementation does not,
/// and hardly shrinks what we send.
const LEVEL: Compression = Compression::new(2);

/// Length prefix of a TL string of 254 bytes or more.
const LONG_PREFIX_BYTES: usize = 4;

#[cfg(test)]
mod tests {
    use super::*;

    /// Words that a compressor can shorten, but not to nothing.
    fn words(count: u32) -> Vec<u8> {
        (0..count).flat_map(|n| (n.wrapping_mul(2_654_435_761) >> 25).to_le_bytes()).collect()
    }

    #[test]
    fn what_is_packed_is_unpacked() {
        for object in [words(200), words(100_000), vec![0; 4096]] {
            let packed = pack(&object).expect("shrinks");
            assert!(is_packed(&packed) && packed.len().is_multiple_of(4));
            assert_eq!(unpack(&packed, object.len()).as_deref(), Ok(&object[..]));
        }
    }

    /// A packed object whose stream is in the zlib format.
    fn pack_as_zlib(object: &[u8]) -> Bytes {
        let mut encoder = flate2::write::ZlibEncoder::new(Vec::new(), LEVEL);
        encoder.write_all(object).unwrap();
        let stream = encoder.finish().unwrap();
        let mut out = [&ID.to_le_bytes()[..], &[0; LONG_PREFIX_BYTES], &stream].concat();
        finish_string(&mut out).unwrap();
        out.into()
    }

    #[test]
    fn the_zlib_format_is_unpacked_too() {
        let object = words(200);
        let packed = pack_as_zlib(&object);
        assert_eq!(unpack(&packed, object.len()).as_deref(), Ok(&object[..]));
        assert_eq!(unpack(&packed, object.len() - 1), Err(BadGzip::Long(object.len() - 1)));
        for len in 0..packed.len() {
            assert_eq!(unpack(&packed.slice(..len), 4096), Err(BadGzip::Damaged));
        }
    }

    #[test]
    fn what_does_not_shrink_is_not_packed() {
        assert_eq!(pack(b"four"), None);
        assert_eq!(pack(&[]), None);
    }

    #[test]
    fn a_bomb_is_refused_at_the_limit() {
        let packed = pack(&vec![0; 1 << 20]).unwrap();
        assert!(packed.len() < 8192);
        assert_eq!(unpack(&packed, (1 << 20) - 1), Err(BadGzip::Long((1 << 20) - 1)));
        assert!(unpack(&packed, 1 << 20).is_ok());
    }

    #[test]
    fn every_truncation_is_refused() {
        let packed = pack(&words(200)).unwrap();
        for len in 0..packed.len() {
            assert_eq!(unpack(&packed.slice(..len), 4096), Err(BadGzip::Damaged));
        }
    }

    #[test]
    fn contents_of_odd_length_are_refused() {
        let packed = pack(&vec![7; 1021]).unwrap();
        assert_eq!(unpack(&packed, 4096), Err(BadGzip::Damaged));
    }

    #[test]
    fn damage_is_found_by_the_checksum() {
        let packed = pack(&words(200)).unwrap();
        let mut damaged = packed.to_vec();
        let middle = damaged.len() / 2;
        damaged[middle] ^= 1;
        assert_eq!(unpack(&damaged.into(), 4096), Err(BadGzip::Damaged));
    }
}
