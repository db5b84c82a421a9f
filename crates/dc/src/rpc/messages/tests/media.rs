//! Media on its way into messages.

use std::io::Cursor;

use heliogram_ids::UserId;
use heliogram_tl as tl;
use heliogram_tl::types;

use crate::error::{Rpc, RpcError};
use crate::fixture::Fixture;

/// Uploads `bytes` in parts of a kibibyte or more; returns the file as the next request names it.
fn upload(cloud: &mut Fixture, me: UserId, file_id: i64, bytes: &[u8]) -> tl::InputFile {
    let mut parts = 0;
    for part in bytes.chunks(32 << 10) {
        let bytes = part.to_vec().into();
        let save = tl::upload::SaveFilePart { file_id, file_part: parts, bytes };
        assert_eq!(cloud.call(me, save), Ok(true));
        parts += 1;
    }
    types::InputFile { id: file_id, parts, name: "file".into(), md5_checksum: "".into() }.into()
}

fn png(width: u32, height: u32) -> Vec<u8> {
    let mut bytes = Cursor::new(Vec::new());
    let image = image::RgbImage::from_pixel(width, height, image::Rgb([9, 99, 199]));
    image.write_to(&mut bytes, image::ImageFormat::Png).expect("a PNG");
    bytes.into_inner()
}

fn uploaded_photo(file: tl::InputFile) -> tl::InputMedia {
    types::InputMediaUploadedPhoto { file, ..Default::default() }.into()
}

fn uploaded_document(
    file: tl::InputFile,
    mime_type: &str,
    attributes: Vec<tl::DocumentAttribute>,
) -> tl::InputMedia {
    let mime_type = mime_type.into();
    types::InputMediaUploadedDocument { file, mime_type, attributes, ..Default::default() }.into()
}

fn send(
    cloud: &mut Fixture,
    from: UserId,
    to: UserId,
    media: tl::InputMedia,
    random_id: i64,
) -> Rpc<tl::MessageMedia> {
    let peer = cloud.input_peer(from, to);
    let request = tl::messages::SendMedia { peer, media, random_id, ..Default::default() };
    let updates = cloud.call(from, request)?;
    Ok(messages(&updates).remove(0).media.expect("the message has media"))
}

fn messages(updates: &tl::Updates) -> Vec<types::Message> {
    let tl::Updates::Updates(updates) = updates else { panic!("{updates:?}") };
    let message = |update: &tl::Update| match update {
        tl::Update::UpdateNewMessage(new) => match &new.message {
            tl::Message::Message(message) => Some((**message).clone()),
            other => panic!("{other:?}"),
        },
        _ => None,
    };
    updates.updates.iter().filter_map(message).collect()
}

fn photo_in(media: &tl::MessageMedia) -> types::Photo {
    match media {
        tl::MessageMedia::MessageMediaPhoto(media) => match &media.photo {
            Some(tl::Photo::Photo(photo)) => (**photo).clone(),
            other => panic!("{other:?}"),
        },
        other => panic!("{other:?}"),
    }
}

fn document_in(media: &tl::MessageMedia) -> types::Document {
    match media {
        tl::MessageMedia::MessageMediaDocument(media) => match &media.document {
            Some(tl::Document::Document(document)) => (**document).clone(),
            other => panic!("{other:?}"),
        },
        other => panic!("{other:?}"),
    }
}

fn input_photo(photo: &types::Photo) -> tl::InputPhoto {
    types::InputPhoto {
        id: photo.id,
        access_hash: photo.access_hash,
        file_reference: photo.file_reference.clone(),
    }
    .into()
}

fn known_photo(photo: &types::Photo) -> tl::InputMedia {
    types::InputMediaPhoto { id: input_photo(photo), ..Default::default() }.into()
}

fn two_people() -> (Fixture, UserId, UserId) {
    let mut cloud = Fixture::new();
    let (alice, bob) = (cloud.person("Alice"), cloud.person("Bob"));
    (cloud, alice, bob)
}

