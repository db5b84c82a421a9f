//! The form of a dump: a line that names it, frames of rows with a checksum each, and a frame without
//! rows at the end that says how many there were. A dump without its end is not whole.

use std::io::{self, ErrorKind, Read, Write};

use bytes::Bytes;

/// What a dump begins with.
pub(super) const HEADER: &[u8] = b"heliogram rows 1\n";
/// A frame is closed when it holds this much.
pub(super) const FRAME_BYTES: usize = 256 << 10;
/// No frame is longer: one row may come on top.
const FRAME_BYTES_MAX: u32 = 8 << 20;

/// Writes one frame: length, checksum, content.
pub(super) fn write(out: &mut dyn Write, content: &[u8]) -> io::Result<()> {
    let length = u32::try_from(content.len()).map_err(io::Error::other)?;
    out.write_all(&length.to_le_bytes())?;
    out.write_all(&crc32fast::hash(content).to_le_bytes())?;
    out.write_all(content)
}

/// Reads one frame.
pub(super) fn read(input: &mut dyn Read) -> io::Result<Vec<u8>> {
    let (mut length, mut sum) = ([0; 4], [0; 4]);
    input.read_exact(&mut length)?;
    input.read_exact(&mut sum)?;
    let length = u32::from_le_bytes(length);
    if length > FRAME_BYTES_MAX {
        return Err(damaged("a frame is longer than any is"));
    }
    let mut content = vec![0; usize::try_from(length).map_err(io::Error::other)?];
    input.read_exact(&mut content)?;
    if crc32fast::hash(&content) != u32::from_le_bytes(sum) {
        return Err(damaged("a frame is not what it was"));
    }
    Ok(content)
}

/// Appends a row to the content of a frame.
pub(super) fn push(content: &mut Vec<u8>, key: &[u8], value: &[u8]) {
    for part in [key, value] {
        let length = u32::try_from(part.len()).expect("keys and values are far below 4 GiB");
        content.extend(length.to_le_bytes());
    }
    content.extend(key);
    content.extend(value);
}

/// Takes a row off the front of a frame's content.
pub(super) fn pop(content: &mut Bytes) -> io::Result<(Bytes, Bytes)> {
    let mut length = || -> io::Result<usize> {
        let (length, _) = content.split_first_chunk().ok_or_else(short)?;
        let length = u32::from_le_bytes(*length);
        drop(content.split_to(4));
        usize::try_from(length).map_err(io::Error::other)
    };
    let (key, value) = (length()?, length()?);
    if content.len() < key + value {
        return Err(short());
    }
    Ok((content.split_to(key), content.split_to(value)))
}

fn short() -> io::Error {
    damaged("a row runs over the end of its frame")
}

pub(super) fn damaged(what: &'static str) -> io::Error {
    io::Error::new(ErrorKind::InvalidData, what)
}
