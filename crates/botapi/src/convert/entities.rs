//! Formatting: what is special about stretches of a text.

use heliogram_tl as tl;

use crate::roster::Roster;
use crate::types;

/// The entities of a text, unless there are none.
pub(super) fn entities(
    roster: &Roster,
    entities: Option<&[tl::MessageEntity]>,
) -> Option<Vec<types::MessageEntity>> {
    let found: Vec<_> = entities?.iter().filter_map(|one| entity(roster, one)).collect();
    (!found.is_empty()).then_some(found)
}

/// One entity; nothing if bots are not told of its kind.
fn entity(roster: &Roster, entity: &tl::MessageEntity) -> Option<types::MessageEntity> {
    use tl::MessageEntity as E;
    let plain = |kind: &str, offset: i32, length: i32| types::MessageEntity {
        r#type: kind.to_owned(),
        offset: offset.into(),
        length: length.into(),
        ..types::MessageEntity::default()
    };
    Some(match entity {
        E::MessageEntityBankCard(_)
        | E::MessageEntityDiffDelete(_)
        | E::MessageEntityDiffInsert(_)
        | E::MessageEntityDiffReplace(_)
        | E::MessageEntityTonAddress(_)
        | E::MessageEntityUnknown(_)
        | E::InputMessageEntityMentionName(_) => return None,
        E::MessageEntityBlockquote(e) => {
            let kind = if e.collapsed { "expandable_blockquote" } else { "blockquote" };
            plain(kind, e.offset, e.length)
        }
        E::MessageEntityBold(e) => plain("bold", e.offset, e.length),
        E::MessageEntityBotCommand(e) => plain("bot_command", e.offset, e.length),
        E::MessageEntityCashtag(e) => plain("cashtag", e.offset, e.length),
        E::MessageEntityCode(e) => plain("code", e.offset, e.length),
        E::MessageEntityCustomEmoji(e) => types::MessageEntity {
            custom_emoji_id: Some(e.document_id.to_string()),
            ..plain("custom_emoji", e.offset, e.length)
        },
        E::MessageEntityEmail(e) => plain("email", e.offset, e.length),
        E::MessageEntityFormattedDate(e) => types::MessageEntity {
            unix_time: Some(e.date.into()),
            date_time_format: Some(date_format(e)),
            ..plain("date_time", e.offset, e.length)
        },
        E::MessageEntityHashtag(e) => plain("hashtag", e.offset, e.length),
        E::MessageEntityItalic(e) => plain("italic", e.offset, e.length),
        E::MessageEntityMention(e) => plain("mention", e.offset, e.length),
        E::MessageEntityMentionName(e) => types::MessageEntity {
            user: Some(Box::new(roster.user_or_stranger(e.user_id))),
            ..plain("text_mention", e.offset, e.length)
        },
        E::MessageEntityPhone(e) => plain("phone_number", e.offset, e.length),
        E::MessageEntityPre(e) => types::MessageEntity {
            language: Some(e.language.to_string()).filter(|language| !language.is_empty()),
            ..plain("pre", e.offset, e.length)
        },
        E::MessageEntitySpoiler(e) => plain("spoiler", e.offset, e.length),
        E::MessageEntityStrike(e) => plain("strikethrough", e.offset, e.length),
        E::MessageEntityTextUrl(e) => types::MessageEntity {
            url: Some(e.url.to_string()),
            ..plain("text_link", e.offset, e.length)
        },
        E::MessageEntityUnderline(e) => plain("underline", e.offset, e.length),
        E::MessageEntityUrl(e) => plain("url", e.offset, e.length),
    })
}

fn date_format(date: &tl::types::MessageEntityFormattedDate) -> String {
    let letters = [
        (date.relative, 'r'),
        (date.day_of_week, 'w'),
        (date.short_date, 'd'),
        (date.long_date, 'D'),
        (date.short_time, 't'),
        (date.long_time, 'T'),
    ];
    letters.iter().filter(|(set, _)| *set).map(|(_, letter)| *letter).collect()
}
