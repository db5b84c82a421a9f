//! Doors for the fuzzer: the bytes of a session's file without the file.
//!
//! Built with `--cfg fuzzing` only, which nobody but `cargo xtask fuzz` sets.

pub use crate::session::fuzzing::{frame, scan};
