//! The writer: how long the disk takes for a group, and how many share it.

use std::sync::atomic::{AtomicU64, Ordering};

use heliogram_ids::Timestamp;
use heliogram_net::Clock;
use heliogram_store::engine::Outcome;
use heliogram_store::{Commit, Witness};
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::histogram::{Histogram, exponential_buckets};
use prometheus_client::registry::Registry;

use super::seconds;

/// Watches a store's writer.
pub(crate) struct CommitMeters {
    clock: Clock,
    seconds: Histogram,
    txns: Histogram,
    bytes: Counter,
    failures: Counter,
    /// When the commit under way began, in nanoseconds. There is one writer, so one number will do.
    began: AtomicU64,
}

impl CommitMeters {
    pub(crate) fn new(clock: Clock) -> Self {
        Self {
            clock,
            seconds: seconds(),
            txns: Histogram::new(exponential_buckets(1.0, 2.0, 9)),
            bytes: Counter::default(),
            failures: Counter::default(),
            began: AtomicU64::new(0),
        }
    }

    /// Has them shown.
    pub(crate) fn register(&self, registry: &mut Registry) {
        registry.register(
            "heliogram_commit_duration_seconds",
            "Time that the disk took for one group of transactions",
            self.seconds.clone(),
        );
        registry.register(
            "heliogram_commit_transactions",
            "Transactions that shared one commit",
            self.txns.clone(),
        );
        registry.register(
            "heliogram_commit_written_bytes",
            "Bytes of keys and values that were committed",
            self.bytes.clone(),
        );
        registry.register(
            "heliogram_commit_failures",
            "Commits that failed; after the first the store takes no more",
            self.failures.clone(),
        );
    }
}

impl Witness for CommitMeters {
    fn commit_begins(&self) {
        self.began.store(self.clock.now().nanos(), Ordering::Relaxed);
    }

    fn commit_ends(&self, commit: &Commit) {
        let began = Timestamp::from_nanos(self.began.load(Ordering::Relaxed));
        self.seconds.observe(self.clock.now().saturating_since(began).as_secs_f64());
        self.txns.observe(commit.txns as f64);
        match commit.outcome {
            Some(Outcome::Committed) => drop(self.bytes.inc_by(commit.bytes as u64)),
            // The same group comes again.
            Some(Outcome::Conflict) => {}
            None => drop(self.failures.inc()),
        }
    }
}
