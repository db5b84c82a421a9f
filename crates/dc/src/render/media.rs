//! What a message carries besides text.

use heliogram_store::Read;
use heliogram_tl as tl;
use heliogram_tl::types;

use super::{Peers, Viewer, document, photo};
use crate::error::Rpc;
use crate::record::{Degrees, DocumentAttribute, Media};
use crate::tables::{Documents, Photos};

/// The media of a message.
pub(crate) fn media(viewer: Viewer<'_>, media: &Media, peers: &mut Peers) -> Rpc<tl::MessageMedia> {
    Ok(match media {
        Media::Photo { id, spoiler, ttl_seconds } => types::MessageMediaPhoto {
            spoiler: *spoiler,
            photo: viewer.db.get::<Photos>(id)?.map(|row| photo(viewer, *id, &row)),
            ttl_seconds: *ttl_seconds,
            ..Default::default()
        }
        .into(),
        Media::Document { id, spoiler, ttl_seconds } => {
            let row = viewer.db.get::<Documents>(id)?;
            let has = |wanted: fn(&DocumentAttribute) -> bool| {
                row.as_ref().is_some_and(|row| row.attributes.iter().any(wanted))
            };
            types::MessageMediaDocument {
                spoiler: *spoiler,
                video: has(|attribute| matches!(attribute, DocumentAttribute::Video { .. })),
                round: has(|attribute| {
                    matches!(attribute, DocumentAttribute::Video { round: true, .. })
                }),
                voice: has(|attribute| {
                    matches!(attribute, DocumentAttribute::Audio { voice: true, .. })
                }),
                document: row.as_ref().map(|row| document(viewer, *id, row)),
                ttl_seconds: *ttl_seconds,
                ..Default::default()
            }
            .into()
        }
        Media::Contact { phone, first_name, last_name, vcard, user } => {
            if let Some(user) = user {
                peers.mention_user(*user);
            }
            types::MessageMediaContact {
                phone_number: phone.into(),
                first_name: first_name.into(),
                last_name: last_name.into(),
                vcard: vcard.into(),
                user_id: user.map_or(0, heliogram_ids::UserId::get),
            }
            .into()
        }
        Media::Geo { latitude, longitude, accuracy_radius } => {
            types::MessageMediaGeo { geo: geo(*latitude, *longitude, *accuracy_radius) }.into()
        }
        Media::Venue { latitude, longitude, title, address, provider, venue_id, venue_type } => {
            types::MessageMediaVenue {
                geo: geo(*latitude, *longitude, None),
                title: title.into(),
                address: address.into(),
                provider: provider.into(),
                venue_id: venue_id.into(),
                venue_type: venue_type.into(),
            }
            .into()
        }
        Media::Dice { emoticon, value } => {
            types::MessageMediaDice { value: *value, emoticon: emoticon.into(), game_outcome: None }
                .into()
        }
    })
}

fn geo(latitude: Degrees, longitude: Degrees, accuracy_radius: Option<i32>) -> tl::GeoPoint {
    types::GeoPoint { long: longitude.get(), lat: latitude.get(), access_hash: 0, accuracy_radius }
        .into()
}
