//! The bounds and the rhythm of one client session.

use std::time::Duration;

/// How much one client session may hold, and when it speaks up by itself.
#[derive(Clone, Copy, Debug)]
pub struct ClientLimits {
    /// Requests waiting or under way.
    pub requests_max: usize,
    /// Received ids remembered.
    pub received_max: usize,
    /// Containers of ours remembered, should one be refused.
    pub containers_max: usize,
    /// Messages in a container of ours.
    pub container_messages_max: usize,
    /// Bytes in a container of ours, unless a single message is larger.
    pub container_bytes_max: usize,
    /// Bytes that one packed answer may unpack to.
    pub unpacked_bytes_max: usize,
    /// Requests of at least this size are compressed.
    pub packed_bytes_min: usize,
    /// How often a request may be refused and sent again.
    pub refusals_max: u8,
    /// Messages outside the time window before the link is given up.
    pub ignored_max: u32,
    /// How long an acknowledgement may wait for company.
    pub ack_delay: Duration,
    /// How many may.
    pub acks_max: usize,
    /// How long a request may go without an answer before the server is asked about it.
    pub check_after: Duration,
    /// Time between pings.
    pub ping_every: Duration,
    /// How long the link lives without hearing from the server after a ping.
    pub pong_max: Duration,
    /// After how long without a ping the server is asked to close the link.
    pub disconnect_delay: Duration,
}

impl ClientLimits {
    /// What the framework uses.
    pub const DEFAULT: Self = Self {
        requests_max: 4096,
        received_max: 1000,
        containers_max: 256,
        container_messages_max: 500,
        container_bytes_max: 128 << 10,
        unpacked_bytes_max: 16 << 20,
        packed_bytes_min: 1 << 10,
        refusals_max: 5,
        ignored_max: 10,
        ack_delay: Duration::from_secs(5),
        acks_max: 16,
        check_after: Duration::from_secs(15),
        ping_every: Duration::from_secs(60),
        pong_max: Duration::from_secs(15),
        disconnect_delay: Duration::from_secs(75),
    };
}

const _: () = {
    let limits = ClientLimits::DEFAULT;
    assert!(limits.container_messages_max < crate::message::container::MESSAGES_MAX);
    // A state request names every request under way.
    assert!(limits.requests_max <= crate::session::acks::IDS_MAX);
};
