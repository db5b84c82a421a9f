//! `getUpdates`: offsets, the parked request, and the conflicts between two consumers.

use std::time::Duration;

use heliogram_ids::Timestamp;
use tokio::sync::oneshot;

use super::feed::{Feed, State};
use crate::error::ApiError;

/// What a poll asks for, already forced into its ranges.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Poll {
    pub(crate) offset: i64,
    pub(crate) limit: usize,
    pub(crate) timeout: Duration,
}

const ANSWER_BYTES_MAX: usize = 4 << 20;
const CONFLICT_PAUSE: Duration = Duration::from_secs(3);
/// How far an offset may lie off the queue before it is taken for nonsense.
const AHEAD_MAX: i64 = 10;
const BEHIND_MAX: i64 = 100_000;

impl Feed {
    /// Updates as a JSON list. Waits for the first one as long as the poll says.
    ///
    /// # Errors
    /// 409 when another poll or a webhook takes over.
    pub(crate) async fn poll(
        &self,
        poll: Poll,
        clock: impl Fn() -> Timestamp,
    ) -> Result<String, ApiError> {
        let (poll, aborted) = {
            let mut state = self.lock();
            let now = clock();
            state.supersede(ApiError::conflict(
                "terminated by other getUpdates request; make sure that only one bot instance is \
                 running",
            ));
            let poll = state.brake(poll, now);
            state.settle(poll.offset, now)?;
            let (abort, aborted) = oneshot::channel();
            state.parked = Some(abort);
            (poll, aborted)
        };
        tokio::select! {
            biased;
            Ok(conflict) = aborted => {
                self.pause_conflict(clock()).await;
                Err(conflict)
            }
            () = self.some_arrive(poll) => Ok(self.lock().batch(poll)),
        }
    }

    /// Ends a parked poll because a webhook takes over.
    pub(crate) fn end_poll(&self) {
        self.lock().supersede(ApiError::conflict("terminated by setWebhook request"));
    }

    /// Holds back a second 409 that would follow the first within three seconds, so that two
    /// instances do not race each other.
    pub(crate) async fn pause_conflict(&self, now: Timestamp) {
        let recent = {
            let mut state = self.lock();
            let last = state.last_conflict.replace(now);
            last.is_some_and(|last| now.saturating_since(last) < CONFLICT_PAUSE)
        };
        if recent {
            tokio::time::sleep(CONFLICT_PAUSE).await;
        }
    }

    async fn some_arrive(&self, poll: Poll) {
        let deadline = tokio::time::sleep(poll.timeout);
        tokio::pin!(deadline);
        loop {
            let arrival = self.arrival();
            let is_over = {
                let state = self.lock();
                state.closing || state.has_from(poll.offset)
            };
            if is_over {
                return;
            }
            tokio::select! {
                biased;
                () = arrival => {
                    // Neighbours of the first update come along.
                    tokio::time::sleep(Duration::from_millis(1)).await;
                }
                () = &mut deadline => return,
            }
        }
    }
}

impl State {
    fn supersede(&mut self, conflict: ApiError) {
        if let Some(parked) = self.parked.take() {
            // The poll may have been answered already; then there is nobody to tell.
            let _ = parked.send(conflict);
        }
    }

    /// Slows down a bot that asks for the same offset again and again.
    fn brake(&mut self, mut poll: Poll, now: Timestamp) -> Poll {
        if let Some((_, when)) = self.last_poll.filter(|(offset, _)| *offset == poll.offset) {
            let since = now.saturating_since(when);
            if since < Duration::from_secs(3) && poll.timeout < Duration::from_secs(3) {
                poll.timeout = Duration::from_secs(3);
            }
            if since < Duration::from_millis(500) {
                poll.limit = 1;
            }
        }
        self.last_poll = Some((poll.offset, now));
        poll
    }

    /// Forgets what the offset confirms.
    fn settle(&mut self, offset: i64, now: Timestamp) -> Result<(), ApiError> {
        let first = if offset < 0 {
            let keep = usize::try_from(offset.unsigned_abs()).unwrap_or(usize::MAX);
            let drop = self.queue.len().saturating_sub(keep);
            self.queue.from(0).nth(drop).map_or_else(|| self.queue.tail(), |(id, _)| id)
        } else {
            self.start(offset)
        };
        let settled = self.queue.forget_below(first).and_then(|()| self.queue.expire(now));
        settled.map_err(|error| {
            tracing::error!(%error, "the update queue cannot be written");
            ApiError::exact(500, "Internal Server Error: failed to update the queue")
        })
    }

    /// Where a poll begins; offsets that make no sense begin at the head.
    fn start(&self, offset: i64) -> i32 {
        let (head, tail) = (self.queue.head(), self.queue.tail());
        let near = offset > 0
            && offset <= i64::from(tail) + AHEAD_MAX
            && offset >= i64::from(head) - BEHIND_MAX;
        if near { i32::try_from(offset).unwrap_or(head) } else { head }
    }

    fn has_from(&self, offset: i64) -> bool {
        self.queue.from(self.start(offset)).next().is_some()
    }

