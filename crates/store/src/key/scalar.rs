//! Integers, truth values and fixed arrays as keys.

use super::{Key, KeyReader};
use crate::StoreError;

macro_rules! unsigned {
    ($($int:ty),*) => {$(
        impl Key for $int {
            fn encode(&self, out: &mut Vec<u8>) {
                out.extend_from_slice(&self.to_be_bytes());
            }

            fn decode(input: &mut KeyReader<'_>) -> Result<Self, StoreError> {
                input.take().map(Self::from_be_bytes)
            }
        }
    )*};
}

// Flipping the sign bit puts the negative numbers, in their own order, below the others.
macro_rules! signed {
    ($($int:ty),*) => {$(
        impl Key for $int {
            fn encode(&self, out: &mut Vec<u8>) {
                out.extend_from_slice(&(self ^ Self::MIN).to_be_bytes());
            }

            fn decode(input: &mut KeyReader<'_>) -> Result<Self, StoreError> {
                input.take().map(|bytes| Self::from_be_bytes(bytes) ^ Self::MIN)
            }
        }
    )*};
}

unsigned!(u8, u16, u32, u64, u128);
signed!(i8, i16, i32, i64);

impl Key for bool {
    fn encode(&self, out: &mut Vec<u8>) {
        out.push(u8::from(*self));
    }

    fn decode(input: &mut KeyReader<'_>) -> Result<Self, StoreError> {
        match input.take()? {
            [0] => Ok(false),
            [1] => Ok(true),
            _ => Err(StoreError::BadKey("neither false nor true")),
        }
    }
}

impl<const N: usize> Key for [u8; N] {
    fn encode(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(self);
    }

    fn decode(input: &mut KeyReader<'_>) -> Result<Self, StoreError> {
        input.take()
    }
}

/// The key of a table with a single row.
impl Key for () {
    fn encode(&self, _out: &mut Vec<u8>) {}

    fn decode(_input: &mut KeyReader<'_>) -> Result<Self, StoreError> {
        Ok(())
    }
}

/// Nothing sorts below something, as in `Option`'s own order.
impl<K: Key> Key for Option<K> {
    fn encode(&self, out: &mut Vec<u8>) {
        self.is_some().encode(out);
        if let Some(key) = self {
            key.encode(out);
        }
    }

    fn decode(input: &mut KeyReader<'_>) -> Result<Self, StoreError> {
        if bool::decode(input)? { K::decode(input).map(Some) } else { Ok(None) }
    }
}
