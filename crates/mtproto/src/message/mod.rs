//! Messages as they lie in a frame: sealed under a key or plain, alone, packed or in a container.

pub mod container;
pub mod gzip;
pub(crate) mod plain;
mod seal;

#[cfg(fuzzing)]
pub(crate) use seal::seal_anything;
pub use seal::{Opened, Outgoing};
pub(crate) use seal::{Trailer, assemble, open, seal, seal_together, sealed_len};
