//! `account.updateUsername`.

use heliogram_ids::Peer;
use heliogram_tl as tl;

use crate::cx::Writing;
use crate::domain::users;
use crate::error::{Rpc, RpcError};
use crate::render;

/// `account.updateUsername`: takes a username, or gives the present one up for an empty string.
///
/// # Errors
/// `USERNAME_INVALID`, `USERNAME_OCCUPIED`, `USERNAME_NOT_MODIFIED`.
pub(super) fn update_username(
    cx: &mut Writing<'_>,
    req: tl::account::UpdateUsername,
) -> Rpc<tl::User> {
    let present = users::require(cx.db, cx.me)?.username;
    let wanted = (!req.username.is_empty()).then(|| req.username.to_string());
    if wanted == present {
        return Err(RpcError::USERNAME_NOT_MODIFIED);
    }
    if wanted.as_deref().is_some_and(|username| !users::is_valid_username(username)) {
        return Err(RpcError::USERNAME_INVALID);
    }

    users::release_username(cx.db, cx.me)?;
    if let Some(username) = &wanted {
        users::claim_username(cx.db, Peer::User(cx.me), username)?;
    }
    let mut row = users::require(cx.db, cx.me)?;
    row.username = wanted;
    users::save(cx, cx.me, &row)?;

    render::user(cx.mine(), cx.me, &row)
}
