//! Things to send: a picture that any viewer would open, and documents of any size.

use std::fs::File;
use std::io::{self, BufWriter, Write as _};
use std::path::Path;

use crate::interop::actor::{Told, Trouble};

/// Writes a picture with a gradient; the name's ending says in which format.
pub(super) fn draw(path: &Path, width: u32, height: u32) -> io::Result<()> {
    let shade = |at: u32, of: u32| u8::try_from(at * 255 / of).unwrap_or(u8::MAX);
    image::RgbImage::from_fn(width, height, |x, y| {
        image::Rgb([shade(x, width), shade(y, height), 96])
    })
    .save(path)
    .map_err(io::Error::other)
}

/// Insists on a file that a viewer of pictures would open.
pub(super) fn require_picture(path: &Path) -> Told<()> {
    let start = std::fs::read(path)?;
    if start.starts_with(b"\xff\xd8\xff") || start.starts_with(b"\x89PNG\r\n\x1a\n") {
        return Ok(());
    }
    Err(Trouble::Wrong(format!("no picture: {:?}", &start[..start.len().min(8)])))
}

/// Writes a document without a pattern that a transfer could hide behind.
pub(super) fn fill(path: &Path, bytes: usize, seed: u64) -> io::Result<()> {
    let mut file = BufWriter::new(File::create(path)?);
    let mut state = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1;
    let mut left = bytes;
    while left > 0 {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        let word = state.to_le_bytes();
        let take = left.min(word.len());
        file.write_all(&word[..take])?;
        left -= take;
    }
    file.flush()
}

/// Insists that two files are the same, byte by byte.
pub(super) fn require_same(one: &Path, other: &Path) -> Told<()> {
    let (one, other) = (std::fs::read(one)?, std::fs::read(other)?);
    if one == other {
        return Ok(());
    }
    let at = one.iter().zip(&other).position(|(a, b)| a != b);
    let (one, other) = (one.len(), other.len());
    Err(Trouble::Wrong(format!("{one} and {other} bytes, different at {at:?}")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pictures_and_documents_are_what_they_say() {
        let folder = tempfile::tempdir().unwrap();
        let [picture, one, same, other] =
            ["a.png", "one", "same", "other"].map(|name| folder.path().join(name));
        draw(&picture, 64, 48).unwrap();
        require_picture(&picture).unwrap();
        fill(&one, 1003, 1).unwrap();
        fill(&same, 1003, 1).unwrap();
        fill(&other, 1003, 2).unwrap();
        assert_eq!(std::fs::metadata(&one).unwrap().len(), 1003);
        require_same(&one, &same).unwrap();
        assert!(require_same(&one, &other).is_err());
        assert!(require_picture(&one).is_err());
    }
}
