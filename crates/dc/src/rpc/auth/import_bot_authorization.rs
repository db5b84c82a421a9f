//! `auth.importBotAuthorization`.

use heliogram_tl as tl;

use super::answer;
use crate::cx::StrangerWriting;
use crate::domain::{bots, logins};
use crate::error::{Rpc, RpcError};

/// `auth.importBotAuthorization`: the login of a bot by its token.
///
/// # Errors
/// `API_ID_INVALID`, `ACCESS_TOKEN_INVALID`.
pub(super) fn import_bot_authorization(
    cx: &mut StrangerWriting<'_>,
    req: tl::auth::ImportBotAuthorization,
) -> Rpc<tl::auth::Authorization> {
    if req.api_id <= 0 {
        return Err(RpcError::API_ID_INVALID);
    }
    let bot = bots::by_token(cx.db, &req.bot_auth_token)?;
    logins::begin(cx, bot)?;
    answer::authorization(&cx.logged_in(bot))
}
