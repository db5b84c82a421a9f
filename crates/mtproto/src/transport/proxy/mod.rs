//! A proxy: who knows a secret is let in, everybody else learns nothing.
//!
//! The door takes the disguise off. What it hands on is a plain stream in one of the framings, so
//! that whoever serves it need not know that there is a proxy.

mod door;
mod greeting;
mod key;
mod lane;
mod prospect;
mod replays;

#[cfg(test)]
mod tests;

pub use door::{ProxyDoor, ProxyLimits};
pub use greeting::{ProxyGreeting, ProxyStep, Welcome};
pub use key::{BadProxyKey, ProxyGuise, ProxyKey};
pub use lane::ProxyLane;
