//! The `fuzz` task: coverage-guided fuzzing with the stable compiler and nothing installed.
//!
//! `task.rs` is what one asks for, `build.rs` the instrumented program, `drive.rs` runs one target of it,
//! `report.rs` reads what the fuzzer says, and `corpus.rs` keeps what it has learnt.

mod build;
mod corpus;
mod drive;
mod report;
mod task;

pub(crate) use task::{Fuzz, run, smoke};
