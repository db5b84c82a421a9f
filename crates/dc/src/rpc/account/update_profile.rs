//! `account.updateProfile`.

use heliogram_tl as tl;

use crate::cx::Writing;
use crate::domain::{names, users};
use crate::error::Rpc;
use crate::render;

/// `account.updateProfile`: changes the names and the text of one's own profile; what is left out
/// stays.
///
/// # Errors
/// `FIRSTNAME_INVALID`, `LASTNAME_INVALID`, `ABOUT_TOO_LONG`.
pub(super) fn update_profile(
    cx: &mut Writing<'_>,
    req: tl::account::UpdateProfile,
) -> Rpc<tl::User> {
    let limits = cx.world.limits();
    let mut row = users::require(cx.db, cx.me)?;
    let before = row.clone();
    if let Some(name) = &req.first_name {
        row.first_name = names::parse_first_name(name, limits)?;
    }
    if let Some(name) = &req.last_name {
        row.last_name = names::parse_last_name(name, limits)?;
    }
    if let Some(about) = &req.about {
        row.about = names::parse_about(about, limits)?;
    }
    if row != before {
        users::save(cx, cx.me, &row)?;
    }
    render::user(cx.mine(), cx.me, &row)
}
