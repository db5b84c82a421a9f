//! `auth.checkPassword`.

use heliogram_tl as tl;

use super::answer;
use crate::cx::StrangerWriting;
use crate::domain::{logins, passwords};
use crate::error::{Rpc, RpcError};
use crate::rpc::input;

/// `auth.checkPassword`: the second factor of a login whose code was given.
///
/// # Errors
/// `AUTH_KEY_UNREGISTERED` if no code was given; `PASSWORD_EMPTY` if the account has no password
/// any more; `PASSWORD_HASH_INVALID`, `SRP_ID_INVALID`, `SRP_PASSWORD_CHANGED`, `FLOOD_WAIT_X`.
pub(super) fn check_password(
    cx: &mut StrangerWriting<'_>,
    req: tl::auth::CheckPassword,
) -> Rpc<tl::auth::Authorization> {
    let key = cx.caller.auth_key;
    let user =
        logins::require(cx.db, key)?.password_pending.ok_or(RpcError::AUTH_KEY_UNREGISTERED)?;
    let password = passwords::find(cx.db, user)?.ok_or(RpcError::PASSWORD_EMPTY)?;
    let proof = input::password(&req.password);
    cx.world.challenges.check(cx.now, cx.world.limits(), key, user, &password, proof)?;

    logins::begin(cx, user)?;
    logins::announce(cx, user)?;

    answer::authorization(&cx.logged_in(user))
}
