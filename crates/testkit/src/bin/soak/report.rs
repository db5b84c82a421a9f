//! What a soak comes to: how the server was at the beginning and at the end of each phase, and
//! whether it may go on like that.

use std::fmt;

use crate::diary::{Diary, Latency, Phase, Sample};
use crate::settle::Outcome;

/// What is too much.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Bounds {
    /// Bytes of memory for each message, in the second half of the busy phase, beside what the
    /// store keeps within bounds of its own. A row of history belongs on the disk; whatever a
    /// message leaves in memory is there for every message to come.
    pub(crate) growth_per_message_bytes_max: f64,
}

/// Everything in a few lines.
pub(crate) struct Report {
    idle: Look,
    busy: Look,
    outcome: Outcome,
    bounds: Bounds,
}

/// One phase.
struct Look {
    samples: Vec<Sample>,
    latencies: Vec<Latency>,
}

impl Report {
    /// Looks at all that was written down.
    pub(crate) fn of(diary: &Diary, outcome: Outcome, bounds: Bounds) -> Self {
        let look =
            |phase| Look { samples: diary.samples(phase), latencies: diary.latencies(phase) };
        Self { idle: look(Phase::Idle), busy: look(Phase::Busy), outcome, bounds }
    }

    /// Whether nothing was lost, nothing else went wrong, and memory does not follow the messages.
    pub(crate) fn is_good(&self) -> bool {
        let growth = self.busy.growth_per_message();
        let is_bounded = growth.is_none_or(|it| it <= self.bounds.growth_per_message_bytes_max);
        is_bounded && self.outcome.faults.is_empty() && self.outcome.messages > 0
    }
}

impl Look {
    /// The parts that are compared: the first and the last ten minutes, of a short phase thirds.
    fn ends(&self) -> Option<[(f64, f64); 2]> {
        let (first, last) = (self.samples.first()?.at_s, self.samples.last()?.at_s);
        let window = ((last - first) / 3.0).min(WINDOW_S);
        Some([(first, first + window), (last - window, last)])
    }

    fn second_half(&self) -> &[Sample] {
        let Some((first, last)) = self.samples.first().zip(self.samples.last()) else { return &[] };
        let middle = first.at_s.midpoint(last.at_s);
        let at = self.samples.partition_point(|sample| sample.at_s < middle);
        &self.samples[at..]
    }

    /// Bytes of memory an hour, by the straight line closest to the second half.
    fn growth_per_hour(&self) -> Option<f64> {
        let points = self.second_half().iter();
        Some(3600.0 * slope(points.map(|sample| (sample.at_s, sample.rss_bytes as f64)))?)
    }

    /// The same for each message; nothing after too few of them, when what grows is mostly what
    /// has to be there once.
    fn growth_per_message(&self) -> Option<f64> {
        let (first, last) = self.second_half().first().zip(self.second_half().last())?;
        if last.messages - first.messages < MESSAGES_MIN {
            return None;
        }
        let points = self.second_half().iter();
        slope(points.map(|sample| (sample.messages as f64, sample.beside_bytes())))
    }
}

/// The slope of the line with the least squares; nothing if all is said at one place.
fn slope(points: impl Iterator<Item = (f64, f64)> + Clone) -> Option<f64> {
    let count = points.clone().count() as f64;
    let (sum_x, sum_y) =
        points.clone().fold((0.0, 0.0), |(sum_x, sum_y), (x, y)| (sum_x + x, sum_y + y));
    let (mean_x, mean_y) = (sum_x / count, sum_y / count);
    let (mut both, mut square) = (0.0, 0.0);
    for (x, y) in points {
        both += (x - mean_x) * (y - mean_y);
        square += (x - mean_x) * (x - mean_x);
    }
    (square > 0.0).then(|| both / square)
}

/// The value below which a share of all is.
fn quantile(mut values: Vec<f64>, share: f64) -> f64 {
    values.sort_by(f64::total_cmp);
    let at = ((values.len() as f64 * share).ceil() as usize).saturating_sub(1);
    values.get(at).copied().unwrap_or(f64::NAN)
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "idle\n{}", self.idle)?;
        writeln!(f, "busy\n{}", self.busy)?;
        let Outcome { messages, places, missing, doubled, stale, errands, faults } = &self.outcome;
        writeln!(f, "errands      {errands}")?;
        writeln!(f, "messages     {messages} acknowledged, looked for in {places} places")?;
        writeln!(f, "wrong        {missing} missing, {doubled} doubled, {stale} in an old form")?;
        let most = self.bounds.growth_per_message_bytes_max;
        match self.busy.growth_per_message() {
            Some(growth) => {
                writeln!(f, "growth       {growth:.0} bytes a message, {most:.0} at most")?
            }
            None => writeln!(f, "growth       not judged: too few messages")?,
        }
        for fault in faults.iter().take(FAULTS_SHOWN) {
            writeln!(f, "  {fault}")?;
        }
        if let Some(more) = faults.len().checked_sub(FAULTS_SHOWN).filter(|more| *more > 0) {
            writeln!(f, "  and {more} more")?;
        }
        write!(f, "{}", if self.is_good() { "good" } else { "not good" })
    }
}

