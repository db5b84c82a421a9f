//! A bot's updates as both consumers share them: the queue, the wish list, the wake-up call.

use std::io;
use std::path::Path;
use std::sync::{Mutex, MutexGuard, PoisonError};

use heliogram_client::Entropy;
use heliogram_ids::Timestamp;
use tokio::sync::{Notify, oneshot};

use super::kinds::{Allowed, UpdateKind};
use super::queue::{Queue, Waiting};
use crate::error::ApiError;

/// An update as the converter hands it over.
#[derive(Clone, Debug)]
pub struct NewUpdate {
    /// Which field of `Update` it fills.
    pub kind: UpdateKind,
    /// Chat or user it is about, for the order of delivery; 0 if it stands alone.
    pub subject: i64,
    /// When it happened: its lifetime counts from here.
    pub date: Timestamp,
    /// The value of the field, in JSON.
    pub json: String,
}

/// The updates of one bot.
#[derive(Debug)]
pub struct Feed {
    state: Mutex<State>,
    arrived: Notify,
    entropy: Entropy,
}

#[derive(Debug)]
pub(super) struct State {
    pub(super) queue: Queue,
    pub(super) allowed: Allowed,
    /// Tells a parked poll that it has been superseded, and how.
    pub(super) parked: Option<oneshot::Sender<ApiError>>,
    pub(super) last_poll: Option<(i64, Timestamp)>,
    pub(super) last_conflict: Option<Timestamp>,
    /// The server is stopping: nobody waits any more.
    pub(super) closing: bool,
}

impl Feed {
    /// Opens the queue in the bot's folder.
    ///
    /// # Errors
    /// The file cannot be read or written.
    pub fn open(
        folder: &Path,
        allowed: Allowed,
        now: Timestamp,
        entropy: Entropy,
    ) -> io::Result<Self> {
        let queue = Queue::open(&folder.join("updates.log"), entropy.draw(), now)?;
        let state = State {
            queue,
            allowed,
            parked: None,
            last_poll: None,
            last_conflict: None,
            closing: false,
        };
        Ok(Self { state: Mutex::new(state), arrived: Notify::new(), entropy })
    }

    /// Queues an update, unless the bot does not want its kind, it is too old, or the queue is
    /// full: then it is dropped.
    ///
    /// # Errors
    /// The file cannot be written.
    pub fn push(&self, update: &NewUpdate, now: Timestamp) -> io::Result<()> {
        let mut state = self.lock();
        let expires = i64::from((update.date + update.kind.lifetime()).unix());
        if !state.allowed.contains(update.kind) || expires < i64::from(now.unix()) {
            return Ok(());
        }
        let key = if update.subject == 0 { 0 } else { update.kind.key(update.subject) };
        let body = format!("\"{}\":{}", update.kind.name(), update.json);
        state.queue.push(Waiting { expires, key, body }, self.entropy.draw())?;
        drop(state);
        self.arrived.notify_waiters();
        Ok(())
    }

    /// Changes the kinds that will be queued from now on.
    pub fn allow(&self, allowed: Allowed) {
        self.lock().allowed = allowed;
    }

    /// The kinds that are queued.
    pub fn allowed(&self) -> Allowed {
        self.lock().allowed
    }

    /// Number of updates that wait.
    pub fn pending(&self) -> usize {
        self.lock().queue.len()
    }

    /// Whether a poll waits.
    #[cfg(test)]
    pub(crate) fn is_parked(&self) -> bool {
        self.lock().parked.is_some()
    }

    /// Forgets everything that waits.
    ///
    /// # Errors
    /// The file cannot be written.
    pub fn clear(&self) -> io::Result<()> {
        self.lock().queue.forget_below(i32::MAX)
    }

    /// Answers a parked poll with what there is, and every later one at once.
    pub(crate) fn close(&self) {
        self.lock().closing = true;
        self.arrived.notify_waiters();
    }

    /// Resolves when the next update arrives, or none will. Take it before looking at the queue.
    pub(super) fn arrival(&self) -> tokio::sync::futures::Notified<'_> {
        self.arrived.notified()
    }

    pub(super) fn lock(&self) -> MutexGuard<'_, State> {
        // A panic elsewhere leaves the queue as consistent as a crash would: it is replayable.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
