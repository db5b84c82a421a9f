//! Keeping the TL schemas: fetch a package, read its form, check it, merge it.

mod archive;
mod errors;
mod forms;
mod source;
mod task;

pub(crate) use task::{Task, run};
