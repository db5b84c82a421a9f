//! The vocabulary of Heliogram: identifiers, counters and time, as types.
//!
//! Everything here is plain data without dependencies, so that every other crate may share it.
//! Ids have no arithmetic; a counter has the one operation that its sequence allows.

mod counter;
mod id;
mod peer;
mod time;

pub use counter::{Pts, PtsCount, Qts, Seq};
pub use id::{
    AccessHash, AuthKeyId, ChannelId, ChatId, DcId, FileId, Layer, MessageId, MsgId, RandomId,
    Salt, SessionId, UserId,
};
pub use peer::Peer;
pub use time::Timestamp;
