//! The library's things in the words of the contract, and back.

use grammers_client::media::Media;
use grammers_client::message::Message;
use grammers_client::peer::User;
use grammers_session::types::PeerId;
use grammers_tl_types as tl;
use grammers_tl_types::enums::MessageEntity as Entity;
use serde_json::{Value, json};

use crate::trouble::{Told, Trouble};

pub fn user(user: &User) -> Value {
    json!({
        "id": user.id().bot_api_dialog_id_unchecked(),
        "first_name": user.first_name(),
        "last_name": user.last_name(),
        "username": user.username(),
        "phone": user.phone(),
    })
}

/// A message as the account with an id sees it.
pub fn message(message: &Message, me: i64) -> Value {
    let id = |peer: PeerId| {
        if peer == PeerId::self_user() { Some(me) } else { peer.bot_api_dialog_id() }
    };
    let is_edited = matches!(&message.raw,
        tl::enums::Message::Message(raw) if raw.edit_date.is_some() && !raw.edit_hide);
    json!({
        "id": message.id(),
        "chat": id(message.peer_id()),
        "from": message.sender_id().and_then(id),
        "out": message.outgoing(),
        "text": message.text(),
        "entities": message.fmt_entities().map(|all| all.iter().map(entity_told).collect::<Vec<_>>()),
        "reply_to": message.reply_to_message_id(),
        "edited": is_edited,
        "media": message.media().and_then(media),
        "buttons": message.reply_markup().and_then(buttons),
    })
}

fn media(media: Media) -> Option<Value> {
    match media {
        Media::Photo(photo) => Some(json!({ "kind": "photo", "size": photo.size() })),
        Media::Document(document) => {
            Some(json!({ "kind": "document", "size": document.size(), "name": document.name() }))
        }
        _ => None,
    }
}

fn buttons(markup: tl::enums::ReplyMarkup) -> Option<Value> {
    let tl::enums::ReplyMarkup::ReplyInlineMarkup(markup) = markup else { return None };
    let row =
        |tl::enums::KeyboardInlineButtonRow::Row(row): &tl::enums::KeyboardInlineButtonRow| {
            row.buttons.iter().map(button).collect::<Value>()
        };
    Some(markup.rows.iter().map(row).collect())
}

fn button(
    tl::enums::KeyboardInlineButton::Button(button): &tl::enums::KeyboardInlineButton,
) -> Value {
    let data = match &button.r#type {
        tl::enums::InlineButtonType::Callback(key) => Some(String::from_utf8_lossy(&key.data)),
        _ => None,
    };
    json!({ "text": button.text, "data": data })
}

/// An entity of an order.
pub fn entity(told: &Value) -> Told<Entity> {
    let number = |name: &str| told[name].as_i64().unwrap_or_default() as i32;
    let (offset, length) = (number("offset"), number("length"));
    let text = |name: &str| told[name].as_str().unwrap_or_default().to_owned();
    Ok(match told["type"].as_str().unwrap_or_default() {
        "bold" => tl::types::MessageEntityBold { offset, length }.into(),
        "italic" => tl::types::MessageEntityItalic { offset, length }.into(),
        "underline" => tl::types::MessageEntityUnderline { offset, length }.into(),
        "strikethrough" => tl::types::MessageEntityStrike { offset, length }.into(),
        "spoiler" => tl::types::MessageEntitySpoiler { offset, length }.into(),
        "code" => tl::types::MessageEntityCode { offset, length }.into(),
        "pre" => tl::types::MessageEntityPre { offset, length, language: text("language") }.into(),
        "text_link" => tl::types::MessageEntityTextUrl { offset, length, url: text("url") }.into(),
        "blockquote" => {
            tl::types::MessageEntityBlockquote { collapsed: false, offset, length }.into()
        }
        _ => return Err(Trouble::Cannot("does not know such an entity")),
    })
}

fn entity_told(entity: &Entity) -> Value {
    let mut told = json!({ "offset": entity.offset(), "length": entity.length() });
    told["type"] = name(entity).into();
    match entity {
        Entity::TextUrl(link) => told["url"] = link.url.as_str().into(),
        Entity::Pre(pre) if !pre.language.is_empty() => {
            told["language"] = pre.language.as_str().into();
        }
        _ => {}
    }
    told
}

fn name(entity: &Entity) -> &'static str {
    match entity {
        Entity::Bold(_) => "bold",
        Entity::Italic(_) => "italic",
        Entity::Underline(_) => "underline",
        Entity::Strike(_) => "strikethrough",
        Entity::Spoiler(_) => "spoiler",
        Entity::Code(_) => "code",
        Entity::Pre(_) => "pre",
        Entity::TextUrl(_) => "text_link",
        Entity::Url(_) => "url",
        Entity::Mention(_) => "mention",
        Entity::Hashtag(_) => "hashtag",
        Entity::BotCommand(_) => "bot_command",
        Entity::Blockquote(_) => "blockquote",
        _ => "unknown",
    }
}
