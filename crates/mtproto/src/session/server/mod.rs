//! The server's end of a session.
//!
//! [`ServerSession`] is in `session.rs`; what arrives goes through `receive.rs` and, if it is of
//! the service schema, `service.rs`; what leaves is collected by `answers.rs` and `pushes.rs`,
//! numbered and put together by `transmit.rs`, and kept by `kept.rs` until acknowledged. When a
//! response over HTTP may leave is for `hold.rs` to say.

mod answers;
mod away;
mod early;
mod event;
mod hold;
mod kept;
mod limits;
mod pushes;
mod receive;
mod service;
mod session;
mod state;
#[cfg(test)]
mod tests;
mod transmit;

pub use event::{KeyDestruction, Offline, SessionEvent, Verdict};
pub use hold::{Hold, HttpWait, Outlook};
pub use limits::ServerLimits;
pub use session::ServerSession;
