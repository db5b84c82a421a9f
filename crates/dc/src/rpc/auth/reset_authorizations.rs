//! `auth.resetAuthorizations`.

use heliogram_tl as tl;

use crate::cx::Writing;
use crate::domain::logins;
use crate::error::Rpc;

/// `auth.resetAuthorizations`: ends all logins of the account but the caller's.
///
/// # Errors
/// `FRESH_RESET_AUTHORISATION_FORBIDDEN`.
pub(super) fn reset_authorizations(
    cx: &mut Writing<'_>,
    _: tl::auth::ResetAuthorizations,
) -> Rpc<bool> {
    logins::require_settled(cx)?;
    logins::end_others(cx, cx.me, Some(cx.caller.auth_key))?;
    Ok(true)
}
