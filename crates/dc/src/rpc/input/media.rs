//! Media as a caller describes it.

use heliogram_store::Snapshot;
use heliogram_tl as tl;

use super::{document, photo, upload};
use crate::cx::{Cx, Reading};
use crate::domain::files::assemble::assemble;
use crate::domain::files::document::{self as documents, Description};
use crate::domain::files::photo as photos;
use crate::domain::files::ready::Ready;
use crate::domain::users;
use crate::error::{Rpc, RpcError};
use crate::record::{Degrees, DocumentAttribute, Media};

/// Everything about media that is slow: joins uploads, takes pictures apart, finds what is named.
///
/// # Errors
/// `MEDIA_EMPTY`, `MEDIA_INVALID`, `WEBPAGE_CURL_FAILED`, `EMOTICON_INVALID`, `TTL_MEDIA_INVALID`;
/// `FILE_PARTS_INVALID`, `FILE_PART_X_MISSING`, `MD5_CHECKSUM_INVALID`; for photos
/// `PHOTO_EXT_INVALID`, `PHOTO_INVALID_DIMENSIONS`, `IMAGE_PROCESS_FAILED`; for what is here already
/// `FILE_REFERENCE_EMPTY`, `FILE_REFERENCE_EXPIRED`, `FILE_REFERENCE_INVALID`.
pub(in crate::rpc) fn media(cx: &mut Reading<'_>, input: &tl::InputMedia) -> Rpc<Ready> {
    use tl::InputMedia as M;
    match input {
        M::InputMediaEmpty => Err(RpcError::MEDIA_EMPTY),
        M::InputMediaUploadedPhoto(new) => {
            let ttl_seconds = ttl(new.ttl_seconds)?;
            let blob = assemble(cx.world, cx.me, &upload(&new.file)?)?;
            let row = photos::message(cx.world, cx.me, cx.now, &blob)?;
            Ok(Ready::Photo { row, spoiler: new.spoiler, ttl_seconds })
        }
        M::InputMediaPhoto(known) => Ok(Ready::Known(Media::Photo {
            id: photo(cx, &known.id, RpcError::MEDIA_INVALID)?,
            spoiler: known.spoiler,
            ttl_seconds: ttl(known.ttl_seconds)?,
        })),
        M::InputMediaUploadedDocument(new) => uploaded_document(cx, new),
        M::InputMediaDocument(known) => Ok(Ready::Known(Media::Document {
            id: document(cx, &known.id, RpcError::MEDIA_INVALID)?,
            spoiler: known.spoiler,
            ttl_seconds: ttl(known.ttl_seconds)?,
        })),
        M::InputMediaContact(contact) => shared_contact(cx, contact).map(Ready::Known),
        M::InputMediaGeoPoint(place) => {
            let (latitude, longitude, accuracy_radius) = point(&place.geo_point)?;
            Ok(Ready::Known(Media::Geo { latitude, longitude, accuracy_radius }))
        }
        M::InputMediaVenue(venue) => shared_venue(venue).map(Ready::Known),
        M::InputMediaDice(dice) => cast(cx, &dice.emoticon).map(Ready::Known),
        // There is no fetcher here: Bot API servers load addresses themselves.
        M::InputMediaPhotoExternal(_) | M::InputMediaDocumentExternal(_) => {
            Err(RpcError::WEBPAGE_CURL_FAILED)
        }
        M::InputMediaWebPage(page) if page.optional => Ok(Ready::Nothing),
        M::InputMediaWebPage(_) => Err(RpcError::WEBPAGE_CURL_FAILED),
        _ => Err(RpcError::MEDIA_INVALID),
    }
}

fn uploaded_document(
    cx: &Cx<'_, Snapshot>,
    new: &tl::types::InputMediaUploadedDocument,
) -> Rpc<Ready> {
    let ttl_seconds = ttl(new.ttl_seconds)?;
    let file = upload(&new.file)?;
    let mut attributes: Vec<_> =
        new.attributes.iter().take(ATTRIBUTES_MAX).filter_map(attribute).collect();
    let has_name = attributes.iter().any(|one| matches!(one, DocumentAttribute::Filename(_)));
    if !has_name && !file.name.is_empty() {
        attributes.push(DocumentAttribute::Filename(file.name.clone()));
    }
    let description = Description {
        blob: assemble(cx.world, cx.me, &file)?,
        thumb: match &new.thumb {
            Some(thumb) => Some(assemble(cx.world, cx.me, &upload(thumb)?)?),
            None => None,
        },
        mime_type: new.mime_type.to_string(),
        attributes,
        force_file: new.force_file,
        nosound_video: new.nosound_video,
    };
    let row = documents::document(cx.world, cx.me, cx.now, description)?;
    Ok(Ready::Document { row, spoiler: new.spoiler, ttl_seconds })
}

