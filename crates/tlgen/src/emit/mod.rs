//! Definitions of one layer to the text of Rust types, and of all layers to tables.

mod definitions;
mod enums;
mod fixed;
mod functions;
mod layout;
mod names;
mod round_trip;
mod run;
mod structs;
mod tables;

pub use definitions::{Options, rust};
pub use round_trip::round_trip;
pub use tables::tables;
