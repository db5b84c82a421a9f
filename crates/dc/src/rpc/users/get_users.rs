//! `users.getUsers`.

use heliogram_tl as tl;

use crate::cx::Reading;
use crate::domain::users;
use crate::error::Rpc;
use crate::render;
use crate::rpc::input;

/// `users.getUsers`: accounts by id; those that the caller cannot name are left out.
pub(super) fn get_users(cx: &mut Reading<'_>, req: tl::users::GetUsers) -> Rpc<Vec<tl::User>> {
    let viewer = cx.mine();
    let mut found = Vec::with_capacity(req.id.len());
    for input in &req.id {
        let Ok(id) = input::user(cx, input) else { continue };
        if let Some(row) = users::find(viewer.db, id)? {
            found.push(render::user(viewer, id, &row)?);
        }
    }
    Ok(found)
}