/// An attribute that uploaders may choose; others are passed over.
fn attribute(input: &tl::DocumentAttribute) -> Option<DocumentAttribute> {
    use tl::DocumentAttribute as A;
    Some(match input {
        A::DocumentAttributeFilename(name) => {
            DocumentAttribute::Filename(documents::file_name(&name.file_name))
        }
        A::DocumentAttributeImageSize(size) => DocumentAttribute::ImageSize(size.w, size.h),
        A::DocumentAttributeAnimated => DocumentAttribute::Animated,
        A::DocumentAttributeVideo(video) => DocumentAttribute::Video {
            duration: video.duration.to_bits(),
            width: video.w,
            height: video.h,
            round: video.round_message,
            supports_streaming: video.supports_streaming,
            nosound: video.nosound,
        },
        A::DocumentAttributeAudio(audio) => DocumentAttribute::Audio {
            duration: audio.duration,
            voice: audio.voice,
            title: audio.title.as_deref().map(short),
            performer: audio.performer.as_deref().map(short),
            waveform: audio
                .waveform
                .as_ref()
                .map(|wave| wave.iter().take(WAVEFORM_BYTES_MAX).copied().collect()),
        },
        A::DocumentAttributeSticker(sticker) => DocumentAttribute::Sticker(short(&sticker.alt)),
        A::DocumentAttributeHasStickers => DocumentAttribute::HasStickers,
        A::DocumentAttributeCustomEmoji(_) => return None,
    })
}

fn shared_contact(cx: &Cx<'_, Snapshot>, contact: &tl::types::InputMediaContact) -> Rpc<Media> {
    if contact.vcard.len() > VCARD_BYTES_MAX {
        return Err(RpcError::MEDIA_INVALID);
    }
    let digits = users::phone_digits(&contact.phone_number);
    Ok(Media::Contact {
        user: if digits.is_empty() { None } else { users::by_phone(&*cx.db, &digits)? },
        phone: short(&contact.phone_number),
        first_name: short(&contact.first_name),
        last_name: short(&contact.last_name),
        vcard: contact.vcard.to_string(),
    })
}

fn shared_venue(venue: &tl::types::InputMediaVenue) -> Rpc<Media> {
    let (latitude, longitude, _) = point(&venue.geo_point)?;
    Ok(Media::Venue {
        latitude,
        longitude,
        title: short(&venue.title),
        address: short(&venue.address),
        provider: short(&venue.provider),
        venue_id: short(&venue.venue_id),
        venue_type: short(&venue.venue_type),
    })
}

fn point(input: &tl::InputGeoPoint) -> Rpc<(Degrees, Degrees, Option<i32>)> {
    let tl::InputGeoPoint::InputGeoPoint(point) = input else {
        return Err(RpcError::MEDIA_INVALID);
    };
    if !(-90.0..=90.0).contains(&point.lat) || !(-180.0..=180.0).contains(&point.long) {
        return Err(RpcError::MEDIA_INVALID);
    }
    let accuracy = point.accuracy_radius.filter(|radius| *radius > 0);
    Ok((Degrees::new(point.lat), Degrees::new(point.long), accuracy))
}

/// Casts a die: the server, not the sender, says what comes out.
fn cast(cx: &mut Reading<'_>, emoticon: &str) -> Rpc<Media> {
    let bare = emoticon.trim_end_matches('\u{fe0f}');
    let (_, sides) =
        DICE.iter().find(|(known, _)| *known == bare).ok_or(RpcError::EMOTICON_INVALID)?;
    let value = i32::try_from(cx.rng.below(*sides)).unwrap_or(0) + 1;
    Ok(Media::Dice { emoticon: bare.to_owned(), value })
}

/// How long media may be looked at: up to a minute, or once.
fn ttl(seconds: Option<i32>) -> Rpc<Option<i32>> {
    match seconds {
        None | Some(0) => Ok(None),
        Some(1..=60 | i32::MAX) => Ok(seconds),
        Some(_) => Err(RpcError::TTL_MEDIA_INVALID),
    }
}

/// A text of one line, cut where no sensible one ends.
fn short(text: &str) -> String {
    text.chars().take(SHORT_CHARS_MAX).collect()
}

/// What can be thrown, and how many ways there are for it to fall.
const DICE: [(&str, u64); 6] = [("🎲", 6), ("🎯", 6), ("🏀", 5), ("⚽", 5), ("🎳", 6), ("🎰", 64)];
const ATTRIBUTES_MAX: usize = 16;
const WAVEFORM_BYTES_MAX: usize = 256;
const VCARD_BYTES_MAX: usize = 2048;
const SHORT_CHARS_MAX: usize = 256;
