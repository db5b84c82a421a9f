//! Requests: how many of each method, what came of them, and how long that took.

use std::sync::OnceLock;
use std::time::Duration;

use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::registry::Registry;

use super::seconds;
use crate::error::RpcError;
use crate::rpc::dispatch;
use crate::rpc::route::Route;

/// Everything about requests. A method has its meters from its first request on, so what is shown is
/// what is used; they are found by the route's place, without a lookup.
pub(crate) struct CallMeters {
    requests: Family<CallLabels, Counter>,
    seconds: Family<CallLabels, Histogram, fn() -> Histogram>,
    errors: Family<ErrorLabels, Counter>,
    /// By the place of the route and the outcome; in the last place is what has no route.
    places: Box<[[OnceLock<Meters>; OUTCOMES]]>,
}

/// What came of a request.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Outcome {
    /// It was answered, or will be when somebody else gives the answer.
    Answered,
    /// It was refused: its sender is told why.
    Refused,
    /// It failed for reasons of our own.
    Failed,
}

struct Meters {
    requests: Counter,
    seconds: Histogram,
}

#[derive(Clone, Debug, EncodeLabelSet, Eq, Hash, PartialEq)]
struct CallLabels {
    method: &'static str,
    outcome: &'static str,
}

#[derive(Clone, Debug, EncodeLabelSet, Eq, Hash, PartialEq)]
struct ErrorLabels {
    error: &'static str,
}

impl Default for CallMeters {
    fn default() -> Self {
        let places = (0..=dispatch::routes().len()).map(|_| Default::default()).collect();
        Self {
            requests: Family::default(),
            seconds: Family::new_with_constructor(seconds),
            errors: Family::default(),
            places,
        }
    }
}

impl CallMeters {
    /// A request of a known method has its answer.
    pub(crate) fn note_answered(&self, route: &Route, took: Duration) {
        self.note(Some(route), Outcome::Answered, took);
    }

    /// A request was refused; without a route, before it was known what it asks for.
    pub(crate) fn note_refused(&self, route: Option<&Route>, error: &RpcError, took: Duration) {
        let outcome = if error.code() >= 500 { Outcome::Failed } else { Outcome::Refused };
        self.note(route, outcome, took);
        // The names are constants of ours, so there are only so many.
        self.errors.get_or_create(&ErrorLabels { error: error.name() }).inc();
    }

    fn note(&self, route: Option<&Route>, outcome: Outcome, took: Duration) {
        let unknown = self.places.len() - 1;
        let place = route.and_then(dispatch::place).unwrap_or(unknown);
        let meters = self.places[place][outcome as usize].get_or_init(|| {
            let method = route.map_or(UNKNOWN, |route| route.name);
            let labels = CallLabels { method, outcome: outcome.name() };
            Meters {
                requests: self.requests.get_or_create(&labels).clone(),
                seconds: self.seconds.get_or_create(&labels).clone(),
            }
        });
        meters.requests.inc();
        meters.seconds.observe(took.as_secs_f64());
    }

    /// Has them shown.
    pub(crate) fn register(&self, registry: &mut Registry) {
        let requests = self.requests.clone();
        registry.register(
            "heliogram_rpc_requests",
            "Requests over MTProto, by method and by what came of them",
            requests,
        );
        registry.register(
            "heliogram_rpc_request_duration_seconds",
            "Time from the arrival of a request to its answer",
            self.seconds.clone(),
        );
        let errors = self.errors.clone();
        registry.register("heliogram_rpc_errors", "Requests that were refused, by error", errors);
    }
}

impl Outcome {
    const fn name(self) -> &'static str {
        match self {
            Self::Answered => "answered",
            Self::Refused => "refused",
            Self::Failed => "failed",
        }
    }
}

const OUTCOMES: usize = 3;
/// The method of whatever we have no route for: anybody can make names up.
const UNKNOWN: &str = "unknown";

#[cfg(test)]
mod tests {
    use prometheus_client::encoding::text::encode;

    use super::*;

    #[test]
    fn errors_with_a_number_share_one_label() {
        let meters = CallMeters::default();
        for seconds in 1..10_000 {
            let error = RpcError::flood_wait(Duration::from_secs(seconds));
            meters.note_refused(None, &error, Duration::ZERO);
        }
        meters.note_refused(None, &RpcError::file_part_missing(7), Duration::ZERO);
        let (mut registry, mut text) = (Registry::default(), String::new());
        meters.register(&mut registry);
        encode(&mut text, &registry).expect("text takes everything");
        let errors = text.lines().filter(|line| line.starts_with("heliogram_rpc_errors_total"));
        let mut errors: Vec<&str> = errors.collect();
        errors.sort_unstable();
        let expected = [
            "heliogram_rpc_errors_total{error=\"FILE_PART_X_MISSING\"} 1",
            "heliogram_rpc_errors_total{error=\"FLOOD_WAIT_X\"} 9999",
        ];
        assert_eq!(errors, expected);
    }
}
