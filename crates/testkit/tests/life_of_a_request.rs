//! One message, from bytes to bytes: each stage shows itself on the wire or in what is kept.

#![allow(clippy::unwrap_used, reason = "in a test a panic is the report")]

use heliogram_ids::{Peer, Salt};
use heliogram_testkit::{World, introduced};
use heliogram_tl as tl;
use heliogram_tl::{Constructor as _, Decode as _, Reader};

/// What the server's message numbers say about themselves, in their last two bits.
const REPLY: i64 = 1;
const PUSH: i64 = 3;

#[tokio::test]
async fn a_message_travels_from_one_wire_to_the_other() {
    let world = World::in_memory();
    let (alice, bob) = (world.person("Alice").await, world.person("Bob").await);
    let (mut near, mut far) = (world.wire_of(&alice).await, world.wire_of(&bob).await);

    // Session: its first message made it, and that was announced under the number it had.
    let created = near.find_object(tl::mtproto::types::NewSessionCreated::ID).await;
    let created = tl::mtproto::types::NewSessionCreated::from_bytes(&created.body).unwrap();
    // From here on under the salt that was announced with it.
    near.salt = Salt(created.server_salt);

    // Permission: somebody is addressed by the hash that this account was shown, and no other.
    let request =
        tl::contacts::ResolveUsername { username: bob.username.as_str().into(), referer: None };
    let tl::contacts::ResolvedPeer::ResolvedPeer(found) = near.call(&request).await.unwrap();
    let Some(tl::User::User(user)) = found.users.into_iter().next() else {
        panic!("nobody is shown")
    };
    let peer =
        tl::types::InputPeerUser { user_id: user.id, access_hash: user.access_hash.unwrap() };

    // Updates begin here for both.
    let state = |wire: tl::updates::State| match wire {
        tl::updates::State::State(state) => state,
    };
    let alices = state(near.call(&tl::updates::GetState {}).await.unwrap());
    let bobs = state(far.call(&tl::updates::GetState {}).await.unwrap());

    // Link: the frame is opened and taken before anything is done, and the token says so.
    let request = tl::messages::SendMessage {
        peer: peer.into(),
        message: "  bytes to bytes ".into(),
        random_id: 0x5eed,
        ..Default::default()
    };
    let (msg_id, seq_no) = (near.next_id(), near.next_seq_no());
    let (bytes, token) = near.seal_for_quick_ack(msg_id, seq_no, introduced(&request));
    near.write(&bytes).await;
    assert_eq!(near.quick_ack().await, token);

    // Answer: to this request, a number above its own, marked as a reply.
    let before = msg_id.get();
    let result = near.result(msg_id).await.unwrap();
    let sent = Taken::parse(tl::Updates::from_bytes(&result).unwrap(), 0x5eed);
    assert_eq!(sent.pts, alices.pts + 1);

    // Fan-out: the other's live session is told, unasked.
    let push = far
        .find(|heard| {
            let id = Reader::of(&heard.body).peek_u32();
            id == Ok(tl::types::UpdateShortMessage::ID) || id == Ok(tl::types::Updates::ID)
        })
        .await;
    assert_eq!(push.msg_id.get() & 3, PUSH);
    assert_eq!(push.seq_no & 1, 1, "a push wants to be acknowledged");
    assert!(push.msg_id.get() > before, "it comes after what caused it");
    let (id, pts, text) = match tl::Updates::from_bytes(&push.body).unwrap() {
        tl::Updates::UpdateShortMessage(short) => (short.id, short.pts, short.message),
        tl::Updates::Updates(updates) => new_message(updates.updates),
        other => panic!("pushed was {other:?}"),
    };
    assert_eq!((pts, text.as_ref()), (bobs.pts + 1, "bytes to bytes"));

    // Log: who was not there is told the same under the same number.
    let request =
        tl::updates::GetDifference { pts: bobs.pts, date: bobs.date, ..Default::default() };
    let difference = far.call(&request).await.unwrap();
    let tl::updates::Difference::Difference(difference) = difference else {
        panic!("one message is a small difference: {difference:?}");
    };
    let [tl::Message::Message(message)] = &difference.new_messages[..] else {
        panic!("not one message: {:?}", difference.new_messages);
    };
    assert_eq!((message.id, message.message.as_ref()), (id, "bytes to bytes"));
    assert_eq!(state(difference.state).pts, pts);

    // Rows: each has the message in their own chat, under their own number.
    assert_eq!(alice.texts_with(&bob).await, ["bytes to bytes"]);
    assert_eq!(bob.texts_with(&alice).await, ["bytes to bytes"]);
    let page = alice.client.history(Peer::User(bob.id), None, 1).await.unwrap();
    let Some(tl::Message::Message(own)) = page.messages.first() else { panic!("no message") };
    assert_eq!((own.id, own.out), (sent.id, true));

    // Once: the same message under another number of the protocol is the same message.
    let again = tl::messages::SendMessage {
        peer: tl::types::InputPeerUser { user_id: user.id, access_hash: user.access_hash.unwrap() }
            .into(),
        message: "  bytes to bytes ".into(),
        random_id: 0x5eed,
        ..Default::default()
    };
    match near.call(&again).await {
        Ok(updates) => assert_eq!(Taken::parse(updates, 0x5eed), sent),
        Err(refusal) => assert_eq!(refusal.text, "RANDOM_ID_DUPLICATE"),
    }
    assert_eq!(bob.texts_with(&alice).await, ["bytes to bytes"]);
    world.stop().await;
}

/// What the sender of a message is told of it.
#[derive(Debug, PartialEq)]
struct Taken {
    id: i32,
    pts: i32,
}

impl Taken {
    /// Reads either form of the answer: the short one, or a whole batch that names the message.
    fn parse(answer: tl::Updates, random_id: i64) -> Self {
        let updates = match answer {
            tl::Updates::UpdateShortSentMessage(sent) => {
                return Self { id: sent.id, pts: sent.pts };
            }
            tl::Updates::Updates(updates) => updates.updates,
            other => panic!("answered was {other:?}"),
        };
        let named = updates.iter().find_map(|update| match update {
            tl::Update::UpdateMessageId(named) => Some((named.id, named.random_id)),
            _ => None,
        });
        let (id, pts, text) = new_message(updates);
        assert_eq!(named, Some((id, random_id)), "the sender's number goes with the message's");
        assert_eq!(text, "bytes to bytes");
        Self { id, pts }
    }
}

fn new_message(updates: Vec<tl::Update>) -> (i32, i32, tl::Str) {
    let found = updates.into_iter().find_map(|update| match update {
        tl::Update::UpdateNewMessage(new) => match new.message {
            tl::Message::Message(message) => Some((message.id, new.pts, message.message)),
            _ => None,
        },
        _ => None,
    });
    found.expect("a message was pushed")
}

#[tokio::test]
async fn answers_and_pushes_are_marked_as_what_they_are() {
    let world = World::in_memory();
    let mut wire = world.wire().await;
    let id = wire.send(introduced(&tl::help::GetConfig {})).await;
    let answer = wire.find(|heard| {
        let mut reader = Reader::of(&heard.body);
        reader.u32() == Ok(0xf35c_6d01) && reader.i64() == Ok(id.get())
    });
    let answer = answer.await;
    assert_eq!(answer.msg_id.get() & 3, REPLY);
    assert_eq!(answer.seq_no & 1, 1, "an answer wants to be acknowledged");
    world.stop().await;
}
