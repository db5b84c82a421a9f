//! Doors for the fuzzer: machines that lie inside a link, one at a time.
//!
//! Built with `--cfg fuzzing` only, which nobody but `cargo xtask fuzz` sets. Nothing is decided here;
//! each door hands on to what stands behind it.

mod frames;
mod seal;
mod web;

pub use frames::{Frame, FrameReader, FrameWriter};
pub use seal::{open, seal, seal_anything};
pub use web::{Asked, Control, HttpPort, WebSocketReader};
