//! Definitions of one layer to the text of Rust types.

mod definitions;
mod enums;
mod functions;
mod layout;
mod names;
mod structs;

pub use definitions::{Options, rust};
