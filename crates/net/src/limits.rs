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
    /// Connections at once.
    pub connections_max: usize,
    /// Connections at once from one address (one /64 for IPv6), pipes excepted.
    pub connections_per_address_max: usize,
    /// Connections at once of which it is not known yet where they come from or what they are.
    pub arrivals_max: usize,
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
        arrivals_max: 4096,
        arrival_max: Duration::from_secs(10),
        pipe_bytes: 256 << 10,
        accept_pause_min: Duration::from_millis(10),
        accept_pause_max: Duration::from_secs(1),
        drain_max: Duration::from_secs(10),
    };
}

const _: () = {
    let limits = Limits::DEFAULT;
    assert!(limits.driver.read_bytes > 0 && limits.driver.rounds_max > 0);
    assert!(limits.driver.output_bytes_high < limits.driver.output_bytes_max);
};
