//! The network of a world: everything that TCP allows to happen, and nothing else.
//!
//! Bytes arrive in order or not at all, late, and cut into pieces of any size. Connections are
//! refused, break at once, break on one side first, or fall silent until somebody gives up.

mod cable;
mod lane;
mod sky;
mod weather;

pub(super) use cable::Cable;
pub(super) use sky::{Owner, Sky};
pub(super) use weather::Weather;
