//! Questions whose answer somebody else gives: a button's press waits for its bot.

use std::collections::BTreeMap;
use std::sync::Arc;

use heliogram_ids::{Layer, MsgId, Timestamp};
use parking_lot::Mutex;

use super::session::Session;

/// Open questions at once.
const OPEN_MAX: usize = 100_000;

/// All open questions by their number.
#[derive(Default)]
pub(crate) struct Parked {
    open: Mutex<BTreeMap<i64, Question>>,
}

/// Who waits for an answer, and how long.
pub(crate) struct Question {
    pub(crate) session: Arc<Session>,
    pub(crate) request: MsgId,
    /// The function as the client called it: its layer may want another result type.
    pub(crate) function: u32,
    pub(crate) layer: Layer,
    pub(crate) deadline: Timestamp,
}

impl Parked {
    /// Opens a question. A full table gives it back.
    pub(crate) fn open(&self, key: i64, question: Question) -> Result<(), Question> {
        let mut open = self.open.lock();
        if open.len() >= OPEN_MAX {
            return Err(question);
        }
        open.insert(key, question);
        Ok(())
    }

    /// Closes a question: its answer is here.
    pub(crate) fn close(&self, key: i64) -> Option<Question> {
        self.open.lock().remove(&key)
    }

    /// Closes the questions whose time is over.
    pub(crate) fn expire(&self, now: Timestamp) -> Vec<Question> {
        let mut open = self.open.lock();
        let over: Vec<i64> =
            open.iter().filter(|(_, one)| one.deadline <= now).map(|(key, _)| *key).collect();
        over.iter().filter_map(|key| open.remove(key)).collect()
    }
}
