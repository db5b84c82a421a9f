//! What a message carries besides its text.

use heliogram_tl as tl;

use super::files::{self, Kind};
use crate::roster::Roster;
use crate::types;

/// Whether the text of a message with this medium is its caption.
pub(super) const fn has_caption(media: &tl::MessageMedia) -> bool {
    matches!(
        media,
        tl::MessageMedia::MessageMediaPhoto(_)
            | tl::MessageMedia::MessageMediaDocument(_)
            | tl::MessageMedia::MessageMediaPaidMedia(_)
    )
}

/// Fills in the fields that the medium has of its own.
pub(super) fn fill(message: &mut types::Message, media: &tl::MessageMedia, roster: &Roster) {
    use tl::MessageMedia as M;
    match media {
        M::MessageMediaPhoto(media) => {
            message.photo = media.photo.as_ref().and_then(files::photo_sizes);
            message.has_media_spoiler = media.spoiler;
        }
        M::MessageMediaDocument(media) => {
            if let Some(tl::Document::Document(document)) = &media.document {
                note_name(document, roster);
            }
            if let Some(kind) = media.document.as_ref().and_then(files::document) {
                document(message, kind, media);
            }
            message.has_media_spoiler = media.spoiler;
        }
        M::MessageMediaContact(media) => message.contact = Some(Box::new(contact(media))),
        M::MessageMediaDice(media) => {
            let (emoji, value) = (media.emoticon.to_string(), media.value.into());
            message.dice = Some(Box::new(types::Dice { emoji, value }));
        }
        M::MessageMediaGeo(media) => message.location = point(&media.geo).map(Box::new),
        M::MessageMediaGeoLive(media) => {
            message.location = point(&media.geo).map(|point| {
                Box::new(types::Location {
                    live_period: Some(media.period.into()),
                    heading: media.heading.map(i64::from),
                    proximity_alert_radius: media.proximity_notification_radius.map(i64::from),
                    ..point
                })
            });
        }
        M::MessageMediaVenue(media) => {
            message.venue = venue(media).map(Box::new);
            // Bots from before venues look at the place alone.
            message.location = point(&media.geo).map(Box::new);
        }
        M::MessageMediaGame(media) => message.game = game(&media.game).map(Box::new),
        M::MessageMediaPoll(media) => message.poll = Some(Box::new(poll(media, roster))),
        _ => {}
    }
}

fn document(message: &mut types::Message, kind: Kind, media: &tl::types::MessageMediaDocument) {
    match kind {
        Kind::Animation(animation, document) => {
            message.animation = Some(Box::new(animation));
            message.document = Some(Box::new(document));
        }
        Kind::Audio(audio) => message.audio = Some(Box::new(audio)),
        Kind::Document(document) => message.document = Some(Box::new(document)),
        Kind::Sticker(sticker) => message.sticker = Some(Box::new(sticker)),
        Kind::Video(video) => {
            message.video = Some(Box::new(types::Video {
                cover: media.video_cover.as_ref().and_then(files::photo_sizes),
                start_timestamp: media.video_timestamp.map(i64::from),
                ..video
            }));
        }
        Kind::VideoNote(note) => message.video_note = Some(Box::new(note)),
        Kind::Voice(voice) => message.voice = Some(Box::new(voice)),
    }
}

fn note_name(document: &tl::types::Document, roster: &Roster) {
    for attribute in &document.attributes {
        if let tl::DocumentAttribute::DocumentAttributeFilename(name) = attribute {
            roster.note_name(document.id, &name.file_name);
        }
    }
}

fn contact(media: &tl::types::MessageMediaContact) -> types::Contact {
    types::Contact {
        phone_number: media.phone_number.to_string(),
        first_name: media.first_name.to_string(),
        last_name: text(&media.last_name),
        user_id: Some(media.user_id).filter(|id| *id != 0),
        vcard: text(&media.vcard),
    }
}

fn point(point: &tl::GeoPoint) -> Option<types::Location> {
    let tl::GeoPoint::GeoPoint(point) = point else { return None };
    Some(types::Location {
        latitude: point.lat,
        longitude: point.long,
        horizontal_accuracy: point.accuracy_radius.map(f64::from),
        ..types::Location::default()
    })
}

fn venue(media: &tl::types::MessageMediaVenue) -> Option<types::Venue> {
    let (id, kind) = (text(&media.venue_id), text(&media.venue_type));
    let mut venue = types::Venue {
        location: point(&media.geo)?,
        title: media.title.to_string(),
        address: media.address.to_string(),
        ..types::Venue::default()
    };
    match &*media.provider {
        "foursquare" => (venue.foursquare_id, venue.foursquare_type) = (id, kind),
        "gplaces" => (venue.google_place_id, venue.google_place_type) = (id, kind),
        _ => {}
    }
    Some(venue)
}

fn game(game: &tl::Game) -> Option<types::Game> {
    let tl::Game::Game(game) = game;
    Some(types::Game {
        title: game.title.to_string(),
        description: game.description.to_string(),
        photo: files::photo_sizes(&game.photo)?,
        ..types::Game::default()
    })
}

fn poll(media: &tl::types::MessageMediaPoll, roster: &Roster) -> types::Poll {
    let tl::Poll::Poll(poll) = &media.poll;
    let tl::PollResults::PollResults(results) = &media.results;
    let tl::TextWithEntities::TextWithEntities(question) = &poll.question;
    let votes = |option: &tl::Bytes| {
        results.results.iter().flatten().find_map(|tl::PollAnswerVoters::PollAnswerVoters(v)| {
            (v.option == *option).then_some(v.voters.unwrap_or_default())
        })
    };
    let options = poll.answers.iter().filter_map(|answer| {
        let tl::PollAnswer::PollAnswer(answer) = answer else { return None };
        let tl::TextWithEntities::TextWithEntities(words) = &answer.text;
        Some(types::PollOption {
            text: words.text.to_string(),
            text_entities: super::entities::entities(roster, Some(&words.entities)),
            voter_count: votes(&answer.option).unwrap_or_default().into(),
            ..types::PollOption::default()
        })
    });
    types::Poll {
        id: poll.id.to_string(),
        question: question.text.to_string(),
        question_entities: super::entities::entities(roster, Some(&question.entities)),
        options: options.collect(),
        total_voter_count: results.total_voters.unwrap_or_default().into(),
        is_closed: poll.closed,
        is_anonymous: !poll.public_voters,
        r#type: if poll.quiz { "quiz" } else { "regular" }.to_owned(),
        allows_multiple_answers: poll.multiple_choice,
        ..types::Poll::default()
    }
}

fn text(text: &tl::Str) -> Option<String> {
    (!text.is_empty()).then(|| text.to_string())
}
