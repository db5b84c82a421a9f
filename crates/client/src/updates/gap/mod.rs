//! The gap engine: decides what to deliver, what to fetch, and until when to wait.
//!
//! Sans-IO. Feed it what arrives and the time; drain [`poll_event`](GapEngine::poll_event) and
//! re-arm [`poll_timeout`](GapEngine::poll_timeout) after each call. Whatever is lost, doubled or
//! reordered on the way, each update of a sequence comes out once and in order.

mod channel;
mod common;
mod difference;
mod engine;
mod event;

#[cfg(test)]
mod tests;

pub use engine::GapEngine;
pub use event::GapEvent;

pub(super) use difference::state_of;
pub(super) use event::Fetched;
