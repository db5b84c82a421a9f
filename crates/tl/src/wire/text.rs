//! Owned forms of `string` and of values that are passed on undecoded.

use std::cmp::Ordering;
use std::fmt;
use std::hash::{Hash, Hasher};
use std::ops::Deref;
use std::sync::Arc;

use bytes::Bytes;

use super::error::DecodeError;
use super::short::Short;
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
        // Most text is ASCII, and that it is takes one look at many bytes.
        if !content.is_ascii() {
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
