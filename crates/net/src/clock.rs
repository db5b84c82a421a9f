//! The one clock of the process: wall time that never steps back.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, SystemTime};

use heliogram_ids::Timestamp;
use tokio::time::Instant;

/// Tells the time for every machine of the process.
///
/// It runs on the monotone clock from an anchor, so that a step of the system clock cannot make
/// two messages share an id. Call [`follow_wall`](Self::follow_wall) now and then to keep to NTP.
#[derive(Clone, Debug)]
pub struct Clock(Arc<Hands>);

#[derive(Debug)]
struct Hands {
    started: Instant,
    /// Unix time at `started`, in nanoseconds; corrected while running.
    anchor: AtomicU64,
    /// How many seconds it is ahead of the system's time, by intention; none if it does not follow
    /// that time at all.
    offset_secs: Option<i64>,
    /// No reading is less than this: it takes up corrections to the past.
    floor: AtomicU64,
}

impl Clock {
    /// The system's time.
    pub fn start() -> Self {
        Self::start_off(0)
    }

    /// A clock that is wrong by some seconds and stays so: for tests of peers who believe it.
    pub fn start_off(offset_secs: i64) -> Self {
        Self::with(shifted(wall(), offset_secs), Some(offset_secs))
    }

    /// A clock that reads `now` at this moment and knows no other time than tokio's, which may be
    /// paused: for tests and simulations.
    pub fn starting_at(now: Timestamp) -> Self {
        Self::with(now, None)
    }

    fn with(now: Timestamp, offset_secs: Option<i64>) -> Self {
        Self(Arc::new(Hands {
            started: monotone(),
            anchor: AtomicU64::new(now.nanos()),
            offset_secs,
            floor: AtomicU64::new(0),
        }))
    }

    /// The present moment; never less than any earlier answer.
    pub fn now(&self) -> Timestamp {
        let elapsed = nanos(monotone().saturating_duration_since(self.0.started));
        let anchor = self.0.anchor.load(Ordering::Relaxed);
        let floor = self.0.floor.load(Ordering::Relaxed);
        Timestamp::from_nanos(anchor.saturating_add(elapsed).max(floor))
    }

    /// When the runtime's timers will reach `moment`.
    pub fn instant(&self, moment: Timestamp) -> Instant {
        monotone() + moment.saturating_since(self.now())
    }

    /// Corrects the clock to the system's time: ahead at once, back by standing still.
    pub fn follow_wall(&self) {
        if let Some(offset_secs) = self.0.offset_secs {
            self.correct(shifted(wall(), offset_secs));
        }
    }

    // A correction back is bounded: clients drop a connection whose ids stand still for long,
    // and a system clock that is hours off is not worth following.
    fn correct(&self, wall: Timestamp) {
        let now = self.now();
        let anchor = self.0.anchor.load(Ordering::Relaxed);
        let ahead = nanos(wall.saturating_since(now));
        let behind = nanos(now.saturating_since(wall)).min(nanos(BACK_MAX));
        // The floor first, or a reader between the two stores would see time step back.
        self.0.floor.fetch_max(now.nanos(), Ordering::Relaxed);
        self.0.anchor.store(anchor.saturating_add(ahead).saturating_sub(behind), Ordering::Release);
    }
}

/// How far one correction may hold the clock.
const BACK_MAX: Duration = Duration::from_millis(500);

fn shifted(moment: Timestamp, offset_secs: i64) -> Timestamp {
    let offset = Duration::from_secs(offset_secs.unsigned_abs());
    if offset_secs < 0 { moment - offset } else { moment + offset }
}

fn nanos(span: Duration) -> u64 {
    u64::try_from(span.as_nanos()).unwrap_or(u64::MAX)
}

#[allow(clippy::disallowed_methods)] // This is the clock that everybody else is handed.
fn monotone() -> Instant {
    Instant::now()
}

#[allow(clippy::disallowed_methods)] // As above.
fn wall() -> Timestamp {
    let since_epoch = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH);
    Timestamp::from_nanos(since_epoch.map_or(0, nanos))
}

#[cfg(test)]
mod tests {
    use super::*;

    const START: Timestamp = Timestamp::from_secs(1_700_000_000);

    #[tokio::test(start_paused = true)]
    async fn a_correction_ahead_is_followed_at_once() {
        let clock = Clock::starting_at(START);
        clock.correct(START + Duration::from_secs(5));
        assert_eq!(clock.now(), START + Duration::from_secs(5));
    }

    #[tokio::test(start_paused = true)]
    async fn a_correction_back_makes_time_stand_still() {
        let clock = Clock::starting_at(START);
        clock.correct(START - Duration::from_millis(300));
        assert_eq!(clock.now(), START);
        tokio::time::advance(Duration::from_millis(200)).await;
        assert_eq!(clock.now(), START);
        tokio::time::advance(Duration::from_millis(200)).await;
        assert_eq!(clock.now(), START + Duration::from_millis(100));
    }

    #[tokio::test]
    async fn a_clock_that_is_wrong_by_intention_stays_wrong() {
        let hour = Duration::from_secs(3600);
        let (right, wrong) = (Clock::start(), Clock::start_off(-3600));
        wrong.follow_wall();
        let apart = right.now().saturating_since(wrong.now());
        assert!(apart.abs_diff(hour) < Duration::from_secs(60), "{apart:?}");
    }

    #[tokio::test(start_paused = true)]
    async fn a_clock_of_its_own_follows_nobody() {
        let clock = Clock::starting_at(START);
        clock.follow_wall();
        assert_eq!(clock.now(), START);
    }

    #[tokio::test(start_paused = true)]
    async fn an_absurd_correction_back_is_not_followed_far() {
        let clock = Clock::starting_at(START);
        clock.correct(START - Duration::from_secs(3600));
        tokio::time::advance(Duration::from_secs(1)).await;
        assert_eq!(clock.now(), START + Duration::from_millis(500));
    }
}
