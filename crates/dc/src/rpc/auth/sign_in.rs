//! `auth.signIn`.

use heliogram_tl as tl;
use heliogram_tl::types;

use super::answer;
use super::repeated::repeated;
use crate::cx::StrangerWriting;
use crate::domain::{codes, homes, logins, names, passwords, users};
use crate::error::{Rpc, RpcError};

/// `auth.signIn`: gives the code back.
///
/// An unknown number may sign up with the same hash. An account with a password is named in the
/// key's row, and waits for `auth.checkPassword`.
///
/// # Errors
/// `PHONE_NUMBER_INVALID`, `PHONE_CODE_EMPTY`, `PHONE_CODE_HASH_EMPTY`, `PHONE_CODE_INVALID`,
/// `PHONE_CODE_EXPIRED`, `PHONE_MIGRATE_X`, `SESSION_PASSWORD_NEEDED`.
pub(super) fn sign_in(
    cx: &mut StrangerWriting<'_>,
    req: tl::auth::SignIn,
) -> Rpc<tl::auth::Authorization> {
    let phone = names::parse_phone(&req.phone_number)?;
    homes::require_phone(cx.db, &cx.world.config, cx.caller, &phone)?;
    let code = req.phone_code.unwrap_or_default();
    if let Some(answer) = repeated(cx, &phone, &req.phone_code_hash, Some(&code))? {
        return Ok(answer);
    }
    codes::confirm(cx, &phone, &req.phone_code_hash, &code)?;

    let Some(user) = users::by_phone(cx.db, &phone)? else {
        return Ok(types::auth::AuthorizationSignUpRequired::default().into());
    };
    codes::use_up(cx, &phone, &req.phone_code_hash)?;
    if passwords::find(cx.db, user)?.is_some() {
        logins::owe_password(cx, user)?;
        return Err(cx.outbox.keep(RpcError::SESSION_PASSWORD_NEEDED));
    }
    logins::begin(cx, user)?;
    logins::announce(cx, user)?;

    answer::authorization(&cx.logged_in(user))
}
