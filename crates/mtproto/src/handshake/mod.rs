//! Making authorization keys: the exchange of Diffie–Hellman numbers, both roles.
//!
//! Each role is a chain of states in which a message consumes one state and returns the next.
//! The server keeps several exchanges of one link apart by their nonces, because clients probe
//! with one, restart another and make two keys in a row.
//! Spec: mtproto/auth_key

mod envelope;
mod inner_data;
mod labour;
mod lobby;

mod client;
mod exchanges;
mod server;

#[cfg(test)]
mod tests;
#[cfg(test)]
mod transcript;

pub(crate) use client::{Handshake, Progress, begin};
pub use client::{HandshakeConfig, HandshakeError, Ready, RsaPadding};
#[cfg(test)]
pub(crate) use exchanges::Created;
pub(crate) use exchanges::{Answered, Context, Exchanges, Refusal, Reply};
pub(crate) use inner_data::InnerData;
pub use labour::{Labour, Outcome};
pub use lobby::Lobby;
