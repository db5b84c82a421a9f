//! `account.resetAuthorization`.

use heliogram_tl as tl;

use crate::cx::Writing;
use crate::domain::logins;
use crate::error::{Rpc, RpcError};
use crate::fanout::Effect;

/// `account.resetAuthorization`: ends another login of the account.
///
/// # Errors
/// `HASH_INVALID`, `FRESH_RESET_AUTHORISATION_FORBIDDEN`.
pub(super) fn reset_authorization(
    cx: &mut Writing<'_>,
    req: tl::account::ResetAuthorization,
) -> Rpc<bool> {
    logins::require_settled(cx)?;
    for key in logins::keys_of(cx.db, cx.me)? {
        let is_meant = logins::require(cx.db, key)?.hash == req.hash;
        if is_meant && key != cx.caller.auth_key {
            logins::end(cx.db, key)?;
            cx.outbox.then(Effect::LoginEnded(key));
            return Ok(true);
        }
    }
    Err(RpcError::HASH_INVALID)
}