#[test]
fn a_photo_comes_back_with_its_sizes() {
    let (mut cloud, alice, bob) = two_people();
    let file = upload(&mut cloud, alice, 5, &png(400, 200));
    let media = send(&mut cloud, alice, bob, uploaded_photo(file), 1).expect("a photo");
    let letters: Vec<String> = photo_in(&media)
        .sizes
        .iter()
        .map(|size| match size {
            tl::PhotoSize::PhotoSize(size) => size.r#type.to_string(),
            tl::PhotoSize::PhotoStrippedSize(size) => size.r#type.to_string(),
            other => panic!("{other:?}"),
        })
        .collect();
    assert_eq!(letters, ["i", "s", "m", "x"]);
}

#[test]
fn a_known_photo_is_sent_again_by_whoever_was_shown_it() {
    let (mut cloud, alice, bob) = two_people();
    let file = upload(&mut cloud, alice, 5, &png(40, 40));
    let first = photo_in(&send(&mut cloud, alice, bob, uploaded_photo(file), 1).expect("a photo"));

    let again = send(&mut cloud, alice, bob, known_photo(&first), 2).expect("the same photo");
    assert_eq!(photo_in(&again).id, first.id);

    let stolen = send(&mut cloud, bob, alice, known_photo(&first), 3);
    assert_eq!(stolen, Err(RpcError::MEDIA_INVALID));
    let mut unproved = first.clone();
    unproved.file_reference = tl::Bytes::new();
    let unproved = send(&mut cloud, alice, bob, known_photo(&unproved), 4);
    assert_eq!(unproved, Err(RpcError::FILE_REFERENCE_EMPTY));
}

#[test]
fn a_document_keeps_what_its_uploader_says_of_it() {
    let (mut cloud, alice, bob) = two_people();
    let file = upload(&mut cloud, alice, 5, b"OggS and so on");
    let voice = types::DocumentAttributeAudio {
        voice: true,
        duration: 3,
        waveform: Some(vec![1, 2, 3].into()),
        ..Default::default()
    };
    let media = uploaded_document(file, "audio/ogg", vec![voice.clone().into()]);
    let media = send(&mut cloud, alice, bob, media, 1).expect("a voice message");
    let document = document_in(&media);
    assert_eq!((document.mime_type.as_str(), document.size), ("audio/ogg", 14));
    assert!(document.attributes.contains(&voice.into()), "{:?}", document.attributes);
}

#[test]
fn a_voice_message_is_not_listened_to_yet() {
    let (mut cloud, alice, bob) = two_people();
    for (to, random_id, unread) in [(bob, 1, true), (alice, 2, false)] {
        let file = upload(&mut cloud, alice, random_id, b"OggS");
        let voice = types::DocumentAttributeAudio { voice: true, ..Default::default() };
        let media = uploaded_document(file, "audio/ogg", vec![voice.into()]);
        let peer = cloud.input_peer(alice, to);
        let request = tl::messages::SendMedia { peer, media, random_id, ..Default::default() };
        let updates = cloud.call(alice, request).expect("a voice message");
        assert_eq!(messages(&updates)[0].media_unread, unread);
    }
}

