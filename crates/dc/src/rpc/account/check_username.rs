//! `account.checkUsername`.

use heliogram_ids::Peer;
use heliogram_tl as tl;

use crate::cx::Reading;
use crate::domain::users;
use crate::error::{Rpc, RpcError};

/// `account.checkUsername`: whether the caller could take a username.
///
/// # Errors
/// `USERNAME_INVALID`.
pub(super) fn check_username(cx: &mut Reading<'_>, req: tl::account::CheckUsername) -> Rpc<bool> {
    if !users::is_valid_username(&req.username) {
        return Err(RpcError::USERNAME_INVALID);
    }
    match users::by_username(cx.db, &req.username)? {
        Some(holder) if holder != Peer::User(cx.me) => Ok(false),
        _ => Ok(true),
    }
}
