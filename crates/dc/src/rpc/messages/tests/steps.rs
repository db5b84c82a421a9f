//! What people do in the tests, in one line each.

use heliogram_ids::UserId;
use heliogram_tl as tl;
use heliogram_tl::types;

use crate::error::Rpc;
use crate::fixture::Fixture;

/// Three people who know each other.
pub(super) fn people() -> (Fixture, UserId, UserId, UserId) {
    let mut cloud = Fixture::new();
    let (alice, bob, carol) = (cloud.person("Alice"), cloud.person("Bob"), cloud.person("Carol"));
    (cloud, alice, bob, carol)
}

/// A person and a bot that the person has started.
pub(super) fn person_and_bot() -> (Fixture, UserId, UserId) {
    let mut cloud = Fixture::new();
    let alice = cloud.person("Alice");
    let bot = cloud.bot("alice_bot", alice);
    say(&mut cloud, alice, bot, "/start");
    (cloud, alice, bot)
}

/// Sends a text; returns its id in the sender's box.
pub(super) fn say(cloud: &mut Fixture, from: UserId, to: UserId, text: &str) -> i32 {
    let peer = cloud.input_peer(from, to);
    let random_id = cloud.random_id();
    let request =
        tl::messages::SendMessage { peer, message: text.into(), random_id, ..Default::default() };
    id_of(&cloud.call(from, request).expect("a message"))
}

/// The id of the first message that an answer gives one to.
pub(super) fn id_of(answer: &tl::Updates) -> i32 {
    let found = updates(answer).iter().find_map(|update| match update {
        tl::Update::UpdateMessageId(update) => Some(update.id),
        _ => None,
    });
    found.expect("an id was given")
}

/// The updates of an answer.
pub(super) fn updates(answer: &tl::Updates) -> &[tl::Update] {
    match answer {
        tl::Updates::Updates(answer) => &answer.updates,
        other => panic!("{other:?}"),
    }
}

/// A whole history, the newest message first.
pub(super) fn history(cloud: &mut Fixture, of: UserId, with: UserId) -> Vec<tl::Message> {
    let peer = cloud.input_peer(of, with);
    let request = tl::messages::GetHistory { peer, limit: 100, ..Default::default() };
    messages(cloud.call(of, request).expect("a history"))
}

/// The messages of an answer.
pub(super) fn messages(answer: tl::messages::Messages) -> Vec<tl::Message> {
    match answer {
        tl::messages::Messages::Messages(page) => page.messages,
        tl::messages::Messages::MessagesSlice(page) => page.messages,
        other => panic!("{other:?}"),
    }
}

/// The texts of a history, the newest first; service messages by what they tell.
pub(super) fn texts(cloud: &mut Fixture, of: UserId, with: UserId) -> Vec<String> {
    history(cloud, of, with).iter().map(text).collect()
}

/// A message in one line.
pub(super) fn text(message: &tl::Message) -> String {
    match message {
        tl::Message::Message(message) => message.message.to_string(),
        tl::Message::MessageService(message) => format!("{:?}", message.action),
        tl::Message::MessageEmpty(_) => "empty".to_owned(),
    }
}

/// The id of a message.
pub(super) fn id(message: &tl::Message) -> i32 {
    match message {
        tl::Message::Message(message) => message.id,
        tl::Message::MessageService(message) => message.id,
        tl::Message::MessageEmpty(message) => message.id,
    }
}

/// The newest message of a history.
pub(super) fn newest(cloud: &mut Fixture, of: UserId, with: UserId) -> types::Message {
    match history(cloud, of, with).into_iter().next() {
        Some(tl::Message::Message(message)) => *message,
        other => panic!("{other:?}"),
    }
}

/// One dialog.
pub(super) fn dialog(cloud: &mut Fixture, of: UserId, with: UserId) -> types::Dialog {
    let peer = types::InputDialogPeer { peer: cloud.input_peer(of, with) };
    let request = tl::messages::GetPeerDialogs { peers: vec![peer.into()] };
    let tl::messages::PeerDialogs::PeerDialogs(answer) = cloud.call(of, request).expect("a dialog");
    match answer.dialogs.into_iter().next() {
        Some(tl::Dialog::Dialog(dialog)) => *dialog,
        other => panic!("{other:?}"),
    }
}

/// Where an account's log ends.
pub(super) fn pts(cloud: &mut Fixture, of: UserId) -> i32 {
    let tl::updates::State::State(state) =
        cloud.call(of, tl::updates::GetState {}).expect("a state");
    state.pts
}

/// Reads a dialog up to a message, or to its end with 0.
pub(super) fn read(cloud: &mut Fixture, of: UserId, with: UserId, max_id: i32) -> (i32, i32) {
    let peer = cloud.input_peer(of, with);
    affected(cloud.call(of, tl::messages::ReadHistory { peer, max_id }))
}

/// Deletes messages; returns the pts and how many events that took.
pub(super) fn delete(cloud: &mut Fixture, of: UserId, id: Vec<i32>, revoke: bool) -> (i32, i32) {
    affected(cloud.call(of, tl::messages::DeleteMessages { revoke, id }))
}

/// The numbers of `messages.affectedMessages`.
pub(super) fn affected(answer: Rpc<tl::messages::AffectedMessages>) -> (i32, i32) {
    let tl::messages::AffectedMessages::AffectedMessages(answer) =
        answer.expect("affected messages");
    (answer.pts, answer.pts_count)
}

/// Edits the text of a message.
pub(super) fn edit(
    cloud: &mut Fixture,
    of: UserId,
    with: UserId,
    id: i32,
    text: &str,
) -> Rpc<tl::Updates> {
    let peer = cloud.input_peer(of, with);
    let message = Some(text.into());
    cloud.call(of, tl::messages::EditMessage { peer, id, message, ..Default::default() })
}

/// What was missed behind a position.
pub(super) fn difference(cloud: &mut Fixture, of: UserId, pts: i32) -> tl::updates::Difference {
    let request = tl::updates::GetDifference { pts, date: i32::MAX, ..Default::default() };
    cloud.call(of, request).expect("a difference")
}

/// An inline keyboard of one callback button.
pub(super) fn keyboard(text: &str, data: &[u8]) -> tl::ReplyMarkup {
    let callback =
        types::InlineButtonTypeCallback { requires_password: false, data: data.to_vec().into() };
    let button =
        types::KeyboardInlineButton { style: None, text: text.into(), r#type: callback.into() };
    let row = types::KeyboardInlineButtonRow { buttons: vec![button.into()] };
    types::ReplyInlineMarkup { rows: vec![row.into()], ..Default::default() }.into()
}

/// A bot sends a text with such a keyboard.
pub(super) fn offer(cloud: &mut Fixture, bot: UserId, to: UserId, text: &str, data: &[u8]) -> i32 {
    let request = tl::messages::SendMessage {
        peer: cloud.input_peer(bot, to),
        message: text.into(),
        reply_markup: Some(keyboard("press", data)),
        random_id: cloud.random_id(),
        ..Default::default()
    };
    id_of(&cloud.call(bot, request).expect("a message with a button"))
}