#[test]
fn a_picture_sent_as_a_file_gets_dimensions_and_a_preview() {
    let (mut cloud, alice, bob) = two_people();
    let file = upload(&mut cloud, alice, 5, &png(640, 480));
    let media = uploaded_document(file, "image/png", vec![]);
    let document = document_in(&send(&mut cloud, alice, bob, media, 1).expect("a file"));
    let size = types::DocumentAttributeImageSize { w: 640, h: 480 };
    assert!(document.attributes.contains(&size.into()));
    let thumbs = document.thumbs.expect("previews");
    assert!(
        matches!(&thumbs[1], tl::PhotoSize::PhotoSize(size) if size.r#type == *"m" && size.w == 320)
    );
}

#[test]
fn a_file_forced_to_be_one_is_no_video() {
    let (mut cloud, alice, bob) = two_people();
    let file = upload(&mut cloud, alice, 5, b"....ftypisom");
    let video = types::DocumentAttributeVideo { w: 10, h: 10, ..Default::default() };
    let name = types::DocumentAttributeFilename { file_name: "a.mp4".into() };
    let media = types::InputMediaUploadedDocument {
        force_file: true,
        file,
        mime_type: "video/mp4".into(),
        attributes: vec![video.into(), name.clone().into()],
        ..Default::default()
    };
    let document = document_in(&send(&mut cloud, alice, bob, media.into(), 1).expect("a file"));
    assert_eq!(document.attributes, [name.into()]);
}

#[test]
fn a_repeated_request_needs_no_upload() {
    let (mut cloud, alice, bob) = two_people();
    let file = upload(&mut cloud, alice, 5, &png(40, 40));
    let first = send(&mut cloud, alice, bob, uploaded_photo(file.clone()), 1).expect("a photo");
    cloud.wait(cloud.world.limits().upload_ttl * 2);
    assert_eq!(crate::domain::files::parts::sweep(&cloud.world, cloud.now), 1);

    let again = send(&mut cloud, alice, bob, uploaded_photo(file.clone()), 1).expect("the first");
    assert_eq!(photo_in(&again).id, photo_in(&first).id);
    let anew = send(&mut cloud, alice, bob, uploaded_photo(file), 2);
    assert_eq!(anew, Err(RpcError::file_part_missing(0)));
}

#[test]
fn an_upload_must_be_whole() {
    let (mut cloud, alice, bob) = two_people();
    for file_part in [0, 2] {
        let bytes = vec![7; 1024].into();
        let save = tl::upload::SaveFilePart { file_id: 5, file_part, bytes };
        cloud.call(alice, save).expect("a part");
    }
    let mut of = |id, parts, md5_checksum: &str| {
        let md5_checksum = md5_checksum.into();
        let file = types::InputFile { id, parts, name: "x".into(), md5_checksum };
        let media = uploaded_document(file.into(), "", vec![]);
        send(&mut cloud, alice, bob, media, 1).map(drop)
    };
    assert_eq!(of(5, 3, ""), Err(RpcError::file_part_missing(1)));
    assert_eq!(of(5, 2, ""), Err(RpcError::FILE_PARTS_INVALID));
    assert_eq!(of(5, 0, ""), Err(RpcError::FILE_PARTS_INVALID));
    assert_eq!(of(5, 8001, ""), Err(RpcError::FILE_PARTS_INVALID));
    assert_eq!(of(6, 1, ""), Err(RpcError::file_part_missing(0)));
}

#[test]
fn an_upload_of_another_account_is_not_there() {
    let (mut cloud, alice, bob) = two_people();
    let file = upload(&mut cloud, alice, 5, &png(40, 40));
    let stolen = send(&mut cloud, bob, alice, uploaded_photo(file), 1);
    assert_eq!(stolen, Err(RpcError::file_part_missing(0)));
}

#[test]
fn the_checksum_is_checked() {
    let (mut cloud, alice, bob) = two_people();
    upload(&mut cloud, alice, 5, b"hello");
    let mut with = |md5_checksum: &str, random_id| {
        let md5_checksum = md5_checksum.into();
        let file = types::InputFile { id: 5, parts: 1, name: "x".into(), md5_checksum };
        let media = uploaded_document(file.into(), "text/plain", vec![]);
        send(&mut cloud, alice, bob, media, random_id).map(drop)
    };
    assert_eq!(with("00000000000000000000000000000000", 1), Err(RpcError::MD5_CHECKSUM_INVALID));
    assert_eq!(with("5D41402ABC4B2A76B9719D911017C592", 2), Ok(()));
}

#[track_caller]
fn check_refused(media: impl Into<tl::InputMedia>, expected: RpcError) {
    let (mut cloud, alice, bob) = two_people();
    assert_eq!(send(&mut cloud, alice, bob, media.into(), 1), Err(expected));
}

#[test]
fn media_that_cannot_be_is_refused() {
    let point = |lat, long| types::InputGeoPoint { lat, long, accuracy_radius: None };
    let place = |lat, long| types::InputMediaGeoPoint { geo_point: point(lat, long).into() };
    check_refused(tl::InputMedia::InputMediaEmpty, RpcError::MEDIA_EMPTY);
    check_refused(types::InputMediaGame::default(), RpcError::MEDIA_INVALID);
    check_refused(place(90.5, 0.0), RpcError::MEDIA_INVALID);
    check_refused(place(f64::NAN, 0.0), RpcError::MEDIA_INVALID);
    check_refused(types::InputMediaDice { emoticon: "🐈".into() }, RpcError::EMOTICON_INVALID);
    check_refused(types::InputMediaPhotoExternal::default(), RpcError::WEBPAGE_CURL_FAILED);
    check_refused(types::InputMediaDocumentExternal::default(), RpcError::WEBPAGE_CURL_FAILED);
    check_refused(types::InputMediaWebPage::default(), RpcError::WEBPAGE_CURL_FAILED);
    let ttl_seconds = Some(61);
    check_refused(
        types::InputMediaUploadedPhoto { ttl_seconds, ..Default::default() },
        RpcError::TTL_MEDIA_INVALID,
    );
}

#[test]
fn places_contacts_and_dice_need_no_files() {
    let (mut cloud, alice, bob) = two_people();
    let geo_point = types::InputGeoPoint { lat: 52.5, long: 13.4, accuracy_radius: None };
    let place = types::InputMediaGeoPoint { geo_point: geo_point.into() };
    let media = send(&mut cloud, alice, bob, place.into(), 1).expect("a place");
    assert!(matches!(
        media,
        tl::MessageMedia::MessageMediaGeo(geo)
            if matches!(&geo.geo, tl::GeoPoint::GeoPoint(point) if point.lat == 52.5)
    ));

    let phone = format!("+99966{:05}", "Bob".bytes().map(u32::from).sum::<u32>());
    let contact =
        types::InputMediaContact { phone_number: phone.as_str().into(), ..Default::default() };
    let media = send(&mut cloud, alice, bob, contact.into(), 2).expect("a contact");
    assert!(matches!(
        media,
        tl::MessageMedia::MessageMediaContact(contact) if contact.user_id == bob.get()
    ));

    let die = types::InputMediaDice { emoticon: "⚽\u{fe0f}".into() };
    let media = send(&mut cloud, alice, bob, die.into(), 3).expect("a die");
    assert!(matches!(
        media,
        tl::MessageMedia::MessageMediaDice(die) if (1..=5).contains(&die.value)
    ));
}

#[test]
fn a_page_on_condition_leaves_the_text() {
    let (mut cloud, alice, bob) = two_people();
    let mut request = |message: &str, random_id| {
        let media = types::InputMediaWebPage {
            optional: true,
            url: "https://a.b".into(),
            ..Default::default()
        };
        let peer = cloud.input_peer(alice, bob);
        let media = media.into();
        let message = message.into();
        cloud.call(
            alice,
            tl::messages::SendMedia { peer, media, message, random_id, ..Default::default() },
        )
    };
    let updates = request("see https://a.b", 1).expect("a text");
    let sent = &messages(&updates)[0];
    assert_eq!((sent.message.as_str(), &sent.media), ("see https://a.b", &None));
    assert_eq!(request("", 2), Err(RpcError::MESSAGE_EMPTY));

    let long = "x".repeat(2000);
    for _ in 0..2 {
        let updates = request(&long, 3).expect("a text as long as any message");
        assert_eq!(messages(&updates)[0].message, *long);
    }
}

#[test]
fn captions_are_shorter_than_messages() {
    let (mut cloud, alice, bob) = two_people();
    for (length, expected) in [(1024, Ok(())), (1025, Err(RpcError::MEDIA_CAPTION_TOO_LONG))] {
        let media = types::InputMediaDice { emoticon: "🎲".into() }.into();
        let (peer, message) = (cloud.input_peer(alice, bob), "x".repeat(length).into());
        let random_id = i64::try_from(length).expect("a small number");
        let request =
            tl::messages::SendMedia { peer, media, message, random_id, ..Default::default() };
        assert_eq!(cloud.call(alice, request).map(drop), expected, "{length}");
    }
}

#[test]
fn an_upload_without_sending_gives_media_to_send() {
    let (mut cloud, alice, bob) = two_people();
    let media = uploaded_photo(upload(&mut cloud, alice, 5, &png(40, 40)));
    let peer = cloud.input_peer(alice, alice);
    let request = tl::messages::UploadMedia { peer, media, ..Default::default() };
    let photo = photo_in(&cloud.call(alice, request).expect("a photo"));
    let sent = send(&mut cloud, alice, bob, known_photo(&photo), 1).expect("the same photo");
    assert_eq!(photo_in(&sent).id, photo.id);
}

fn album(
    cloud: &mut Fixture,
    of: UserId,
    to: UserId,
    media: Vec<tl::InputMedia>,
) -> Rpc<tl::Updates> {
    let single = |(media, random_id)| {
        types::InputSingleMedia { media, random_id, message: "".into(), entities: None }.into()
    };
    let multi_media = media.into_iter().zip(1..).map(single).collect();
    let peer = cloud.input_peer(of, to);
    cloud.call(of, tl::messages::SendMultiMedia { peer, multi_media, ..Default::default() })
}

fn photos(cloud: &mut Fixture, of: UserId, count: i64) -> Vec<tl::InputMedia> {
    (0..count).map(|id| uploaded_photo(upload(cloud, of, 100 + id, &png(40, 40)))).collect()
}

#[test]
fn an_album_is_one_group_of_consecutive_messages() {
    let (mut cloud, alice, bob) = two_people();
    let media = photos(&mut cloud, alice, 3);
    let updates = album(&mut cloud, alice, bob, media.clone()).expect("an album");
    let sent = messages(&updates);
    assert_eq!(sent.iter().map(|message| message.id).collect::<Vec<_>>(), [1, 2, 3]);
    assert!(sent[0].grouped_id.is_some());
    assert!(sent.iter().all(|message| message.grouped_id == sent[0].grouped_id));

    let again = album(&mut cloud, alice, bob, media).expect("the same album");
    assert_eq!(messages(&again).len(), 3);
    let peer = cloud.input_peer(bob, alice);
    let page = cloud.call(bob, tl::messages::GetHistory { peer, limit: 100, ..Default::default() });
    let Ok(tl::messages::Messages::Messages(page)) = page else { panic!("{page:?}") };
    assert_eq!(page.messages.len(), 3);
}

#[test]
fn an_album_of_one_is_a_message_alone() {
    let (mut cloud, alice, bob) = two_people();
    let media = photos(&mut cloud, alice, 1);
    let updates = album(&mut cloud, alice, bob, media).expect("an album");
    let [message] = &messages(&updates)[..] else { panic!("{updates:?}") };
    assert_eq!(message.grouped_id, None);
}

#[test]
fn an_album_has_a_length_and_a_sort() {
    let (mut cloud, alice, bob) = two_people();
    let eleven = vec![types::InputMediaDice { emoticon: "🎲".into() }.into(); 11];
    let too_long = album(&mut cloud, alice, bob, eleven);
    assert_eq!(too_long, Err(RpcError::MULTI_MEDIA_TOO_LONG));
    assert_eq!(album(&mut cloud, alice, bob, vec![]), Err(RpcError::MEDIA_EMPTY));

    let mut mixed = photos(&mut cloud, alice, 1);
    let file = upload(&mut cloud, alice, 7, b"text");
    mixed.push(uploaded_document(file, "text/plain", vec![]));
    let refused = album(&mut cloud, alice, bob, mixed);
    assert_eq!(refused, Err(RpcError::MEDIA_GROUPED_INVALID));
    let peer = cloud.input_peer(bob, alice);
    let page = cloud.call(bob, tl::messages::GetHistory { peer, limit: 100, ..Default::default() });
    let Ok(tl::messages::Messages::Messages(page)) = page else { panic!("{page:?}") };
    assert!(page.messages.is_empty(), "an album is posted as a whole or not at all");
}

fn edit(
    cloud: &mut Fixture,
    me: UserId,
    with: UserId,
    id: i32,
    media: impl Into<tl::InputMedia>,
) -> Rpc<()> {
    let (peer, media) = (cloud.input_peer(me, with), Some(media.into()));
    let request = tl::messages::EditMessage { peer, id, media, ..Default::default() };
    cloud.call(me, request).map(drop)
}

fn newest(cloud: &mut Fixture, me: UserId, with: UserId) -> types::Message {
    let peer = cloud.input_peer(me, with);
    let page = cloud.call(me, tl::messages::GetHistory { peer, limit: 1, ..Default::default() });
    let messages = match page {
        Ok(tl::messages::Messages::Messages(page)) => page.messages,
        Ok(tl::messages::Messages::MessagesSlice(page)) => page.messages.clone(),
        other => panic!("{other:?}"),
    };
    match &messages[0] {
        tl::Message::Message(message) => (**message).clone(),
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_file_can_be_exchanged_for_another_on_both_sides() {
    let (mut cloud, alice, bob) = two_people();
    let file = upload(&mut cloud, alice, 5, &png(40, 40));
    send(&mut cloud, alice, bob, uploaded_photo(file), 1).expect("a photo");
    let file = upload(&mut cloud, alice, 6, b"text");
    let text = uploaded_document(file, "text/plain", vec![]);
    edit(&mut cloud, alice, bob, 1, text).expect("an edit");
    for (me, with) in [(alice, bob), (bob, alice)] {
        let media = newest(&mut cloud, me, with).media.expect("media");
        assert_eq!(document_in(&media).mime_type, *"text/plain");
    }
}

#[test]
fn what_was_said_once_is_not_exchanged() {
    let (mut cloud, alice, bob) = two_people();
    let die = || types::InputMediaDice { emoticon: "🎲".into() };
    send(&mut cloud, alice, bob, die().into(), 1).expect("a die");
    let file = upload(&mut cloud, alice, 5, &png(40, 40));
    let photo = uploaded_photo(file);
    let refused = edit(&mut cloud, alice, bob, 1, photo.clone());
    assert_eq!(refused, Err(RpcError::MEDIA_PREV_INVALID));

    send(&mut cloud, alice, bob, photo, 2).expect("a photo");
    let refused = edit(&mut cloud, alice, bob, 2, die());
    assert_eq!(refused, Err(RpcError::MEDIA_NEW_INVALID));
}

#[test]
fn an_album_stays_of_its_sort_when_edited() {
    let (mut cloud, alice, bob) = two_people();
    let media = photos(&mut cloud, alice, 2);
    album(&mut cloud, alice, bob, media).expect("an album");
    let file = upload(&mut cloud, alice, 6, b"text");
    let text = uploaded_document(file, "text/plain", vec![]);
    let refused = edit(&mut cloud, alice, bob, 1, text);
    assert_eq!(refused, Err(RpcError::MEDIA_GROUPED_INVALID));
    let file = upload(&mut cloud, alice, 7, &png(50, 50));
    edit(&mut cloud, alice, bob, 1, uploaded_photo(file)).expect("another photo");
}
