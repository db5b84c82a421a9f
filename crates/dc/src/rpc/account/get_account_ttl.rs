//! `account.getAccountTTL`.

use heliogram_store::Read as _;
use heliogram_tl as tl;
use heliogram_tl::types;

use crate::cx::Reading;
use crate::error::Rpc;
use crate::tables::AccountTtls;

/// `account.getAccountTTL`: days without a login after which the account may be given up.
pub(super) fn get_account_ttl(
    cx: &mut Reading<'_>,
    _: tl::account::GetAccountTtl,
) -> Rpc<tl::AccountDaysTtl> {
    let days = cx.db.get::<AccountTtls>(&cx.me)?.unwrap_or(DEFAULT_DAYS);
    Ok(types::AccountDaysTtl { days }.into())
}

/// What holds for accounts that never chose.
const DEFAULT_DAYS: i32 = 548;
