//! TLS on the port where everything else is spoken too.
//!
//! A connection is TLS if its first bytes are a client's hello. It is taken off before a machine
//! sees anything; inside, all transports are told apart again, so that `wss` and `https` need
//! nothing of their own.

mod certificate;
mod hello;
mod stream;

pub use certificate::{Tls, TlsError};
pub(crate) use stream::MaybeTls;
