//! TL text → syntax tree → Rust text. Used at build time and by the project's own tasks only.
//!
//! [`parse`] reads schema text, [`history`] reads the merged file of all layers, [`merge`] adds a
//! layer to it, [`check`] and [`crc`] verify it, and [`emit`] writes the Rust types of one layer and
//! the tables of all.

pub mod ast;
pub mod check;
pub mod crc;
pub mod emit;
pub mod history;
pub mod merge;
pub mod parse;
