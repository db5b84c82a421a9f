//! Every bound of this crate, in one place.

use std::time::Duration;

/// Bounds of one connection.
#[derive(Clone, Copy, Debug)]
pub struct DriverLimits {
    /// Bytes read per call. The buffer belongs to the thread, not to the connection.
    pub read_bytes: usize,
    /// Unwritten output above which nothing more is read or rendered for this peer.
    pub output_bytes_high: usize,
    /// Unwritten output above which the peer is given up.
    pub output_bytes_max: usize,
    /// Reads and renderings per wake-up, after which other connections of the thread have a turn.
    pub rounds_max: usize,
    /// Time per wake-up after which they have it sooner. One reading is not interrupted, but who
    /// makes much work of few bytes is read from in smaller pieces.
    pub turn_max: Duration,
    /// Longest silence of a peer. Stock clients ping at least every 75 s or so while in use.
    pub idle_max: Duration,
    /// Longest time without one byte accepted by the peer while output waits.
    pub stall_max: Duration,
}

/// Bounds of a server.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Each connection's own.
    pub driver: DriverLimits,
    /// Connections at once. A newcomer takes the place of who has been a stranger for longest; if
    /// everybody is known, it is closed.
    pub connections_max: usize,
    /// Connections at once from one address (one /64 for IPv6), pipes excepted. A newcomer takes
    /// the place of the oldest stranger of the same address, or is closed.
    pub connections_per_address_max: usize,
    /// Longest time for a peer from elsewhere to show a key; the connection is then closed. A handshake
    /// takes three round trips.
    pub stranger_max: Duration,
    /// Bytes that peers may make us hold, all of them together: halves of frames, answers that
    /// they do not read. Beyond, those who hold most are closed.
    pub held_bytes_max: usize,
    /// Connections at once of which it is not known yet where they come from or what they are;
    /// more are closed.
    pub arrivals_max: usize,
    /// The same of one address, unless balancers speak for others there.
    pub arrivals_per_address_max: usize,
    /// How long a connection may take to say where it comes from.
    pub arrival_max: Duration,
    /// Capacity of each direction of an in-process pipe.
    pub pipe_bytes: usize,
    /// First pause after a failed accept; doubles up to [`Self::accept_pause_max`].
    pub accept_pause_min: Duration,
    /// Longest pause after failed accepts.
    pub accept_pause_max: Duration,
    /// How long connections may take to write what they have when the server drains.
    pub drain_max: Duration,
}

impl DriverLimits {
    /// What the servers and clients use.
    pub const DEFAULT: Self = Self {
        read_bytes: 128 << 10,
        output_bytes_high: 256 << 10,
        output_bytes_max: 32 << 20,
        rounds_max: 8,
        turn_max: Duration::from_millis(4),
        idle_max: Duration::from_secs(15 * 60),
        stall_max: Duration::from_secs(60),
    };
}

impl Limits {
    /// Fits a machine with a few hundred thousand idle connections.
    pub const DEFAULT: Self = Self {
        driver: DriverLimits::DEFAULT,
        connections_max: 250_000,
        connections_per_address_max: 4096,
        stranger_max: Duration::from_secs(60),
        held_bytes_max: 512 << 20,
        arrivals_max: 4096,
        arrivals_per_address_max: 512,
        arrival_max: Duration::from_secs(10),
        pipe_bytes: 256 << 10,
        accept_pause_min: Duration::from_millis(10),
        accept_pause_max: Duration::from_secs(1),
        drain_max: Duration::from_secs(10),
    };

    /// The defaults, within what this process may open.
    pub fn of_process() -> Self {
        Self::within(descriptors_max())
    }

    /// The defaults, within a number of descriptors: connections take three in four, and no single
    /// address more than half of those. The rest is for files, bots and what they dial.
    pub fn within(descriptors: usize) -> Self {
        let connections_max = Self::DEFAULT.connections_max.min(descriptors / 4 * 3);
        let connections_per_address_max =
            Self::DEFAULT.connections_per_address_max.min(connections_max / 2);
        Self { connections_max, connections_per_address_max, ..Self::DEFAULT }
    }
}

/// Raises the number of descriptors that this process may have open as far as it is let; gives what
/// it is then. What is usual was chosen for programs that watch all of them at once with `select`.
pub fn raise_descriptors() -> usize {
    use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
    let limit = getrlimit(Resource::Nofile);
    let raised = Rlimit { current: limit.maximum, maximum: limit.maximum };
    if let Err(error) = setrlimit(Resource::Nofile, raised) {
        tracing::warn!(%error, "the number of descriptors cannot be raised");
    }
    descriptors_max()
}

/// How many descriptors this process may have open.
pub fn descriptors_max() -> usize {
    let limit = rustix::process::getrlimit(rustix::process::Resource::Nofile).current;
    limit.and_then(|limit| usize::try_from(limit).ok()).unwrap_or(usize::MAX)
}

const _: () = {
    let limits = Limits::DEFAULT;
    assert!(limits.driver.read_bytes > 0 && limits.driver.rounds_max > 0);
    assert!(limits.driver.output_bytes_high < limits.driver.output_bytes_max);
};

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(descriptors: usize, connections: usize, per_address: usize) {
        let limits = Limits::within(descriptors);
        assert_eq!(limits.connections_max, connections);
        assert_eq!(limits.connections_per_address_max, per_address);
    }

    #[test]
    fn connections_leave_descriptors_for_everything_else() {
        check(1024, 768, 384);
        check(4096, 3072, 1536);
        check(65_536, 49_152, 4096);
        check(usize::MAX, 250_000, 4096);
    }
}
