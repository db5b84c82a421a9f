//! Drafts, typing, messages by id, and what else is short.

use heliogram_tl as tl;
use heliogram_tl::types;

use super::steps::{history, id, messages, people, person_and_bot, say, text, updates};
use crate::RpcError;
use crate::fanout::Notice;

#[test]
fn messages_are_told_by_id_and_gaps_are_marked() {
    let (mut cloud, alice, bob, _) = people();
    let own = say(&mut cloud, alice, bob, "one");
    let id = [own, own + 5, -1].map(|id| types::InputMessageId { id }.into()).to_vec();
    let answer = cloud.call(alice, tl::messages::GetMessages { id }).expect("messages");
    let told: Vec<_> =
        messages(answer).iter().map(|one| (super::steps::id(one), text(one))).collect();
    let empty = "empty".to_owned();
    assert_eq!(told, [(own, "one".to_owned()), (own + 5, empty.clone()), (-1, empty)]);
    let many = vec![types::InputMessageId { id: 1 }.into(); 101];
    let refused = cloud.call(alice, tl::messages::GetMessages { id: many });
    assert_eq!(refused, Err(RpcError::LIMIT_INVALID));
}

#[test]
fn the_answered_message_is_found_through_its_answer() {
    let (mut cloud, alice, bob, _) = people();
    let question = say(&mut cloud, alice, bob, "question");
    let reply = types::InputReplyToMessage { reply_to_msg_id: question, ..Default::default() };
    let request = tl::messages::SendMessage {
        peer: cloud.input_peer(alice, bob),
        message: "answer".into(),
        reply_to: Some(reply.into()),
        random_id: 3,
        ..Default::default()
    };
    cloud.call(alice, request).expect("a message");
    let there = history(&mut cloud, bob, alice);
    let by = types::InputMessageReplyTo { id: id(&there[0]) }.into();
    let answer = cloud.call(bob, tl::messages::GetMessages { id: vec![by] }).expect("messages");
    assert_eq!(messages(answer), there[1..]);
}

#[test]
fn a_draft_is_kept_told_and_forgotten() {
    let (mut cloud, alice, bob, _) = people();
    let peer = cloud.input_peer(alice, bob);
    let request = |message: &str| tl::messages::SaveDraft {
        peer: peer.clone(),
        message: message.into(),
        ..Default::default()
    };
    cloud.call(alice, request("half a sen ")).expect("a draft");
    assert!(matches!(cloud.outbox.notices[0].notice, Notice::Draft { .. }));
    let answer = cloud.call(alice, tl::messages::GetAllDrafts {}).expect("drafts");
    let [tl::Update::UpdateDraftMessage(update)] = updates(&answer) else { panic!("{answer:?}") };
    let tl::DraftMessage::DraftMessage(draft) = &update.draft else { panic!("{update:?}") };
    assert_eq!(draft.message.as_str(), "half a sen ");

    cloud.call(alice, request("half a sen ")).expect("the same draft");
    assert!(cloud.outbox.notices.is_empty(), "nothing new is told to nobody");
    let long = request(&"x".repeat(4097));
    assert_eq!(cloud.call(alice, long), Err(RpcError::MESSAGE_TOO_LONG));
    cloud.call(alice, tl::messages::ClearAllDrafts {}).expect("cleared");
    assert_eq!(cloud.outbox.notices.len(), 1);
    let answer = cloud.call(alice, tl::messages::GetAllDrafts {}).expect("drafts");
    assert!(updates(&answer).is_empty());
}

#[test]
fn typing_is_shown_to_the_other_side_alone() {
    let (mut cloud, alice, bob, _) = people();
    let action = tl::SendMessageAction::SendMessageTypingAction;
    let peer = cloud.input_peer(alice, bob);
    let request = tl::messages::SetTyping { peer, action: action.clone(), ..Default::default() };
    cloud.call(alice, request).expect("shown");
    let [told] = cloud.outbox.notices.as_slice() else { panic!("{:?}", cloud.outbox.notices) };
    assert_eq!(told.to, bob);
    assert!(matches!(told.notice, Notice::Typing { from, .. } if from == alice));

    let peer = tl::InputPeer::InputPeerSelf;
    let request = tl::messages::SetTyping { peer, action, ..Default::default() };
    cloud.call(alice, request).expect("shown to nobody");
    assert!(cloud.outbox.notices.is_empty());
}

#[test]
fn a_stranger_can_be_reported_until_answered_or_dismissed() {
    let (mut cloud, alice, bob, carol) = people();
    say(&mut cloud, alice, bob, "buy this");
    say(&mut cloud, alice, carol, "buy this");
    let warns = |cloud: &mut crate::fixture::Fixture, of, with| {
        let peer = cloud.input_peer(of, with);
        let tl::messages::PeerSettings::PeerSettings(answer) =
            cloud.call(of, tl::messages::GetPeerSettings { peer }).expect("settings");
        let tl::PeerSettings::PeerSettings(settings) = answer.settings;
        settings.report_spam
    };
    assert!(warns(&mut cloud, bob, alice));
    assert!(!warns(&mut cloud, alice, bob), "who wrote first knows whom");
    say(&mut cloud, bob, alice, "no");
    assert!(!warns(&mut cloud, bob, alice));
    let peer = cloud.input_peer(carol, alice);
    cloud.call(carol, tl::messages::HidePeerSettingsBar { peer }).expect("hidden");
    assert!(!warns(&mut cloud, carol, alice));
}

#[test]
fn the_group_of_secret_chats_is_told_once() {
    let (mut cloud, alice, ..) = people();
    let ask = |version, random_length| tl::messages::GetDhConfig { version, random_length };
    let answer = cloud.call(alice, ask(0, 256)).expect("a group");
    let tl::messages::DhConfig::DhConfig(group) = answer else { panic!("{answer:?}") };
    assert_eq!((group.p.len(), group.random.len()), (256, 256));
    let again = cloud.call(alice, ask(group.version, 16)).expect("the same group");
    assert!(matches!(again, tl::messages::DhConfig::DhConfigNotModified(_)));
    let refused = cloud.call(alice, ask(0, -1));
    assert_eq!(refused, Err(RpcError::RANDOM_LENGTH_INVALID));
}

#[test]
fn bots_cannot_list_or_read() {
    let (mut cloud, alice, bot) = person_and_bot();
    let list = tl::messages::GetDialogs { limit: 1, ..Default::default() };
    assert_eq!(cloud.call(bot, list), Err(RpcError::BOT_METHOD_INVALID));
    let peer = cloud.input_peer(bot, alice);
    let read = tl::messages::ReadHistory { peer, max_id: 0 };
    assert_eq!(cloud.call(bot, read), Err(RpcError::BOT_METHOD_INVALID));
}

#[test]
fn no_channel_is_known_here() {
    let (mut cloud, alice, ..) = people();
    let channel: tl::InputChannel = types::InputChannel { channel_id: 5, access_hash: 5 }.into();
    let by_id = tl::channels::GetChannels { id: vec![channel.clone()] };
    assert_eq!(cloud.call(alice, by_id), Err(RpcError::CHANNEL_INVALID));
    let missed =
        tl::updates::GetChannelDifference { channel, pts: 1, limit: 1, ..Default::default() };
    assert_eq!(cloud.call(alice, missed), Err(RpcError::CHANNEL_INVALID));
}
