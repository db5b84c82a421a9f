//! Texts: parsed, cleaned, measured, and put into the wire's words.

use heliogram_client::text::{self, Entity, Formatted, Kind};
use heliogram_ids::UserId;
use heliogram_tl as tl;

use crate::account::Account;
use crate::error::ApiError;
use crate::types::MessageEntity;

/// A text that is ready to be sent.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Words {
    /// Without markup.
    pub(crate) text: tl::Str,
    /// In the order of the wire.
    pub(crate) entities: Option<Vec<tl::MessageEntity>>,
}

/// The text of a message.
///
/// # Errors
/// `message text is empty`, `text must be non-empty`, `message is too long`, `can't parse
/// entities: …`.
pub(crate) async fn required_text(
    account: &Account,
    raw: &str,
    parse_mode: Option<&str>,
    entities: Option<&[MessageEntity]>,
) -> Result<Words, ApiError> {
    if raw.is_empty() {
        return Err(ApiError::bad_request("message text is empty"));
    }
    let formatted = read(raw, parse_mode, entities)?;
    if formatted.text.is_empty() {
        return Err(ApiError::bad_request("text must be non-empty"));
    }
    if formatted.text.chars().count() > TEXT_MAX {
        return Err(ApiError::bad_request("message is too long"));
    }
    Ok(words(account, &formatted).await)
}

/// A caption, which may be empty.
///
/// # Errors
/// `message caption is too long`, `can't parse entities: …`.
pub(crate) async fn caption(
    account: &Account,
    raw: Option<&str>,
    parse_mode: Option<&str>,
    entities: Option<&[MessageEntity]>,
) -> Result<Words, ApiError> {
    let formatted = read(raw.unwrap_or_default(), parse_mode, entities)?;
    if formatted.text.chars().count() > CAPTION_MAX {
        return Err(ApiError::bad_request("message caption is too long"));
    }
    Ok(words(account, &formatted).await)
}

// Both counted in characters, for bots.
const TEXT_MAX: usize = 4096;
const CAPTION_MAX: usize = 1024;
/// Before anything is parsed.
const RAW_BYTES_MAX: usize = 32_768;

fn read(
    raw: &str,
    parse_mode: Option<&str>,
    entities: Option<&[MessageEntity]>,
) -> Result<Formatted, ApiError> {
    if raw.len() > RAW_BYTES_MAX {
        return Err(ApiError::bad_request("text is too long"));
    }
    let parsed = match parse_mode.unwrap_or_default().to_ascii_lowercase().as_str() {
        "" | "none" => Ok(Formatted { text: raw.to_owned(), entities: explicit(entities)? }),
        "html" => text::parse_html(raw),
        "markdown" => text::parse_markdown(raw),
        "markdownv2" => text::parse_markdown_v2(raw),
        _ => return Err(ApiError::bad_request("unsupported parse_mode")),
    };
    let parsed =
        parsed.map_err(|error| ApiError::bad_request(format!("can't parse entities: {error}")))?;
    Ok(text::clean(&parsed))
}

fn explicit(entities: Option<&[MessageEntity]>) -> Result<Vec<Entity>, ApiError> {
    let mut read = Vec::new();
    for entity in entities.unwrap_or_default().iter().take(ENTITIES_MAX) {
        if let Some(kind) = kind(entity)? {
            let (offset, length) =
                (bounded(entity.offset, "offset")?, bounded(entity.length, "length")?);
            read.push(Entity { offset, length, kind });
        }
    }
    Ok(read)
}

/// Entities that are read; more could not fit into a text anyway.
const ENTITIES_MAX: usize = 1000;

fn bounded(number: i64, name: &str) -> Result<usize, ApiError> {
    let place = usize::try_from(number).ok().filter(|place| *place <= 1_000_000);
    place.ok_or_else(|| {
        let text = format!("receive an entity with incorrect {name} {number}");
        ApiError::bad_request(text)
    })
}

/// What an entity means; nothing for those that are found in the text anyway.
fn kind(entity: &MessageEntity) -> Result<Option<Kind>, ApiError> {
    let fault = |why: &str| ApiError::bad_request(format!("can't parse MessageEntity: {why}"));
    Ok(Some(match entity.r#type.as_str() {
        "mention" | "hashtag" | "cashtag" | "bot_command" | "url" | "email" | "phone_number"
        | "bank_card_number" => return Ok(None),
        "bold" => Kind::Bold,
        "italic" => Kind::Italic,
        "underline" => Kind::Underline,
        "strikethrough" => Kind::Strikethrough,
        "spoiler" => Kind::Spoiler,
        "code" => Kind::Code,
        "pre" => Kind::Pre { language: entity.language.clone().unwrap_or_default() },
        "text_link" => {
            let url = entity.url.clone().ok_or_else(|| fault("Can't find field \"url\""))?;
            Kind::TextLink { url }
        }
        "text_mention" => {
            let user = entity.user.as_ref().ok_or_else(|| fault("Can't find field \"user\""))?;
            Kind::TextMention { user_id: user.id }
        }
        "custom_emoji" => {
            let id = entity.custom_emoji_id.as_deref().and_then(|id| id.parse().ok());
            let id = id.ok_or_else(|| fault("Can't find field \"custom_emoji_id\""))?;
            Kind::CustomEmoji { id }
        }
        "blockquote" => Kind::Blockquote { expandable: false },
        "expandable_blockquote" => Kind::Blockquote { expandable: true },
        "date_time" => {
            let unix = entity.unix_time.ok_or_else(|| fault("Can't find field \"unix_time\""))?;
            Kind::DateTime { unix, format: entity.date_time_format.clone().unwrap_or_default() }
        }
        "" => return Err(fault("Type is not specified")),
        _ => return Err(fault("Unsupported type specified")),
    }))
}

