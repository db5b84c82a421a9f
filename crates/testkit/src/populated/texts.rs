//! Texts: every kind of formatting, replies, quotes, forwards, edits and pins.

use heliogram_tl as tl;
use tl::types;

use super::{Cast, call, peer, sent, user};

/// What Bob and Alice say to each other.
pub(super) async fn send(cast: &Cast) {
    let formatted = formatted(cast).await;
    let reply = reply(cast, formatted).await;
    let to = peer(&cast.alice, &cast.bob).await;
    let request = tl::messages::ForwardMessages {
        from_peer: to.clone(),
        id: vec![formatted, reply],
        random_id: vec![cast.random_id(), cast.random_id()],
        to_peer: tl::InputPeer::InputPeerSelf,
        ..Default::default()
    };
    call(&cast.alice, request).await;
    let request = tl::messages::EditMessage {
        peer: to.clone(),
        id: reply,
        message: Some("I have changed my mind".into()),
        ..Default::default()
    };
    call(&cast.alice, request).await;
    let request =
        tl::messages::UpdatePinnedMessage { peer: to, id: formatted, ..Default::default() };
    call(&cast.alice, request).await;
}

/// One text with every entity; returns its number in Alice's box.
async fn formatted(cast: &Cast) -> i32 {
    let request = tl::messages::SendMessage {
        peer: peer(&cast.alice, &cast.bob).await,
        message: TEXT.into(),
        entities: Some(entities(user(&cast.alice, &cast.bob).await)),
        random_id: cast.random_id(),
        ..Default::default()
    };
    sent(&call(&cast.alice, request).await)
}

/// An answer that quotes.
async fn reply(cast: &Cast, to: i32) -> i32 {
    let reply_to = types::InputReplyToMessage {
        reply_to_msg_id: to,
        quote_text: Some("bold".into()),
        quote_offset: Some(0),
        ..Default::default()
    };
    let request = tl::messages::SendMessage {
        peer: peer(&cast.alice, &cast.bob).await,
        message: "what do you mean?".into(),
        reply_to: Some(reply_to.into()),
        random_id: cast.random_id(),
        ..Default::default()
    };
    sent(&call(&cast.alice, request).await)
}

/// One word for each kind of formatting, ten characters apart.
const TEXT: &str = "bold      italic    under     strike    spoiler   code      pre       \
    link      mention   quote     emoji     #hashtag  $USD      @nobody_12/start    \
    https://a.example/b     a@example.org       +99966100000";

/// Formatting that the sender chooses; what can be found in the text is found by the server.
fn entities(bob: tl::InputUser) -> Vec<tl::MessageEntity> {
    let at = |place: i32| (place * 10, 4);
    let ((bold, length), (italic, _), (under, _)) = (at(0), at(1), at(2));
    let ((strike, _), (spoiler, _), (code, _), (pre, _)) = (at(3), at(4), at(5), at(6));
    let ((link, _), (mention, _), (quote, _), (emoji, _)) = (at(7), at(8), at(9), at(10));
    vec![
        types::MessageEntityBold { offset: bold, length }.into(),
        types::MessageEntityItalic { offset: italic, length }.into(),
        types::MessageEntityUnderline { offset: under, length }.into(),
        types::MessageEntityStrike { offset: strike, length }.into(),
        types::MessageEntitySpoiler { offset: spoiler, length }.into(),
        types::MessageEntityCode { offset: code, length }.into(),
        types::MessageEntityPre { offset: pre, length: 3, language: "rust".into() }.into(),
        types::MessageEntityTextUrl { offset: link, length, url: "https://a.example".into() }
            .into(),
        types::InputMessageEntityMentionName { offset: mention, length, user_id: bob }.into(),
        types::MessageEntityBlockquote { offset: quote, length: 5, collapsed: true }.into(),
        types::MessageEntityCustomEmoji { offset: emoji, length: 5, document_id: 77 }.into(),
    ]
}
