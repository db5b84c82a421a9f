//! Things to send: a picture that any viewer would open, and documents of any size.

use std::fs::File;
use std::io::{self, BufWriter, Write as _};
use std::path::Path;
use std::time::{Duration, Instant};

use crate::interop::actor::{Told, Trouble};

/// How long a copy may take to reach the disk after it was reported.
const WRITTEN_WITHIN: Duration = Duration::from_secs(3);

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
    let is_picture = |start: &[u8]| {
        start.starts_with(b"\xff\xd8\xff") || start.starts_with(b"\x89PNG\r\n\x1a\n")
    };
    let found = read_when(path, |bytes| bytes.len() >= 8)?;
    if is_picture(&found) {
        return Ok(());
    }
    Err(Trouble::Wrong(format!("no picture: {:?}", &found[..found.len().min(8)])))
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

/// Insists that a file was copied, byte by byte.
pub(super) fn require_same(original: &Path, copy: &Path) -> Told<()> {
    let wanted = std::fs::read(original)?;
    let found = read_when(copy, |bytes| bytes.len() >= wanted.len())?;
    if wanted == found {
        return Ok(());
    }
    let at = wanted.iter().zip(&found).position(|(a, b)| a != b);
    let (wanted, found) = (wanted.len(), found.len());
    Err(Trouble::Wrong(format!("{found} bytes of {wanted}, the first wrong one at {at:?}")))
}

/// Reads a file that a client wrote. Some answer before the last of their writes is through (grammers
/// 0.11 does), so one that is not complete is given a moment.
fn read_when(path: &Path, is_complete: impl Fn(&[u8]) -> bool) -> io::Result<Vec<u8>> {
    let deadline = Instant::now() + WRITTEN_WITHIN;
    loop {
        let found = std::fs::read(path)?;
        if is_complete(&found) || Instant::now() > deadline {
            return Ok(found);
        }
        std::thread::sleep(Duration::from_millis(20));
    }
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
