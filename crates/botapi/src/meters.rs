//! What is counted and measured for those who run the server. No label names a bot, and no value
//! tells of one: queues are summed over all.

use std::fmt;
use std::sync::{Arc, OnceLock, Weak};
use std::time::Duration;

use prometheus_client::collector::Collector;
use prometheus_client::encoding::{DescriptorEncoder, EncodeLabelSet, EncodeMetric as _};
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::ConstGauge;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::registry::Registry;

use crate::bots::Bots;
use crate::methods;

/// Everything that happens. A method has its meters from its first request on.
pub(crate) struct Meters {
    requests: Family<CallLabels, Counter>,
    seconds: Family<MethodLabels, Histogram, fn() -> Histogram>,
    deliveries: Family<DeliveryLabels, Counter>,
    /// By the place of the method among the names and that of the status; behind all statuses is
    /// that which is none, and behind all names what is no method, see [`STRANGERS`].
    calls: Box<[[OnceLock<Counter>; STATUSES.len() + 1]]>,
    times: Box<[OnceLock<Histogram>]>,
    accepted: Counter,
    refused: Counter,
}

#[derive(Clone, Debug, EncodeLabelSet, Eq, Hash, PartialEq)]
struct CallLabels {
    method: &'static str,
    status: &'static str,
}

#[derive(Clone, Debug, EncodeLabelSet, Eq, Hash, PartialEq)]
struct MethodLabels {
    method: &'static str,
}

#[derive(Clone, Debug, EncodeLabelSet, Eq, Hash, PartialEq)]
struct DeliveryLabels {
    outcome: &'static str,
}

impl Default for Meters {
    fn default() -> Self {
        let deliveries = Family::<DeliveryLabels, Counter>::default();
        let outcome = |outcome| deliveries.get_or_create(&DeliveryLabels { outcome }).clone();
        let (accepted, refused) = (outcome("accepted"), outcome("refused"));
        let methods = 0..methods::coverage().len() + STRANGERS.len();
        Self {
            requests: Family::default(),
            seconds: Family::new_with_constructor(seconds),
            deliveries,
            calls: methods.clone().map(|_| Default::default()).collect(),
            times: methods.map(|_| OnceLock::new()).collect(),
            accepted,
            refused,
        }
    }
}

impl fmt::Debug for Meters {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Meters")
    }
}

impl Meters {
    /// A request of a method, by any of its names, was answered with a status.
    pub(crate) fn note_call(&self, method: &str, status: u16, took: Duration) {
        let rows = methods::coverage();
        let name = methods::official_name(method);
        let found = name.and_then(|name| rows.iter().position(|(row, _)| *row == name));
        let (place, name) = found.zip(name).unwrap_or((rows.len(), UNKNOWN));
        self.count(place, name, status);
        // A poll takes as long as its bot wants to wait, which says nothing of us.
        if name != POLL {
            let time = self.times[place]
                .get_or_init(|| self.seconds.get_or_create(&MethodLabels { method: name }).clone());
            time.observe(took.as_secs_f64());
        }
    }

    /// A request of a file was answered; how long the file travels is for the network to say.
    pub(crate) fn note_file(&self, status: u16) {
        self.count(methods::coverage().len() + 1, FILE, status);
    }

    /// A request of nothing that there is was answered.
    pub(crate) fn note_stranger(&self, status: u16) {
        self.count(methods::coverage().len(), UNKNOWN, status);
    }

    fn count(&self, place: usize, method: &'static str, status: u16) {
        let at = STATUSES.iter().position(|(code, _)| *code == status);
        let label = at.map_or(OTHER, |at| STATUSES[at].1);
        let counter = self.calls[place][at.unwrap_or(STATUSES.len())].get_or_init(|| {
            self.requests.get_or_create(&CallLabels { method, status: label }).clone()
        });
        counter.inc();
    }

    /// A webhook has taken an update, or has not.
    pub(crate) fn note_delivery(&self, is_accepted: bool) {
        if is_accepted {
            self.accepted.inc()
        } else {
            self.refused.inc()
        };
    }

    /// Has them shown, and the queues of all bots.
    pub(crate) fn register(&self, bots: &Arc<Bots>, registry: &mut Registry) {
        registry.register(
            "heliogram_botapi_requests",
            "Requests of bots that were answered, by method and HTTP status",
            self.requests.clone(),
        );
        registry.register(
            "heliogram_botapi_request_duration_seconds",
            "Time from the arrival of a request to its answer, polls excepted",
            self.seconds.clone(),
        );
        registry.register(
            "heliogram_botapi_webhook_deliveries",
            "Attempts to deliver an update to a webhook",
            self.deliveries.clone(),
        );
        registry.register_collector(Box::new(Queues(Arc::downgrade(bots))));
    }
}

/// What waits for bots, counted when somebody asks.
#[derive(Debug)]
struct Queues(Weak<Bots>);

