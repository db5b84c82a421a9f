//! Tuples as keys: their parts one after the other.

use super::{Key, KeyReader};
use crate::StoreError;

macro_rules! tuple {
    ($($part:ident $index:tt),*) => {
        impl<$($part: Key),*> Key for ($($part,)*) {
            fn encode(&self, out: &mut Vec<u8>) {
                $(self.$index.encode(out);)*
            }

            fn decode(input: &mut KeyReader<'_>) -> Result<Self, StoreError> {
                Ok(($($part::decode(input)?,)*))
            }
        }
    };
}

tuple!(A 0);
tuple!(A 0, B 1);
tuple!(A 0, B 1, C 2);
tuple!(A 0, B 1, C 2, D 3);
tuple!(A 0, B 1, C 2, D 3, E 4);
