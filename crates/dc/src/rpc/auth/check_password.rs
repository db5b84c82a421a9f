//! `auth.checkPassword`.

use heliogram_tl as tl;

use super::answer;
use crate::cx::{StrangerReading, StrangerWriting};
use crate::domain::logins;
use crate::domain::passwords::{self, Proven};
use crate::error::{Rpc, RpcError};
use crate::rpc::input;

/// Checks the proof of [`check_password`].
pub(super) fn prove(
    cx: &mut StrangerReading<'_>,
    req: &tl::auth::CheckPassword,
) -> Rpc<Option<Proven>> {
    let key = cx.caller.auth_key;
    let user =
        logins::require(cx.db, key)?.password_pending.ok_or(RpcError::AUTH_KEY_UNREGISTERED)?;
    let password = passwords::find(cx.db, user)?.ok_or(RpcError::PASSWORD_EMPTY)?;
    let proof = input::password(&req.password);
    let challenges = &cx.world.challenges;
    challenges.check(cx.now, cx.world.limits(), key, user, &password, proof).map(Some)
}

/// `auth.checkPassword`: the second factor of a login whose code was given.
///
/// # Errors
/// `AUTH_KEY_UNREGISTERED` if no code was given; `PASSWORD_EMPTY` if the account has no password
/// any more; `PASSWORD_HASH_INVALID`, `SRP_ID_INVALID`, `SRP_PASSWORD_CHANGED`, `FLOOD_WAIT_X`.
pub(super) fn check_password(
    cx: &mut StrangerWriting<'_>,
    _: tl::auth::CheckPassword,
    proven: Option<&Proven>,
) -> Rpc<tl::auth::Authorization> {
    let pending = logins::require(cx.db, cx.caller.auth_key)?.password_pending;
    let user = pending.ok_or(RpcError::AUTH_KEY_UNREGISTERED)?;
    let password = passwords::find(cx.db, user)?.ok_or(RpcError::PASSWORD_EMPTY)?;
    Proven::require(proven, user, &password)?;

    logins::begin(cx, user)?;
    logins::announce(cx, user)?;

    answer::authorization(&cx.logged_in(user))
}
