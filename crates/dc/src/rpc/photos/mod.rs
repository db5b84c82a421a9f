//! `photos.*`: what profiles show.

mod delete_photos;
mod get_user_photos;
mod upload_profile_photo;

use crate::rpc::route::routes;

routes! {
    photos.deletePhotos       write    User      => DeletePhotos, delete_photos::delete_photos;
    photos.getUserPhotos      read     UserOrBot => GetUserPhotos, get_user_photos::get_user_photos;
    photos.updateProfilePhoto write    UserOrBot => UpdateProfilePhoto, upload_profile_photo::update_profile_photo;
    photos.uploadProfilePhoto prepared UserOrBot => UploadProfilePhoto, upload_profile_photo::prepare_profile_photo, upload_profile_photo::upload_profile_photo;
}

#[cfg(test)]
mod tests;
