//! A `heliogram up` seen from outside: another process, its sockets, its log, and what it costs.
//!
//! For tools that expose a real server to something. Tests use a [`World`](crate::World), which
//! lives in their own process.

mod arrive;
mod cloud;
mod gauge;
mod outcome;
mod vitals;

pub use arrive::arrive;
pub use cloud::Cloud;
pub use gauge::{Gauge, busy, resident};
pub use outcome::exit_code;
pub use vitals::Vitals;
