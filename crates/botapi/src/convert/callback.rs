//! Presses of inline buttons.

use heliogram_tl as tl;

use crate::file_id::InlineMessageId;
use crate::roster::Roster;
use crate::types;

/// A press below a message of a chat.
pub(crate) fn callback_query(
    roster: &Roster,
    query: &tl::types::UpdateBotCallbackQuery,
    message: types::MaybeInaccessibleMessage,
) -> types::CallbackQuery {
    types::CallbackQuery {
        id: query.query_id.to_string(),
        from: roster.user_or_stranger(query.user_id),
        message: Some(Box::new(message)),
        inline_message_id: None,
        chat_instance: query.chat_instance.to_string(),
        data: query.data.as_ref().map(data),
        game_short_name: query.game_short_name.as_ref().map(|name| name.to_string()),
    }
}

/// A press below a message that was sent through the bot.
pub(crate) fn inline_callback_query(
    roster: &Roster,
    query: &tl::types::UpdateInlineBotCallbackQuery,
) -> types::CallbackQuery {
    types::CallbackQuery {
        id: query.query_id.to_string(),
        from: roster.user_or_stranger(query.user_id),
        message: None,
        inline_message_id: Some(inline_id(&query.msg_id).encode()),
        chat_instance: query.chat_instance.to_string(),
        data: query.data.as_ref().map(data),
        game_short_name: query.game_short_name.as_ref().map(|name| name.to_string()),
    }
}

fn data(data: &tl::Bytes) -> String {
    String::from_utf8_lossy(data).into_owned()
}

fn inline_id(id: &tl::InputBotInlineMessageId) -> InlineMessageId {
    match id {
        tl::InputBotInlineMessageId::InputBotInlineMessageId(id) => {
            InlineMessageId::Short { dc_id: id.dc_id, id: id.id, access_hash: id.access_hash }
        }
        tl::InputBotInlineMessageId::InputBotInlineMessageId64(id) => InlineMessageId::Long {
            dc_id: id.dc_id,
            owner_id: id.owner_id,
            id: id.id,
            access_hash: id.access_hash,
        },
    }
}
