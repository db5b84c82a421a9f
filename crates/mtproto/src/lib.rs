//! MTProto 2.0 as sans-IO state machines, client and server roles alike.
//!
//! A [`link`] is one connection: it finds the transport, cuts frames, makes authorization keys
//! and turns frames into opened messages and back. A [`session`] outlives links: it numbers,
//! acknowledges, repeats and unpacks messages. Neither knows sockets, clocks or the system's
//! randomness; bytes, time and a random source are arguments.

pub mod bind;
mod fault;
#[cfg(fuzzing)]
#[doc(hidden)]
pub mod fuzzing;
pub mod handshake;
pub mod link;
pub mod message;
mod queue;
pub mod session;
pub mod transport;

pub use fault::Fault;
