//! Links and sessions: from an opened message to a handler, and back to the wire.
//!
//! A [`Link`](link::Link) is one connection. A [`Session`](session::Session) outlives links; several
//! of one account may be live at once, each with its own layer. [`keys`] knows who stands behind a
//! key, [`run`] takes one request from its wrappers to its answer.

mod after;
mod backlog;
mod calls;
mod ears;
#[cfg(test)]
pub(crate) mod fixture;
mod flood;
mod health;
pub(crate) mod introduction;
mod keys;
mod link;
pub(crate) mod online;
mod outlets;
pub(crate) mod parked;
mod polls;
mod respond;
mod run;
mod service;
pub(crate) mod session;
mod sessions;
mod unwrap;
mod workshop;

pub use health::{Ailment, Health};
pub(crate) use service::Gateway;
pub(crate) use unwrap::WRAPPERS;
#[cfg(fuzzing)]
pub(crate) use unwrap::unwrapped;
