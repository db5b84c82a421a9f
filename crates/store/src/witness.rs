//! Who watches the writer: a clock and counters, which this crate has none of.

use crate::engine::Outcome;

/// Is told of every group that the writer commits, on the writer's thread.
///
/// It sees sizes and moments, never rows, and should return at once: everybody who writes waits.
pub trait Witness: Send + Sync {
    /// A group that is run and complete goes to the engine now.
    fn commit_begins(&self);

    /// The engine has answered for it.
    fn commit_ends(&self, commit: &Commit);
}

/// One group, after the engine had it.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Commit {
    /// Transactions that shared it, those that wrote nothing included.
    pub txns: usize,
    /// Bytes of the keys and values that they wrote.
    pub bytes: usize,
    /// How it ended; nothing if the engine failed, after which the store takes no more.
    pub outcome: Option<Outcome>,
}
