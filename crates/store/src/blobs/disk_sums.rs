//! Checksums of a blob's pieces, in a small file beside it.
//!
//! A blob's name is the hash of all of it, and nobody reads all of it: clients fetch pieces. So each
//! piece has a checksum of its own, compared whenever it is read. The file is a help, not the truth:
//! when it is missing or disagrees, the hash decides, and it is written anew.

use std::fs::{self, File};
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};

/// The checksums of all pieces of a blob, gathered as its bytes pass by.
#[derive(Debug, Default)]
pub(super) struct Sums {
    sums: Vec<u8>,
    piece: crc32fast::Hasher,
    piece_bytes: usize,
}

impl Sums {
    /// Takes the next bytes of the blob.
    pub(super) fn update(&mut self, mut bytes: &[u8]) {
        while !bytes.is_empty() {
            let room = PIECE_BYTES - self.piece_bytes;
            let (now, later) = bytes.split_at(room.min(bytes.len()));
            self.piece.update(now);
            self.piece_bytes += now.len();
            if self.piece_bytes == PIECE_BYTES {
                self.close_piece();
            }
            bytes = later;
        }
    }

    /// Writes them beside the blob at `path`. Without them the blob is only slower to read.
    pub(super) fn write(mut self, path: &Path) {
        if self.piece_bytes > 0 {
            self.close_piece();
        }
        if let Err(error) = fs::write(beside(path), &self.sums) {
            tracing::debug!(%error, blob = %path.display(), "no checksums beside a blob");
        }
    }

    fn close_piece(&mut self) {
        let sum = std::mem::take(&mut self.piece).finalize();
        self.sums.extend(sum.to_le_bytes());
        self.piece_bytes = 0;
    }
}

/// Whether `bytes`, which begin with piece number `first` of the blob at `path`, are what their
/// checksums say; nothing if there are no checksums for a blob of that length.
pub(super) fn agree(path: &Path, len: u64, first: u64, bytes: &[u8]) -> Option<bool> {
    let file = File::open(beside(path)).ok()?;
    if file.metadata().ok()?.len() != len.div_ceil(PIECE_BYTES as u64) * SUM_BYTES {
        return None;
    }
    let mut sums = vec![0; bytes.len().div_ceil(PIECE_BYTES) * SUM_BYTES as usize];
    file.read_exact_at(&mut sums, first * SUM_BYTES).ok()?;
    let found = bytes.chunks(PIECE_BYTES).flat_map(|piece| crc32fast::hash(piece).to_le_bytes());
    Some(found.eq(sums))
}

/// Forgets the checksums of a blob that is removed.
pub(super) fn remove(path: &Path) {
    // That there are none is no matter.
    let _ = fs::remove_file(beside(path));
}

/// Blobs have no extension.
pub(super) fn beside(path: &Path) -> PathBuf {
    path.with_extension(EXTENSION)
}

/// What the files are called by.
pub(super) const EXTENSION: &str = "sums";
/// Far below what clients fetch at once, so that little is read in vain.
pub(super) const PIECE_BYTES: usize = 64 << 10;
const SUM_BYTES: u64 = 4;
