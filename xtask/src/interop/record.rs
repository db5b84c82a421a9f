//! Which calls were made, and what became of them, as the cloud's log tells it.
//!
//! The data centre writes a line for each call under the target `heliogram_dc::calls`, the Bot API
//! under `heliogram_botapi::calls`; a method that is not built has a warning of its own.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use super::stranger::Kind;

/// What became of a call.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
enum Fate {
    Handled,
    Canned,
    Refused,
    NotBuilt,
}

/// Every call of a play.
#[derive(Clone, Debug, Default)]
pub(super) struct Record {
    calls: Vec<Call>,
}

#[derive(Clone, Debug)]
struct Call {
    seconds: f64,
    method: String,
    /// Who called, as far as the log knows.
    key: String,
    fate: Fate,
    error: String,
}

/// What the two servers say of a method that they do not have.
const NOT_BUILT: &[&str] =
    &["method is not built", "a bot asked for a method that is not supported yet"];

/// More refusals than this of one call, for the same reason, make a loop …
const REFUSALS_MAX: usize = 3;
/// The same for the refusal by which clients learn that they are nobody: around a log-in and a
/// log-out they ask more than once.
const STRANGERS_REFUSALS_MAX: usize = 8;
/// … if they come this fast.
const LOOP_SECONDS: f64 = 10.0;

impl Record {
    /// Reads a log. Behind a Bot API client the data centre's calls are our own and only those
    /// that are not built count.
    pub(super) fn read(log: &str, kind: Kind) -> Self {
        Self { calls: log.lines().filter_map(|line| Call::read(line, kind)).collect() }
    }

    /// Adds what another play saw.
    pub(super) fn extend(&mut self, other: Self) {
        self.calls.extend(other.calls);
    }

    /// Whether nothing was called, or the log does not tell.
    pub(super) fn is_empty(&self) -> bool {
        self.calls.is_empty()
    }

    /// The methods that were called in vain.
    pub(super) fn unanswered(&self) -> BTreeSet<String> {
        let vain = self.calls.iter().filter(|call| call.fate == Fate::NotBuilt);
        vain.map(|call| call.method.clone()).collect()
    }

    /// The methods that a client called again and again although they were refused.
    pub(super) fn loops(&self) -> Vec<String> {
        let mut refusals: BTreeMap<(&str, &str, &str), Vec<f64>> = BTreeMap::new();
        for call in &self.calls {
            if matches!(call.fate, Fate::Refused | Fate::NotBuilt) {
                let same = (call.method.as_str(), call.key.as_str(), call.error.as_str());
                refusals.entry(same).or_default().push(call.seconds);
            }
        }
        let is_loop = |error: &str, times: &[f64]| {
            let is_nobody = error.starts_with("401 ");
            let max = if is_nobody { STRANGERS_REFUSALS_MAX } else { REFUSALS_MAX };
            times.windows(max + 1).any(|few| few[max] - few[0] < LOOP_SECONDS)
        };
        let looped = refusals.into_iter().filter(|((_, _, error), times)| is_loop(error, times));
        looped.map(|((method, _, error), _)| format!("{method} ({error})")).collect()
    }

    /// A line for each method: its name, and how often it met which fate.
    pub(super) fn summary(&self) -> String {
        let mut fates: BTreeMap<&str, BTreeMap<String, usize>> = BTreeMap::new();
        for call in &self.calls {
            let fate = match call.fate {
                Fate::Handled => "handled".to_owned(),
                Fate::Canned => "canned".to_owned(),
                Fate::Refused => format!("refused {}", call.error),
                Fate::NotBuilt => "not built".to_owned(),
            };
            *fates.entry(&call.method).or_default().entry(fate).or_default() += 1;
        }
        let mut text = String::new();
        for (method, fates) in fates {
            let told: Vec<_> =
                fates.iter().map(|(fate, count)| format!("{fate} {count}")).collect();
            let _ = writeln!(text, "{method:45} {}", told.join(", "));
        }
        text
    }
}

impl Call {
    fn read(line: &str, kind: Kind) -> Option<Self> {
        let not_built = NOT_BUILT.iter().any(|words| line.contains(words));
        let wanted = match kind {
            Kind::Mtproto => " heliogram_dc::calls: ",
            Kind::BotApi => " heliogram_botapi::calls: ",
        };
        if !not_built && !line.contains(wanted) {
            return None;
        }
        let fate = match field(line, "fate") {
            _ if not_built => Fate::NotBuilt,
            Some("handled") => Fate::Handled,
            Some("canned") => Fate::Canned,
            Some("not_built") => Fate::NotBuilt,
            _ => Fate::Refused,
        };
        Some(Self {
            seconds: seconds(line.split(' ').next()?)?,
            method: field(line, "method")?.to_owned(),
            key: field(line, "key").unwrap_or_default().to_owned(),
            fate,
            // The last field, and not always one word.
            error: line.split_once(" error=").map_or("", |(_, error)| error).to_owned(),
        })
    }
}

/// The value of a field, without its quotes.
fn field<'a>(line: &'a str, name: &str) -> Option<&'a str> {
    let start = line.find(&format!(" {name}="))? + name.len() + 2;
    let value = &line[start..];
    match value.strip_prefix('"') {
        Some(quoted) => quoted.split('"').next(),
        None => value.split(' ').next(),
    }
}

/// The time of day of a line such as `2026-11-21T04:34:08.123456Z DEBUG …`.
fn seconds(stamp: &str) -> Option<f64> {
    let (_, time) = stamp.trim_end_matches('Z').split_once('T')?;
    let mut total = 0.0;
    for part in time.split(':') {
        total = total * 60.0 + part.parse::<f64>().ok()?;
    }
    Some(total)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(second: u32, rest: &str) -> String {
        format!("2026-11-21T04:34:{second:02}.500000Z DEBUG {rest}\n")
    }

    fn call(second: u32, method: &str, fate: &str) -> String {
        line(
            second,
            &format!("heliogram_dc::calls: call method=\"{method}\" fate=\"{fate}\" key=7"),
        )
    }

    #[test]
    fn calls_are_read_from_the_log_with_their_fates() {
        let log = call(1, "help.getConfig", "handled")
            + &line(1, "heliogram_dc::gateway: something else method=\"x\"")
            + &call(2, "help.getAppUpdate", "canned")
            + &line(3, "heliogram_dc::rpc::dispatch: method is not built method=\"a.b\" id=0x1");
        let record = Record::read(&log, Kind::Mtproto);
        assert_eq!(record.calls.len(), 3);
        assert_eq!(record.unanswered(), BTreeSet::from(["a.b".to_owned()]));
        assert!(record.summary().contains("handled 1"));
        assert_eq!(Record::read(&log, Kind::BotApi).calls.len(), 1);
    }

    #[test]
    fn a_call_that_is_refused_four_times_in_ten_seconds_is_a_loop() {
        let log = |seconds: [u32; 4]| {
            let lines = seconds.map(|second| call(second, "a.b", "refused"));
            Record::read(&lines.concat(), Kind::Mtproto).loops().len()
        };
        assert_eq!(log([1, 3, 5, 9]), 1);
        assert_eq!(log([1, 3, 5, 12]), 0);
    }
}
