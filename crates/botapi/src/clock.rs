//! The one place of this crate that reads the clock. Everything else is handed the time.

use std::time::{SystemTime, UNIX_EPOCH};

use heliogram_ids::Timestamp;

/// The wall clock, in the form that queues and schedules take.
#[allow(clippy::disallowed_methods)] // The server is the edge where time enters.
pub(crate) fn now() -> Timestamp {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    Timestamp::from_nanos(u64::try_from(since.as_nanos()).unwrap_or(u64::MAX))
}
