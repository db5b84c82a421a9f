//! The coding of TL values: a bounds-checked reader, a writer into one buffer, and the traits.
//!
//! Spec: core.telegram.org/mtproto/serialize.

mod error;
mod reader;
mod scratch;
mod short;
mod text;
mod traits;
mod vector;
mod writer;

pub use error::DecodeError;
pub use reader::Reader;
pub(crate) use reader::part;
pub use text::{Raw, Str};
pub use traits::{Bare, Constructor, Decode, Encode, Function};
pub use vector::VECTOR_ID;
pub(crate) use vector::{decode_bare_vector, encode_bare_vector};
pub use writer::write_bytes;
