//! `users.getFullUser`.

use heliogram_tl as tl;
use heliogram_tl::types;

use crate::cx::Reading;
use crate::domain::users;
use crate::error::Rpc;
use crate::render;
use crate::rpc::input;

/// `users.getFullUser`: a profile with everything that is shown when it is opened.
///
/// # Errors
/// `USER_ID_INVALID`.
pub(super) fn get_full_user(
    cx: &mut Reading<'_>,
    req: tl::users::GetFullUser,
) -> Rpc<tl::users::UserFull> {
    let id = input::user(cx, &req.id)?;
    let row = users::require(cx.db, id)?;
    let viewer = cx.mine();
    let full_user = render::user_full(viewer, id, &row)?;
    let users = vec![render::user(viewer, id, &row)?];
    Ok(types::users::UserFull { full_user, chats: Vec::new(), users }.into())
}
