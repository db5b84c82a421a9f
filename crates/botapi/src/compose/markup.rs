//! Keyboards of all kinds.

use heliogram_tl as tl;

use crate::error::ApiError;
use crate::reply_markup::ReplyMarkup;
use crate::types;

/// Any markup.
///
/// # Errors
/// A button without a text, or of a kind that only newer servers know.
pub(crate) fn reply_markup(markup: &ReplyMarkup) -> Result<tl::ReplyMarkup, ApiError> {
    match markup {
        ReplyMarkup::Inline(markup) => inline(markup),
        ReplyMarkup::Keyboard(markup) => keyboard(markup),
        ReplyMarkup::Remove(remove) => {
            let selective = remove.selective.unwrap_or_default();
            Ok(tl::types::ReplyKeyboardHide { selective }.into())
        }
        ReplyMarkup::ForceReply(force) => Ok(tl::types::ReplyKeyboardForceReply {
            single_use: true,
            selective: force.selective.unwrap_or_default(),
            placeholder: force.input_field_placeholder.as_deref().map(Into::into),
        }
        .into()),
    }
}

/// The keyboard below a message.
///
/// # Errors
/// A button without a text.
pub(crate) fn inline(markup: &types::InlineKeyboardMarkup) -> Result<tl::ReplyMarkup, ApiError> {
    let rows = bounded(&markup.inline_keyboard, |buttons| {
        let buttons =
            buttons.iter().map(|button| inline_button(button)).collect::<Result<_, _>>()?;
        Ok(tl::types::KeyboardInlineButtonRow { buttons }.into())
    })?;
    let force_reply = markup.force_reply.unwrap_or_default();
    Ok(tl::types::ReplyInlineMarkup { force_reply, rows }.into())
}

fn keyboard(markup: &types::ReplyKeyboardMarkup) -> Result<tl::ReplyMarkup, ApiError> {
    let rows = bounded(&markup.keyboard, |buttons| {
        let buttons =
            buttons.iter().map(|button| reply_button(button)).collect::<Result<_, _>>()?;
        Ok(tl::types::KeyboardButtonRow { buttons }.into())
    })?;
    Ok(tl::types::ReplyKeyboardMarkup {
        resize: markup.resize_keyboard.unwrap_or_default(),
        single_use: markup.one_time_keyboard.unwrap_or_default(),
        selective: markup.selective.unwrap_or_default(),
        persistent: markup.is_persistent.unwrap_or_default(),
        force_reply: markup.force_reply.unwrap_or_default(),
        rows,
        placeholder: markup.input_field_placeholder.as_deref().map(Into::into),
    }
    .into())
}

/// The rows that are sent: what is beyond the limits is left out in silence, as officially.
fn bounded<B, R>(
    rows: &[Vec<B>],
    row: impl Fn(&[&B]) -> Result<R, ApiError>,
) -> Result<Vec<R>, ApiError> {
    let mut left = BUTTONS_MAX;
    let mut sent = Vec::new();
    for buttons in rows {
        let kept: Vec<&B> = buttons.iter().take(ROW_BUTTONS_MAX.min(left)).collect();
        left -= kept.len();
        if !kept.is_empty() {
            sent.push(row(&kept)?);
        }
    }
    Ok(sent)
}

const ROW_BUTTONS_MAX: usize = 12;
const BUTTONS_MAX: usize = 300;

fn inline_button(
    button: &types::InlineKeyboardButton,
) -> Result<tl::KeyboardInlineButton, ApiError> {
    if button.text.trim().is_empty() {
        return Err(ApiError::bad_request("inline keyboard button text must be non-empty"));
    }
    Ok(tl::types::KeyboardInlineButton {
        style: style(button.style.as_deref(), button.icon_custom_emoji_id.as_deref()),
        text: button.text.as_str().into(),
        r#type: inline_type(button)?,
    }
    .into())
}

fn inline_type(button: &types::InlineKeyboardButton) -> Result<tl::InlineButtonType, ApiError> {
    if let Some(url) = &button.url {
        return link(url);
    }
    if let Some(data) = &button.callback_data {
        let data = tl::Bytes::copy_from_slice(data.as_bytes());
        return Ok(tl::types::InlineButtonTypeCallback { requires_password: false, data }.into());
    }
    if button.callback_game.is_some() {
        return Ok(tl::InlineButtonType::InlineButtonTypeGame);
    }
    if button.pay == Some(true) {
        return Ok(tl::InlineButtonType::InlineButtonTypeBuy);
    }
    if let Some(query) = &button.switch_inline_query {
        return Ok(switch(query, false, None));
    }
    if let Some(query) = &button.switch_inline_query_current_chat {
        return Ok(switch(query, true, None));
    }
    if let Some(chosen) = &button.switch_inline_query_chosen_chat {
        let query = chosen.query.as_deref().unwrap_or_default();
        return Ok(switch(query, false, Some(peer_types(chosen)?)));
    }
    if let Some(login) = &button.login_url {
        return Ok(tl::types::InputInlineButtonTypeUrlAuth {
            request_write_access: login.request_write_access.unwrap_or_default(),
            fwd_text: login.forward_text.as_deref().map(Into::into),
            url: login.url.as_str().into(),
            bot: None,
        }
        .into());
    }
    if let Some(app) = &button.web_app {
        return Ok(tl::types::InlineButtonTypeWebView { url: app.url.as_str().into() }.into());
    }
    if let Some(copy) = &button.copy_text {
        let copy_text = copy.text.as_str().into();
        return Ok(tl::types::InlineButtonTypeCopy { copy_text }.into());
    }
    if button.disabled.is_some() {
        return Ok(tl::InlineButtonType::InlineButtonTypeDisabled);
    }
    Err(ApiError::bad_request(
        "can't parse inline keyboard button: Text buttons are unallowed in the inline keyboard",
    ))
}

