//! Reads TL values out of a buffer. Nothing here panics, whatever the bytes.

use std::sync::Arc;

use bytes::Bytes;

use super::error::DecodeError;
use super::short::Short;
use super::text::{Str, checked};

/// Deepest nesting of boxed values: the schema's honest recursion (rich text) stays far below.
const DEPTH_MAX: u32 = 96;

/// A position in a buffer of TL values.
#[derive(Clone, Debug)]
pub struct Reader<'a> {
    rest: &'a [u8],
    owner: Option<&'a Bytes>,
    /// The owner with a count of its own, as soon as a text shares it.
    frame: Option<Arc<Bytes>>,
    length: usize,
    depth: u32,
}

impl<'a> Reader<'a> {
    /// Reads a plain slice; text and bytes are copied out of it.
    pub const fn new(buffer: &'a [u8]) -> Self {
        Self { rest: buffer, owner: None, frame: None, length: buffer.len(), depth: 0 }
    }

    /// Reads a counted buffer; text and bytes become slices of it and keep it alive.
    pub fn of(buffer: &'a Bytes) -> Self {
        Self { rest: buffer, owner: Some(buffer), frame: None, length: buffer.len(), depth: 0 }
    }

    /// Bytes read so far.
    pub const fn position(&self) -> usize {
        self.length - self.rest.len()
    }

    /// Bytes not read yet.
    pub const fn remaining(&self) -> usize {
        self.rest.len()
    }

