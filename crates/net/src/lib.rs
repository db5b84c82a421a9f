//! Sockets and clocks: the tokio driver of the MTProto machines.
//!
//! The machines of `heliogram-mtproto` take bytes, time and randomness and give bytes back. This
//! crate owns the other half: a [`Clock`], a source of randomness ([`OsRandom`]), a [`Driver`]
//! that is one task per connection, a [`Server`] that accepts, and [`dial()`] that connects.
//! What the bytes mean is the business of a [`Connection`].

mod buffers;
mod clock;
mod connection;
mod dial;
mod driver;
mod limits;
mod listener;
mod random;
mod registry;
#[cfg(test)]
mod tests;
mod waker;

pub use clock::Clock;
pub use connection::{Closed, Connection, PeerInfo, Service};
pub use dial::dial;
pub use driver::Driver;
pub use limits::{DriverLimits, Limits};
pub use listener::Server;
pub use random::OsRandom;
pub use registry::Refused;
pub use waker::Waker;
