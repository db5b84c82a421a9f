//! `sendContact`, `sendLocation`, `sendVenue`, `sendDice`: media without a file.

use heliogram_tl as tl;

use super::send_message::send_media;
use crate::args::Args;
use crate::bots::Bot;
use crate::compose::{Envelope, Words, envelope};
use crate::error::{ApiError, Content};
use crate::params;
use crate::reply::Answer;

/// `sendContact`: a telephone number and whose it is.
///
/// # Errors
/// `parameter "phone_number" is required`, `parameter "first_name" is required`.
pub(super) async fn send_contact(bot: &Bot, args: &Args) -> Answer {
    let params = params::SendContact::read(args)?;
    let text = |text: &Option<String>| text.as_deref().unwrap_or_default().into();
    let media = tl::types::InputMediaContact {
        phone_number: required(&params.phone_number, "phone_number")?,
        first_name: required(&params.first_name, "first_name")?,
        last_name: text(&params.last_name),
        vcard: text(&params.vcard),
    };
    send(bot, envelope!(params), media.into(), Content::Contact).await
}

/// `sendLocation`: a place, for a while a moving one.
///
/// # Errors
/// `latitude is empty`, `longitude is empty`, `wrong live location period specified`.
pub(super) async fn send_location(bot: &Bot, args: &Args) -> Answer {
    let params = params::SendLocation::read(args)?;
    let geo_point = point(args, params.horizontal_accuracy)?;
    let media = match params.live_period.filter(|period| *period != 0) {
        None => tl::types::InputMediaGeoPoint { geo_point }.into(),
        Some(period) => tl::types::InputMediaGeoLive {
            stopped: false,
            geo_point,
            heading: optional(params.heading, 1..=360, "heading")?,
            period: Some(live_period(period)?),
            proximity_notification_radius: optional(
                params.proximity_alert_radius,
                1..=100_000,
                "proximity alert radius",
            )?,
        }
        .into(),
    };
    send(bot, envelope!(params), media, Content::Other).await
}

/// `sendVenue`: a place with a name.
///
/// # Errors
/// `latitude is empty`, `parameter "title" is required`, `parameter "address" is required`.
pub(super) async fn send_venue(bot: &Bot, args: &Args) -> Answer {
    let params = params::SendVenue::read(args)?;
    let geo_point = point(args, None)?;
    let foursquare = (params.foursquare_id, params.foursquare_type);
    let google = (params.google_place_id, params.google_place_type);
    let (provider, (id, kind)) = match (&foursquare.0, &google.0) {
        (Some(_), _) => ("foursquare", foursquare),
        (None, Some(_)) => ("gplaces", google),
        (None, None) => ("", (None, None)),
    };
    let media = tl::types::InputMediaVenue {
        geo_point,
        title: required(&params.title, "title")?,
        address: required(&params.address, "address")?,
        provider: provider.into(),
        venue_id: id.unwrap_or_default().into(),
        venue_type: kind.unwrap_or_default().into(),
    };
    send(bot, envelope!(params), media.into(), Content::Other).await
}

/// `sendDice`: a throw whose outcome the data centre chooses.
///
/// # Errors
/// Those of chats.
pub(super) async fn send_dice(bot: &Bot, args: &Args) -> Answer {
    let params = params::SendDice::read(args)?;
    let emoji = params.emoji.as_deref().filter(|emoji| !emoji.is_empty()).unwrap_or("🎲");
    let media = tl::types::InputMediaDice { emoticon: emoji.into() };
    send(bot, envelope!(params), media.into(), Content::Other).await
}

async fn send(bot: &Bot, envelope: Envelope, media: tl::InputMedia, content: Content) -> Answer {
    let account = bot.account()?;
    let to = envelope.address(account).await?;
    send_media(account, to, Words::default(), media, false, content).await
}

fn required(text: &str, name: &str) -> Result<tl::Str, ApiError> {
    if text.is_empty() { Err(ApiError::required(name)) } else { Ok(text.into()) }
}

fn point(args: &Args, accuracy: Option<f64>) -> Result<tl::InputGeoPoint, ApiError> {
    let axis = |name: &str| {
        let given = !args.string(name)?.trim().is_empty();
        let empty = || ApiError::bad_request(format!("{name} is empty"));
        given.then(|| args.float(name)).ok_or_else(empty)
    };
    let (lat, long) = (axis("latitude")?, axis("longitude")?);
    if lat.abs() > 90.0 || long.abs() > 180.0 {
        return Err(ApiError::bad_request("invalid location specified"));
    }
    let accuracy = accuracy.filter(|radius| *radius > 0.0);
    // Clamped to what the number on the wire can say.
    let accuracy_radius = accuracy.map(|radius| radius.min(1500.0).ceil() as i32);
    Ok(tl::types::InputGeoPoint { lat, long, accuracy_radius }.into())
}

fn live_period(period: i64) -> Result<i32, ApiError> {
    let allowed = (60..=86_400).contains(&period) || period == i64::from(i32::MAX);
    let period = i32::try_from(period).ok().filter(|_| allowed);
    period.ok_or_else(|| ApiError::bad_request("wrong live location period specified"))
}

fn optional(
    number: Option<i64>,
    allowed: std::ops::RangeInclusive<i64>,
    noun: &str,
) -> Result<Option<i32>, ApiError> {
    let Some(number) = number.filter(|number| *number != 0) else { return Ok(None) };
    let wrong = || ApiError::bad_request(format!("wrong live location {noun} specified"));
    let number = i32::try_from(number).ok().filter(|number| allowed.contains(&i64::from(*number)));
    number.map(Some).ok_or_else(wrong)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn place(latitude: &str, longitude: &str) -> Result<tl::InputGeoPoint, ApiError> {
        let mut args = Args::default();
        for (name, value) in [("latitude", latitude), ("longitude", longitude)] {
            args.push(name, value);
        }
        point(&args, Some(3.2))
    }

    #[test]
    fn a_place_has_two_numbers_within_the_globe() {
        let accuracy_radius = Some(4);
        let point = tl::types::InputGeoPoint { lat: 1.5, long: -2.0, accuracy_radius };
        assert_eq!(place("1.5", "-2").unwrap(), point.into());
        assert_eq!(place("", "1").unwrap_err().description, "Bad Request: latitude is empty");
        let outside = place("91", "1").unwrap_err().description;
        assert_eq!(outside, "Bad Request: invalid location specified");
    }

    #[test]
    fn a_place_moves_for_a_minute_to_a_day_or_for_ever() {
        for (period, allowed) in [(59, false), (60, true), (86_401, false), (0x7fff_ffff, true)] {
            assert_eq!(live_period(period).is_ok(), allowed, "{period}");
        }
    }
}
