//! `account.setAccountTTL`.

use heliogram_tl as tl;

use crate::cx::Writing;
use crate::error::{Rpc, RpcError};
use crate::tables::AccountTtls;

/// `account.setAccountTTL`: 30 days to two years.
///
/// # Errors
/// `TTL_DAYS_INVALID`.
pub(super) fn set_account_ttl(cx: &mut Writing<'_>, req: tl::account::SetAccountTtl) -> Rpc<bool> {
    let tl::AccountDaysTtl::AccountDaysTtl(ttl) = req.ttl;
    if !(30..=730).contains(&ttl.days) {
        return Err(RpcError::TTL_DAYS_INVALID);
    }
    cx.db.put::<AccountTtls>(&cx.me, &ttl.days)?;
    Ok(true)
}
