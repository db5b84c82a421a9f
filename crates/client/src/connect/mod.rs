//! Connections: how to reach a data centre, and how to stay in touch with it.
//!
//! A line is one MTProto session with whatever links carry it over time; a pool is the home line
//! and a few more for files. A line is one task, and the machine it drives is sans-IO.

mod backoff;
mod call;
mod connector;
mod device;
mod line;
mod machine;
mod pool;
mod proxy;

pub use connector::{BoxStream, ByteStream, Connecting, Connector, TcpConnector};
pub use device::Device;
pub use line::Status;
pub use proxy::ProxyConnector;

pub(crate) use line::LineConfig;
pub(crate) use pool::{Pool, Purpose};
