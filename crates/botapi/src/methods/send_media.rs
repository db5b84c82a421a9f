//! `sendPhoto`, `sendDocument`, `sendAudio`, `sendVideo`, `sendVoice`, `sendAnimation`,
//! `sendVideoNote`, `sendSticker`: one file each.

use heliogram_tl as tl;

use super::send_message::send_media;
use crate::args::{Args, InputFile};
use crate::bots::Bot;
use crate::compose::{self, Envelope, Medium, Words, envelope};
use crate::error::{ApiError, Content};
use crate::file_id::FileType;
use crate::params;
use crate::reply::Answer;
use crate::types::MessageEntity;

/// `sendPhoto`: a picture.
///
/// # Errors
/// `there is no photo in the request`, and those of files, captions and chats.
pub(super) async fn send_photo(bot: &Bot, args: &Args) -> Answer {
    let params = params::SendPhoto::read(args)?;
    let file = wanted(params.photo, "photo")?;
    let spoiler = params.has_spoiler.unwrap_or_default();
    let medium = Medium { spoiler, ..Medium::new(FileType::Photo, file) };
    let above = params.show_caption_above_media.unwrap_or_default();
    let words =
        words(bot, params.caption.as_deref(), params.parse_mode, params.caption_entities).await?;
    send(bot, envelope!(params), medium, words, above).await
}

/// `sendDocument`: a file as it is.
///
/// # Errors
/// `there is no document in the request`, and those of files, captions and chats.
pub(super) async fn send_document(bot: &Bot, args: &Args) -> Answer {
    let params = params::SendDocument::read(args)?;
    let medium = Medium {
        thumbnail: params.thumbnail.or(params.thumb),
        force_file: params.disable_content_type_detection.unwrap_or_default(),
        ..Medium::new(FileType::Document, wanted(params.document, "document")?)
    };
    let words =
        words(bot, params.caption.as_deref(), params.parse_mode, params.caption_entities).await?;
    send(bot, envelope!(params), medium, words, false).await
}

/// `sendAudio`: music.
///
/// # Errors
/// `there is no audio in the request`, and those of files, captions and chats.
pub(super) async fn send_audio(bot: &Bot, args: &Args) -> Answer {
    let params = params::SendAudio::read(args)?;
    let music = sound(params.duration, params.title, params.performer);
    let medium = Medium {
        thumbnail: params.thumbnail.or(params.thumb),
        attributes: vec![music],
        ..Medium::new(FileType::Audio, wanted(params.audio, "audio")?)
    };
    let words =
        words(bot, params.caption.as_deref(), params.parse_mode, params.caption_entities).await?;
    send(bot, envelope!(params), medium, words, false).await
}

/// `sendVideo`: moving pictures.
///
/// # Errors
/// `there is no video in the request`, and those of files, captions and chats.
pub(super) async fn send_video(bot: &Bot, args: &Args) -> Answer {
    let params = params::SendVideo::read(args)?;
    let streaming = params.supports_streaming.unwrap_or_default();
    let shape = tl::types::DocumentAttributeVideo {
        supports_streaming: streaming,
        ..moving(params.duration, params.width, params.height)
    };
    let medium = Medium {
        thumbnail: params.thumbnail.or(params.thumb),
        cover: params.cover,
        start: params.start_timestamp,
        attributes: vec![shape.into()],
        spoiler: params.has_spoiler.unwrap_or_default(),
        ..Medium::new(FileType::Video, wanted(params.video, "video")?)
    };
    let above = params.show_caption_above_media.unwrap_or_default();
    let words =
        words(bot, params.caption.as_deref(), params.parse_mode, params.caption_entities).await?;
    send(bot, envelope!(params), medium, words, above).await
}

/// `sendAnimation`: moving pictures without a sound.
///
/// # Errors
/// `there is no animation in the request`, and those of files, captions and chats.
pub(super) async fn send_animation(bot: &Bot, args: &Args) -> Answer {
    let params = params::SendAnimation::read(args)?;
    let medium = Medium {
        thumbnail: params.thumbnail.or(params.thumb),
        attributes: animated(params.duration, params.width, params.height),
        spoiler: params.has_spoiler.unwrap_or_default(),
        ..Medium::new(FileType::Animation, wanted(params.animation, "animation")?)
    };
    let above = params.show_caption_above_media.unwrap_or_default();
    let words =
        words(bot, params.caption.as_deref(), params.parse_mode, params.caption_entities).await?;
    send(bot, envelope!(params), medium, words, above).await
}

