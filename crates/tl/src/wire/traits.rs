//! What can be written and read, and the codings of the primitive types.

use bytes::Bytes;

use super::error::DecodeError;
use super::reader::Reader;
use super::scratch;
use super::text::{Raw, Str};
use super::writer::write_bytes;

/// A value in its boxed form: the constructor's id, then its fields.
pub trait Encode {
    /// Appends the value to `out`.
    fn encode(&self, out: &mut Vec<u8>);

    /// The value as a buffer of its own, of exactly the length it needs.
    fn to_bytes(&self) -> Vec<u8> {
        scratch::with(|out| self.encode(out))
    }
}

/// A value that can be read in its boxed form.
pub trait Decode: Sized {
    /// Reads one value and leaves the reader behind it.
    ///
    /// # Errors
    /// Whatever keeps the bytes from being this value.
    fn decode(r: &mut Reader<'_>) -> Result<Self, DecodeError>;

    /// The value that fills `buffer`; text becomes slices of it.
    ///
    /// # Errors
    /// Also `Trailing`, if bytes are left.
    fn from_bytes(buffer: &Bytes) -> Result<Self, DecodeError> {
        let mut reader = Reader::of(buffer);
        let value = Self::decode(&mut reader)?;
        reader.finish()?;
        Ok(value)
    }
}

/// A constructor's fields, without its id.
pub trait Bare: Sized {
    /// Appends the fields to `out`.
    fn encode_bare(&self, out: &mut Vec<u8>);

    /// Reads the fields.
    ///
    /// # Errors
    /// Whatever keeps the bytes from being this value.
    fn decode_bare(r: &mut Reader<'_>) -> Result<Self, DecodeError>;
}

/// A constructor with fields.
pub trait Constructor: Bare {
    /// The number that stands for it on the wire.
    const ID: u32;
    /// The schema's spelling: `messages.dialogsSlice`.
    const NAME: &'static str;
}

/// A function: what is sent, and what comes back.
pub trait Function: Encode + Decode {
    /// The number that stands for it on the wire.
    const ID: u32;
    /// The schema's spelling: `messages.sendMessage`.
    const NAME: &'static str;
    /// The type of its result.
    type Return: Encode + Decode;
}

const BOOL_TRUE: u32 = 0x9972_75b5;
const BOOL_FALSE: u32 = 0xbc79_9737;

macro_rules! number {
    ($($of:ty, $read:ident;)*) => {$(
        impl Encode for $of {
            fn encode(&self, out: &mut Vec<u8>) {
                out.extend_from_slice(&self.to_le_bytes());
            }
        }

        impl Decode for $of {
            fn decode(r: &mut Reader<'_>) -> Result<Self, DecodeError> {
                r.$read()
            }
        }
    )*};
}

number! {
    i32, i32;
    i64, i64;
    f64, f64;
}

impl<const N: usize> Encode for [u8; N] {
    fn encode(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(self);
    }
}

impl<const N: usize> Decode for [u8; N] {
    fn decode(r: &mut Reader<'_>) -> Result<Self, DecodeError> {
        r.array()
    }
}

impl Encode for bool {
    fn encode(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(&if *self { BOOL_TRUE } else { BOOL_FALSE }.to_le_bytes());
    }
}

impl Decode for bool {
    fn decode(r: &mut Reader<'_>) -> Result<Self, DecodeError> {
        match r.u32()? {
            BOOL_TRUE => Ok(true),
            BOOL_FALSE => Ok(false),
            id => Err(DecodeError::UnexpectedConstructor { id, wanted: "Bool" }),
        }
    }
}

impl Encode for Str {
    fn encode(&self, out: &mut Vec<u8>) {
        write_bytes(self.utf8(), out);
    }
}

impl Decode for Str {
    fn decode(r: &mut Reader<'_>) -> Result<Self, DecodeError> {
        r.str()
    }
}

impl Encode for Bytes {
    fn encode(&self, out: &mut Vec<u8>) {
        write_bytes(self, out);
    }
}

impl Decode for Bytes {
    fn decode(r: &mut Reader<'_>) -> Result<Self, DecodeError> {
        r.bytes()
    }
}

impl Encode for Raw {
    fn encode(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(&self.0);
    }
}

impl Decode for Raw {
    fn decode(r: &mut Reader<'_>) -> Result<Self, DecodeError> {
        Ok(Self(r.rest()))
    }
}

impl<T: Encode> Encode for Box<T> {
    fn encode(&self, out: &mut Vec<u8>) {
        (**self).encode(out);
    }
}

impl<T: Decode> Decode for Box<T> {
    fn decode(r: &mut Reader<'_>) -> Result<Self, DecodeError> {
        T::decode(r).map(Self::new)
    }
}
