//! Media: photos, documents with every attribute, contacts, places and dice.

use heliogram_tl as tl;
use tl::{Bytes, types};

use super::{Cast, call, peer};

/// Sends one of each from Alice to Bob, and an album.
pub(super) async fn send(cast: &Cast) {
    for media in plain(cast) {
        one(cast, media).await;
    }
    for hidden in [false, true] {
        let file = upload(cast, &picture()).await;
        let ttl_seconds = hidden.then_some(30);
        one(
            cast,
            types::InputMediaUploadedPhoto {
                spoiler: hidden,
                file,
                ttl_seconds,
                ..Default::default()
            }
            .into(),
        )
        .await;
    }
    for (mime_type, attributes) in documents() {
        let file = upload(cast, b"the content of some file").await;
        let thumb = Some(upload(cast, &picture()).await);
        let mime_type = mime_type.into();
        let media = types::InputMediaUploadedDocument {
            file,
            thumb,
            mime_type,
            attributes,
            ..Default::default()
        };
        one(cast, media.into()).await;
    }
    album(cast).await;
}

fn plain(cast: &Cast) -> Vec<tl::InputMedia> {
    let point = |accuracy_radius| -> tl::InputGeoPoint {
        types::InputGeoPoint { lat: 48.2, long: 16.37, accuracy_radius }.into()
    };
    let contact = types::InputMediaContact {
        phone_number: cast.bob.phone.as_str().into(),
        first_name: "Bob".into(),
        last_name: "Builder".into(),
        vcard: "BEGIN:VCARD\nEND:VCARD".into(),
    };
    let venue = types::InputMediaVenue {
        geo_point: point(None),
        title: "Café".into(),
        address: "Ring 1".into(),
        provider: "foursquare".into(),
        venue_id: "1".into(),
        venue_type: "food/café".into(),
    };
    let mut all: Vec<tl::InputMedia> = vec![
        contact.into(),
        types::InputMediaGeoPoint { geo_point: point(None) }.into(),
        types::InputMediaGeoPoint { geo_point: point(Some(50)) }.into(),
        venue.into(),
    ];
    let dice = ["🎲", "🎯", "🏀", "⚽", "🎳", "🎰"];
    all.extend(dice.map(|emoticon| types::InputMediaDice { emoticon: emoticon.into() }.into()));
    all
}

/// Kinds of documents: what the bytes are called is all that makes them one.
fn documents() -> Vec<(&'static str, Vec<tl::DocumentAttribute>)> {
    let named = |name: &str| -> tl::DocumentAttribute {
        types::DocumentAttributeFilename { file_name: name.into() }.into()
    };
    let video = |round_message, nosound| -> tl::DocumentAttribute {
        let (duration, w, h) = (2.5, 320, 320);
        let supports_streaming = true;
        types::DocumentAttributeVideo {
            round_message,
            supports_streaming,
            nosound,
            duration,
            w,
            h,
            ..Default::default()
        }
        .into()
    };
    let audio = |voice, title: Option<&str>| -> tl::DocumentAttribute {
        types::DocumentAttributeAudio {
            voice,
            duration: 3,
            title: title.map(Into::into),
            performer: title.map(|_| "Nobody".into()),
            waveform: voice.then(|| Bytes::from_static(&[1, 2, 3, 4, 5])),
        }
        .into()
    };
    let sticker = types::DocumentAttributeSticker { alt: "🙂".into(), ..Default::default() };
    let size: tl::DocumentAttribute = types::DocumentAttributeImageSize { w: 512, h: 512 }.into();
    vec![
        ("text/plain", vec![named("notes.txt")]),
        ("image/png", vec![named("drawing.png"), size.clone()]),
        ("image/webp", vec![named("sticker.webp"), size, sticker.into()]),
        ("video/mp4", vec![named("film.mp4"), video(false, false)]),
        ("video/mp4", vec![video(true, false)]),
        ("video/mp4", vec![tl::DocumentAttribute::DocumentAttributeAnimated, video(false, true)]),
        ("audio/ogg", vec![audio(true, None)]),
        ("audio/mpeg", vec![named("song.mp3"), audio(false, Some("Song"))]),
        (
            "video/mp4",
            vec![tl::DocumentAttribute::DocumentAttributeHasStickers, video(false, false)],
        ),
    ]
}

/// Three photos that belong together.
async fn album(cast: &Cast) {
    let mut multi_media = Vec::new();
    for place in 0..3 {
        let file = upload(cast, &picture()).await;
        let uploaded = types::InputMediaUploadedPhoto { file, ..Default::default() };
        let request = tl::messages::UploadMedia {
            peer: tl::InputPeer::InputPeerSelf,
            media: uploaded.into(),
            ..Default::default()
        };
        let tl::MessageMedia::MessageMediaPhoto(uploaded) = call(&cast.alice, request).await else {
            panic!("a photo becomes a photo")
        };
        let Some(tl::Photo::Photo(photo)) = uploaded.photo else { panic!("the photo is there") };
        let id = types::InputPhoto {
            id: photo.id,
            access_hash: photo.access_hash,
            file_reference: photo.file_reference,
        };
        let single = types::InputSingleMedia {
            media: types::InputMediaPhoto { id: id.into(), ..Default::default() }.into(),
            random_id: cast.random_id(),
            message: format!("{place} of three").into(),
            entities: None,
        };
        multi_media.push(single.into());
    }
    let peer = peer(&cast.alice, &cast.bob).await;
    call(&cast.alice, tl::messages::SendMultiMedia { peer, multi_media, ..Default::default() })
        .await;
}

async fn one(cast: &Cast, media: tl::InputMedia) {
    let request = tl::messages::SendMedia {
        peer: peer(&cast.alice, &cast.bob).await,
        media,
        message: "look".into(),
        random_id: cast.random_id(),
        ..Default::default()
    };
    call(&cast.alice, request).await;
}

/// Uploads bytes as Alice.
pub(super) async fn upload(cast: &Cast, bytes: &[u8]) -> tl::InputFile {
    let id = cast.random_id();
    let bytes = Bytes::copy_from_slice(bytes);
    let part = tl::upload::SaveFilePart { file_id: id, file_part: 0, bytes };
    assert!(call(&cast.alice, part).await);
    types::InputFile { id, parts: 1, name: "file".into(), md5_checksum: "".into() }.into()
}

/// A picture in the simplest of formats: a BMP of 320 by 320.
pub(super) fn picture() -> Vec<u8> {
    const SIDE: u32 = 320;
    const HEAD: u32 = 54;
    let pixels: Vec<u8> = (0..SIDE * SIDE).flat_map(|at| (at * 0x0305).to_le_bytes()).collect();
    let size = HEAD + SIDE * SIDE * 4;
    let mut bytes = b"BM".to_vec();
    // Size, reserved, where the pixels begin; then the header: its size, width, height.
    for word in [size, 0, HEAD, 40, SIDE, SIDE] {
        bytes.extend(word.to_le_bytes());
    }
    // One plane of 32 bits, uncompressed; the rest may be zero.
    bytes.extend([1, 0, 32, 0]);
    bytes.extend([0; 24]);
    bytes.extend(pixels);
    bytes
}
