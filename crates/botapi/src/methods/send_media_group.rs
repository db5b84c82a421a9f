//! `sendMediaGroup`, and `editMessageMedia`, which reads the same objects.

use heliogram_tl as tl;

use super::edit_message::{Change, Target, edit};
use super::send_media::{animated, moving, sound};
use super::send_message::refused;
use crate::account::{Account, Sent};
use crate::args::{Args, InputFile};
use crate::bots::Bot;
use crate::compose::{self, Addressed, Medium, Words, envelope};
use crate::error::{ApiError, Content};
use crate::file_id::FileType;
use crate::params;
use crate::reply::{Answer, Success};
use crate::types::{InputMedia, MessageEntity};

/// `sendMediaGroup`: an album of two to ten.
///
/// # Errors
/// `there are no messages to send`, `too many messages to send as an album`, `can't use the media
/// of the specified type in the album`, and those of files, captions and chats.
pub(super) async fn send_media_group(bot: &Bot, args: &Args) -> Answer {
    let account = bot.account()?;
    let params = params::SendMediaGroup::read(args)?;
    let items = params.media.unwrap_or_default();
    if items.is_empty() {
        return Err(ApiError::bad_request("there are no messages to send"));
    }
    if items.len() > ALBUM_MAX {
        return Err(ApiError::bad_request("too many messages to send as an album"));
    }
    let mut read = Vec::new();
    for item in &items {
        if matches!(item, InputMedia::Animation(_)) {
            let text = "can't parse InputMedia: type \"animation\" can't be used in sendMediaGroup";
            return Err(ApiError::bad_request(text));
        }
        read.push(item_of(account, args, item).await?);
    }
    let to = envelope!(params, without reply_markup).address(account).await?;
    let above = read.iter().any(|item| item.above);
    let mut album = Vec::new();
    let mut sent = Vec::new();
    for item in read {
        let media = item.medium.prepare(bot).await?;
        let media = compose::store(bot, &to.place.input, media).await?;
        let random_id = account.random_id();
        let (message, entities) = (item.words.text, item.words.entities);
        let single = tl::types::InputSingleMedia { media, random_id, message, entities };
        album.push(single.into());
        sent.push(Sent { random_id, ..Sent::default() });
    }
    send(account, to, album, &sent, above).await
}

/// `editMessageMedia`: another medium, with another caption.
///
/// # Errors
/// As `editMessageText`, and those of files.
pub(super) async fn edit_message_media(bot: &Bot, args: &Args) -> Answer {
    let account = bot.account()?;
    let params = params::EditMessageMedia::read(args)?;
    let media = params.media.ok_or_else(|| ApiError::required("media"))?;
    let target =
        Target::read(params.chat_id, params.message_id, params.inline_message_id.as_deref())?;
    let reply_markup = params.reply_markup.as_ref().map(compose::inline).transpose()?;
    let item = item_of(account, args, &media).await?;
    let change = Change {
        message: Some(item.words.text),
        entities: item.words.entities,
        invert_media: item.above,
        media: Some(item.medium.prepare(bot).await?),
        reply_markup,
        ..Change::default()
    };
    edit(account, target, change).await
}

/// One of an album.
struct Item {
    medium: Medium,
    words: Words,
    above: bool,
}

async fn item_of(account: &Account, args: &Args, media: &InputMedia) -> Result<Item, ApiError> {
    let medium = medium(args, media)?;
    let (caption, above) = caption(media)?;
    let words =
        compose::caption(account, caption.text, caption.parse_mode, caption.entities).await?;
    Ok(Item { medium, words, above })
}

struct Caption<'a> {
    text: Option<&'a str>,
    parse_mode: Option<&'a str>,
    entities: Option<&'a [MessageEntity]>,
}

/// The caption of an object, whatever its type.
fn caption(media: &InputMedia) -> Result<(Caption<'_>, bool), ApiError> {
    macro_rules! of {
        ($media:ident, $above:expr) => {
            Ok((
                Caption {
                    text: $media.caption.as_deref(),
                    parse_mode: $media.parse_mode.as_deref(),
                    entities: $media.caption_entities.as_deref(),
                },
                $above.unwrap_or_default(),
            ))
        };
    }
    match media {
        InputMedia::Animation(media) => of!(media, media.show_caption_above_media),
        InputMedia::Audio(media) => of!(media, None::<bool>),
        InputMedia::Document(media) => of!(media, None::<bool>),
        InputMedia::Photo(media) => of!(media, media.show_caption_above_media),
        InputMedia::Video(media) => of!(media, media.show_caption_above_media),
        InputMedia::LivePhoto(_) => Err(unsupported("live_photo")),
    }
}

fn medium(args: &Args, media: &InputMedia) -> Result<Medium, ApiError> {
    let missing = || ApiError::bad_request("can't parse InputMedia: media not found");
    let file = |text: &str| args.named_file(text).ok_or_else(missing);
    let other = |text: &Option<String>| -> Option<InputFile> { args.named_file(text.as_deref()?) };
    Ok(match media {
        InputMedia::Animation(media) => Medium {
            thumbnail: other(&media.thumbnail),
            attributes: animated(media.duration, media.width, media.height),
            spoiler: media.has_spoiler.unwrap_or_default(),
            ..Medium::new(FileType::Animation, file(&media.media)?)
        },
        InputMedia::Audio(media) => Medium {
            thumbnail: other(&media.thumbnail),
            attributes: vec![sound(media.duration, media.title.clone(), media.performer.clone())],
            ..Medium::new(FileType::Audio, file(&media.media)?)
        },
        InputMedia::Document(media) => Medium {
            thumbnail: other(&media.thumbnail),
            force_file: media.disable_content_type_detection.unwrap_or_default(),
            ..Medium::new(FileType::Document, file(&media.media)?)
        },
        InputMedia::Photo(media) => Medium {
            spoiler: media.has_spoiler.unwrap_or_default(),
            ..Medium::new(FileType::Photo, file(&media.media)?)
        },
        InputMedia::Video(media) => {
            let shape = tl::types::DocumentAttributeVideo {
                supports_streaming: media.supports_streaming.unwrap_or_default(),
                ..moving(media.duration, media.width, media.height)
            };
            Medium {
                thumbnail: other(&media.thumbnail),
                cover: other(&media.cover),
                start: media.start_timestamp,
                attributes: vec![shape.into()],
                spoiler: media.has_spoiler.unwrap_or_default(),
                ..Medium::new(FileType::Video, file(&media.media)?)
            }
        }
        InputMedia::LivePhoto(_) => return Err(unsupported("live_photo")),
    })
}

fn unsupported(kind: &str) -> ApiError {
    ApiError::bad_request(format!("can't parse InputMedia: type \"{kind}\" is unsupported"))
}

async fn send(
    account: &Account,
    to: Addressed,
    multi_media: Vec<tl::InputSingleMedia>,
    sent: &[Sent],
    invert_media: bool,
) -> Answer {
    let request = tl::messages::SendMultiMedia {
        silent: to.silent,
        noforwards: to.noforwards,
        invert_media,
        allow_paid_floodskip: to.paid,
        peer: to.place.input,
        reply_to: to.reply_to,
        multi_media,
        effect: to.effect,
        ..tl::messages::SendMultiMedia::default()
    };
    let updates = account.ask(&request).await;
    let updates = updates.map_err(|error| refused(&error, to.place.peer, Content::Other))?;
    let mut shown = Vec::new();
    for message in account.sent(updates, sent)? {
        shown.push(account.present(&message).await?);
    }
    Success::of(&shown)
}

/// Media of one album.
const ALBUM_MAX: usize = 10;
