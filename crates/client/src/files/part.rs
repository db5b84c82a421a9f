//! The arithmetic of parts.

use std::sync::Arc;

/// Told how many bytes are through, and how many there are if that is known.
pub type Progress = Arc<dyn Fn(u64, Option<u64>) + Send + Sync>;

/// Bytes of every part of an upload but the last, and of a download as well.
// Spec: api/files. The largest that is allowed; fewer round trips.
pub(super) const PART_BYTES: usize = 512 << 10;
/// Parts under way at a time in an upload: enough to fill a long line, and no more than 2 MiB of
/// memory.
pub(super) const PARTS_AT_ONCE: usize = 4;
/// Parts that a download asks for ahead, over all file lines: the server always finds some to encrypt
/// together, and 4 MiB of memory are enough for them.
pub(super) const PARTS_AHEAD: usize = 8;
/// Uploads beyond this are "big": no checksum, and their parts know how many there are.
pub(super) const BIG_BYTES: u64 = 10 << 20;
/// Parts of one file, for accounts that may upload the most.
pub(super) const PARTS_MAX: i32 = 8000;

/// The bytes to ask for at `offset`, so that no request crosses a part's border: the server
/// refuses those that cross a mebibyte's.
pub(super) const fn ask_len(offset: u64) -> usize {
    PART_BYTES - (offset % PART_BYTES as u64) as usize
}

/// The nearest offset before `offset` that may be asked for, and how much too early it is.
pub(super) const fn align(offset: u64) -> (u64, usize) {
    let early = offset % OFFSET_STEP;
    (offset - early, early as usize)
}

// Spec: api/files. Of a `precise` request.
const OFFSET_STEP: u64 = 1024;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn requests_are_those_the_server_allows() {
        for offset in (0..3 << 20).step_by(997) {
            let (start, early) = align(offset);
            let len = ask_len(start) as u64;
            assert_eq!(start + early as u64, offset);
            assert!(start.is_multiple_of(1024) && len.is_multiple_of(1024));
            assert!(len > early as u64, "nothing is left at {offset}");
            assert_eq!(start >> 20, (start + len - 1) >> 20, "crosses at {offset}");
        }
    }
}
