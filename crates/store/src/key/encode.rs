//! The contract of a key and the reader that decodes one.

use crate::StoreError;

/// A value that can be looked up and sorted by.
///
/// Implementations owe two things: the encodings of two values compare as the values do, and no
/// encoding is a proper beginning of another.
pub trait Key: Sized {
    /// Appends the encoding.
    fn encode(&self, out: &mut Vec<u8>);

    /// Reads one encoding from the front.
    ///
    /// # Errors
    /// [`StoreError::BadKey`] if the bytes are not an encoding of this type.
    fn decode(input: &mut KeyReader<'_>) -> Result<Self, StoreError>;
}

/// The rest of an encoded key.
#[derive(Clone, Debug)]
pub struct KeyReader<'a> {
    rest: &'a [u8],
}

impl<'a> KeyReader<'a> {
    /// Starts at the beginning of `bytes`.
    pub const fn new(bytes: &'a [u8]) -> Self {
        Self { rest: bytes }
    }

    /// Takes the next `N` bytes.
    ///
    /// # Errors
    /// [`StoreError::BadKey`] if fewer are left.
    pub fn take<const N: usize>(&mut self) -> Result<[u8; N], StoreError> {
        let (head, rest) = self.rest.split_first_chunk().ok_or(StoreError::BadKey("too short"))?;
        self.rest = rest;
        Ok(*head)
    }

    /// Ends the reading.
    ///
    /// # Errors
    /// [`StoreError::BadKey`] if bytes are left over.
    pub const fn finish(self) -> Result<(), StoreError> {
        if self.rest.is_empty() { Ok(()) } else { Err(StoreError::BadKey("too long")) }
    }
}

/// Decodes a whole key.
pub(crate) fn decode_key<K: Key>(bytes: &[u8]) -> Result<K, StoreError> {
    let mut reader = KeyReader::new(bytes);
    let key = K::decode(&mut reader)?;
    reader.finish()?;
    Ok(key)
}
