//! Texts so short that they are kept in place: names, phone numbers, language codes.
//!
//! Counting one more user of a frame costs more than copying twenty bytes.

use super::text::checked;
use super::{DecodeError, part};

/// A text as it goes on the wire: its length, its bytes, zeros.
#[derive(Clone, Copy)]
pub(super) struct Short([u8; WIRE]);

impl Short {
    /// `text`, if it is short.
    pub(super) fn new(text: &str) -> Option<Self> {
        let mut wire = [0; WIRE];
        wire[0] = u8::try_from(text.len()).ok()?;
        wire.get_mut(1..=text.len())?.copy_from_slice(text.as_bytes());
        Some(Self(wire))
    }

    /// Whether a text of so many bytes is short.
    pub(super) const fn fits(length: usize) -> bool {
        length <= LENGTH_MAX
    }

    /// The text at the head of `wire`, if it is short, and the bytes it takes there.
    ///
    /// # Errors
    /// `NotUtf8`.
    #[inline]
    pub(super) fn read(wire: &[u8; WIRE]) -> Result<Option<(Self, usize)>, DecodeError> {
        let length = usize::from(wire[0]);
        let Some((first_mask, last_mask)) = MASKS.get(length) else { return Ok(None) };
        // Two numbers are copied without a call; what comes behind the text is cut off them.
        let (first, last) = (part(wire, 0), part(wire, FIRST));
        let first = u128::from_le_bytes(first) & first_mask;
        let last = u32::from_le_bytes(last) & last_mask;
        if (first | u128::from(last)) & NOT_ASCII != 0 {
            checked(wire.get(1..=length).unwrap_or_default())?;
        }
        let mut text = [0; WIRE];
        text[..FIRST].copy_from_slice(&first.to_le_bytes());
        text[FIRST..].copy_from_slice(&last.to_le_bytes());
        Ok(Some((Self(text), wire_bytes(length))))
    }

    /// The text's bytes.
    pub(super) fn utf8(&self) -> &[u8] {
        self.0.get(1..=usize::from(self.0[0])).expect("a short text has its length")
    }

    /// Appends it to `out` as it goes on the wire.
    #[inline]
    pub(super) fn write(&self, out: &mut Vec<u8>) {
        let end = out.len() + wire_bytes(usize::from(self.0[0]));
        out.extend_from_slice(&self.0);
        out.truncate(end);
    }
}

const fn wire_bytes(length: usize) -> usize {
    (1 + length).next_multiple_of(4)
}

/// How many bytes a short text takes on the wire at most.
const WIRE: usize = FIRST + 4;

/// How many of them are read as one number.
const FIRST: usize = 16;

/// The longest short text.
const LENGTH_MAX: usize = WIRE - 1;

/// The bits that no byte of ASCII has.
pub(super) const NOT_ASCII: u128 = u128::from_le_bytes([0x80; FIRST]);

/// Which bits belong to a text of each length, and to its length.
static MASKS: [(u128, u32); LENGTH_MAX + 1] = {
    let mut masks = [(0xff, 0); LENGTH_MAX + 1];
    let mut length = 1;
    while length <= LENGTH_MAX {
        let (first, last) = masks[length - 1];
        masks[length] = match length < FIRST {
            true => (first << 8 | 0xff, last),
            false => (first, last << 8 | 0xff),
        };
        length += 1;
    }
    masks
};
