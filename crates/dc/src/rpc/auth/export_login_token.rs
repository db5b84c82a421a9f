//! `auth.exportLoginToken` and `auth.importLoginToken`.

use heliogram_tl as tl;
use heliogram_tl::types::auth as types;

use super::answer;
use crate::cx::StrangerWriting;
use crate::domain::login_tokens::{self, Progress};
use crate::error::{Rpc, RpcError};

/// `auth.exportLoginToken`: a token to be shown as a picture, or the login that came of it.
///
/// Clients call it again when `updateLoginToken` tells them that somebody accepted.
///
/// # Errors
/// `API_ID_INVALID`, `SESSION_PASSWORD_NEEDED`.
pub(super) fn export_login_token(
    cx: &mut StrangerWriting<'_>,
    req: tl::auth::ExportLoginToken,
) -> Rpc<tl::auth::LoginToken> {
    if req.api_id <= 0 {
        return Err(RpcError::API_ID_INVALID);
    }
    if let Some(me) = cx.me {
        let authorization = answer::authorization(&cx.logged_in(me))?;
        return Ok(types::LoginTokenSuccess { authorization }.into());
    }
    let progress = login_tokens::export(cx, &req.except_ids)?;
    login_token(cx, progress)
}

/// `auth.importLoginToken`: the login that came of a token, in the data centre of its account.
///
/// # Errors
/// `AUTH_TOKEN_INVALID`, `AUTH_TOKEN_EXPIRED`, `SESSION_PASSWORD_NEEDED`.
pub(super) fn import_login_token(
    cx: &mut StrangerWriting<'_>,
    req: tl::auth::ImportLoginToken,
) -> Rpc<tl::auth::LoginToken> {
    let progress = login_tokens::import(cx, &req.token)?;
    login_token(cx, progress)
}

fn login_token(cx: &mut StrangerWriting<'_>, progress: Progress) -> Rpc<tl::auth::LoginToken> {
    Ok(match progress {
        Progress::Shown { token, expires } => {
            types::LoginToken { expires, token: token.into() }.into()
        }
        Progress::Elsewhere { dc, token } => {
            types::LoginTokenMigrateTo { dc_id: dc.get(), token: token.into() }.into()
        }
        Progress::Done(user) => {
            let authorization = answer::authorization(&cx.logged_in(user))?;
            types::LoginTokenSuccess { authorization }.into()
        }
    })
}
