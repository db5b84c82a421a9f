//! TL text → syntax tree → Rust text. Used at build time and by the project's own tasks only.
//!
//! [`parse`] reads schema text, [`history`] reads the merged file of all layers, [`crc`] computes
//! what a constructor id must be, and [`emit`] writes the Rust types of one layer.

pub mod ast;
pub mod crc;
pub mod emit;
pub mod history;
pub mod parse;
