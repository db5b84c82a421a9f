//! `auth.signUp`.

use heliogram_tl as tl;

use super::answer;
use super::repeated::repeated;
use crate::cx::StrangerWriting;
use crate::domain::{codes, contacts, homes, logins, names, users};
use crate::error::{Rpc, RpcError};
use crate::record::UserRow;

/// `auth.signUp`: makes the account of a number whose code was given to `auth.signIn`.
///
/// Whoever had saved the number has a contact from now on.
///
/// # Errors
/// `PHONE_NUMBER_INVALID`, `PHONE_CODE_EMPTY`, `PHONE_CODE_HASH_EMPTY`, `PHONE_CODE_EXPIRED`,
/// `PHONE_NUMBER_OCCUPIED`, `PHONE_MIGRATE_X`, `FIRSTNAME_INVALID`, `LASTNAME_INVALID`.
pub(super) fn sign_up(
    cx: &mut StrangerWriting<'_>,
    req: tl::auth::SignUp,
) -> Rpc<tl::auth::Authorization> {
    let phone = names::parse_phone(&req.phone_number)?;
    homes::require_phone(cx.db, &cx.world.config, cx.caller, &phone)?;
    if let Some(answer) = repeated(cx, &phone, &req.phone_code_hash, None)? {
        return Ok(answer);
    }
    codes::require_confirmed(cx, &phone, &req.phone_code_hash)?;
    if users::by_phone(cx.db, &phone)?.is_some() {
        return Err(RpcError::PHONE_NUMBER_OCCUPIED);
    }
    let limits = cx.world.limits();
    let row = UserRow {
        first_name: names::parse_first_name(&req.first_name, limits)?,
        last_name: names::parse_last_name(&req.last_name, limits)?,
        phone: Some(phone.clone()),
        created: cx.now.unix(),
        home: Some(cx.world.config.dc_id),
        ..UserRow::default()
    };

    let user = users::create(cx.db, cx.rng, &row)?;
    codes::use_up(cx, &phone, &req.phone_code_hash)?;
    contacts::on_sign_up(cx, user, &phone)?;
    logins::begin(cx, user)?;

    answer::authorization(&cx.logged_in(user))
}
