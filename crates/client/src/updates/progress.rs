//! When to write the position down: not for every update, and never long after.

use std::sync::Arc;
use std::time::Duration;

use heliogram_ids::Timestamp;

use crate::book::Book;
use crate::errands::Errands;

/// Flushes a book now and then while updates are handled.
pub(super) struct Progress {
    book: Arc<Book>,
    errands: Errands,
    flushed: Timestamp,
}

impl Progress {
    pub(super) fn new(book: Arc<Book>, errands: Errands, now: Timestamp) -> Self {
        Self { book, errands, flushed: now }
    }

    /// When there will be something to write down.
    pub(super) fn poll_timeout(&self) -> Option<Timestamp> {
        self.book.is_dirty().then(|| self.flushed + FLUSH_EVERY)
    }

    /// Writes down what was handled, if it is time. The store may block, so it gets a thread.
    pub(super) async fn flush_if_due(&mut self, now: Timestamp) {
        if self.poll_timeout().is_none_or(|due| due > now) {
            return;
        }
        self.flushed = now;
        let book = Arc::clone(&self.book);
        let flushed = self.errands.run(move || book.flush()).await;
        if let Ok(Err(error)) = flushed {
            // The updates are handled all the same; after a crash some would be handled again.
            tracing::warn!(%error, "position is not written down");
        }
    }
}

/// A crash repeats at most the updates of this long.
const FLUSH_EVERY: Duration = Duration::from_secs(1);
