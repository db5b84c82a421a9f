//! Transports: how payloads are cut out of a byte stream, and how the stream is disguised.
//!
//! A server finds out by the first bytes what a client speaks ([`detect()`]). HTTP and TLS are
//! recognised there too and belong to the driver: what it finds behind a WebSocket upgrade or in
//! the records of a fake TLS session is again a byte stream that opens with an obfuscated
//! preamble, and goes to a link like any other. After that a link has one decoder, one encoder
//! and perhaps one pair of key streams.

mod abridged;
mod framing;
mod full;
mod intermediate;
mod padded;

mod decode;
mod encode;
mod obfuscated;
mod wire;

mod detect;

pub(crate) use decode::Received;
pub use detect::{Detected, detect};
pub use framing::Framing;
pub(crate) use framing::QuickAck;
pub(crate) use obfuscated::Obfuscation;
pub use obfuscated::{ProxySecret, is_preamble_allowed};
pub(crate) use wire::Wire;
