//! `auth.resetAuthorizations`, and the rule about fresh logins that it shares.

use heliogram_tl as tl;

use crate::config::Mode;
use crate::cx::Writing;
use crate::domain::logins;
use crate::error::{Rpc, RpcError};

/// `auth.resetAuthorizations`: ends all logins of the account but the caller's.
///
/// # Errors
/// `FRESH_RESET_AUTHORISATION_FORBIDDEN`.
pub(super) fn reset_authorizations(
    cx: &mut Writing<'_>,
    _: tl::auth::ResetAuthorizations,
) -> Rpc<bool> {
    require_settled(cx)?;
    logins::end_others(cx, cx.me, Some(cx.caller.auth_key))?;
    Ok(true)
}

/// Whether the caller's login is old enough to end others: a thief must not lock the owner out.
/// A development server does not wait.
///
/// # Errors
/// `FRESH_RESET_AUTHORISATION_FORBIDDEN`.
pub(in crate::rpc) fn require_settled(cx: &Writing<'_>) -> Rpc<()> {
    let own = logins::require(&*cx.db, cx.caller.auth_key)?;
    let settled = (cx.now - cx.world.limits().fresh_login).unix();
    if cx.world.config.mode == Mode::Production && own.logged_in > settled {
        return Err(RpcError::FRESH_RESET_AUTHORISATION_FORBIDDEN);
    }
    Ok(())
}
