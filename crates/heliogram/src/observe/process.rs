//! The process as the system sees it, under the names that all Prometheus clients use.

use std::fmt;
use std::fs;

use heliogram_ids::Timestamp;
use prometheus_client::collector::Collector;
use prometheus_client::encoding::{DescriptorEncoder, EncodeMetric as _};
use prometheus_client::metrics::counter::ConstCounter;
use prometheus_client::metrics::gauge::ConstGauge;
use rustix::process::{Resource, getrlimit};

/// Looks at this process whenever somebody asks.
#[derive(Debug)]
pub(crate) struct Process {
    /// When it began.
    pub(crate) began: Timestamp,
}

/// What `/proc/self` says; nothing where there is no such thing.
#[derive(Debug, Default, PartialEq)]
struct Seen {
    resident_bytes: Option<i64>,
    virtual_bytes: Option<i64>,
    threads: Option<i64>,
    cpu_ticks: Option<u64>,
    descriptors: Option<i64>,
}

impl Collector for Process {
    fn encode(&self, mut encoder: DescriptorEncoder<'_>) -> fmt::Result {
        let Seen { resident_bytes, virtual_bytes, threads, cpu_ticks, descriptors } = look();
        let maximum = getrlimit(Resource::Nofile).current.and_then(|most| i64::try_from(most).ok());
        let gauges = [
            ("process_resident_memory_bytes", "Memory that is present", resident_bytes),
            ("process_virtual_memory_bytes", "Memory that is mapped", virtual_bytes),
            ("process_threads", "Threads", threads),
            ("process_open_fds", "Descriptors that are open", descriptors),
            ("process_max_fds", "Descriptors that may be open", maximum),
            (
                "process_start_time_seconds",
                "When the process began, since 1970",
                Some(i64::from(self.began.unix())),
            ),
        ];
        for (name, help, value) in gauges {
            let Some(value) = value.map(ConstGauge::new) else { continue };
            value.encode(encoder.encode_descriptor(name, help, None, value.metric_type())?)?;
        }
        let Some(ticks) = cpu_ticks else { return Ok(()) };
        let seconds = ConstCounter::new(ticks as f64 / TICKS_PER_S);
        let (name, help) = ("process_cpu_seconds", "Processor time used, by itself and for it");
        seconds.encode(encoder.encode_descriptor(name, help, None, seconds.metric_type())?)
    }
}

fn look() -> Seen {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let stat = fs::read_to_string("/proc/self/stat").unwrap_or_default();
    // One of them is the one by which they are counted.
    let descriptors = fs::read_dir("/proc/self/fd").ok().map(|open| open.count() as i64 - 1);
    Seen { descriptors, ..read(&status, &stat) }
}

fn read(status: &str, stat: &str) -> Seen {
    let field = |name: &str| {
        let line = status.lines().find_map(|line| line.strip_prefix(name))?;
        line.split_whitespace().next()?.parse::<i64>().ok()
    };
    // The name of the process, in brackets, may hold anything: fields are counted from behind it.
    let fields = stat.rsplit_once(')').map_or(stat, |(_, rest)| rest).split_whitespace();
    let mut ticks = fields.skip(11).map_while(|field| field.parse::<u64>().ok());
    Seen {
        resident_bytes: field("VmRSS:").map(|kilobytes| kilobytes << 10),
        virtual_bytes: field("VmSize:").map(|kilobytes| kilobytes << 10),
        threads: field("Threads:"),
        cpu_ticks: ticks.next().zip(ticks.next()).map(|(user, system)| user + system),
        descriptors: None,
    }
}

/// In which the kernel counts for programs, whatever it counts in itself.
const TICKS_PER_S: f64 = 100.0;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_system_says_is_read() {
        let status = "Name:\ta\nVmSize:\t  200 kB\nVmRSS:\t   100 kB\nThreads:\t4\n";
        let stat = "7 (a b) c) S 1 7 7 0 -1 4194560 1 0 0 0 250 50 0 0 20 0 4 0 100 0 0";
        let expected = Seen {
            resident_bytes: Some(100 << 10),
            virtual_bytes: Some(200 << 10),
            threads: Some(4),
            cpu_ticks: Some(300),
            descriptors: None,
        };
        assert_eq!(read(status, stat), expected);
        assert_eq!(read("", ""), Seen::default());
    }
}