/// An address, or the profile that `tg://user?id=` names.
fn link(url: &str) -> Result<tl::InlineButtonType, ApiError> {
    let user = url.strip_prefix("tg://user?id=").and_then(|id| id.parse().ok());
    if let Some(user_id) = user {
        // Spec: inputKeyboardButtonUserProfile. Bots need no hash for users that they have met.
        let user_id = tl::types::InputUser { user_id, access_hash: 0 }.into();
        return Ok(tl::types::InputInlineButtonTypeUserProfile { user_id }.into());
    }
    let invalid = |why: &str| {
        ApiError::bad_request(format!("inline keyboard button URL '{url}' is invalid: {why}"))
    };
    let whole = if url.contains("://") { url.to_owned() } else { format!("http://{url}") };
    let parsed = url::Url::parse(&whole).map_err(|_| invalid("Wrong HTTP URL"))?;
    match parsed.scheme() {
        "http" | "https" | "ton" | "tg" | "tonsite" => {
            if parsed.host_str().is_none_or(str::is_empty) {
                return Err(invalid("URL host is empty"));
            }
            let url = if url.contains("://") { url } else { parsed.as_str() };
            Ok(tl::types::InlineButtonTypeUrl { url: url.into() }.into())
        }
        _ => Err(invalid("Unsupported URL protocol")),
    }
}

fn switch(
    query: &str,
    same_peer: bool,
    peer_types: Option<Vec<tl::InlineQueryPeerType>>,
) -> tl::InlineButtonType {
    let query = query.into();
    tl::types::InlineButtonTypeSwitchInline { same_peer, query, peer_types }.into()
}

fn peer_types(
    chosen: &types::SwitchInlineQueryChosenChat,
) -> Result<Vec<tl::InlineQueryPeerType>, ApiError> {
    use tl::InlineQueryPeerType as P;
    let wanted = [
        (chosen.allow_user_chats, &[P::InlineQueryPeerTypePm][..]),
        (chosen.allow_bot_chats, &[P::InlineQueryPeerTypeBotPm]),
        (chosen.allow_group_chats, &[P::InlineQueryPeerTypeChat, P::InlineQueryPeerTypeMegagroup]),
        (chosen.allow_channel_chats, &[P::InlineQueryPeerTypeBroadcast]),
    ];
    let kinds = wanted.into_iter().filter(|(allowed, _)| *allowed == Some(true));
    let kinds: Vec<_> = kinds.flat_map(|(_, kinds)| kinds.iter().cloned()).collect();
    if kinds.is_empty() {
        return Err(ApiError::bad_request("at least one chat type must be allowed"));
    }
    Ok(kinds)
}

fn reply_button(button: &types::KeyboardButton) -> Result<tl::KeyboardButton, ApiError> {
    if button.text.trim().is_empty() {
        return Err(ApiError::bad_request("keyboard button text must be non-empty"));
    }
    Ok(tl::types::KeyboardButton {
        style: style(button.style.as_deref(), button.icon_custom_emoji_id.as_deref()),
        text: button.text.as_str().into(),
        r#type: reply_type(button),
    }
    .into())
}

fn reply_type(button: &types::KeyboardButton) -> tl::ButtonType {
    let is = |flag: Option<bool>| flag == Some(true);
    if is(button.request_contact) || is(button.request_phone_number) {
        return tl::ButtonType::ButtonTypeRequestPhone;
    }
    if is(button.request_location) {
        return tl::ButtonType::ButtonTypeRequestGeoLocation;
    }
    if let Some(poll) = &button.request_poll {
        let quiz = match poll.r#type.as_deref() {
            Some("quiz") => Some(true),
            Some("regular") => Some(false),
            _ => None,
        };
        return tl::types::ButtonTypeRequestPoll { quiz }.into();
    }
    if let Some(app) = &button.web_app {
        return tl::types::ButtonTypeSimpleWebView { url: app.url.as_str().into() }.into();
    }
    if let Some(users) = button.request_users.as_ref().or(button.request_user.as_ref()) {
        return request_users(users);
    }
    match &button.request_chat {
        Some(chat) => request_chat(chat),
        None => tl::ButtonType::ButtonTypeDefault,
    }
}

