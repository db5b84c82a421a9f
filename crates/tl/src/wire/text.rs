//! Owned forms of `string` and of values that are passed on undecoded.

use std::cmp::Ordering;
use std::fmt;
use std::hash::{Hash, Hasher};
use std::ops::Deref;
use std::sync::Arc;

use bytes::Bytes;

use super::error::DecodeError;
use super::short::{NOT_ASCII, Short};
use super::writer::write_bytes;

/// A TL `string`: UTF-8 text, short ones in place, longer ones usually a slice of the frame they
/// came in.
#[derive(Clone)]
pub struct Str(Text);

/// Where a text is. Each of them was checked to be UTF-8 when it was made.
#[derive(Clone)]
enum Text {
    Short(Short),
    Static(&'static str),
    Owned(Arc<str>),
    /// Numbers of 32 bits, and a count of its own, keep this as small as a short text.
    Slice {
        frame: Arc<Bytes>,
        start: u32,
        length: u32,
    },
}

/// A boxed value left as its bytes: a wrapped query, or a result to pass on.
#[derive(Clone, Default, Eq, PartialEq)]
pub struct Raw(pub Bytes);

impl Str {
    /// The empty text.
    pub const fn new() -> Self {
        Self(Text::Static(""))
    }

    /// Text that lives as long as the program.
    pub const fn from_static(text: &'static str) -> Self {
        Self(Text::Static(text))
    }

    /// Takes bytes that are checked to be text.
    ///
    /// # Errors
    /// `NotUtf8`.
    pub fn from_utf8(bytes: Bytes) -> Result<Self, DecodeError> {
        let text = checked(&bytes)?;
        if let Some(short) = Short::new(text) {
            return Ok(short.into());
        }
        match u32::try_from(text.len()) {
            Ok(length) => Ok(Self(Text::Slice { frame: Arc::new(bytes), start: 0, length })),
            Err(_) => Ok(text.into()),
        }
    }

    /// `content`, which begins at `start` in `frame`.
    ///
    /// # Errors
    /// `NotUtf8`.
    #[inline]
    pub(super) fn slice(
        frame: &Arc<Bytes>,
        start: usize,
        content: &[u8],
    ) -> Result<Self, DecodeError> {
        let (Ok(start), Ok(length)) = (u32::try_from(start), u32::try_from(content.len())) else {
            // No frame is that long; if one were, copying would be the least of its costs.
            return checked(content).map(Self::from);
        };
        // Most text is ASCII, which is seen faster than that it is UTF-8.
        if !is_ascii(content) {
            checked(content)?;
        }
        Ok(Self(Text::Slice { frame: Arc::clone(frame), start, length }))
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        match &self.0 {
            Text::Static(text) => text,
            Text::Owned(text) => text,
            Text::Short(_) | Text::Slice { .. } => {
                std::str::from_utf8(self.utf8()).expect("checked when it was made")
            }
        }
    }

    /// The text's bytes as they go on the wire: writing a text need not check it again.
    pub(super) fn utf8(&self) -> &[u8] {
        match &self.0 {
            Text::Short(short) => short.utf8(),
            Text::Static(text) => text.as_bytes(),
            Text::Owned(text) => text.as_bytes(),
            Text::Slice { frame, start, length } => {
                let start = *start as usize;
                frame.get(start..start + *length as usize).expect("cut out of this frame")
            }
        }
    }

    /// Appends it to `out` as it goes on the wire.
    pub(super) fn write(&self, out: &mut Vec<u8>) {
        match &self.0 {
            Text::Short(short) => short.write(out),
            _ => write_bytes(self.utf8(), out),
        }
    }

    /// The text's bytes, sharing its memory if that is a frame's.
    pub fn into_bytes(self) -> Bytes {
        match &self.0 {
            Text::Static(text) => Bytes::from_static(text.as_bytes()),
            Text::Slice { frame, .. } => frame.slice_ref(self.utf8()),
            Text::Short(_) | Text::Owned(_) => Bytes::copy_from_slice(self.utf8()),
        }
    }
}

/// The bytes as text.
pub(super) fn checked(bytes: &[u8]) -> Result<&str, DecodeError> {
    std::str::from_utf8(bytes).map_err(|_| DecodeError::NotUtf8)
}

/// Whether all of a text that is not short is ASCII: sixteen bytes at a time, and the last sixteen
/// whatever is left.
fn is_ascii(content: &[u8]) -> bool {
    let Some(last) = content.last_chunk() else { return content.is_ascii() };
    let (pieces, _) = content.as_chunks();
    let all = pieces
        .iter()
        .fold(u128::from_le_bytes(*last), |all, piece| all | u128::from_le_bytes(*piece));
    all & NOT_ASCII == 0
}

impl Default for Str {
    fn default() -> Self {
        Self::new()
    }
}

impl From<Short> for Str {
    #[inline]
    fn from(text: Short) -> Self {
        Self(Text::Short(text))
    }
}

impl Eq for Str {}

impl PartialEq for Str {
    fn eq(&self, other: &Self) -> bool {
        self.utf8() == other.utf8()
    }
}

impl Ord for Str {
    fn cmp(&self, other: &Self) -> Ordering {
        self.utf8().cmp(other.utf8())
    }
}

impl PartialOrd for Str {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Hash for Str {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.utf8().hash(state);
    }
}

impl Deref for Str {
    type Target = str;

