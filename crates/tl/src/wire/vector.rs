//! Vectors, boxed and bare.

use super::error::DecodeError;
use super::reader::Reader;
use super::traits::{Bare, Decode, Encode};

/// Constructor id of a boxed vector.
pub const VECTOR_ID: u32 = 0x1cb5_c415;

/// Nothing on the wire is shorter than one word.
const ITEM_BYTES_MIN: usize = 4;

/// Longer vectors grow as they are read. Pages of a hundred everyday values stay below.
const RESERVED_BYTES_MAX: usize = 16 << 10;

impl<T: Encode> Encode for Vec<T> {
    fn encode(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(&VECTOR_ID.to_le_bytes());
        encode_count(self.len(), out);
        for item in self {
            item.encode(out);
        }
    }
}

impl<T: Decode> Decode for Vec<T> {
    fn decode(r: &mut Reader<'_>) -> Result<Self, DecodeError> {
        let mut items = Self::new();
        items.decode_over(r)?;
        Ok(items)
    }

    fn decode_over(&mut self, r: &mut Reader<'_>) -> Result<(), DecodeError> {
        r.expect(VECTOR_ID, "Vector")?;
        let count = r.count(ITEM_BYTES_MIN)?;
        let mut items = Self::with_capacity(reserved::<T>(count));
        for _ in 0..count {
            T::decode_onto(&mut items, r)?;
        }
        *self = items;
        Ok(())
    }

    fn decode_some(place: &mut Option<Self>, r: &mut Reader<'_>) -> Result<(), DecodeError> {
        place.insert(Self::new()).decode_over(r)
    }
}

/// A count and bare items, without ids anywhere.
pub(crate) fn encode_bare_vector<T: Bare>(items: &[T], out: &mut Vec<u8>) {
    encode_count(items.len(), out);
    for item in items {
        item.encode_bare(out);
    }
}

pub(crate) fn decode_bare_vector<T: Bare>(r: &mut Reader<'_>) -> Result<Vec<T>, DecodeError> {
    let count = r.count(ITEM_BYTES_MIN)?;
    let mut items = Vec::with_capacity(reserved::<T>(count));
    for _ in 0..count {
        items.push(T::decode_bare(r)?);
    }
    Ok(items)
}

/// For how many items memory is reserved before the first of them was read. Vectors nest: if each
/// took the word of its count, a small buffer could reserve its own size a thousand times over.
fn reserved<T>(count: usize) -> usize {
    count.min(RESERVED_BYTES_MAX / size_of::<T>().max(1))
}

fn encode_count(count: usize, out: &mut Vec<u8>) {
    let count = u32::try_from(count).expect("a vector in memory has fewer than 2^32 items");
    out.extend_from_slice(&count.to_le_bytes());
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;

    use super::*;

    /// Sixteen kilobytes in memory, a word on the wire.
    #[derive(Debug)]
    struct Fat(#[allow(dead_code)] [u8; 16 << 10]);

    impl Decode for Fat {
        fn decode(_: &mut Reader<'_>) -> Result<Self, DecodeError> {
            Err(DecodeError::NotUtf8)
        }
    }

    #[test]
    fn a_claimed_count_reserves_next_to_nothing() {
        let count = 4_u32 << 20;
        let mut bytes = [VECTOR_ID.to_le_bytes(), count.to_le_bytes()].concat();
        bytes.resize(8 + 4 * count as usize, 0);
        // Were the count believed, this would take 64 gigabytes.
        assert_eq!(Vec::<Fat>::from_bytes(&Bytes::from(bytes)).unwrap_err(), DecodeError::NotUtf8);
    }
}
