//! Logins that are asked for again: their answer was lost on its way, by a crash or a cut.

use heliogram_tl as tl;

use super::answer;
use crate::cx::StrangerWriting;
use crate::domain::{codes, logins, users};
use crate::error::{Rpc, RpcError};

/// What the caller's key was told when it used up the question `hash`, if it was this key and that
/// still holds. Whoever signs in gives the code again; a sign-up never had it.
///
/// # Errors
/// `SESSION_PASSWORD_NEEDED` if that is what it was told.
pub(super) fn repeated(
    cx: &mut StrangerWriting<'_>,
    phone: &str,
    hash: &str,
    code: Option<&str>,
) -> Rpc<Option<tl::auth::Authorization>> {
    if !codes::is_used_by_caller(cx, phone, hash, code)? {
        return Ok(None);
    }
    let Some(user) = users::by_phone(cx.db, phone)? else { return Ok(None) };
    let row = logins::require(cx.db, cx.caller.auth_key)?;
    if row.password_pending == Some(user) {
        return Err(RpcError::SESSION_PASSWORD_NEEDED);
    }
    if row.user != Some(user) {
        return Ok(None);
    }
    answer::authorization(&cx.logged_in(user)).map(Some)
}
