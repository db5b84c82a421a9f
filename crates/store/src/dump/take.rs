//! From a moment of the store to a dump.

use std::io::{self, Write};

use super::frame::{self, FRAME_BYTES, HEADER};
use crate::engine::{Order, View as _};
use crate::meta::{self, Meta};
use crate::{ByteRange, Read as _, Snapshot};

/// What a dump holds.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Dumped {
    /// How many rows.
    pub rows: u64,
    /// The newest commit among them.
    pub commit: u64,
}

/// Writes all rows of a moment to `out`. Everything is read, so damage shows here.
///
/// # Errors
/// If a row cannot be read, or `out` cannot be written.
pub fn dump(moment: &Snapshot, out: &mut dyn Write) -> io::Result<Dumped> {
    let commit = moment.get::<Meta>(&meta::COMMIT_SEQ.to_owned()).map_err(io::Error::other)?;
    let (mut rows, commit) = (0_u64, commit.unwrap_or(0));
    out.write_all(HEADER)?;
    let mut content = Vec::with_capacity(FRAME_BYTES);
    for row in moment.scan(&ByteRange { start: Vec::new(), end: None }, Order::Ascending) {
        let (key, value) = row.map_err(io::Error::other)?;
        frame::push(&mut content, &key, &value);
        rows += 1;
        if content.len() >= FRAME_BYTES {
            frame::write(out, &content)?;
            content.clear();
        }
    }
    if !content.is_empty() {
        frame::write(out, &content)?;
    }
    frame::write(out, &[])?;
    frame::write(out, &[rows.to_le_bytes(), commit.to_le_bytes()].concat())?;
    Ok(Dumped { rows, commit })
}
