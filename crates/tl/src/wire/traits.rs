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

    /// Reads one value to where it stays, over a default value. What is answered goes through memory
    /// twice, and the second time the processor waits for the first.
    ///
    /// # Errors
    /// As [`decode`](Self::decode); the value at the place is any then.
    fn decode_over(&mut self, r: &mut Reader<'_>) -> Result<(), DecodeError> {
        *self = Self::decode(r)?;
        Ok(())
    }

    /// The same for a value that may be absent, and is there.
    ///
    /// # Errors
    /// As [`decode_over`](Self::decode_over).
    fn decode_some(place: &mut Option<Self>, r: &mut Reader<'_>) -> Result<(), DecodeError> {
        *place = Some(Self::decode(r)?);
        Ok(())
    }

    /// The same for a value that goes behind others.
    ///
    /// # Errors
    /// As [`decode`](Self::decode).
    #[inline]
    fn decode_onto(items: &mut Vec<Self>, r: &mut Reader<'_>) -> Result<(), DecodeError> {
        items.push(Self::decode(r)?);
        Ok(())
    }

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

    /// Reads the fields into a box: one with many of them is read where it stays.
    ///
    /// # Errors
    /// Whatever keeps the bytes from being this value.
    fn decode_boxed(r: &mut Reader<'_>) -> Result<Box<Self>, DecodeError> {
        Self::decode_bare(r).map(Box::new)
    }
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
        self.write(out);
    }
}

impl Decode for Str {
    fn decode(r: &mut Reader<'_>) -> Result<Self, DecodeError> {
        r.str()
    }

    fn decode_over(&mut self, r: &mut Reader<'_>) -> Result<(), DecodeError> {
        r.str_over(self)
    }

    fn decode_some(place: &mut Option<Self>, r: &mut Reader<'_>) -> Result<(), DecodeError> {
        r.str_over(place.insert(Self::new()))
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
