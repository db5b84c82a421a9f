//! `auth.importAuthorization`.

use heliogram_ids::UserId;
use heliogram_tl as tl;

use super::answer;
use crate::cx::StrangerWriting;
use crate::domain::logins;
use crate::error::{Rpc, RpcError};

/// `auth.importAuthorization`: logs the key in with a secret of `auth.exportAuthorization`.
///
/// # Errors
/// `AUTH_BYTES_INVALID`.
pub(super) fn import_authorization(
    cx: &mut StrangerWriting<'_>,
    req: tl::auth::ImportAuthorization,
) -> Rpc<tl::auth::Authorization> {
    let user = UserId::new(req.id).ok_or(RpcError::AUTH_BYTES_INVALID)?;
    logins::import(cx, user, &req.bytes)?;
    answer::authorization(&cx.logged_in(user))
}
