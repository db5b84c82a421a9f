//! Sealing several messages at once.
//!
//! Within one message nothing is parallel: each block of IGE waits for the one before, and so does
//! each step of the hash. Between messages everything is. Parts of a file and copies of an update
//! come in numbers, and where the processor computes on wide registers they share one.

#[cfg(target_arch = "x86_64")]
mod hashes;
mod ige;
mod seal;
#[cfg(target_arch = "x86_64")]
mod sha_lanes;
#[cfg(target_arch = "x86_64")]
mod streams;

pub use ige::{IgeJob, encrypt as encrypt_ige};
pub use seal::{Unsealed, seal_v2};
