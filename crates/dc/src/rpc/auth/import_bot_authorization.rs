//! `auth.importBotAuthorization`.

use heliogram_tl as tl;

use super::answer;
use crate::cx::StrangerWriting;
use crate::domain::{bots, homes, logins, users};
use crate::error::{Rpc, RpcError};

/// `auth.importBotAuthorization`: the login of a bot by its token.
///
/// # Errors
/// `API_ID_INVALID`, `ACCESS_TOKEN_INVALID`, `USER_MIGRATE_X`.
pub(super) fn import_bot_authorization(
    cx: &mut StrangerWriting<'_>,
    req: tl::auth::ImportBotAuthorization,
) -> Rpc<tl::auth::Authorization> {
    if req.api_id <= 0 {
        return Err(RpcError::API_ID_INVALID);
    }
    let bot = bots::by_token(cx.db, &req.bot_auth_token)?;
    homes::require_account(&cx.world.config, cx.caller, &users::require(&*cx.db, bot)?)?;
    logins::begin(cx, bot)?;
    answer::authorization(&cx.logged_in(bot))
}
