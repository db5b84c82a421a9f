//! One message, from bytes to bytes: each stage shows itself on the wire or in what is kept.

use heliogram_ids::Peer;
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
    assert_eq!(created.server_salt, near.salt.get());

    // Permission: somebody is addressed by the hash that this account was shown, and no other.
    let request = tl::contacts::ResolveUsername { username: bob.username.as_str().into(), referer: None };
    let tl::contacts::ResolvedPeer::ResolvedPeer(found) = near.call(&request).await.unwrap();
    let Some(tl::User::User(user)) = found.users.into_iter().next() else { panic!("nobody is shown") };
    let peer = tl::types::InputPeerUser { user_id: user.id, access_hash: user.access_hash.unwrap() };

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
    let tl::Updates::UpdateShortSentMessage(sent) = tl::Updates::from_bytes(&result).unwrap() else {
        panic!("a text to a user has a short answer");
    };
    assert!(sent.out);
    assert_eq!((sent.pts, sent.pts_count), (alices.pts + 1, 1));

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
    let request = tl::updates::GetDifference { pts: bobs.pts, date: bobs.date, ..Default::default() };
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
    assert_eq!((own.id, own.out, own.date), (sent.id, true, sent.date));

    // Once: the same message under another number of the protocol is the same message.
    let again = tl::messages::SendMessage {
        peer: tl::types::InputPeerUser { user_id: user.id, access_hash: user.access_hash.unwrap() }.into(),
        message: "  bytes to bytes ".into(),
        random_id: 0x5eed,
        ..Default::default()
    };
    match near.call(&again).await {
        Ok(tl::Updates::UpdateShortSentMessage(repeated)) => assert_eq!(repeated.id, sent.id),
        Err(refusal) => assert_eq!(refusal.text, "RANDOM_ID_DUPLICATE"),
        Ok(other) => panic!("answered was {other:?}"),
    }
    assert_eq!(bob.texts_with(&alice).await, ["bytes to bytes"]);
    world.stop().await;
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
