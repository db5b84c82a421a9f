//! What the system knows about a process: memory, time, threads, descriptors, connections.

use std::fs;
use std::io;
use std::net::SocketAddr;

/// A process as it is now.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Vitals {
    /// Memory that is present.
    pub resident_bytes: u64,
    /// Processor time used since the start, by itself and for it.
    pub cpu_s: f64,
    /// Threads.
    pub threads: u64,
    /// Open descriptors.
    pub descriptors: u64,
    /// Connections on the address that it was asked about.
    pub connections: u64,
}

impl Vitals {
    /// Looks at a process that listens on an IPv4 address.
    ///
    /// # Errors
    /// If there is no such process, or not on a system like this.
    pub fn of(id: u32, listening: SocketAddr) -> io::Result<Self> {
        let read = |name: &str| fs::read_to_string(format!("/proc/{id}/{name}"));
        let status = read("status")?;
        Ok(Self {
            resident_bytes: field(&status, "VmRSS:")? << 10,
            cpu_s: cpu_ticks(&read("stat")?)? as f64 / TICKS_PER_S,
            threads: field(&status, "Threads:")?,
            descriptors: fs::read_dir(format!("/proc/{id}/fd"))?.count() as u64,
            connections: established(&read("net/tcp")?, listening.port()),
        })
    }
}

fn field(status: &str, name: &str) -> io::Result<u64> {
    let line = status.lines().find_map(|line| line.strip_prefix(name));
    line.and_then(|line| line.split_whitespace().next()?.parse().ok())
        .ok_or_else(|| io::Error::other(format!("a process without {name}")))
}

/// Time in the process and in the kernel for it. The name of the process, in brackets, may hold
/// anything, so it is counted from behind it.
fn cpu_ticks(stat: &str) -> io::Result<u64> {
    let rest = stat.rsplit_once(')').map_or(stat, |(_, rest)| rest);
    let fields: Vec<&str> = rest.split_whitespace().collect();
    let ticks = |at: usize| fields.get(at)?.parse::<u64>().ok();
    ticks(11)
        .zip(ticks(12))
        .map(|(user, system)| user + system)
        .ok_or_else(|| io::Error::other("a process without times"))
}

/// Connections of everybody on this machine whose near end is `port`.
fn established(table: &str, port: u16) -> u64 {
    let near = format!(":{port:04X}");
    let is_one = |line: &&str| {
        let mut fields = line.split_whitespace().skip(1);
        let local = fields.next().is_some_and(|local| local.ends_with(&near));
        local && fields.nth(1) == Some(ESTABLISHED)
    };
    table.lines().filter(is_one).count() as u64
}

/// The state of a connection that both sides keep.
const ESTABLISHED: &str = "01";
/// Fixed on every system that Linux still runs on.
const TICKS_PER_S: f64 = 100.0;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_counted_from_behind_the_name() {
        let stat = "7 (a b) c) S 1 7 7 0 -1 4194560 1 0 0 0 250 50 0 0 20 0 4 0 100 0 0";
        assert_eq!(cpu_ticks(stat).unwrap(), 300);
        assert!(cpu_ticks("7 (a) S 1").is_err());
    }

    #[test]
    fn only_kept_connections_at_the_near_end_count() {
        let table = "  sl  local_address rem_address   st tx_queue\n\
            0: 0100007F:1E14 00000000:0000 0A 0\n\
            1: 0100007F:1E14 0100007F:9C40 01 0\n\
            2: 0100007F:9C40 0100007F:1E14 01 0\n\
            3: 0100007F:1E14 0100007F:9C42 06 0\n";
        assert_eq!(established(table, 0x1E14), 1);
    }

    #[test]
    fn this_process_has_memory_a_thread_and_descriptors() {
        let vitals = Vitals::of(std::process::id(), ([127, 0, 0, 1], 1).into()).unwrap();
        assert!(vitals.resident_bytes > 1 << 16 && vitals.threads > 0 && vitals.descriptors > 2);
    }
}
