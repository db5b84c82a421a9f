//! Ordered key-value engines, and what they must offer.

mod contract;
mod fjall;
mod fjall_batches;
mod fjall_journal;
mod fjall_trees;
mod memory;

pub use contract::{
    BlockReads, Engine, EngineTxn, Memory, Order, Outcome, Row, Scan, Usage, View, Writes,
};
pub use fjall::FjallEngine;
pub(crate) use fjall_journal::{Gap, Journals};
pub(crate) use fjall_trees::{survey, verify};
pub use memory::MemoryEngine;
