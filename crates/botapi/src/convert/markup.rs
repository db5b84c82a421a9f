//! Inline keyboards, as they are shown back to the bot that made them.

use heliogram_tl as tl;

use crate::types;

/// The keyboard below a message; the other kinds of markup are not part of a message.
pub(super) fn inline(markup: &tl::ReplyMarkup) -> Option<types::InlineKeyboardMarkup> {
    let tl::ReplyMarkup::ReplyInlineMarkup(markup) = markup else { return None };
    let rows = markup.rows.iter().map(|row| {
        let tl::KeyboardInlineButtonRow::KeyboardInlineButtonRow(row) = row;
        row.buttons.iter().map(button).collect()
    });
    let force_reply = markup.force_reply.then_some(true);
    Some(types::InlineKeyboardMarkup { inline_keyboard: rows.collect(), force_reply })
}

fn button(button: &tl::KeyboardInlineButton) -> types::InlineKeyboardButton {
    use tl::InlineButtonType as T;
    let tl::KeyboardInlineButton::KeyboardInlineButton(button) = button;
    let mut shown = types::InlineKeyboardButton {
        text: button.text.to_string(),
        ..types::InlineKeyboardButton::default()
    };
    if let Some(tl::KeyboardButtonStyle::KeyboardButtonStyle(style)) = &button.style {
        shown.style = style_name(style).map(str::to_owned);
        shown.icon_custom_emoji_id = style.icon.map(|icon| icon.to_string());
    }
    match &button.r#type {
        T::InlineButtonTypeBuy => shown.pay = Some(true),
        T::InlineButtonTypeCallback(kind) => {
            shown.callback_data = Some(String::from_utf8_lossy(&kind.data).into_owned());
        }
        T::InlineButtonTypeCopy(kind) => {
            let text = kind.copy_text.to_string();
            shown.copy_text = Some(Box::new(types::CopyTextButton { text }));
        }
        T::InlineButtonTypeDisabled => {
            shown.disabled = Some(Box::new(types::DisabledButton {}));
        }
        T::InlineButtonTypeGame => shown.callback_game = Some(Box::default()),
        T::InlineButtonTypeSwitchInline(kind) => switch(&mut shown, kind),
        T::InlineButtonTypeUrl(kind) => shown.url = Some(kind.url.to_string()),
        T::InlineButtonTypeUrlAuth(kind) => {
            let forward_text = kind.fwd_text.as_ref().map(|text| text.to_string());
            let url = kind.url.to_string();
            let login = types::LoginUrl { url, forward_text, ..types::LoginUrl::default() };
            shown.login_url = Some(Box::new(login));
        }
        T::InlineButtonTypeUserProfile(kind) => {
            shown.url = Some(format!("tg://user?id={}", kind.user_id));
        }
        T::InlineButtonTypeWebView(kind) => {
            shown.web_app = Some(Box::new(types::WebAppInfo { url: kind.url.to_string() }));
        }
        // What only requests contain.
        T::InputInlineButtonTypeUrlAuth(_) | T::InputInlineButtonTypeUserProfile(_) => {}
    }
    shown
}

fn switch(shown: &mut types::InlineKeyboardButton, kind: &tl::types::InlineButtonTypeSwitchInline) {
    use tl::InlineQueryPeerType as P;
    let query = kind.query.to_string();
    if kind.same_peer {
        shown.switch_inline_query_current_chat = Some(query);
        return;
    }
    let Some(peers) = &kind.peer_types else {
        shown.switch_inline_query = Some(query);
        return;
    };
    let any = |wanted: &[P]| peers.iter().any(|peer| wanted.contains(peer)).then_some(true);
    shown.switch_inline_query_chosen_chat = Some(Box::new(types::SwitchInlineQueryChosenChat {
        query: Some(query),
        allow_user_chats: any(&[P::InlineQueryPeerTypePm]),
        allow_bot_chats: any(&[P::InlineQueryPeerTypeBotPm]),
        allow_group_chats: any(&[P::InlineQueryPeerTypeChat, P::InlineQueryPeerTypeMegagroup]),
        allow_channel_chats: any(&[P::InlineQueryPeerTypeBroadcast]),
    }));
}

const fn style_name(style: &tl::types::KeyboardButtonStyle) -> Option<&'static str> {
    if style.bg_danger {
        Some("danger")
    } else if style.bg_success {
        Some("success")
    } else if style.bg_primary {
        Some("primary")
    } else {
        None
    }
}