fn request_users(users: &types::KeyboardButtonRequestUsers) -> tl::ButtonType {
    let (bot, premium) = (users.user_is_bot, users.user_is_premium);
    tl::types::InputButtonTypeRequestPeer {
        name_requested: users.request_name.unwrap_or_default(),
        username_requested: users.request_username.unwrap_or_default(),
        photo_requested: users.request_photo.unwrap_or_default(),
        button_id: narrow(users.request_id),
        peer_type: tl::types::RequestPeerTypeUser { bot, premium }.into(),
        max_quantity: narrow(users.max_quantity.unwrap_or(1).clamp(1, 10)),
    }
    .into()
}

fn request_chat(chat: &types::KeyboardButtonRequestChat) -> tl::ButtonType {
    let peer_type = if chat.chat_is_channel {
        tl::types::RequestPeerTypeBroadcast {
            creator: chat.chat_is_created.unwrap_or_default(),
            has_username: chat.chat_has_username,
            ..Default::default()
        }
        .into()
    } else {
        tl::types::RequestPeerTypeChat {
            creator: chat.chat_is_created.unwrap_or_default(),
            bot_participant: chat.bot_is_member.unwrap_or_default(),
            has_username: chat.chat_has_username,
            forum: chat.chat_is_forum,
            ..Default::default()
        }
        .into()
    };
    tl::types::InputButtonTypeRequestPeer {
        name_requested: chat.request_title.unwrap_or_default(),
        username_requested: chat.request_username.unwrap_or_default(),
        photo_requested: chat.request_photo.unwrap_or_default(),
        button_id: narrow(chat.request_id),
        peer_type,
        max_quantity: 1,
    }
    .into()
}

fn style(name: Option<&str>, icon: Option<&str>) -> Option<tl::KeyboardButtonStyle> {
    let icon = icon.and_then(|id| id.parse().ok());
    let style = tl::types::KeyboardButtonStyle {
        bg_primary: name == Some("primary"),
        bg_danger: name == Some("danger"),
        bg_success: name == Some("success"),
        icon,
    };
    (style != tl::types::KeyboardButtonStyle::default()).then(|| style.into())
}

fn narrow(number: i64) -> i32 {
    i32::try_from(number).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn markup(json: &str) -> Result<tl::ReplyMarkup, ApiError> {
        reply_markup(&crate::reply_markup::parse(json)?.expect("the test gives markup"))
    }

    #[track_caller]
    fn refused(json: &str, expected: &str) {
        assert_eq!(markup(json).unwrap_err().description, format!("Bad Request: {expected}"));
    }

    #[test]
    fn buttons_of_an_inline_keyboard_do_what_their_fields_say() {
        let json =
            r#"{"inline_keyboard":[[{"text":"a","callback_data":"x"},{"text":"b","url":"t.me"}]]}"#;
        let tl::ReplyMarkup::ReplyInlineMarkup(inline) = markup(json).unwrap() else {
            panic!("an inline keyboard stays one");
        };
        let tl::KeyboardInlineButtonRow::KeyboardInlineButtonRow(row) = &inline.rows[0];
        let types: Vec<_> = row
            .buttons
            .iter()
            .map(|tl::KeyboardInlineButton::KeyboardInlineButton(button)| button.r#type.clone())
            .collect();
        let data = tl::Bytes::from_static(b"x");
        let callback = tl::types::InlineButtonTypeCallback { requires_password: false, data };
        let url = tl::types::InlineButtonTypeUrl { url: "http://t.me/".into() };
        assert_eq!(types, [callback.into(), url.into()]);
    }

    #[test]
    fn malformed_buttons_are_refused() {
        refused(
            r#"{"inline_keyboard":[[{"text":" ","callback_data":"x"}]]}"#,
            "inline keyboard button text must be non-empty",
        );
        refused(
            r#"{"inline_keyboard":[[{"text":"a","url":"ftp://x"}]]}"#,
            "inline keyboard button URL 'ftp://x' is invalid: Unsupported URL protocol",
        );
    }

    #[test]
    fn buttons_beyond_the_limit_are_left_out() {
        let row = vec![r#"{"text":"a"}"#; 20].join(",");
        let rows = vec![format!("[{row}]"); 40].join(",");
        let markup = markup(&format!(r#"{{"keyboard":[{rows}]}}"#)).unwrap();
        let tl::ReplyMarkup::ReplyKeyboardMarkup(keyboard) = markup else {
            panic!("a keyboard stays one");
        };
        let lengths: Vec<_> = keyboard
            .rows
            .iter()
            .map(|tl::KeyboardButtonRow::KeyboardButtonRow(row)| row.buttons.len())
            .collect();
        assert_eq!(lengths, vec![12; 25]);
    }
}
