//! Forwarding of messages.

use heliogram_ids::UserId;
use heliogram_tl as tl;

use super::steps::{history, id, newest, people, say, texts, updates};
use crate::RpcError;
use crate::error::Rpc;
use crate::fixture::Fixture;

fn request(
    cloud: &mut Fixture,
    me: UserId,
    from: UserId,
    to: UserId,
    id: Vec<i32>,
) -> tl::messages::ForwardMessages {
    tl::messages::ForwardMessages {
        from_peer: cloud.input_peer(me, from),
        to_peer: cloud.input_peer(me, to),
        random_id: id.iter().map(|_| cloud.random_id()).collect(),
        id,
        ..Default::default()
    }
}

fn forward(
    cloud: &mut Fixture,
    me: UserId,
    from: UserId,
    to: UserId,
    id: Vec<i32>,
) -> Rpc<tl::Updates> {
    let request = request(cloud, me, from, to, id);
    cloud.call(me, request)
}

fn author(message: &tl::types::Message) -> Option<i64> {
    let tl::MessageFwdHeader::MessageFwdHeader(header) = message.fwd_from.as_ref()?;
    match header.from_id.as_ref()? {
        tl::Peer::PeerUser(user) => Some(user.user_id),
        other => panic!("{other:?}"),
    }
}

#[test]
fn the_first_author_is_named_however_often_it_is_forwarded() {
    let (mut cloud, alice, bob, carol) = people();
    say(&mut cloud, alice, bob, "news");
    let there = id(&history(&mut cloud, bob, alice)[0]);
    forward(&mut cloud, bob, alice, carol, vec![there]).expect("a forward");
    let message = newest(&mut cloud, carol, bob);
    assert_eq!((message.message.as_str(), author(&message)), ("news", Some(alice.get())));

    forward(&mut cloud, carol, bob, alice, vec![message.id]).expect("a forward");
    assert_eq!(author(&newest(&mut cloud, alice, carol)), Some(alice.get()));
}

#[test]
fn the_order_is_that_of_the_ids_and_each_has_its_random_id() {
    let (mut cloud, alice, bob, carol) = people();
    let ids: Vec<_> =
        ["one", "two", "three"].map(|text| say(&mut cloud, alice, bob, text)).to_vec();
    let chosen = vec![ids[0], ids[2], ids[1]];
    let request = request(&mut cloud, alice, bob, carol, chosen);
    let answer = cloud.call(alice, request.clone()).expect("a forward");
    assert_eq!(texts(&mut cloud, carol, alice), ["two", "three", "one"]);
    let given: Vec<_> = updates(&answer)
        .iter()
        .filter_map(|update| match update {
            tl::Update::UpdateMessageId(update) => Some(update.random_id),
            _ => None,
        })
        .collect();
    assert_eq!(given, request.random_id);

    let again = cloud.call(alice, request).expect("the same again");
    assert_eq!(texts(&mut cloud, carol, alice).len(), 3, "a repeated request posts nothing");
    let counts = updates(&again).iter().filter_map(|update| match update {
        tl::Update::UpdateNewMessage(update) => Some(update.pts_count),
        _ => None,
    });
    assert_eq!(counts.collect::<Vec<_>>(), [0, 0, 0]);
}

#[test]
fn saved_messages_remember_where_they_are_from() {
    let (mut cloud, alice, bob, _) = people();
    say(&mut cloud, bob, alice, "keep this");
    let there = id(&history(&mut cloud, alice, bob)[0]);
    forward(&mut cloud, alice, bob, alice, vec![there]).expect("a forward");
    let saved = newest(&mut cloud, alice, alice);
    let Some(tl::MessageFwdHeader::MessageFwdHeader(header)) = saved.fwd_from else {
        panic!("a header")
    };
    let from: tl::Peer = tl::types::PeerUser { user_id: bob.get() }.into();
    assert_eq!(
        (header.saved_from_peer, header.saved_from_msg_id),
        (Some(from.clone()), Some(there))
    );
    assert_eq!(saved.saved_peer_id, Some(from));
}

#[test]
fn a_copy_without_its_author_tells_nothing() {
    let (mut cloud, alice, bob, carol) = people();
    let id = say(&mut cloud, alice, bob, "anonymous");
    let mut request = request(&mut cloud, alice, bob, carol, vec![id]);
    request.drop_author = true;
    cloud.call(alice, request).expect("a copy");
    assert_eq!(newest(&mut cloud, carol, alice).fwd_from, None);
}

#[test]
fn what_cannot_be_forwarded_is_refused() {
    let (mut cloud, alice, bob, carol) = people();
    let id = say(&mut cloud, alice, bob, "text");
    let unknown = forward(&mut cloud, alice, bob, carol, vec![id + 1]);
    assert_eq!(unknown, Err(RpcError::MESSAGE_ID_INVALID));
    let elsewhere = forward(&mut cloud, alice, carol, bob, vec![id]);
    assert_eq!(elsewhere, Err(RpcError::MESSAGE_ID_INVALID));
    let none = forward(&mut cloud, alice, bob, carol, Vec::new());
    assert_eq!(none, Err(RpcError::MESSAGE_IDS_EMPTY));
    let mut short = request(&mut cloud, alice, bob, carol, vec![id]);
    short.random_id.clear();
    assert_eq!(cloud.call(alice, short), Err(RpcError::RANDOM_ID_INVALID));

    let protected = tl::messages::SendMessage {
        peer: cloud.input_peer(alice, bob),
        message: "secret".into(),
        noforwards: true,
        random_id: 5,
        ..Default::default()
    };
    let id = super::steps::id_of(&cloud.call(alice, protected).expect("a message"));
    let refused = forward(&mut cloud, alice, bob, carol, vec![id]);
    assert_eq!(refused, Err(RpcError::CHAT_FORWARDS_RESTRICTED));
}
