//! `photos.getUserPhotos`.

use heliogram_store::Read as _;
use heliogram_tl as tl;
use heliogram_tl::types;

use crate::cx::Reading;
use crate::domain::files::profile;
use crate::error::Rpc;
use crate::render::{self, Peers};
use crate::rpc::input;
use crate::tables::Photos;

/// `photos.getUserPhotos`: profile photos of somebody, the newest first.
///
/// `offset` skips so many; `max_id` begins behind that photo, or with `offset` -1 at it.
///
/// # Errors
/// `USER_ID_INVALID`.
pub(super) fn get_user_photos(
    cx: &mut Reading<'_>,
    req: tl::photos::GetUserPhotos,
) -> Rpc<tl::photos::Photos> {
    let owner = input::user(cx, &req.user_id)?;

    let page_max = cx.world.limits().profile_photos_page_max;
    let all = profile::all(cx.db, owner, PHOTOS_MAX)?;
    let after = |id: i64| all.iter().position(|photo| photo.get() == id).map_or(0, |at| at + 1);
    let start = if req.max_id == 0 { 0 } else { after(req.max_id) };
    let start = start.saturating_add_signed(isize::try_from(req.offset).unwrap_or(0));
    let limit = match usize::try_from(req.limit).unwrap_or(0) {
        0 => page_max,
        limit => limit.min(page_max),
    };

    let viewer = cx.mine();
    let mut photos = Vec::new();
    for id in all.iter().skip(start).take(limit) {
        if let Some(row) = cx.db.get::<Photos>(id)? {
            photos.push(render::photo(viewer, *id, &row));
        }
    }
    let mut peers = Peers::default();
    peers.mention_user(owner);
    let (users, _) = peers.render(viewer)?;
    if photos.len() == all.len() {
        return Ok(types::photos::Photos { photos, users }.into());
    }
    let count = i32::try_from(all.len()).unwrap_or(i32::MAX);
    Ok(types::photos::PhotosSlice { count, photos, users }.into())
}

/// Most photos of one profile that are counted.
const PHOTOS_MAX: usize = 10_000;
