//! `editMessageText`, `editMessageCaption`, `editMessageReplyMarkup`.

use heliogram_ids::MessageId;
use heliogram_tl as tl;

use super::send_message::preview;
use crate::account::{Account, Place, Sent};
use crate::args::Args;
use crate::bots::Bot;
use crate::chat_ref::ChatRef;
use crate::compose;
use crate::error::ApiError;
use crate::file_id::InlineMessageId;
use crate::params;
use crate::reply::{Answer, Success};
use crate::types::InlineKeyboardMarkup;

/// `editMessageText`: another text, another keyboard.
///
/// # Errors
/// `message to edit not found`, `message is not modified: …`, `message can't be edited`.
pub(super) async fn edit_message_text(bot: &Bot, args: &Args) -> Answer {
    let account = bot.account()?;
    let params = params::EditMessageText::read(args)?;
    let text = params.text.as_deref().unwrap_or_default();
    let (mode, entities) = (params.parse_mode.as_deref(), params.entities.as_deref());
    let words = compose::required_text(account, text, mode, entities).await?;
    let preview = preview(params.link_preview_options, params.disable_web_page_preview);
    let change = Change {
        message: Some(words.text),
        entities: words.entities,
        no_webpage: preview.disabled,
        invert_media: preview.above,
        media: preview.page.map(Into::into),
        reply_markup: markup(params.reply_markup.as_ref())?,
    };
    let target =
        Target::read(params.chat_id, params.message_id, params.inline_message_id.as_deref())?;
    edit(account, target, change).await
}

/// `editMessageCaption`: another caption below the same medium.
///
/// # Errors
/// As `editMessageText`.
pub(super) async fn edit_message_caption(bot: &Bot, args: &Args) -> Answer {
    let account = bot.account()?;
    let params = params::EditMessageCaption::read(args)?;
    let (mode, entities) = (params.parse_mode.as_deref(), params.caption_entities.as_deref());
    let words = compose::caption(account, params.caption.as_deref(), mode, entities).await?;
    let change = Change {
        message: Some(words.text),
        entities: words.entities,
        invert_media: params.show_caption_above_media.unwrap_or_default(),
        reply_markup: markup(params.reply_markup.as_ref())?,
        ..Change::default()
    };
    let target =
        Target::read(params.chat_id, params.message_id, params.inline_message_id.as_deref())?;
    edit(account, target, change).await
}

/// `editMessageReplyMarkup`: another keyboard, or none.
///
/// # Errors
/// As `editMessageText`.
pub(super) async fn edit_message_reply_markup(bot: &Bot, args: &Args) -> Answer {
    let params = params::EditMessageReplyMarkup::read(args)?;
    let reply_markup = markup(params.reply_markup.as_ref())?;
    let change = Change { reply_markup, ..Change::default() };
    let target =
        Target::read(params.chat_id, params.message_id, params.inline_message_id.as_deref())?;
    edit(bot.account()?, target, change).await
}

/// What becomes different.
#[derive(Debug, Default)]
pub(super) struct Change {
    pub(super) message: Option<tl::Str>,
    pub(super) entities: Option<Vec<tl::MessageEntity>>,
    pub(super) no_webpage: bool,
    pub(super) invert_media: bool,
    pub(super) media: Option<tl::InputMedia>,
    pub(super) reply_markup: Option<tl::ReplyMarkup>,
}

/// Which message is edited.
#[derive(Debug)]
pub(super) enum Target {
    /// One of a chat.
    Chat(ChatRef, MessageId),
    /// One that was sent through the bot.
    Inline(InlineMessageId),
}