    fn batch(&self, poll: Poll) -> String {
        let mut out = String::from("[");
        for (at, (id, update)) in
            self.queue.from(self.start(poll.offset)).take(poll.limit).enumerate()
        {
            let json = update.json(id);
            if at > 0 {
                if out.len() + json.len() > ANSWER_BYTES_MAX {
                    break;
                }
                out.push_str(",\n");
            }
            out.push_str(&json);
        }
        out.push(']');
        out
    }
}

#[cfg(test)]
mod tests {
    use heliogram_client::Entropy;
    use serde_json::Value;

    use super::*;
    use crate::updates::{Allowed, NewUpdate, UpdateKind};

    const NOW: Timestamp = Timestamp::from_secs(1_000_000);

    /// A clock whose every reading is four seconds after the last: no brake applies.
    fn later() -> Timestamp {
        use std::sync::atomic::{AtomicU64, Ordering};
        static SECONDS: AtomicU64 = AtomicU64::new(1_000_000);
        Timestamp::from_secs(SECONDS.fetch_add(4, Ordering::Relaxed))
    }

    fn feed(updates: usize) -> (tempfile::TempDir, Feed) {
        let folder = tempfile::tempdir().unwrap();
        let feed = Feed::open(folder.path(), Allowed::default(), NOW, Entropy::system()).unwrap();
        for number in 0..updates {
            push(&feed, number);
        }
        (folder, feed)
    }

    fn push(feed: &Feed, number: usize) {
        let json = format!("{{\"number\":{number}}}");
        let update = NewUpdate { kind: UpdateKind::Message, subject: 5, date: NOW, json };
        feed.push(&update, NOW).unwrap();
    }

    async fn poll(feed: &Feed, offset: i64) -> Vec<(i64, i64)> {
        let poll = Poll { offset, limit: 100, timeout: Duration::ZERO };
        let text = feed.poll(poll, later).await.unwrap();
        let updates: Vec<Value> = serde_json::from_str(&text).unwrap();
        let pair = |update: &Value| {
            (update["update_id"].as_i64().unwrap(), update["message"]["number"].as_i64().unwrap())
        };
        updates.iter().map(pair).collect()
    }

    fn numbers(updates: &[(i64, i64)]) -> Vec<i64> {
        updates.iter().map(|(_, number)| *number).collect()
    }

    #[tokio::test(start_paused = true)]
    async fn an_offset_confirms_what_lies_before_it() {
        let (_folder, feed) = feed(3);
        let all = poll(&feed, 0).await;
        assert_eq!(numbers(&all), [0, 1, 2]);
        assert_eq!(numbers(&poll(&feed, 0).await), [0, 1, 2]);
        assert_eq!(numbers(&poll(&feed, all[1].0).await), [1, 2]);
        assert_eq!(feed.pending(), 2);
        assert!(poll(&feed, all[2].0 + 1).await.is_empty());
        assert_eq!(feed.pending(), 0);
    }

    #[tokio::test(start_paused = true)]
    async fn a_negative_offset_keeps_the_last() {
        let (_folder, feed) = feed(5);
        assert_eq!(numbers(&poll(&feed, -2).await), [3, 4]);
        assert_eq!(feed.pending(), 2);
    }

    #[tokio::test(start_paused = true)]
    async fn an_absurd_offset_confirms_nothing() {
        let (_folder, feed) = feed(2);
        assert_eq!(numbers(&poll(&feed, 2_100_000_000).await), [0, 1]);
        assert_eq!(numbers(&poll(&feed, 5).await).len(), 2);
    }

    #[tokio::test(start_paused = true)]
    async fn a_parked_poll_is_woken_by_an_update() {
        let (_folder, feed) = feed(0);
        let parked =
            feed.poll(Poll { offset: 0, limit: 1, timeout: Duration::from_secs(50) }, later);
        let (text, ()) = tokio::join!(parked, async {
            tokio::time::sleep(Duration::from_secs(10)).await;
            push(&feed, 9);
        });
        assert!(text.unwrap().contains("\"number\":9"));
    }

    #[tokio::test(start_paused = true)]
    async fn the_older_poll_is_the_one_that_ends() {
        let (_folder, feed) = feed(0);
        let long = Poll { offset: 0, limit: 1, timeout: Duration::from_secs(50) };
        let (older, newer) = tokio::join!(feed.poll(long, later), async {
            tokio::time::sleep(Duration::from_secs(1)).await;
            feed.poll(Poll { timeout: Duration::from_secs(4), ..long }, later).await
        });
        assert_eq!(older.unwrap_err().code, 409);
        assert_eq!(newer.unwrap(), "[]");
    }

    #[tokio::test(start_paused = true)]
    async fn unwanted_and_stale_updates_never_enter() {
        let (_folder, feed) = feed(0);
        let update = |kind, date| NewUpdate { kind, subject: 0, date, json: "{}".to_owned() };
        feed.push(&update(UpdateKind::ChatMember, NOW), NOW).unwrap();
        let yesterday = NOW - Duration::from_secs(90_000);
        feed.push(&update(UpdateKind::Message, yesterday), NOW).unwrap();
        assert_eq!(feed.pending(), 0);
    }
}
