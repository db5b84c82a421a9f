//! `photos.deletePhotos`.

use heliogram_ids::FileId;
use heliogram_tl as tl;

use crate::cx::Writing;
use crate::domain::files::profile;
use crate::error::{Rpc, RpcError};
use crate::rpc::input;

/// `photos.deletePhotos`: takes photos from one's own profile; answers which of them were there.
///
/// # Errors
/// `PHOTO_ID_INVALID`, `LIMIT_INVALID`, `FILE_REFERENCE_EMPTY`, `FILE_REFERENCE_EXPIRED`,
/// `FILE_REFERENCE_INVALID`.
pub(super) fn delete_photos(cx: &mut Writing<'_>, req: tl::photos::DeletePhotos) -> Rpc<Vec<i64>> {
    if req.id.len() > cx.world.limits().profile_photos_page_max {
        return Err(RpcError::LIMIT_INVALID);
    }
    let named = req.id.iter().map(|photo| input::photo(cx, photo, RpcError::PHOTO_ID_INVALID));
    let named = named.collect::<Rpc<Vec<_>>>()?;

    let gone = profile::delete(cx, cx.me, &named)?;

    Ok(gone.into_iter().map(FileId::get).collect())
}
