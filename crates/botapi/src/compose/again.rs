//! A medium of a message, to be sent once more.

use heliogram_tl as tl;

/// The same medium as it is asked for; nothing if it cannot be sent again.
pub(crate) fn again(media: &tl::MessageMedia) -> Option<tl::InputMedia> {
    use tl::MessageMedia as M;
    Some(match media {
        M::MessageMediaPhoto(media) => {
            let tl::Photo::Photo(photo) = media.photo.as_ref()? else { return None };
            let id = tl::types::InputPhoto {
                id: photo.id,
                access_hash: photo.access_hash,
                file_reference: photo.file_reference.clone(),
            };
            let (id, spoiler) = (id.into(), media.spoiler);
            tl::types::InputMediaPhoto { id, spoiler, ..Default::default() }.into()
        }
        M::MessageMediaDocument(media) => {
            let tl::Document::Document(document) = media.document.as_ref()? else { return None };
            let id = tl::types::InputDocument {
                id: document.id,
                access_hash: document.access_hash,
                file_reference: document.file_reference.clone(),
            };
            let (id, spoiler) = (id.into(), media.spoiler);
            tl::types::InputMediaDocument { id, spoiler, ..Default::default() }.into()
        }
        M::MessageMediaContact(media) => tl::types::InputMediaContact {
            phone_number: media.phone_number.clone(),
            first_name: media.first_name.clone(),
            last_name: media.last_name.clone(),
            vcard: media.vcard.clone(),
        }
        .into(),
        M::MessageMediaDice(media) => {
            tl::types::InputMediaDice { emoticon: media.emoticon.clone() }.into()
        }
        M::MessageMediaGeo(media) => {
            tl::types::InputMediaGeoPoint { geo_point: point(&media.geo)? }.into()
        }
        M::MessageMediaVenue(media) => tl::types::InputMediaVenue {
            geo_point: point(&media.geo)?,
            title: media.title.clone(),
            address: media.address.clone(),
            provider: media.provider.clone(),
            venue_id: media.venue_id.clone(),
            venue_type: media.venue_type.clone(),
        }
        .into(),
        _ => return None,
    })
}

fn point(point: &tl::GeoPoint) -> Option<tl::InputGeoPoint> {
    let tl::GeoPoint::GeoPoint(point) = point else { return None };
    let (lat, long) = (point.lat, point.long);
    let accuracy_radius = point.accuracy_radius;
    Some(tl::types::InputGeoPoint { lat, long, accuracy_radius }.into())
}
