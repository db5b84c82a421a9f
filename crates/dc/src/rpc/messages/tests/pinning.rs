//! Pinned messages.

use heliogram_ids::UserId;
use heliogram_tl as tl;

use super::steps::{
    delete, dialog, history, messages, newest, people, pts, say, text, texts, updates,
};
use crate::RpcError;
use crate::error::Rpc;
use crate::fixture::Fixture;

fn pin(
    cloud: &mut Fixture,
    of: UserId,
    with: UserId,
    id: i32,
    change: impl FnOnce(&mut tl::messages::UpdatePinnedMessage),
) -> Rpc<tl::Updates> {
    let peer = cloud.input_peer(of, with);
    let mut request = tl::messages::UpdatePinnedMessage { peer, id, ..Default::default() };
    change(&mut request);
    cloud.call(of, request)
}

fn pinned(cloud: &mut Fixture, of: UserId, with: UserId) -> Vec<String> {
    let request = tl::messages::Search {
        peer: cloud.input_peer(of, with),
        filter: tl::MessagesFilter::InputMessagesFilterPinned,
        limit: 100,
        ..Default::default()
    };
    messages(cloud.call(of, request).expect("a search")).iter().map(text).collect()
}

#[test]
fn a_pin_is_seen_by_both_and_told_by_a_service_message() {
    let (mut cloud, alice, bob, _) = people();
    let id = say(&mut cloud, alice, bob, "important");
    let before = pts(&mut cloud, alice);

    let answer = pin(&mut cloud, alice, bob, id, |_| ()).expect("a pin");

    let [tl::Update::UpdatePinnedMessages(update), tl::Update::UpdateNewMessage(service)] =
        updates(&answer)
    else {
        panic!("{answer:?}")
    };
    assert_eq!((update.pts, service.pts), (before + 1, before + 2));
    let tl::Message::MessageService(service) = &service.message else { panic!("{service:?}") };
    let Some(tl::MessageReplyHeader::MessageReplyHeader(reply)) = &service.reply_to else {
        panic!("the service message answers the pinned one")
    };
    assert_eq!(reply.reply_to_msg_id, Some(id));
    for (owner, with) in [(alice, bob), (bob, alice)] {
        assert_eq!(pinned(&mut cloud, owner, with), ["important"]);
        assert_eq!(texts(&mut cloud, owner, with)[0], "MessageActionPinMessage");
    }
    assert_eq!(pin(&mut cloud, alice, bob, id, |_| ()), Err(RpcError::CHAT_NOT_MODIFIED));

    let answer = pin(&mut cloud, alice, bob, id, |request| request.unpin = true).expect("unpinned");
    assert_eq!(updates(&answer).len(), 1, "taking down is told by no service message");
    assert!(pinned(&mut cloud, bob, alice).is_empty());
}

#[test]
fn a_pin_for_oneself_stays_with_oneself() {
    let (mut cloud, alice, bob, _) = people();
    let id = say(&mut cloud, alice, bob, "mine");
    let before = pts(&mut cloud, bob);
    pin(&mut cloud, alice, bob, id, |request| request.pm_oneside = true).expect("a pin");
    assert_eq!(pts(&mut cloud, bob), before);
    assert!(newest(&mut cloud, alice, bob).pinned);
    assert!(!newest(&mut cloud, bob, alice).pinned);
}

#[test]
fn all_pinned_messages_are_taken_down_at_once() {
    let (mut cloud, alice, bob, _) = people();
    for text in ["one", "two"] {
        let id = say(&mut cloud, alice, bob, text);
        pin(&mut cloud, alice, bob, id, |_| ()).expect("a pin");
    }
    let (mine, theirs) = (pts(&mut cloud, alice), pts(&mut cloud, bob));
    let peer = cloud.input_peer(alice, bob);
    let request = tl::messages::UnpinAllMessages { peer, ..Default::default() };
    let tl::messages::AffectedHistory::AffectedHistory(answer) =
        cloud.call(alice, request).expect("taken down");
    assert_eq!((answer.pts, answer.pts_count, answer.offset), (mine + 2, 2, 0));
    assert_eq!(pts(&mut cloud, bob), theirs + 2);
    assert!(pinned(&mut cloud, bob, alice).is_empty());
}

#[test]
fn a_deleted_message_is_pinned_no_more() {
    let (mut cloud, alice, bob, _) = people();
    let id = say(&mut cloud, alice, bob, "important");
    pin(&mut cloud, alice, bob, id, |_| ()).expect("a pin");
    delete(&mut cloud, alice, vec![id], true);
    assert!(pinned(&mut cloud, alice, bob).is_empty());
    let service = &history(&mut cloud, bob, alice)[0];
    assert_eq!(super::steps::id(service), dialog(&mut cloud, bob, alice).top_message);
    let gone = pin(&mut cloud, alice, bob, id, |_| ());
    assert_eq!(gone, Err(RpcError::MESSAGE_ID_INVALID));
}
