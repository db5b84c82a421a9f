//! Profile photos: shown, listed, loaded by others, taken away.

use std::io::Cursor;

use heliogram_ids::UserId;
use heliogram_tl as tl;
use heliogram_tl::types;

use crate::error::{Rpc, RpcError};
use crate::fanout::Notice;
use crate::fixture::Fixture;

fn png(width: u32, height: u32) -> Vec<u8> {
    let mut bytes = Cursor::new(Vec::new());
    let image = image::RgbImage::from_pixel(width, height, image::Rgb([9, 99, 199]));
    image.write_to(&mut bytes, image::ImageFormat::Png).expect("a PNG");
    bytes.into_inner()
}

fn upload(cloud: &mut Fixture, me: UserId, bytes: &[u8]) -> tl::InputFile {
    let part = tl::upload::SaveFilePart { file_id: 1, file_part: 0, bytes: bytes.to_vec().into() };
    assert_eq!(cloud.call(me, part), Ok(true));
    types::InputFile { id: 1, parts: 1, name: "me.png".into(), md5_checksum: "".into() }.into()
}

fn show_new(cloud: &mut Fixture, me: UserId, bytes: &[u8]) -> Rpc<types::Photo> {
    let file = Some(upload(cloud, me, bytes));
    let answer = cloud.call(me, tl::photos::UploadProfilePhoto { file, ..Default::default() })?;
    Ok(full(&answer))
}

fn full(tl::photos::Photo::Photo(answer): &tl::photos::Photo) -> types::Photo {
    match &answer.photo {
        tl::Photo::Photo(photo) => (**photo).clone(),
        other => panic!("{other:?}"),
    }
}

fn named(photo: &types::Photo) -> tl::InputPhoto {
    types::InputPhoto {
        id: photo.id,
        access_hash: photo.access_hash,
        file_reference: photo.file_reference.clone(),
    }
    .into()
}

fn list(cloud: &mut Fixture, me: UserId, of: UserId, offset: i32, limit: i32) -> Vec<i64> {
    let user_id = cloud.input_user(me, of);
    let request = tl::photos::GetUserPhotos { user_id, offset, max_id: 0, limit };
    let photos = match cloud.call(me, request).expect("a list") {
        tl::photos::Photos::Photos(all) => all.photos.clone(),
        tl::photos::Photos::PhotosSlice(slice) => slice.photos.clone(),
    };
    let id = |photo: &tl::Photo| match photo {
        tl::Photo::Photo(photo) => photo.id,
        other => panic!("{other:?}"),
    };
    photos.iter().map(id).collect()
}

#[test]
fn a_profile_photo_is_a_square_that_others_can_load() {
    let mut cloud = Fixture::new();
    let (alice, bob) = (cloud.person("Alice"), cloud.person("Bob"));
    let photo = show_new(&mut cloud, alice, &png(500, 400)).expect("a photo");
    let sides: Vec<_> = photo
        .sizes
        .iter()
        .filter_map(|size| match size {
            tl::PhotoSize::PhotoSize(size) => Some((size.r#type.to_string(), size.w, size.h)),
            _ => None,
        })
        .collect();
    let expected = [("a", 160), ("b", 320), ("c", 400)];
    assert_eq!(sides, expected.map(|(letter, side)| (letter.to_owned(), side, side)));
    assert!(
        cloud.outbox.notices.iter().any(
            |told| matches!(told.notice, Notice::User { of } if of == alice && told.to == alice)
        )
    );

    for (big, photo_id, expected) in [
        (false, photo.id, Ok(())),
        (true, photo.id, Ok(())),
        (true, photo.id ^ 1, Err(RpcError::LOCATION_INVALID)),
    ] {
        let peer = cloud.input_peer(bob, alice);
        let location = types::InputPeerPhotoFileLocation { big, peer, photo_id }.into();
        let request = tl::upload::GetFile { location, limit: 1 << 20, ..Default::default() };
        assert_eq!(cloud.call(bob, request).map(drop), expected);
    }
}

#[test]
fn a_picture_that_is_no_profile_photo_is_refused() {
    let mut cloud = Fixture::new();
    let alice = cloud.person("Alice");
    let small = show_new(&mut cloud, alice, &png(500, 159));
    assert_eq!(small, Err(RpcError::PHOTO_CROP_SIZE_SMALL));
    let text = show_new(&mut cloud, alice, b"no picture");
    assert_eq!(text, Err(RpcError::PHOTO_EXT_INVALID));
    let nothing = cloud.call(alice, tl::photos::UploadProfilePhoto::default());
    assert_eq!(nothing, Err(RpcError::PHOTO_FILE_MISSING));
}

#[test]
fn photos_from_before_can_be_shown_again_and_deleted() {
    let mut cloud = Fixture::new();
    let (alice, bob) = (cloud.person("Alice"), cloud.person("Bob"));
    let first = show_new(&mut cloud, alice, &png(200, 200)).expect("a photo");
    let second = show_new(&mut cloud, alice, &png(201, 201)).expect("a photo");
    assert_eq!(list(&mut cloud, bob, alice, 0, 0), [second.id, first.id]);
    assert_eq!(list(&mut cloud, bob, alice, 1, 1), [first.id]);

    let again = tl::photos::UpdateProfilePhoto { id: named(&first), ..Default::default() };
    assert_eq!(full(&cloud.call(alice, again).expect("the first")).id, first.id);
    assert_eq!(list(&mut cloud, alice, alice, 0, 0), [first.id, second.id]);

    let stolen = tl::photos::UpdateProfilePhoto { id: named(&first), ..Default::default() };
    assert_eq!(cloud.call(bob, stolen), Err(RpcError::PHOTO_ID_INVALID));

    let delete = tl::photos::DeletePhotos { id: vec![named(&first)] };
    assert_eq!(cloud.call(alice, delete.clone()), Ok(vec![first.id]));
    assert_eq!(cloud.call(alice, delete), Ok(vec![]));
    assert_eq!(list(&mut cloud, alice, alice, 0, 0), [second.id]);

    let none = tl::photos::UpdateProfilePhoto {
        id: tl::InputPhoto::InputPhotoEmpty,
        ..Default::default()
    };
    let tl::photos::Photo::Photo(left) = cloud.call(alice, none).expect("nothing is left");
    assert!(matches!(left.photo, tl::Photo::PhotoEmpty(_)));
    let me = tl::users::GetUsers { id: vec![cloud.input_user(alice, alice)] };
    let users = cloud.call(alice, me).expect("oneself");
    assert!(matches!(&users[0], tl::User::User(user) if user.photo.is_none()));
}

#[test]
fn only_the_owner_changes_the_photo_of_a_bot() {
    let mut cloud = Fixture::new();
    let (alice, eve) = (cloud.person("Alice"), cloud.person("Eve"));
    let robot = cloud.bot("robot_bot", alice);
    for (me, expected) in [(eve, Err(RpcError::BOT_INVALID)), (alice, Ok(()))] {
        let file = Some(upload(&mut cloud, me, &png(200, 200)));
        let bot = Some(cloud.input_user(me, robot));
        let request = tl::photos::UploadProfilePhoto { file, bot, ..Default::default() };
        assert_eq!(cloud.call(me, request).map(drop), expected);
    }
    assert_eq!(list(&mut cloud, eve, robot, 0, 0).len(), 1);
    assert_eq!(list(&mut cloud, alice, alice, 0, 0).len(), 0);
}