impl fmt::Display for Look {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Some(ends) = self.ends() else { return write!(f, "  nothing was seen") };
        for (name, (from, to)) in ["first", "last"].into_iter().zip(ends) {
            let within = |at_s: f64| (from..=to).contains(&at_s);
            let samples: Vec<&Sample> =
                self.samples.iter().filter(|sample| within(sample.at_s)).collect();
            write!(f, "  {name:<6} {:4.0} min", (to - from) / 60.0)?;
            write_samples(f, &samples)?;
            for probe in PROBES {
                let took = self.latencies.iter().filter(|it| it.probe == probe && within(it.at_s));
                let took: Vec<f64> = took.map(|latency| latency.ms).collect();
                let [median, p99] = [0.5, 0.99].map(|share| quantile(took.clone(), share));
                write!(f, "  {probe} {median:.1}/{p99:.1} ms")?;
            }
            writeln!(f)?;
        }
        match self.growth_per_hour() {
            Some(growth) => write!(f, "  growth   {:.2} MiB an hour", growth / MIB),
            None => write!(f, "  growth   unknown"),
        }
    }
}

fn write_samples(f: &mut fmt::Formatter<'_>, samples: &[&Sample]) -> fmt::Result {
    let Some((first, last)) = samples.first().zip(samples.last()) else { return Ok(()) };
    let middle = |value: fn(&Sample) -> f64| {
        quantile(samples.iter().map(|sample| value(sample)).collect(), 0.5)
    };
    let cpu = (last.cpu_s - first.cpu_s) / (last.at_s - first.at_s).max(f64::EPSILON);
    let rss = middle(|sample| sample.rss_bytes as f64) / MIB;
    let kept = middle(|sample| sample.kept_bytes as f64) / MIB;
    write!(f, "  RSS {rss:.1} MiB, {kept:.1} of them the store's  CPU {:.1} %", cpu * 100.0)?;
    write!(f, "  {:.0} threads", middle(|sample| sample.threads as f64))?;
    write!(f, "  {:.0} descriptors", middle(|sample| sample.fds as f64))?;
    write!(f, "  {:.0} connections", middle(|sample| sample.connections as f64))?;
    write!(f, "  {:.0} sessions", middle(|sample| sample.sessions as f64))?;
    write!(f, "  disk {:.0} MiB", middle(|sample| sample.disk_bytes as f64) / MIB)
}

const MIB: f64 = (1 << 20) as f64;
const PROBES: [&str; 3] = ["ping", "get_state", "send_receive"];
const FAULTS_SHOWN: usize = 20;
const WINDOW_S: f64 = 600.0;
/// Messages in the second half of a busy phase from which growth can be told.
const MESSAGES_MIN: u64 = 10_000;

#[cfg(test)]
mod tests {
    use super::*;

    fn report(growth: f64, outcome: Outcome) -> Report {
        let sample = |at: u64| Sample {
            at_s: at as f64 * 10.0,
            phase: Phase::Busy,
            rss_bytes: (1e8 + (growth * 100.0 + 1000.0) * at as f64) as u64,
            cpu_s: at as f64,
            threads: 4,
            fds: 100,
            connections: 90,
            sessions: 90,
            disk_bytes: 0,
            kept_bytes: at * 1000,
            messages: at * 100,
        };
        let look = |samples| Look { samples, latencies: Vec::new() };
        let busy = look((0..360).map(sample).collect());
        let bounds = Bounds { growth_per_message_bytes_max: 256.0 };
        Report { idle: look(Vec::new()), busy, outcome, bounds }
    }

    #[test]
    fn memory_that_follows_the_messages_is_not_good() {
        let calm = Outcome { messages: 1, ..Outcome::default() };
        assert!(report(100.0, calm.clone()).is_good());
        assert!(!report(300.0, calm).is_good());
    }

    #[test]
    fn what_was_lost_and_a_soak_without_messages_is_not_good() {
        assert!(!report(0.0, Outcome::default()).is_good());
        let lost = Outcome { messages: 1, faults: vec!["lost".to_owned()], ..Outcome::default() };
        assert!(!report(0.0, lost).is_good());
    }

    #[test]
    fn a_slope_is_that_of_the_line() {
        let line = (0..10).map(|x| (f64::from(x), 3.0 * f64::from(x) + 1.0));
        assert!((slope(line).unwrap() - 3.0).abs() < 1e-9);
        assert_eq!(slope([(1.0, 1.0), (1.0, 2.0)].into_iter()), None);
    }

    #[test]
    fn a_quantile_is_a_value_that_was_seen() {
        let values: Vec<f64> = (1..=100).map(f64::from).collect();
        assert_eq!(quantile(values.clone(), 0.5), 50.0);
        assert_eq!(quantile(values, 0.99), 99.0);
        assert!(quantile(Vec::new(), 0.5).is_nan());
    }
}
