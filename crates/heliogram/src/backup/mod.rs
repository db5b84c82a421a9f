//! Backups of a cloud's directory, and the way back.
//!
//! A backup folder holds any number of states and one pile of files that they share:
//!
//! ```text
//! states/20261130T101500Z/   one moment: rows, keys, the bots' sessions and queues, a manifest
//! blobs/ab/cdef…             every file that a state names, by the hash of its content
//! ```
//!
//! What is in the pile already is not copied again. A state appears under its name only when it is
//! whole, and everything in it has a checksum in its manifest.

mod bots;
mod command;
mod make;
mod manifest;
mod pile;
mod restore;

pub(crate) use command::{back_up, restore};
pub(crate) use make::{Made, make};
