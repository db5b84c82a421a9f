//! `account.getAuthorizations`.

use heliogram_store::Read as _;
use heliogram_tl as tl;
use heliogram_tl::types;

use crate::cx::Reading;
use crate::domain::logins;
use crate::error::Rpc;
use crate::render;
use crate::tables::AuthKeys;

/// `account.getAuthorizations`: where the account is logged in, the caller's login first.
pub(super) fn get_authorizations(
    cx: &mut Reading<'_>,
    _: tl::account::GetAuthorizations,
) -> Rpc<tl::account::Authorizations> {
    let current = cx.caller.auth_key;
    let mut keys = logins::keys_of(cx.db, cx.me)?;
    keys.sort_by_key(|key| *key != current);
    let mut authorizations = Vec::with_capacity(keys.len());
    for key in keys {
        if let Some(row) = cx.db.get::<AuthKeys>(&key)? {
            authorizations.push(render::authorization(&row, key == current));
        }
    }
    let authorization_ttl_days = logins::ttl(cx.db, cx.me)?;
    Ok(types::account::Authorizations { authorization_ttl_days, authorizations }.into())
}
