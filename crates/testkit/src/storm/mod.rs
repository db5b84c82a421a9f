//! The storm: many sessions of many people who write to each other while their connections are cut
//! at random, and the question afterwards what became of every message.
//!
//! A [`Storm`] is gathered in calm weather, rages for a while, and settles into a [`Verdict`]. What
//! it connects to is the caller's: a data centre in this process, or one across the network.

pub(crate) mod crowd;
mod frail;
mod plan;
pub(crate) mod rage;
mod settle;
pub(crate) mod verdict;

pub use crowd::Storm;
pub use frail::{Frail, Sky, Struck};
pub use plan::Plan;
pub use verdict::Verdict;