    fn deref(&self) -> &str {
        self.as_str()
    }
}

impl AsRef<str> for Str {
    fn as_ref(&self) -> &str {
        self.as_str()
    }
}

impl fmt::Debug for Str {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.as_str().fmt(f)
    }
}

impl fmt::Display for Str {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.as_str().fmt(f)
    }
}

impl From<&str> for Str {
    fn from(text: &str) -> Self {
        match Short::new(text) {
            Some(short) => short.into(),
            None => Self(Text::Owned(text.into())),
        }
    }
}

impl From<String> for Str {
    fn from(text: String) -> Self {
        text.as_str().into()
    }
}

impl From<&String> for Str {
    fn from(text: &String) -> Self {
        text.as_str().into()
    }
}

impl From<Str> for String {
    fn from(text: Str) -> Self {
        text.as_str().to_owned()
    }
}

impl PartialEq<str> for Str {
    fn eq(&self, other: &str) -> bool {
        self.utf8() == other.as_bytes()
    }
}

impl PartialEq<&str> for Str {
    fn eq(&self, other: &&str) -> bool {
        self == *other
    }
}

impl fmt::Debug for Raw {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0.first_chunk() {
            Some(id) => write!(f, "Raw({:#010x}, {} bytes)", u32::from_le_bytes(*id), self.0.len()),
            None => write!(f, "Raw({} bytes)", self.0.len()),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;
    use crate::{Decode as _, Encode as _};

    /// Reads `content` where `behind` more bytes come after it.
    fn read(content: &[u8], behind: usize) -> Result<Str, DecodeError> {
        let mut frame = Vec::new();
        write_bytes(content, &mut frame);
        // A peer may pad with anything.
        let padding = frame.len() - 1 - content.len();
        if content.len() < 254 {
            let end = frame.len();
            frame[end - padding..].fill(0xee);
        }
        frame.resize(frame.len() + behind, 0xee);
        let frame = Bytes::from(frame);
        let mut reader = crate::Reader::of(&frame);
        let text = Str::decode(&mut reader)?;
        assert_eq!(reader.remaining(), behind);
        Ok(text)
    }

    #[test]
    fn a_text_of_any_length_reads_back_wherever_it_lies() {
        for length in (0..70).chain([253, 254, 255, 1000]) {
            for piece in ["a", "\u{e9}", "\u{1f980}"] {
                let text = piece.repeat(length / piece.len()) + &"z".repeat(length % piece.len());
                let mut wire = Vec::new();
                write_bytes(text.as_bytes(), &mut wire);
                for behind in [0, 4, 40] {
                    let read = read(text.as_bytes(), behind).expect("it is text");
                    assert_eq!(read, *text.as_str());
                    assert_eq!(read.to_bytes(), wire);
                    assert_eq!(read.into_bytes(), text.as_bytes());
                }
            }
        }
    }

    #[test]
    fn what_is_not_text_is_not_read_wherever_it_is() {
        for length in 1..70 {
            for at in 0..length {
                let mut content = vec![b'a'; length];
                content[at] = 0xff;
                for behind in [0, 40] {
                    assert_eq!(read(&content, behind), Err(DecodeError::NotUtf8));
                }
                assert_eq!(Str::from_utf8(content.into()), Err(DecodeError::NotUtf8));
            }
        }
    }

    #[test]
    fn a_text_is_the_same_wherever_it_is() {
        for text in ["", "short", "of nineteen letters", "rather longer than nineteen letters"] {
            let all = [
                Str::from_static(text),
                Str::from(text),
                Str::from(text.to_owned()),
                Str::from_utf8(Bytes::from_static(text.as_bytes())).expect("it is text"),
                read(text.as_bytes(), 0).expect("it is text"),
                read(text.as_bytes(), 40).expect("it is text"),
            ];
            assert!(all.iter().all(|one| one == &all[0] && one.cmp(&all[0]).is_eq()));
            assert_eq!(HashSet::from(all).len(), 1);
        }
    }

    #[test]
    fn a_long_text_shares_its_frame() {
        let frame = Bytes::from({
            let mut frame = Vec::new();
            write_bytes(&[b'a'; 100], &mut frame);
            frame
        });
        let text = Str::from_bytes(&frame).expect("it is text");
        assert_eq!(text.as_str().as_ptr(), frame[1..].as_ptr());
        assert_eq!(text.into_bytes().as_ptr(), frame[1..].as_ptr());
    }
}
