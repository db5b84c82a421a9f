//! Ordered key-value engines, and what they must offer.

mod contract;
mod fjall;
mod memory;

pub use contract::{Engine, EngineTxn, Order, Outcome, Row, Scan, View, Writes};
pub use fjall::FjallEngine;
pub use memory::MemoryEngine;
