//! The client's end of a session.
//!
//! [`ClientSession`] is in `session.rs`; requests wait and travel in `requests.rs`; what arrives
//! goes through `receive.rs`, refusals and doubts through `trouble.rs`; what leaves is numbered in
//! `transmit.rs`. Salts and the server's time have a file each, and so have the timers.

mod event;
mod limits;
mod receive;
mod requests;
mod salts;
mod server_time;
mod session;
#[cfg(test)]
mod tests;
mod timers;
mod transmit;
mod trouble;

pub use event::{ClientEvent, Failure, Full};
pub use limits::ClientLimits;
pub use requests::{Priority, RequestId, RequestOptions};
pub use session::ClientSession;
