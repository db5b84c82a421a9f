//! Which update a webhook gets next: one at a time per key, in order, keys side by side. Knows no
//! network and no clock.

use std::collections::{BTreeSet, HashMap, VecDeque};
use std::time::Duration;

use heliogram_ids::Timestamp;

/// The order of delivery.
#[derive(Debug, Default)]
pub(super) struct Schedule {
    lanes: HashMap<i64, Lane>,
    ready: VecDeque<i64>,
    delayed: BTreeSet<(Timestamp, i64)>,
    seen: i32,
}

#[derive(Debug, Default)]
struct Lane {
    ids: VecDeque<i32>,
    failures: u32,
}

/// A longer wait asked for by the bot itself is cut to this.
const RETRY_AFTER_MAX: Duration = Duration::from_secs(3600);

impl Schedule {
    /// Adds an update. A key of 0 makes a lane of its own.
    pub(super) fn offer(&mut self, id: i32, key: i64) {
        let key = if key == 0 { i64::MIN + i64::from(id) } else { key };
        self.seen = self.seen.max(id);
        let lane = self.lanes.entry(key).or_default();
        lane.ids.push_back(id);
        if lane.ids.len() == 1 {
            self.ready.push_back(key);
        }
    }

    /// Id of the newest update that has been offered.
    pub(super) const fn seen(&self) -> i32 {
        self.seen
    }

    /// The next update to send, with its lane; the lane is busy until told otherwise.
    pub(super) fn next(&mut self, now: Timestamp) -> Option<(i64, i32)> {
        while let Some((when, key)) = self.delayed.first().copied().filter(|(when, _)| *when <= now)
        {
            self.delayed.remove(&(when, key));
            self.ready.push_back(key);
        }
        let key = self.ready.pop_front()?;
        let id = self.lanes.get(&key)?.ids.front()?;
        Some((key, *id))
    }

    /// The update at the head of a lane is done with, one way or the other.
    pub(super) fn done(&mut self, key: i64) {
        let Some(lane) = self.lanes.get_mut(&key) else { return };
        lane.ids.pop_front();
        lane.failures = 0;
        if lane.ids.is_empty() {
            self.lanes.remove(&key);
        } else {
            self.ready.push_back(key);
        }
    }

    /// The update at the head of a lane was not accepted. Says when it is tried again: at once
    /// after the first failure, then after 2, 4, 8… seconds up to `cap`.
    pub(super) fn failed(
        &mut self,
        key: i64,
        now: Timestamp,
        retry_after: Option<Duration>,
        cap: Duration,
    ) -> Timestamp {
        let failures = self.lanes.get_mut(&key).map_or(1, |lane| {
            lane.failures = lane.failures.saturating_add(1);
            lane.failures
        });
        let backoff = match failures {
            0 | 1 => Duration::ZERO,
            n => Duration::from_secs(1 << (n - 1).min(16)).min(cap),
        };
        let when = now + retry_after.map_or(backoff, |wait| wait.min(RETRY_AFTER_MAX));
        self.delayed.insert((when, key));
        when
    }

    /// Takes a delayed lane's head away, for it would be tried after its time.
    pub(super) fn give_up(&mut self, key: i64, when: Timestamp) {
        self.delayed.remove(&(when, key));
        self.done(key);
    }

    /// When the earliest delayed lane is due.
    pub(super) fn due(&self) -> Option<Timestamp> {
        self.delayed.first().map(|(when, _)| *when)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp::from_secs(100);
    const CAP: Duration = Duration::from_secs(60);

    #[test]
    fn a_key_is_served_in_order_and_keys_side_by_side() {
        let mut schedule = Schedule::default();
        for (id, key) in [(1, 7), (2, 7), (3, 8), (4, 0), (5, 0)] {
            schedule.offer(id, key);
        }
        let ids: Vec<i32> = std::iter::from_fn(|| schedule.next(NOW).map(|(_, id)| id)).collect();
        assert_eq!(ids, [1, 3, 4, 5]);
        schedule.done(7);
        assert_eq!(schedule.next(NOW), Some((7, 2)));
        assert_eq!(schedule.next(NOW), None);
    }

    #[test]
    fn failures_wait_longer_and_longer() {
        let mut schedule = Schedule::default();
        schedule.offer(1, 7);
        let waits: Vec<u64> = (0..8)
            .map(|_| {
                let when = schedule.failed(7, NOW, None, CAP);
                schedule.delayed.clear();
                when.saturating_since(NOW).as_secs()
            })
            .collect();
        assert_eq!(waits, [0, 2, 4, 8, 16, 32, 60, 60]);
    }

    #[test]
    fn the_bot_may_ask_for_its_own_delay() {
        let mut schedule = Schedule::default();
        schedule.offer(1, 7);
        schedule.next(NOW);
        let when = schedule.failed(7, NOW, Some(Duration::from_secs(9)), CAP);
        assert_eq!(schedule.due(), Some(when));
        assert_eq!(schedule.next(NOW), None);
        assert_eq!(schedule.next(NOW + Duration::from_secs(9)), Some((7, 1)));
    }
}
