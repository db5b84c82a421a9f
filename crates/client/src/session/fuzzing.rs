//! The frames of a session's file, as the fuzzer writes and reads them.

use super::file;
use super::{Change, Snapshot};

/// What a file of these bytes holds, and how many of them are whole frames; `None` if it is refused.
pub fn scan(bytes: &[u8]) -> Option<(Snapshot, usize)> {
    let scan = file::scan(bytes).ok()?;
    Some((scan.snapshot, usize::try_from(scan.length).ok()?))
}

/// One commit as it is appended.
pub fn frame(changes: &[Change]) -> Vec<u8> {
    file::frame(changes)
}