impl Target {
    /// # Errors
    /// `message identifier is not specified`, `invalid inline message identifier specified`.
    pub(super) fn read(
        chat: Option<ChatRef>,
        id: Option<i64>,
        inline: Option<&str>,
    ) -> Result<Self, ApiError> {
        if let Some(chat) = chat.filter(|chat| *chat != ChatRef::Empty) {
            let id = id.unwrap_or_default();
            return match i32::try_from(id).ok().and_then(MessageId::new) {
                Some(id) => Ok(Self::Chat(chat, id)),
                None if id == 0 => {
                    Err(ApiError::bad_request("message identifier is not specified"))
                }
                None => Err(ApiError::bad_request("message to edit not found")),
            };
        }
        let inline = inline.filter(|id| !id.is_empty());
        let inline =
            inline.ok_or_else(|| ApiError::bad_request("message identifier is not specified"))?;
        InlineMessageId::decode(inline)
            .map(Self::Inline)
            .ok_or_else(|| ApiError::bad_request("invalid inline message identifier specified"))
    }
}

fn markup(markup: Option<&InlineKeyboardMarkup>) -> Result<Option<tl::ReplyMarkup>, ApiError> {
    markup.map(compose::inline).transpose()
}

/// Changes a message and answers with it; with `true` if it was sent through the bot.
pub(super) async fn edit(account: &Account, target: Target, change: Change) -> Answer {
    match target {
        Target::Chat(chat, id) => {
            let place = account.place_to_write(&chat).await?;
            edit_in_chat(account, &place, id, change).await
        }
        Target::Inline(id) => {
            let request = tl::messages::EditInlineBotMessage {
                no_webpage: change.no_webpage,
                invert_media: change.invert_media,
                id: wire_id(id),
                message: change.message,
                media: change.media,
                reply_markup: change.reply_markup,
                entities: change.entities,
                ..tl::messages::EditInlineBotMessage::default()
            };
            account.invoke(&request).await?;
            Success::of(&true)
        }
    }
}

async fn edit_in_chat(account: &Account, place: &Place, id: MessageId, change: Change) -> Answer {
    if account.find(place.peer, &place.input, id).await?.is_none() {
        return Err(ApiError::bad_request("message to edit not found"));
    }
    let request = tl::messages::EditMessage {
        no_webpage: change.no_webpage,
        invert_media: change.invert_media,
        peer: place.input.clone(),
        id: id.get(),
        message: change.message,
        media: change.media,
        reply_markup: change.reply_markup,
        entities: change.entities,
        ..tl::messages::EditMessage::default()
    };
    let updates = account.ask(&request).await.map_err(|error| match error.rpc() {
        Some(rpc) if rpc.is("MESSAGE_ID_INVALID") => {
            ApiError::bad_request("message to edit not found")
        }
        Some(rpc) if rpc.is("MESSAGE_AUTHOR_REQUIRED") || rpc.is("MESSAGE_EDIT_TIME_EXPIRED") => {
            ApiError::bad_request("message can't be edited")
        }
        _ => super::send_message::refused(&error, place.peer, crate::error::Content::Other),
    })?;
    let messages = account.sent(updates, &[Sent::default()])?;
    let message = messages.first().ok_or_else(|| ApiError::bad_request("message not found"))?;
    Success::of(&account.present(message).await?)
}

fn wire_id(id: InlineMessageId) -> tl::InputBotInlineMessageId {
    match id {
        InlineMessageId::Short { dc_id, id, access_hash } => {
            tl::types::InputBotInlineMessageId { dc_id, id, access_hash }.into()
        }
        InlineMessageId::Long { dc_id, owner_id, id, access_hash } => {
            tl::types::InputBotInlineMessageId64 { dc_id, owner_id, id, access_hash }.into()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn refused(chat: &str, id: i64, inline: &str, expected: &str) {
        let error = Target::read(Some(ChatRef::parse(chat)), Some(id), Some(inline)).unwrap_err();
        assert_eq!(error.description, format!("Bad Request: {expected}"));
    }

    #[test]
    fn a_message_is_named_by_its_chat_or_by_an_inline_id() {
        refused("", 0, "", "message identifier is not specified");
        refused("5", 0, "", "message identifier is not specified");
        refused("5", -1, "", "message to edit not found");
        refused("", 0, "x", "invalid inline message identifier specified");
        let id = InlineMessageId::Short { dc_id: 2, id: 3, access_hash: 4 };
        let read = Target::read(None, None, Some(&id.encode()));
        assert!(matches!(read, Ok(Target::Inline(found)) if found == id));
    }
}