async fn words(account: &Account, formatted: &Formatted) -> Words {
    let mut entities = Vec::with_capacity(formatted.entities.len());
    for entity in &formatted.entities {
        match &entity.kind {
            Kind::TextMention { user_id } => {
                // A user that cannot be named is left as plain text, as officially.
                let Some(id) = UserId::new(*user_id) else { continue };
                let Ok(user_id) = account.input_user(id).await else { continue };
                let (offset, length) = range(entity);
                let mention = tl::types::InputMessageEntityMentionName { offset, length, user_id };
                entities.push(mention.into());
            }
            _ => entities.extend(wire(entity)),
        }
    }
    let entities = (!entities.is_empty()).then_some(entities);
    Words { text: formatted.text.as_str().into(), entities }
}

fn range(entity: &Entity) -> (i32, i32) {
    let narrow = |place: usize| i32::try_from(place).unwrap_or(i32::MAX);
    (narrow(entity.offset), narrow(entity.length))
}

/// An entity that says nothing about users; nothing for those that are found in the text anyway.
fn wire(entity: &Entity) -> Option<tl::MessageEntity> {
    let (offset, length) = range(entity);
    Some(match &entity.kind {
        Kind::Mention
        | Kind::Hashtag
        | Kind::Cashtag
        | Kind::BotCommand
        | Kind::Url
        | Kind::Email
        | Kind::Phone
        | Kind::BankCard
        | Kind::TextMention { .. } => return None,
        Kind::Bold => tl::types::MessageEntityBold { offset, length }.into(),
        Kind::Italic => tl::types::MessageEntityItalic { offset, length }.into(),
        Kind::Underline => tl::types::MessageEntityUnderline { offset, length }.into(),
        Kind::Strikethrough => tl::types::MessageEntityStrike { offset, length }.into(),
        Kind::Spoiler => tl::types::MessageEntitySpoiler { offset, length }.into(),
        Kind::Code => tl::types::MessageEntityCode { offset, length }.into(),
        Kind::Pre { language } => {
            let language = language.as_str().into();
            tl::types::MessageEntityPre { offset, length, language }.into()
        }
        Kind::TextLink { url } => {
            let url = url.as_str().into();
            tl::types::MessageEntityTextUrl { offset, length, url }.into()
        }
        Kind::CustomEmoji { id } => {
            tl::types::MessageEntityCustomEmoji { offset, length, document_id: *id }.into()
        }
        Kind::Blockquote { expandable } => {
            tl::types::MessageEntityBlockquote { collapsed: *expandable, offset, length }.into()
        }
        Kind::DateTime { unix, format } => tl::types::MessageEntityFormattedDate {
            relative: format.contains(['r', 'R']),
            short_time: format.contains('t'),
            long_time: format.contains('T'),
            short_date: format.contains('d'),
            long_date: format.contains('D'),
            day_of_week: format.contains(['w', 'W']),
            offset,
            length,
            date: i32::try_from(*unix).unwrap_or_default(),
        }
        .into(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn refused(raw: &str, mode: &str, expected: &str) {
        let error = read(raw, Some(mode), None).unwrap_err();
        assert_eq!(error.description, format!("Bad Request: {expected}"));
    }

    #[test]
    fn the_mode_is_told_in_any_case() {
        for mode in ["html", "HTML", "Html"] {
            assert_eq!(read("<b>x</b>", Some(mode), None).unwrap().entities.len(), 1);
        }
        assert_eq!(read("<b>x</b>", None, None).unwrap().text, "<b>x</b>");
        refused("x", "rtf", "unsupported parse_mode");
    }

    #[test]
    fn markup_faults_are_told_in_the_official_words() {
        let text = "can't parse entities: Can't find end of the entity starting at byte offset 0";
        refused("*x", "Markdown", text);
    }

    #[test]
    fn a_mode_makes_explicit_entities_void() {
        let bold =
            MessageEntity { r#type: "bold".to_owned(), length: 1, ..MessageEntity::default() };
        let entities = Some(std::slice::from_ref(&bold));
        assert_eq!(read("x", None, entities).unwrap().entities.len(), 1);
        assert_eq!(read("x", Some("HTML"), entities).unwrap().entities.len(), 0);
    }
}
