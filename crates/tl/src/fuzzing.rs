//! Doors for the fuzzer: every generated type by its name, and values to begin with.
//!
//! Built with `--cfg fuzzing` only, which nobody but `cargo xtask fuzz` sets.

pub use crate::layer::fuzzing::{layers, name, requests, results, values};
use crate::{Bytes, DecodeError};

mod api {
    include!(concat!(env!("OUT_DIR"), "/round_trip.rs"));
}

mod service {
    include!(concat!(env!("OUT_DIR"), "/mtproto_round_trip.rs"));
}

/// What reading and writing back made of bytes, if there is such a type.
pub type RoundTrip = Option<Result<Vec<u8>, DecodeError>>;

/// Reads a value of a type, or a call of a function, and writes it back.
pub fn decode_and_encode(name: &str, bytes: &Bytes) -> RoundTrip {
    api::decode_and_encode(name, bytes)
}

/// The same for the service schema.
pub fn decode_and_encode_service(name: &str, bytes: &Bytes) -> RoundTrip {
    service::decode_and_encode(name, bytes)
}
