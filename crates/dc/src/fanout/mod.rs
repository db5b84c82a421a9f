//! From a commit to the live sessions: what changed, who must learn of it, how a latecomer catches up.
//!
//! The log is the truth and pushes are hints: a session that misses one reads the same rows through
//! the same renderer by `updates.getDifference`.

pub(crate) mod difference;
mod outbox;
mod push;

pub(crate) use outbox::{CallbackQuery, Effect, Notice, Outbox, Told};
pub(crate) use push::{Committed, Fanout};
