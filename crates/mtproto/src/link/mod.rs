//! One connection as a state machine: bytes in, opened messages and new keys out, and back.
//!
//! The driver owns the socket, the clock and the randomness. After every call it drains
//! `poll_event`, then `poll_transmit`, then looks at `poll_timeout`; in particular a new key is
//! known to everybody before the answer that announces it is written.

mod auth_keys;
mod carrier;
mod config;
mod output;
mod socket;
mod unsealed;

mod client;
mod greeting;
mod server;

#[cfg(test)]
mod tests;

pub use auth_keys::AuthKeys;
pub use client::{ClientEvent, ClientLink};
pub use config::{ClientConfig, ClientTransport, Disguise, LinkLimits, ServerConfig};
pub use server::{LinkEvent, ServerLink};
pub use unsealed::{SealedFrame, UnsealedFrame, seal_frames};
