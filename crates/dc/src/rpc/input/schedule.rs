//! When a message is meant to be sent.

use std::time::Duration;

use heliogram_ids::Timestamp;

use crate::cx::Caller;
use crate::error::{Rpc, RpcError};

/// Insists on now: nothing waits for its time here, and what is meant for later must not go out at
/// once.
///
/// # Errors
/// `SCHEDULE_DATE_INVALID`, and `SCHEDULE_BOT_NOT_ALLOWED` for bots.
pub(in crate::rpc) fn schedule(caller: &Caller, now: Timestamp, date: Option<i32>) -> Rpc<()> {
    let Some(date) = date else { return Ok(()) };
    if caller.is_bot {
        return Err(RpcError::SCHEDULE_BOT_NOT_ALLOWED);
    }
    if date <= (now + AT_ONCE).unix() {
        return Ok(());
    }
    tracing::warn!(date, "a message is meant for later, which is not built");
    Err(RpcError::SCHEDULE_DATE_INVALID)
}

/// What is due so soon is sent at once.
// Spec: https://core.telegram.org/api/scheduled-messages
const AT_ONCE: Duration = Duration::from_secs(10);
