//! `photos.uploadProfilePhoto` and `photos.updateProfilePhoto`.

use heliogram_ids::{FileId, UserId};
use heliogram_store::Read as _;
use heliogram_store::engine::View;
use heliogram_tl as tl;
use heliogram_tl::types;

use crate::cx::{Cx, Reading, Writing};
use crate::domain::files::assemble::assemble;
use crate::domain::files::ready::{self, Ready};
use crate::domain::files::{photo, profile};
use crate::domain::users;
use crate::error::{Rpc, RpcError};
use crate::render::{self, Peers};
use crate::rpc::input;
use crate::tables::Photos;

/// The slow half of `photos.uploadProfilePhoto`. Moving photos and emoji are not taken.
///
/// # Errors
/// `PHOTO_FILE_MISSING`, `BOT_INVALID`, `FILE_PARTS_INVALID`, `FILE_PART_X_MISSING`,
/// `MD5_CHECKSUM_INVALID`, `PHOTO_EXT_INVALID`, `PHOTO_INVALID_DIMENSIONS`, `PHOTO_CROP_SIZE_SMALL`,
/// `IMAGE_PROCESS_FAILED`.
pub(super) fn prepare_profile_photo(
    cx: &mut Reading<'_>,
    req: &tl::photos::UploadProfilePhoto,
) -> Rpc<Vec<Ready>> {
    whose(cx, req.bot.as_ref())?;
    let file = req.file.as_ref().ok_or(RpcError::PHOTO_FILE_MISSING)?;
    let blob = assemble(cx.world, cx.me, &input::upload(file)?)?;
    let row = photo::profile(cx.world, cx.me, cx.now, &blob)?;
    Ok(vec![Ready::Photo { row, spoiler: false, ttl_seconds: None }])
}

/// `photos.uploadProfilePhoto`: shows a new photo on one's own profile, or on that of one's bot.
///
/// # Errors
/// Those of [`prepare_profile_photo`].
pub(super) fn upload_profile_photo(
    cx: &mut Writing<'_>,
    req: tl::photos::UploadProfilePhoto,
    ready: &[Ready],
) -> Rpc<tl::photos::Photo> {
    let owner = whose(cx, req.bot.as_ref())?;
    let [Ready::Photo { row, .. }] = ready else { return Err(RpcError::PHOTO_FILE_MISSING) };

    let id = ready::photo(cx, row)?;
    profile::set(cx, owner, id)?;

    shown(cx, owner, Some(id))
}

/// `photos.updateProfilePhoto`: shows a photo that is here already, or with an empty one the photo
/// from before.
///
/// # Errors
/// `PHOTO_ID_INVALID`, `BOT_INVALID`, `FILE_REFERENCE_EMPTY`, `FILE_REFERENCE_EXPIRED`,
/// `FILE_REFERENCE_INVALID`.
pub(super) fn update_profile_photo(
    cx: &mut Writing<'_>,
    req: tl::photos::UpdateProfilePhoto,
) -> Rpc<tl::photos::Photo> {
    let owner = whose(cx, req.bot.as_ref())?;
    let chosen = match &req.id {
        tl::InputPhoto::InputPhotoEmpty => None,
        input => Some(input::photo(cx, input, RpcError::PHOTO_ID_INVALID)?),
    };

    match chosen {
        Some(photo) => profile::set(cx, owner, photo)?,
        None => {
            let present = users::require(cx.db, owner)?.photo;
            profile::delete(cx, owner, present.as_slice())?;
        }
    }

    let now_shown = users::require(cx.db, owner)?.photo;
    shown(cx, owner, now_shown)
}

/// Whose profile changes.
///
/// # Errors
/// `BOT_INVALID` for what is not a bot of the caller.
fn whose<D: View>(cx: &Cx<'_, D>, bot: Option<&tl::InputUser>) -> Rpc<UserId> {
    let Some(bot) = bot else { return Ok(cx.me) };
    let id = input::user(cx, bot).map_err(|_| RpcError::BOT_INVALID)?;
    let profile = users::require(&*cx.db, id)?.bot.ok_or(RpcError::BOT_INVALID)?;
    if profile.owner == Some(cx.me) { Ok(id) } else { Err(RpcError::BOT_INVALID) }
}

fn shown(cx: &Writing<'_>, owner: UserId, photo: Option<FileId>) -> Rpc<tl::photos::Photo> {
    let viewer = cx.mine();
    let photo = match photo {
        Some(id) => {
            let row = cx.db.get::<Photos>(&id)?.ok_or(RpcError::PHOTO_ID_INVALID)?;
            render::photo(viewer, id, &row)
        }
        None => types::PhotoEmpty { id: 0 }.into(),
    };
    let mut peers = Peers::default();
    peers.mention_user(owner);
    let (users, _) = peers.render(viewer)?;
    Ok(types::photos::Photo { photo, users }.into())
}
