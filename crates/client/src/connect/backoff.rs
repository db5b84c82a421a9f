//! Pauses between attempts to connect: doubling, capped, and never in step with other clients.

use std::time::Duration;

use heliogram_crypto::Random;

/// Counts failures and says how long to wait after each.
#[derive(Debug, Default)]
pub(crate) struct Backoff {
    failures: u32,
}

impl Backoff {
    /// The pause after one more failure: at least half of the step, at most all of it.
    pub(crate) fn failed(&mut self, rng: &mut dyn Random) -> Duration {
        let doubled = STEP_MIN.saturating_mul(1 << self.failures.min(DOUBLINGS_MAX));
        self.failures = self.failures.saturating_add(1);
        let half = doubled.min(STEP_MAX) / 2;
        let jitter = rng.below(u64::try_from(half.as_millis()).unwrap_or(u64::MAX).max(1));
        half + Duration::from_millis(jitter)
    }

    /// A connection was of use.
    pub(crate) fn succeeded(&mut self) {
        self.failures = 0;
    }
}

const STEP_MIN: Duration = Duration::from_millis(200);
const STEP_MAX: Duration = Duration::from_secs(30);
const DOUBLINGS_MAX: u32 = 16;

#[cfg(test)]
mod tests {
    use heliogram_crypto::SeededRandom;

    use super::*;

    #[test]
    fn pauses_grow_to_a_cap_and_begin_anew() {
        let mut rng = SeededRandom::new(1);
        let mut backoff = Backoff::default();
        assert!(backoff.failed(&mut rng) <= STEP_MIN);
        for _ in 0..40 {
            let pause = backoff.failed(&mut rng);
            assert!(pause <= STEP_MAX);
        }
        assert!(backoff.failed(&mut rng) >= STEP_MAX / 2);
        backoff.succeeded();
        assert!(backoff.failed(&mut rng) <= STEP_MIN);
    }
}
