//! What honest people said to each other, when, and when it arrived.

use std::collections::HashMap;
use std::fmt;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// A message: who said it, and its number among theirs.
pub(crate) type Line = (usize, u32);

/// Messages on their way, and how long those took that have arrived.
#[derive(Default)]
pub(crate) struct Ledger(Mutex<Pages>);

#[derive(Default)]
struct Pages {
    under_way: HashMap<Line, Instant>,
    took: Vec<Duration>,
    refused: Vec<String>,
}

/// How one phase went.
#[derive(Clone, Debug, Default)]
pub(crate) struct Phase {
    /// How long each message took, the fastest first.
    took: Vec<Duration>,
}

impl Ledger {
    /// Somebody begins to say something.
    pub(crate) fn say(&self, line: Line) {
        self.pages().under_way.insert(line, Instant::now());
    }

    /// It is not taken: the server said no.
    pub(crate) fn refuse(&self, line: Line, why: String) {
        let mut pages = self.pages();
        pages.under_way.remove(&line);
        pages.refused.push(format!("{line:?}: {why}"));
    }

    /// The other one heard it; a second time does not count.
    pub(crate) fn hear(&self, line: Line) {
        let mut pages = self.pages();
        if let Some(said) = pages.under_way.remove(&line) {
            pages.took.push(said.elapsed());
        }
    }

    /// Ends a phase: what has arrived since the last one.
    pub(crate) fn turn_over(&self) -> Phase {
        let mut took = std::mem::take(&mut self.pages().took);
        took.sort_unstable();
        Phase { took }
    }

    /// How many are on their way.
    pub(crate) fn under_way(&self) -> usize {
        self.pages().under_way.len()
    }

    /// What was not taken, in words.
    pub(crate) fn refused(&self) -> Vec<String> {
        self.pages().refused.clone()
    }

    fn pages(&self) -> MutexGuard<'_, Pages> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Phase {
    /// How many messages arrived.
    pub(crate) fn len(&self) -> usize {
        self.took.len()
    }

    /// What half of them took at most.
    pub(crate) fn median(&self) -> Duration {
        self.quantile(50)
    }

    /// What all but one in a hundred took at most.
    pub(crate) fn p99(&self) -> Duration {
        self.quantile(99)
    }

    fn quantile(&self, percent: usize) -> Duration {
        let at = (self.took.len() * percent / 100).min(self.took.len().saturating_sub(1));
        self.took.get(at).copied().unwrap_or_default()
    }
}

impl fmt::Display for Phase {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let ms = |time: Duration| time.as_secs_f64() * 1000.0;
        write!(f, "{:.1}/{:.1} ms", ms(self.median()), ms(self.p99()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_message_counts_once() {
        let ledger = Ledger::default();
        for number in 0..3 {
            ledger.say((1, number));
        }
        ledger.hear((1, 0));
        ledger.hear((1, 0));
        ledger.refuse((1, 1), "no".to_owned());
        assert_eq!((ledger.under_way(), ledger.refused().len()), (1, 1));
        assert_eq!(ledger.turn_over().len(), 1);
        ledger.hear((1, 2));
        assert_eq!((ledger.turn_over().len(), ledger.under_way()), (1, 0));
    }

    #[test]
    fn quantiles_of_few_are_among_them() {
        let took =
            |ms: &[u64]| Phase { took: ms.iter().map(|ms| Duration::from_millis(*ms)).collect() };
        assert_eq!(took(&[]).p99(), Duration::ZERO);
        assert_eq!(took(&[7]).median(), Duration::from_millis(7));
        let hundred: Vec<u64> = (0..100).collect();
        assert_eq!(took(&hundred).median(), Duration::from_millis(50));
        assert_eq!(took(&hundred).p99(), Duration::from_millis(99));
    }
}
