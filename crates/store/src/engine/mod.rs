//! Ordered key-value engines, and what they must offer.

mod contract;
mod fjall;
mod fjall_journal;
mod memory;

pub use contract::{BlockReads, Engine, EngineTxn, Order, Outcome, Row, Scan, Usage, View, Writes};
pub use fjall::FjallEngine;
pub(crate) use fjall_journal::SuspectJournals;
pub use memory::MemoryEngine;
