//! Keyboards to TL.

use heliogram_tl as tl;
use heliogram_tl::types;

use crate::record::{Button, ButtonKind, Markup};

/// What stands below a message.
pub(crate) fn markup(markup: &Markup) -> tl::ReplyMarkup {
    match markup {
        Markup::Inline(rows) => types::ReplyInlineMarkup {
            rows: rows
                .iter()
                .map(|row| {
                    let buttons = row.iter().map(inline_button).collect();
                    types::KeyboardInlineButtonRow { buttons }.into()
                })
                .collect(),
            ..Default::default()
        }
        .into(),
        Markup::Reply { rows, resize, single_use, selective, persistent, placeholder } => {
            types::ReplyKeyboardMarkup {
                resize: *resize,
                single_use: *single_use,
                selective: *selective,
                persistent: *persistent,
                rows: rows
                    .iter()
                    .map(|row| {
                        types::KeyboardButtonRow { buttons: row.iter().map(button).collect() }
                            .into()
                    })
                    .collect(),
                placeholder: placeholder.as_deref().map(tl::Str::from),
                ..Default::default()
            }
            .into()
        }
        Markup::Hide(selective) => types::ReplyKeyboardHide { selective: *selective }.into(),
        Markup::ForceReply { single_use, selective, placeholder } => {
            types::ReplyKeyboardForceReply {
                single_use: *single_use,
                selective: *selective,
                placeholder: placeholder.as_deref().map(tl::Str::from),
            }
            .into()
        }
    }
}

fn inline_button(button: &Button) -> tl::KeyboardInlineButton {
    let kind: tl::InlineButtonType = match &button.kind {
        ButtonKind::Url(url) => types::InlineButtonTypeUrl { url: url.into() }.into(),
        ButtonKind::Callback { data, requires_password } => types::InlineButtonTypeCallback {
            requires_password: *requires_password,
            data: data.clone().into(),
        }
        .into(),
        ButtonKind::SwitchInline { query, same_peer } => types::InlineButtonTypeSwitchInline {
            same_peer: *same_peer,
            query: query.into(),
            peer_types: None,
        }
        .into(),
        ButtonKind::WebView(url) | ButtonKind::SimpleWebView(url) => {
            types::InlineButtonTypeWebView { url: url.into() }.into()
        }
        ButtonKind::UserProfile(user) => {
            types::InlineButtonTypeUserProfile { user_id: user.get() }.into()
        }
        ButtonKind::Copy(text) => types::InlineButtonTypeCopy { copy_text: text.into() }.into(),
        ButtonKind::Game => tl::InlineButtonType::InlineButtonTypeGame,
        ButtonKind::Buy => tl::InlineButtonType::InlineButtonTypeBuy,
        // The input check lets none of these into an inline keyboard.
        ButtonKind::Text
        | ButtonKind::RequestPhone
        | ButtonKind::RequestLocation
        | ButtonKind::RequestPoll(_) => tl::InlineButtonType::InlineButtonTypeDisabled,
    };
    types::KeyboardInlineButton { style: None, text: (&button.text).into(), r#type: kind }.into()
}

fn button(button: &Button) -> tl::KeyboardButton {
    let kind: tl::ButtonType = match &button.kind {
        ButtonKind::RequestPhone => tl::ButtonType::ButtonTypeRequestPhone,
        ButtonKind::RequestLocation => tl::ButtonType::ButtonTypeRequestGeoLocation,
        ButtonKind::RequestPoll(quiz) => types::ButtonTypeRequestPoll { quiz: *quiz }.into(),
        ButtonKind::SimpleWebView(url) | ButtonKind::WebView(url) => {
            types::ButtonTypeSimpleWebView { url: url.into() }.into()
        }
        _ => tl::ButtonType::ButtonTypeDefault,
    };
    types::KeyboardButton { style: None, text: (&button.text).into(), r#type: kind }.into()
}
