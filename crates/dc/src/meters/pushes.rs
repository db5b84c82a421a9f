//! Pushes: how far live sessions are behind what is committed.

use std::time::Duration;

use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::registry::Registry;

use super::seconds;

/// Kept by the fan-out.
pub(crate) struct PushMeters {
    lag: Histogram,
    pushes: Counter,
}

impl Default for PushMeters {
    fn default() -> Self {
        Self { lag: seconds(), pushes: Counter::default() }
    }
}

impl PushMeters {
    /// All sessions that hear of a commit have it in their queues, so long after it.
    pub(crate) fn note_told(&self, lag: Duration) {
        self.lag.observe(lag.as_secs_f64());
    }

    /// A session was given something.
    pub(crate) fn note_push(&self) {
        self.pushes.inc();
    }

    /// Has them shown.
    pub(crate) fn register(&self, registry: &mut Registry) {
        registry.register(
            "heliogram_push_lag_seconds",
            "Time from a commit until all live sessions that hear of it have been given it",
            self.lag.clone(),
        );
        let pushes = self.pushes.clone();
        registry.register("heliogram_pushes", "Updates given to sessions", pushes);
    }
}
