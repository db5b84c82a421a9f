//! `getUserProfilePhotos`.

use heliogram_ids::UserId;
use heliogram_tl as tl;

use crate::args::Args;
use crate::bots::Bot;
use crate::convert;
use crate::error::ApiError;
use crate::params;
use crate::reply::{Answer, Success};
use crate::types::UserProfilePhotos;

/// `getUserProfilePhotos`: the pictures of a user, the newest first.
///
/// # Errors
/// `invalid user_id specified`, `user not found`.
pub(super) async fn get_user_profile_photos(bot: &Bot, args: &Args) -> Answer {
    let params = params::GetUserProfilePhotos::read(args)?;
    let invalid = || ApiError::bad_request("invalid user_id specified");
    let id = UserId::new(params.user_id).ok_or_else(invalid)?;
    let account = bot.account()?;
    let request = tl::photos::GetUserPhotos {
        user_id: account.input_user(id).await?,
        offset: args.clamped("offset", 0, 0, i32::MAX.into()) as i32,
        max_id: 0,
        limit: args.clamped("limit", 100, 1, 100) as i32,
    };
    let answer = account.invoke_or(&request, Some("user not found")).await?;
    let (total, photos) = match &answer {
        tl::photos::Photos::Photos(all) => (all.photos.len(), &all.photos),
        tl::photos::Photos::PhotosSlice(some) => {
            (usize::try_from(some.count).unwrap_or_default(), &some.photos)
        }
    };
    Success::of(&UserProfilePhotos {
        total_count: i64::try_from(total).unwrap_or(i64::MAX),
        photos: photos.iter().filter_map(convert::photo_sizes).collect(),
    })
}
