//! Sockets and clocks: the tokio driver of the MTProto machines.
//!
//! The machines of `heliogram-mtproto` take bytes, time and randomness and give bytes back. This
//! crate owns the other half: a [`Clock`], a source of randomness ([`Entropy`]), a [`Driver`]
//! that is one task per connection, a [`Server`] that accepts, and [`dial()`] that connects.
//! What the bytes mean is the business of a [`Connection`].

mod buffers;
mod clock;
mod connection;
mod dial;
mod driver;
mod entrance;
mod entropy;
mod fake_tls;
mod limits;
mod listener;
mod masked;
mod mtproxy;
mod proxy_protocol;
mod random;
mod registry;
mod rewound;
mod sealing;
#[cfg(test)]
mod tests;
mod tls;
mod waker;

pub use clock::Clock;
pub use connection::{Closed, Connection, PeerInfo, Service};
pub use dial::dial;
pub use driver::Driver;
pub use entrance::Entrance;
pub use entropy::Entropy;
pub use fake_tls::open_fake_tls;
pub use limits::{DriverLimits, Limits, descriptors_max, raise_descriptors};
pub use listener::Server;
pub use mtproxy::{MtProxy, MtProxyLimits};
pub use proxy_protocol::ProxyProtocol;
pub use random::OsRandom;
pub use registry::Refused;
pub(crate) use rewound::Rewound;
pub use tls::{Tls, TlsError};
pub use waker::Waker;
