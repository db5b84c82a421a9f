//! The bounds of one server session.

use std::time::Duration;

/// How much one session may hold, and for how long.
#[derive(Clone, Copy, Debug)]
pub struct ServerLimits {
    /// Received ids remembered. Stock clients remember 400 to 1000 of ours.
    pub received_max: usize,
    /// Requests being worked on at once; more are answered `WORKER_BUSY_TOO_LONG_RETRY`.
    pub requests_max: usize,
    /// Service replies not sent yet, above which the link is closed.
    pub notices_max: usize,
    /// Bytes of answers not sent yet; above, requests are answered as if there were too many.
    pub answer_bytes_max: usize,
    /// Pushed updates not sent yet; above, all are dropped for one `updatesTooLong`.
    pub pushes_max: usize,
    /// The same in bytes.
    pub push_bytes_max: usize,
    /// Sent messages kept until acknowledged, beyond which the oldest are forgotten.
    pub kept_max: usize,
    /// The same in bytes.
    pub kept_bytes_max: usize,
    /// An answer larger than this is not kept: its request, repeated, is run again. Only reads
    /// answer with that much.
    pub kept_each_bytes_max: usize,
    /// How long an unacknowledged message is worth repeating.
    pub kept_age_max: Duration,
    /// Messages in a container of ours.
    pub container_messages_max: usize,
    /// Bytes in a container of ours, unless a single message is larger.
    pub container_bytes_max: usize,
    /// Bytes that the packed requests of one message, or of one container, may unpack to together.
    /// One that alone holds more is passed on as it is; those beyond are answered as if there were
    /// too many.
    pub unpacked_bytes_max: usize,
    /// The same while nobody is logged in: unpacking is work, and who they are is not known.
    pub stranger_unpacked_bytes_max: usize,
    /// Results of at least this size are compressed.
    pub packed_bytes_min: usize,
    /// How long a request may wait for its answer before it is acknowledged apart.
    pub ack_delay: Duration,
}

impl ServerLimits {
    /// What the data centre uses.
    // Seen: TDLib 1.8 holds acknowledgements back for 30 s or 100 ids, so hundreds are kept;
    // Pyrogram 2.0 closes the connection on a repeated message older than 300 s.
    pub const DEFAULT: Self = Self {
        received_max: 1000,
        requests_max: 500,
        notices_max: 4096,
        answer_bytes_max: 32 << 20,
        pushes_max: 512,
        push_bytes_max: 512 << 10,
        kept_max: 1000,
        kept_bytes_max: 256 << 10,
        kept_each_bytes_max: 16 << 10,
        kept_age_max: Duration::from_secs(270),
        container_messages_max: 1000,
        container_bytes_max: 128 << 10,
        unpacked_bytes_max: 16 << 20,
        stranger_unpacked_bytes_max: 1 << 20,
        packed_bytes_min: 8 << 10,
        ack_delay: Duration::from_millis(500),
    };
}

const _: () = {
    let limits = ServerLimits::DEFAULT;
    // A running request must not be forgotten while its answer is awaited.
    assert!(limits.requests_max < limits.received_max);
    // Everything kept is repeated in one container, so that ids ascend.
    assert!(limits.kept_max < crate::message::container::MESSAGES_MAX);
    assert!(limits.container_messages_max < crate::message::container::MESSAGES_MAX);
    assert!(limits.kept_each_bytes_max <= limits.kept_bytes_max);
};
