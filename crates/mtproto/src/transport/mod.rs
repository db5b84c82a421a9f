//! Transports: how payloads are cut out of a byte stream, and how the stream is disguised.
//!
//! A server finds out by the first bytes what a client speaks ([`detect()`]). After that a link
//! has one decoder, one encoder and perhaps one pair of key streams. [`http`] has no framing of
//! its own, for requests and responses have lengths; behind an upgrade to a [`websocket`] lies
//! again a byte stream that opens with an obfuscated preamble. TLS is recognised too and belongs
//! to the driver, which takes it off before a link sees anything.

mod abridged;
mod framing;
mod full;
mod intermediate;
mod padded;

mod decode;
mod encode;
mod obfuscated;
mod wire;

mod http;
mod websocket;

mod detect;

mod fake_tls;
mod proxy;

pub(crate) use decode::Received;
pub use detect::{Detected, detect};
pub use fake_tls::FakeTlsClient;
pub use framing::Framing;
pub(crate) use framing::QuickAck;
pub(crate) use http::{HttpEvent, HttpServer};
pub(crate) use obfuscated::Obfuscation;
pub use obfuscated::{ProxySecret, is_preamble_allowed};
pub use proxy::{
    BadProxyKey, ProxyDoor, ProxyGreeting, ProxyGuise, ProxyKey, ProxyLane, ProxyLimits, ProxyStep,
    Welcome,
};
pub(crate) use websocket::{Piece, Violation, WebSocket, write_close, write_pong};
pub(crate) use wire::Wire;
