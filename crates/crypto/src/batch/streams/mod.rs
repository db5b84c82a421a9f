//! IGE over several messages at once.
//!
//! Each message has a key of its own and is a chain of its own. `jobs` keeps the lanes busy, however
//! long the messages are; `wide` has twelve of them, four to a register of AVX-512, and `narrow`
//! eight, for processors that have nothing wider than AES-NI.

mod jobs;
mod narrow;
mod wide;

pub(super) use jobs::{Stream, Streams};
