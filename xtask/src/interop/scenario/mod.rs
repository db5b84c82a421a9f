//! The story that every stranger plays, told once: named steps, each a few orders and what has to be
//! seen of them. `interop/README.md` tells it in words.

mod away;
mod bots;
mod ending;
mod files;
mod getting_in;
mod glimpses;
pub(super) mod home;
mod leaving;
mod passwords;
mod picture;
mod play;
mod steps;
mod story;
mod talking;
mod theatre;
mod verdict;
pub(super) mod weather;

#[cfg(test)]
pub(super) use play::Outcome;
pub(super) use play::{Performance, perform};
pub(super) use steps::{knows, names};
pub(super) use theatre::Player;
pub(super) use verdict::Verdict;
