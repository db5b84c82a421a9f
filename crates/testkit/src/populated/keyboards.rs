//! What a bot puts below messages.

use heliogram_tl as tl;
use tl::{Bytes, types};

use super::{Cast, call, peer, sent};

/// Sends every keyboard from the bot to Alice, who has started it.
pub(super) async fn send(cast: &Cast) {
    let bot = peer(&cast.alice, &cast.bot).await;
    let start = tl::messages::SendMessage {
        peer: bot,
        message: "/start".into(),
        random_id: cast.random_id(),
        ..Default::default()
    };
    call(&cast.alice, start).await;
    for (text, markup) in [
        ("inline", inline(cast)),
        ("reply", reply()),
        (
            "force",
            types::ReplyKeyboardForceReply {
                single_use: true,
                placeholder: Some("an answer".into()),
                ..Default::default()
            }
            .into(),
        ),
        ("hide", types::ReplyKeyboardHide::default().into()),
    ] {
        post(cast, text, Some(markup)).await;
    }
}

/// Has the bot say something to Alice; returns the number in its own box.
pub(crate) async fn post(cast: &Cast, text: &str, reply_markup: Option<tl::ReplyMarkup>) -> i32 {
    let request = tl::messages::SendMessage {
        peer: peer(&cast.bot, &cast.alice).await,
        message: text.into(),
        reply_markup,
        random_id: cast.random_id(),
        ..Default::default()
    };
    sent(&call(&cast.bot, request).await)
}

fn inline(cast: &Cast) -> tl::ReplyMarkup {
    let kinds: Vec<tl::InlineButtonType> = vec![
        types::InlineButtonTypeUrl { url: "https://a.example".into() }.into(),
        types::InlineButtonTypeCallback {
            data: Bytes::from_static(b"pressed"),
            ..Default::default()
        }
        .into(),
        types::InlineButtonTypeSwitchInline { query: "q".into(), ..Default::default() }.into(),
        types::InlineButtonTypeSwitchInline {
            same_peer: true,
            query: "q".into(),
            ..Default::default()
        }
        .into(),
        types::InlineButtonTypeWebView { url: "https://a.example/app".into() }.into(),
        types::InlineButtonTypeUserProfile { user_id: cast.bob.id.get() }.into(),
        types::InlineButtonTypeCopy { copy_text: "copied".into() }.into(),
        tl::InlineButtonType::InlineButtonTypeGame,
        tl::InlineButtonType::InlineButtonTypeBuy,
    ];
    let row = |r#type| {
        let button = types::KeyboardInlineButton { style: None, text: "press".into(), r#type };
        types::KeyboardInlineButtonRow { buttons: vec![button.into()] }.into()
    };
    let rows = kinds.into_iter().map(row).collect();
    types::ReplyInlineMarkup { force_reply: false, rows }.into()
}

fn reply() -> tl::ReplyMarkup {
    let kinds: Vec<tl::ButtonType> = vec![
        tl::ButtonType::ButtonTypeDefault,
        tl::ButtonType::ButtonTypeRequestPhone,
        tl::ButtonType::ButtonTypeRequestGeoLocation,
        types::ButtonTypeRequestPoll { quiz: Some(true) }.into(),
        types::ButtonTypeSimpleWebView { url: "https://a.example/app".into() }.into(),
    ];
    let row = |r#type| {
        let button = types::KeyboardButton { style: None, text: "press".into(), r#type };
        types::KeyboardButtonRow { buttons: vec![button.into()] }.into()
    };
    types::ReplyKeyboardMarkup {
        resize: true,
        persistent: true,
        placeholder: Some("choose".into()),
        rows: kinds.into_iter().map(row).collect(),
        ..Default::default()
    }
    .into()
}