impl Collector for Queues {
    fn encode(&self, mut encoder: DescriptorEncoder<'_>) -> fmt::Result {
        let Some(bots) = self.0.upgrade() else { return Ok(()) };
        let (open, pending, longest) = bots.backlog();
        for (name, help, value) in [
            ("heliogram_botapi_bots", "Bots that are logged in here", open),
            ("heliogram_botapi_pending_updates", "Updates that wait, of all bots", pending),
            (
                "heliogram_botapi_pending_updates_max",
                "Updates that wait for the bot that has most of them",
                longest,
            ),
        ] {
            let value = ConstGauge::new(i64::try_from(value).unwrap_or(i64::MAX));
            value.encode(encoder.encode_descriptor(name, help, None, value.metric_type())?)?;
        }
        Ok(())
    }
}

/// For whatever takes between a millisecond and a minute.
fn seconds() -> Histogram {
    Histogram::new([0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 5.0, 60.0])
}

/// The method of whatever is none: anybody can make names up.
const UNKNOWN: &str = "unknown";
/// The method of downloads, which have none.
const FILE: &str = "file";
/// What stands behind the names of all methods.
const STRANGERS: [&str; 2] = [UNKNOWN, FILE];
/// The status of whatever is none of ours.
const OTHER: &str = "other";
/// The method that waits.
const POLL: &str = "getUpdates";
/// The statuses that answers have.
const STATUSES: [(u16, &str); 12] = [
    (200, "200"),
    (400, "400"),
    (401, "401"),
    (403, "403"),
    (404, "404"),
    (409, "409"),
    (413, "413"),
    (421, "421"),
    (429, "429"),
    (500, "500"),
    (501, "501"),
    (502, "502"),
];

#[cfg(test)]
mod tests {
    use prometheus_client::encoding::text::encode;

    use super::*;
    use crate::options::Options;

    #[track_caller]
    fn check(note: impl Fn(&Meters), expected: &[&str]) {
        let folder = tempfile::tempdir().unwrap();
        let bots = Arc::new(Bots::new(Options::new(folder.path().join("work"))).unwrap());
        let (meters, mut registry) = (Meters::default(), Registry::default());
        note(&meters);
        meters.register(&bots, &mut registry);
        let mut text = String::new();
        encode(&mut text, &registry).unwrap();
        let wanted = ["heliogram_botapi_requests_total", "heliogram_botapi_webhook", "_count{"];
        let is_wanted =
            |line: &&str| !line.starts_with('#') && wanted.iter().any(|part| line.contains(part));
        let mut found: Vec<&str> = text.lines().filter(is_wanted).collect();
        found.sort_unstable();
        assert_eq!(found, expected);
    }

    const NO_DELIVERIES: [&str; 2] = [
        "heliogram_botapi_webhook_deliveries_total{outcome=\"accepted\"} 0",
        "heliogram_botapi_webhook_deliveries_total{outcome=\"refused\"} 0",
    ];

    #[test]
    fn a_method_is_counted_under_its_official_name_whatever_it_was_called() {
        check(
            |meters| {
                for name in ["sendmessage", "SENDMESSAGE", "sendMessage"] {
                    meters.note_call(name, 200, Duration::ZERO);
                }
            },
            &[
                "heliogram_botapi_request_duration_seconds_count{method=\"sendMessage\"} 3",
                "heliogram_botapi_requests_total{method=\"sendMessage\",status=\"200\"} 3",
                NO_DELIVERIES[0],
                NO_DELIVERIES[1],
            ],
        );
    }

    #[test]
    fn names_and_statuses_that_are_none_share_one_label_each() {
        check(
            |meters| {
                for number in 0..10_000_u16 {
                    meters.note_call(&format!("get{number}"), 1000 + number, Duration::ZERO);
                }
                meters.note_stranger(404);
                meters.note_file(404);
            },
            &[
                "heliogram_botapi_request_duration_seconds_count{method=\"unknown\"} 10000",
                "heliogram_botapi_requests_total{method=\"file\",status=\"404\"} 1",
                "heliogram_botapi_requests_total{method=\"unknown\",status=\"404\"} 1",
                "heliogram_botapi_requests_total{method=\"unknown\",status=\"other\"} 10000",
                NO_DELIVERIES[0],
                NO_DELIVERIES[1],
            ],
        );
    }

    #[test]
    fn how_long_a_bot_waits_for_updates_is_nobodys_fault() {
        check(
            |meters| {
                meters.note_call("getupdates", 200, Duration::from_secs(50));
                meters.note_delivery(true);
                meters.note_delivery(false);
                meters.note_delivery(false);
            },
            &[
                "heliogram_botapi_requests_total{method=\"getUpdates\",status=\"200\"} 1",
                "heliogram_botapi_webhook_deliveries_total{outcome=\"accepted\"} 1",
                "heliogram_botapi_webhook_deliveries_total{outcome=\"refused\"} 2",
            ],
        );
    }
}