/// `sendVoice`: a voice note.
///
/// # Errors
/// `there is no voice in the request`, and those of files, captions and chats.
pub(super) async fn send_voice(bot: &Bot, args: &Args) -> Answer {
    let params = params::SendVoice::read(args)?;
    let duration = seconds(params.duration);
    let voice = tl::types::DocumentAttributeAudio { voice: true, duration, ..Default::default() };
    let medium = Medium {
        attributes: vec![voice.into()],
        ..Medium::new(FileType::VoiceNote, wanted(params.voice, "voice")?)
    };
    let words =
        words(bot, params.caption.as_deref(), params.parse_mode, params.caption_entities).await?;
    send(bot, envelope!(params), medium, words, false).await
}

/// `sendVideoNote`: a round video.
///
/// # Errors
/// `there is no video note in the request`, and those of files and chats.
pub(super) async fn send_video_note(bot: &Bot, args: &Args) -> Answer {
    let params = params::SendVideoNote::read(args)?;
    let side = params.length.filter(|side| (1..=640).contains(side)).or(Some(384));
    let shape = tl::types::DocumentAttributeVideo {
        round_message: true,
        ..moving(params.duration, side, side)
    };
    let medium = Medium {
        thumbnail: params.thumbnail.or(params.thumb),
        attributes: vec![shape.into()],
        ..Medium::new(FileType::VideoNote, wanted(params.video_note, "video note")?)
    };
    send(bot, envelope!(params), medium, Words::default(), false).await
}

/// `sendSticker`: a sticker of any kind.
///
/// # Errors
/// `there is no sticker in the request`, and those of files and chats.
pub(super) async fn send_sticker(bot: &Bot, args: &Args) -> Answer {
    let params = params::SendSticker::read(args)?;
    let alt = params.emoji.as_deref().unwrap_or_default().into();
    let stickerset = tl::InputStickerSet::InputStickerSetEmpty;
    let sticker = tl::types::DocumentAttributeSticker { alt, stickerset, ..Default::default() };
    let medium = Medium {
        attributes: vec![sticker.into()],
        ..Medium::new(FileType::Sticker, wanted(params.sticker, "sticker")?)
    };
    send(bot, envelope!(params), medium, Words::default(), false).await
}

async fn send(bot: &Bot, envelope: Envelope, medium: Medium, words: Words, above: bool) -> Answer {
    let account = bot.account()?;
    // The chat first: nobody waits for an upload that leads nowhere.
    let to = envelope.address(account).await?;
    let media = medium.prepare(bot).await?;
    send_media(account, to, words, media, above, Content::Other).await
}

fn wanted(file: Option<InputFile>, noun: &str) -> Result<InputFile, ApiError> {
    let text = || format!("there is no {noun} in the request");
    file.ok_or_else(|| ApiError::bad_request(text()))
}

async fn words(
    bot: &Bot,
    caption: Option<&str>,
    parse_mode: Option<String>,
    entities: Option<Vec<MessageEntity>>,
) -> Result<Words, ApiError> {
    let account = bot.account()?;
    compose::caption(account, caption, parse_mode.as_deref(), entities.as_deref()).await
}

/// What is said about music.
pub(super) fn sound(
    duration: Option<i64>,
    title: Option<String>,
    performer: Option<String>,
) -> tl::DocumentAttribute {
    let text = |text: Option<String>| {
        text.filter(|text| !text.is_empty()).map(|text| tl::Str::from(text.as_str()))
    };
    tl::types::DocumentAttributeAudio {
        duration: seconds(duration),
        title: text(title),
        performer: text(performer),
        ..Default::default()
    }
    .into()
}

/// What is said about moving pictures.
pub(super) fn moving(
    duration: Option<i64>,
    width: Option<i64>,
    height: Option<i64>,
) -> tl::types::DocumentAttributeVideo {
    let side = |side: Option<i64>| side.unwrap_or_default().clamp(0, 10_000) as i32;
    tl::types::DocumentAttributeVideo {
        duration: f64::from(seconds(duration)),
        w: side(width),
        h: side(height),
        ..Default::default()
    }
}

/// What is said about moving pictures without a sound.
pub(super) fn animated(
    duration: Option<i64>,
    width: Option<i64>,
    height: Option<i64>,
) -> Vec<tl::DocumentAttribute> {
    let shape =
        tl::types::DocumentAttributeVideo { nosound: true, ..moving(duration, width, height) };
    vec![tl::DocumentAttribute::DocumentAttributeAnimated, shape.into()]
}

fn seconds(duration: Option<i64>) -> i32 {
    duration.unwrap_or_default().clamp(0, 86_400) as i32
}
