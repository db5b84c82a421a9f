//! One line of the log for each call, under a target of its own: what clients ask for, and what comes
//! of it. A method that is not built has a warning, too; see `rpc/dispatch.rs`.

use heliogram_ids::AuthKeyId;

use crate::error::RpcError;
use crate::rpc::dispatch;
use crate::rpc::route::Route;

const TARGET: &str = "heliogram_dc::calls";

/// The call has an answer, or will have one when somebody else gives it.
pub(super) fn note_answered(route: &Route, key: AuthKeyId) {
    let fate = || if dispatch::is_canned(route) { "canned" } else { "handled" };
    tracing::debug!(target: TARGET, method = route.name, fate = fate(), key = key.0, "call");
}

/// The call was refused.
pub(super) fn note_refused(route: &Route, key: AuthKeyId, error: &RpcError) {
    tracing::debug!(target: TARGET, method = route.name, fate = "refused", key = key.0, %error, "call");
}
