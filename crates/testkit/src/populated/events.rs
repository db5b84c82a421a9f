//! What happens to an account while its devices listen.

use heliogram_tl as tl;
use tl::{Bytes, types};

use super::{Cast, call, keyboards, peer, sent, user};

/// Bob types, says something that he takes back, and both read what there is.
pub(super) async fn talk(cast: &Cast) {
    let to = peer(&cast.bob, &cast.alice).await;
    let action = tl::SendMessageAction::SendMessageTypingAction;
    call(&cast.bob, tl::messages::SetTyping { peer: to.clone(), top_msg_id: None, action }).await;
    call(&cast.bob, tl::account::UpdateStatus { offline: false }).await;
    let request = tl::messages::SendMessage {
        peer: to.clone(),
        message: "forget it".into(),
        random_id: cast.random_id(),
        ..Default::default()
    };
    let id = vec![sent(&call(&cast.bob, request).await)];
    call(&cast.bob, tl::messages::ReadHistory { peer: to, max_id: i32::MAX }).await;
    let peer = peer(&cast.alice, &cast.bob).await;
    call(&cast.alice, tl::messages::ReadHistory { peer, max_id: i32::MAX }).await;
    call(&cast.bob, tl::messages::DeleteMessages { revoke: true, id }).await;
    listen_to_voice(cast).await;
}

/// Alice listens to a voice message of Bob.
async fn listen_to_voice(cast: &Cast) {
    let part = tl::upload::SaveFilePart {
        file_id: cast.random_id(),
        file_part: 0,
        bytes: Bytes::from_static(b"a voice"),
    };
    let file = types::InputFile { id: part.file_id, parts: 1, ..Default::default() };
    assert!(call(&cast.bob, part).await);
    let voice = types::DocumentAttributeAudio { voice: true, duration: 1, ..Default::default() };
    let media = types::InputMediaUploadedDocument {
        file: file.into(),
        mime_type: "audio/ogg".into(),
        attributes: vec![voice.into()],
        ..Default::default()
    };
    let request = tl::messages::SendMedia {
        peer: peer(&cast.bob, &cast.alice).await,
        media: media.into(),
        random_id: cast.random_id(),
        ..Default::default()
    };
    call(&cast.bob, request).await;
    let newest = latest(cast).await;
    call(&cast.alice, tl::messages::ReadMessageContents { id: vec![newest] }).await;
}

/// The number of the newest message of Alice's chat with Bob, in her box.
async fn latest(cast: &Cast) -> i32 {
    let peer = peer(&cast.alice, &cast.bob).await;
    let request = tl::messages::GetHistory { peer, limit: 1, ..Default::default() };
    let messages = match call(&cast.alice, request).await {
        tl::messages::Messages::Messages(page) => page.messages,
        tl::messages::Messages::MessagesSlice(page) => page.messages,
        other => panic!("no history: {other:?}"),
    };
    match messages.first() {
        Some(tl::Message::Message(message)) => message.id,
        other => panic!("no message: {other:?}"),
    }
}

/// Alice presses a button, and the bot answers.
pub(super) async fn press(cast: &Cast) {
    let data = Bytes::from_static(b"pressed");
    let kind = types::InlineButtonTypeCallback { data: data.clone(), ..Default::default() };
    let button =
        types::KeyboardInlineButton { style: None, text: "press".into(), r#type: kind.into() };
    let row = types::KeyboardInlineButtonRow { buttons: vec![button.into()] };
    let keyboard = types::ReplyInlineMarkup { force_reply: false, rows: vec![row.into()] };
    let mut at_alice = cast.alice.inbox();
    let text = "press me";
    keyboards::post(cast, text, Some(keyboard.into())).await;
    let message = loop {
        let message = at_alice.message(cast.bot.id).await;
        if message.message == text {
            break message.id;
        }
    };
    let mut at_bot = cast.bot.inbox();
    let request = tl::messages::GetBotCallbackAnswer {
        peer: peer(&cast.alice, &cast.bot).await,
        msg_id: message,
        data: Some(data),
        ..Default::default()
    };
    let answering = async {
        let query_id = at_bot
            .find(|update| match update {
                tl::Update::UpdateBotCallbackQuery(query) => Some(query.query_id),
                _ => None,
            })
            .await;
        let request = tl::messages::SetBotCallbackAnswer { query_id, ..Default::default() };
        assert!(call(&cast.bot, request).await);
    };
    tokio::join!(call(&cast.alice, request), answering);
}

/// Settings change, and Bob has another name.
pub(super) async fn settle(cast: &Cast) {
    let bob = types::InputDialogPeer { peer: peer(&cast.alice, &cast.bob).await };
    let order = vec![bob.into()];
    let reorder = tl::messages::ReorderPinnedDialogs { force: true, order, ..Default::default() };
    call(&cast.alice, reorder).await;
    let id = peer(&cast.alice, &cast.carol).await;
    call(&cast.alice, tl::contacts::Unblock { my_stories_from: false, id }).await;
    let last_name = Some("Baumeister".into());
    call(&cast.bob, tl::account::UpdateProfile { last_name, ..Default::default() }).await;
    let id = vec![user(&cast.bob, &cast.alice).await];
    call(&cast.bob, tl::users::GetUsers { id }).await;
}
