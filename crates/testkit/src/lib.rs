//! The whole system in a test: a data centre in this process, and clients of it over pipes.
//!
//! A [`World`] is one data centre. [`World::person`] and [`World::bot`] bring people into it, who
//! act through the client framework; an [`Inbox`] is how they listen. A [`Wire`] is a client
//! without manners: it says any bytes and shows every message, for tests of the protocol itself.
//! A [`Speaker`] knows one layer alone, and reads all that it hears with [`strict`] eyes.
//! A [`storm`] is many people at once, and connections that break; [`sim`] is a few people in one
//! thread, where everything breaks that may, and every run can be repeated. Tools that run a server
//! of its own look at it from [`outside`], and [`crash`] kills it again and again.
//!
//! Everything here panics when the system does not do what a test needs, and nothing waits for
//! ever: see [`soon`].

pub mod crash;
mod inbox;
pub mod outside;
mod person;
pub mod populated;
pub mod sim;
mod speaker;
pub mod startup;
pub mod storm;
pub mod strict;
mod wire;
mod world;

pub use inbox::{Inbox, sender};
pub use person::Person;
pub use speaker::{Opening, Speaker};
pub use wire::{Heard, Refusal, Wire, handshake, introduced};
pub use world::World;

use std::time::Duration;

/// Waits for what has to happen.
///
/// # Panics
/// If it does not happen for so long that it will not.
pub async fn soon<F: Future>(what: &str, future: F) -> F::Output {
    match tokio::time::timeout(PATIENCE, future).await {
        Ok(output) => output,
        Err(_) => panic!("{what}: nothing for {PATIENCE:?}"),
    }
}

/// Far more than anything takes on a busy machine.
const PATIENCE: Duration = Duration::from_secs(60);
