//! Keys as bytes that sort the way their values do.
//!
//! Integers are big-endian with the sign bit flipped, text is escaped and terminated, an id is
//! the number inside it and a tuple is its parts one after the other. No encoding is the beginning
//! of another of the same type, so parts never run into each other.

mod encode;
mod fixed;
mod ids;
mod scalar;
mod text;
mod tuple;

pub(crate) use encode::decode_key;
pub use encode::{Key, KeyReader};
pub use fixed::FixedKey;
