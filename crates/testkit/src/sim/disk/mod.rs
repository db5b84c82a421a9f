//! The disk of a world: what was synced survives, what was not may not, and nothing says which.
//!
//! The rows lie in a [`Journal`] as an engine would keep them: batches with checksums, of which an
//! opening engine takes those up to the first that it cannot read. That this loses acknowledged data
//! after one flipped bit is the point: the store's own watermark has to notice. Watermark, blobs and
//! the Bot API's folder are real files, in a [`Ground`] that is copied when the machine dies.

mod blobs;
mod engine;
mod ground;
mod journal;

pub(super) use blobs::FrailBlobs;
pub(super) use engine::SimEngine;
pub(super) use ground::{Files, Ground};
pub(super) use journal::{Disk, Journal};
pub use journal::{Mishap, Outage};
