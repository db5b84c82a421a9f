//! `help.setBotUpdatesStatus`.

use heliogram_tl as tl;

use crate::cx::Reading;
use crate::error::Rpc;

/// `help.setBotUpdatesStatus`: a bot's host reports how many updates wait, and why.
pub(super) fn set_bot_updates_status(
    cx: &mut Reading<'_>,
    req: tl::help::SetBotUpdatesStatus,
) -> Rpc<bool> {
    if req.pending_updates_count > 0 {
        tracing::info!(bot = cx.me.get(), pending = req.pending_updates_count, message = %req.message, "bot lags");
    }
    Ok(true)
}
