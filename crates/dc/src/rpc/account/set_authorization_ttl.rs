//! `account.setAuthorizationTTL`.

use heliogram_tl as tl;

use crate::cx::Writing;
use crate::domain::logins;
use crate::error::{Rpc, RpcError};

/// `account.setAuthorizationTTL`: after how many days without a sign of life a login ends.
///
/// # Errors
/// `TTL_DAYS_INVALID`.
pub(super) fn set_authorization_ttl(
    cx: &mut Writing<'_>,
    req: tl::account::SetAuthorizationTtl,
) -> Rpc<bool> {
    if !(1..=DAYS_MAX).contains(&req.authorization_ttl_days) {
        return Err(RpcError::TTL_DAYS_INVALID);
    }
    logins::set_ttl(cx, req.authorization_ttl_days)?;
    Ok(true)
}

/// Clients offer a year at most.
const DAYS_MAX: i32 = 366;
