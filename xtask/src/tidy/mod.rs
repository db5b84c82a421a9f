//! House rules that no compiler checks: sizes, dependencies, words that must not be in the tree.
//!
//! Each rule looks at the whole tree and answers with sentences; no sentence, no fault. The task is
//! also a test, so that nothing is known to the build server alone.

mod crates;
mod dependencies;
mod handlers;
mod quirks;
mod sizes;
mod task;
mod text;
mod tree;

pub(crate) use task::run;