    /// Takes the next `count` bytes as they are.
    ///
    /// # Errors
    /// `Truncated` if there are fewer.
    #[inline]
    pub fn take(&mut self, count: usize) -> Result<&'a [u8], DecodeError> {
        match self.rest.split_at_checked(count) {
            Some((taken, rest)) => {
                self.rest = rest;
                Ok(taken)
            }
            None => Err(DecodeError::Truncated { missing: count - self.rest.len() }),
        }
    }

    /// Takes `N` raw bytes: `int128`, `int256`.
    ///
    /// # Errors
    /// `Truncated`.
    #[inline]
    pub fn array<const N: usize>(&mut self) -> Result<[u8; N], DecodeError> {
        self.piece().copied()
    }

    /// The next `N` bytes, where they lie.
    ///
    /// # Errors
    /// `Truncated`.
    #[inline]
    pub(crate) fn piece<const N: usize>(&mut self) -> Result<&'a [u8; N], DecodeError> {
        match self.rest.split_first_chunk() {
            Some((taken, rest)) => {
                self.rest = rest;
                Ok(taken)
            }
            None => Err(DecodeError::Truncated { missing: N - self.rest.len() }),
        }
    }

    /// A 32-bit unsigned word: constructor ids, flag words, counts.
    ///
    /// # Errors
    /// `Truncated`.
    #[inline]
    pub fn u32(&mut self) -> Result<u32, DecodeError> {
        self.array().map(u32::from_le_bytes)
    }

    /// The next word, left where it is.
    ///
    /// # Errors
    /// `Truncated`.
    pub fn peek_u32(&self) -> Result<u32, DecodeError> {
        match self.rest.first_chunk() {
            Some(word) => Ok(u32::from_le_bytes(*word)),
            None => Err(DecodeError::Truncated { missing: 4 - self.rest.len() }),
        }
    }

    /// `int`.
    ///
    /// # Errors
    /// `Truncated`.
    #[inline]
    pub fn i32(&mut self) -> Result<i32, DecodeError> {
        self.array().map(i32::from_le_bytes)
    }

    /// `long`.
    ///
    /// # Errors
    /// `Truncated`.
    #[inline]
    pub fn i64(&mut self) -> Result<i64, DecodeError> {
        self.array().map(i64::from_le_bytes)
    }

    /// `double`.
    ///
    /// # Errors
    /// `Truncated`.
    #[inline]
    pub fn f64(&mut self) -> Result<f64, DecodeError> {
        self.array().map(f64::from_le_bytes)
    }

    /// The content of a `bytes` or `string`, borrowed, and its padding passed over.
    ///
    /// # Errors
    /// `Truncated`.
    #[inline]
    pub fn byte_slice(&mut self) -> Result<&'a [u8], DecodeError> {
        // Nearly all are short and whole: then one look at the length is enough.
        if let Some(length @ ..254) = self.rest.first().copied().map(usize::from)
            && let Some((whole, rest)) = self.rest.split_at_checked((length + 4) & !3)
            && let Some(content) = whole.get(1..=length)
        {
            self.rest = rest;
            return Ok(content);
        }
        self.long_byte_slice()
    }

    #[inline(never)]
    fn long_byte_slice(&mut self) -> Result<&'a [u8], DecodeError> {
        let (header, length) = match self.array::<1>()?[0] {
            254 => {
                let [a, b, c] = self.array()?;
                (4, usize::from(a) | usize::from(b) << 8 | usize::from(c) << 16)
            }
            // TDLib writes this form for more than 2²⁴ bytes.
            255 => {
                let [a, b, c, d, e, f, g] = self.array()?;
                let length = u64::from_le_bytes([a, b, c, d, e, f, g, 0]);
                (8, usize::try_from(length).unwrap_or(usize::MAX))
            }
            short => (1, usize::from(short)),
        };
        let content = self.take(length)?;
        self.take((header + length).wrapping_neg() & 3)?;
        Ok(content)
    }

    /// `bytes`.
    ///
    /// # Errors
    /// `Truncated`.
    pub fn bytes(&mut self) -> Result<Bytes, DecodeError> {
        let content = self.byte_slice()?;
        Ok(self.owned(content))
    }

    /// `string`.
    ///
    /// # Errors
    /// `Truncated`, `NotUtf8`.
    #[inline]
    pub fn str(&mut self) -> Result<Str, DecodeError> {
        let mut text = Str::new();
        self.str_over(&mut text)?;
        Ok(text)
    }

    /// `string`, read to where it stays.
    ///
    /// # Errors
    /// `Truncated`, `NotUtf8`.
    pub(super) fn str_over(&mut self, place: &mut Str) -> Result<(), DecodeError> {
        match self.short_str()? {
            Some(short) => *place = short.into(),
            None => self.long_str_over(place)?,
        }
        Ok(())
    }

    #[inline]
    fn short_str(&mut self) -> Result<Option<Short>, DecodeError> {
        if let Some(wire) = self.rest.first_chunk()
            && let Some((short, length)) = Short::read(wire)?
            && let Some(rest) = self.rest.get(length..)
        {
            self.rest = rest;
            return Ok(Some(short));
        }
        Ok(None)
    }

    // Apart, so that a short text saves no registers for it.
    #[inline(never)]
    fn long_str_over(&mut self, place: &mut Str) -> Result<(), DecodeError> {
        let content = self.byte_slice()?;
        match self.owner {
            Some(owner) if !Short::fits(content.len()) => {
                let frame = self.frame.get_or_insert_with(|| Arc::new(owner.clone()));
                let start = content.as_ptr().addr() - owner.as_ptr().addr();
                *place = Str::slice(frame, start, content)?;
            }
            _ => *place = checked(content)?.into(),
        }
        Ok(())
    }

    /// Everything that is left.
    pub fn rest(&mut self) -> Bytes {
        let rest = self.owned(self.rest);
        self.rest = &[];
        rest
    }

    /// Passes over an id that must be there.
    ///
    /// # Errors
    /// `UnexpectedConstructor`, `Truncated`.
    #[inline]
    pub fn expect(&mut self, id: u32, wanted: &'static str) -> Result<(), DecodeError> {
        match self.u32()? {
            found if found == id => Ok(()),
            found => Err(DecodeError::UnexpectedConstructor { id: found, wanted }),
        }
    }

    /// The count of a vector whose items take at least `item_bytes_min` bytes each.
    ///
    /// Checked before anything is reserved, so that a claimed count cannot exhaust memory.
    ///
    /// # Errors
    /// `VectorTooLong`, `Truncated`.
    #[inline]
    pub fn count(&mut self, item_bytes_min: usize) -> Result<usize, DecodeError> {
        let count = self.u32()?;
        let most = self.rest.len() / item_bytes_min.max(1);
        match usize::try_from(count) {
            Ok(count) if count <= most => Ok(count),
            _ => Err(DecodeError::VectorTooLong { count, remaining: self.rest.len() }),
        }
    }

    /// Reads a value one level deeper.
    ///
    /// # Errors
    /// `TooDeep`, or what `read` answers.
    #[inline]
    pub fn nested<T>(
        &mut self,
        read: impl FnOnce(&mut Self) -> Result<T, DecodeError>,
    ) -> Result<T, DecodeError> {
        if self.depth >= DEPTH_MAX {
            return Err(DecodeError::TooDeep { max: DEPTH_MAX });
        }
        self.depth += 1;
        let value = read(self);
        self.depth -= 1;
        value
    }

    /// That nothing is left.
    ///
    /// # Errors
    /// `Trailing`.
    pub const fn finish(&self) -> Result<(), DecodeError> {
        if self.rest.is_empty() {
            Ok(())
        } else {
            Err(DecodeError::Trailing { bytes: self.rest.len() })
        }
    }

    fn owned(&self, content: &[u8]) -> Bytes {
        match self.owner {
            Some(owner) => owner.slice_ref(content),
            None => Bytes::copy_from_slice(content),
        }
    }
}

/// The bytes of `piece` from `at` on: a number of several that were read at once. Both lengths and
/// the place are known when this is compiled.
#[inline(always)]
pub(crate) fn part<const N: usize, const M: usize>(piece: &[u8; M], at: usize) -> [u8; N] {
    std::array::from_fn(|byte| piece[at + byte])
}
