//! `auth.acceptLoginToken`.

use heliogram_tl as tl;

use crate::cx::Writing;
use crate::domain::{login_tokens, logins};
use crate::error::Rpc;
use crate::render;

/// `auth.acceptLoginToken`: lets the device that shows a token into the caller's account; answers
/// with the device.
///
/// # Errors
/// `AUTH_TOKEN_INVALID`, `AUTH_TOKEN_EXPIRED`, `AUTH_TOKEN_ALREADY_ACCEPTED`,
/// `AUTH_TOKEN_EXCEPTION`.
pub(super) fn accept_login_token(
    cx: &mut Writing<'_>,
    req: tl::auth::AcceptLoginToken,
) -> Rpc<tl::Authorization> {
    let key = login_tokens::accept(cx, &req.token)?;
    Ok(render::authorization(&logins::require(cx.db, key)?, false))
}
