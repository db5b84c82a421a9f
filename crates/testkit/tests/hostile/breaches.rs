//! Peers that break the protocol: they get the documented answer or lose their connection.

use heliogram_crypto::{Random as _, SeededRandom};
use heliogram_ids::{MsgId, Salt};
use heliogram_testkit::{Person, Refusal, Wire, World, introduced};
use heliogram_tl as tl;
use heliogram_tl::{Constructor as _, Decode as _};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

use crate::Bystanders;

/// Says `bytes` on a fresh connection, and waits for the server to close it.
async fn check_closed(world: &World, bytes: &[u8]) {
    let mut pipe = world.pipe();
    // The server may close before everything is said.
    let _ = pipe.write_all(bytes).await;
    let mut answer = Vec::new();
    let read = heliogram_testkit::soon("the server to close", pipe.read_to_end(&mut answer)).await;
    assert!(read.is_err() || answer.is_empty() || answer.len() <= 8, "a speech for {bytes:02x?}");
}

#[tokio::test]
async fn a_frame_that_its_framing_does_not_allow_closes_the_connection() {
    let world = World::in_memory();
    let mut bystanders = Bystanders::of(&world).await;
    let intermediate = [0xee; 4];
    let with = |rest: &[u8]| [&intermediate[..], rest].concat();
    check_closed(&world, &with(&0x7fff_fffc_u32.to_le_bytes())).await;
    check_closed(&world, &with(&(17_u32 << 20).to_le_bytes())).await;
    check_closed(&world, &with(&[5, 0, 0, 0, 1, 2, 3, 4, 5])).await;
    check_closed(&world, &with(&[0; 4])).await;
    bystanders.talk().await;
    world.stop().await;
}

#[tokio::test]
async fn noise_harms_nobody() {
    let world = World::in_memory();
    let mut bystanders = Bystanders::of(&world).await;
    let mut rng = SeededRandom::new(11);
    for _ in 0..50 {
        let mut noise = vec![0; 2000];
        rng.fill(&mut noise);
        let mut pipe = world.pipe();
        let _ = pipe.write_all(&noise).await;
        drop(pipe);
    }
    bystanders.talk().await;
    world.stop().await;
}

#[tokio::test]
async fn a_key_that_nobody_made_is_refused_with_404() {
    let world = World::in_memory();
    let mut wire = world.wire().await;
    let mut rng = SeededRandom::new(12);
    let mut frame = vec![0; 4 + 8 + 16 + 64];
    rng.fill(&mut frame);
    frame[..4].copy_from_slice(&88_u32.to_le_bytes());
    wire.write(&frame).await;
    assert_eq!(wire.error().await, -404);
    world.stop().await;
}

#[tokio::test]
async fn one_flipped_bit_closes_the_connection() {
    let world = World::in_memory();
    let mut bystanders = Bystanders::of(&world).await;
    // In the message key, in the first block, in the last byte: all are covered.
    for place in [12, 30, usize::MAX] {
        let mut wire = world.wire().await;
        let (id, seq_no) = (wire.next_id(), wire.next_seq_no());
        let mut bytes = wire.seal(id, seq_no, introduced(&tl::help::GetConfig {}));
        let place = place.min(bytes.len() - 1);
        bytes[place] ^= 1;
        wire.write(&bytes).await;
        wire.closed().await;
        assert!(wire.kept().is_empty(), "a forged message was answered: {:?}", wire.kept());
    }
    bystanders.talk().await;
    world.stop().await;
}

/// The peer to write to somebody, as that session was shown them.
async fn shown(wire: &mut Wire, to: &Person) -> tl::InputPeer {
    let request =
        tl::contacts::ResolveUsername { username: to.username.as_str().into(), referer: None };
    let found = wire.call(&request).await.unwrap();
    let tl::contacts::ResolvedPeer::ResolvedPeer(found) = found;
    let Some(tl::User::User(user)) = found.users.into_iter().next() else {
        panic!("nobody is shown")
    };
    let access_hash = user.access_hash.unwrap_or_default();
    tl::types::InputPeerUser { user_id: user.id, access_hash }.into()
}

#[tokio::test]
async fn a_replayed_message_is_answered_and_not_run_again() {
    let world = World::in_memory();
    let (alice, bob) = (world.person("Alice").await, world.person("Bob").await);
    let mut wire = world.wire_of(&alice).await;
    let peer = shown(&mut wire, &bob).await;
    let request = tl::messages::SendMessage {
        peer,
        message: "once".into(),
        random_id: 77,
        ..Default::default()
    };
    let (id, seq_no) = (wire.next_id(), wire.next_seq_no());
    let bytes = wire.seal(id, seq_no, introduced(&request));
    wire.write(&bytes).await;
    let first = wire.result(id).await.unwrap();
    wire.write(&bytes).await;
    assert_eq!(wire.result(id).await.unwrap(), first);
    assert_eq!(bob.texts_with(&alice).await, ["once"]);
    world.stop().await;
}

#[tokio::test]
async fn a_message_replayed_over_another_connection_is_not_run_again() {
    let world = World::in_memory();
    let (alice, bob) = (world.person("Alice").await, world.person("Bob").await);
    let mut wire = world.wire_of(&alice).await;
    let peer = shown(&mut wire, &bob).await;
    let request = tl::messages::SendMessage {
        peer,
        message: "once".into(),
        random_id: 78,
        ..Default::default()
    };
    let (id, seq_no) = (wire.next_id(), wire.next_seq_no());
    let bytes = wire.seal(id, seq_no, introduced(&request));
    wire.write(&bytes).await;
    wire.result(id).await.unwrap();

    // Whoever recorded the bytes gets the answer again, which is of no use without the key; and
    // the connection that they were recorded from goes on.
    let mut thief = world.pipe();
    thief.write_all(&[0xee; 4]).await.unwrap();
    thief.write_all(&bytes).await.unwrap();
    let mut answer = [0; 64];
    heliogram_testkit::soon("an answer", thief.read_exact(&mut answer)).await.unwrap();
    wire.call(&tl::help::GetConfig {}).await.unwrap();
    assert_eq!(bob.texts_with(&alice).await, ["once"]);
    world.stop().await;
}

#[tokio::test]
async fn an_unknown_constructor_is_an_error_and_the_connection_lives() {
    let world = World::in_memory();
    let mut wire = world.wire().await;
    let id = wire.send(0xdead_beef_u32.to_le_bytes().to_vec()).await;
    let refusal = wire.result(id).await.unwrap_err();
    assert_eq!(refusal, Refusal { code: 400, text: "METHOD_INVALID".to_owned() });
    wire.call(&tl::help::GetConfig {}).await.unwrap();
    world.stop().await;
}

#[tokio::test]
async fn a_request_cut_short_is_an_error_and_the_connection_lives() {
    let world = World::in_memory();
    let mut wire = world.wire().await;
    let request = tl::auth::SendCode {
        phone_number: "+9996610000".into(),
        api_id: 1,
        api_hash: "hash".into(),
        settings: tl::types::CodeSettings::default().into(),
    };
    let whole = introduced(&request);
    for length in (4..whole.len()).step_by(4) {
        let id = wire.send(whole.slice(..length)).await;
        let refusal = wire.result(id).await.unwrap_err();
        assert_eq!(refusal.code, 400, "{refusal:?} for the first {length} bytes");
    }
    wire.call(&tl::help::GetConfig {}).await.unwrap();
    world.stop().await;
}

async fn bad_message(wire: &mut Wire, id: MsgId, seq_no: i32) -> i32 {
    let bytes = wire.seal(id, seq_no, introduced(&tl::help::GetConfig {}));
    wire.write(&bytes).await;
    let heard = wire.find_object(tl::mtproto::types::BadMsgNotification::ID).await;
    let bad = tl::mtproto::types::BadMsgNotification::from_bytes(&heard.body).unwrap();
    assert_eq!(bad.bad_msg_id, id.get());
    bad.error_code
}

#[tokio::test]
async fn numbers_out_of_their_time_or_kind_are_named() {
    let world = World::in_memory();
    let mut wire = world.wire().await;
    wire.call(&tl::help::GetConfig {}).await.unwrap();
    let seconds = |count: i64| count << 32;
    let now = wire.next_id().get();
    let seq_no = wire.next_seq_no();
    assert_eq!(bad_message(&mut wire, MsgId(now - seconds(400)), seq_no).await, 16);
    assert_eq!(bad_message(&mut wire, MsgId(now + seconds(60)), seq_no).await, 17);
    assert_eq!(bad_message(&mut wire, MsgId(now + 2), seq_no).await, 18);
    wire.call(&tl::help::GetConfig {}).await.unwrap();
    world.stop().await;
}

#[tokio::test]
async fn a_wrong_salt_is_corrected() {
    let world = World::in_memory();
    let mut wire = world.wire().await;
    let right = wire.salt;
    wire.salt = Salt(right.get() ^ 1);
    let id = wire.send(introduced(&tl::help::GetConfig {})).await;
    let heard = wire.find_object(tl::mtproto::types::BadServerSalt::ID).await;
    let bad = tl::mtproto::types::BadServerSalt::from_bytes(&heard.body).unwrap();
    assert_eq!((bad.bad_msg_id, bad.error_code), (id.get(), 48));
    assert_ne!(bad.new_server_salt, wire.salt.get());
    wire.salt = Salt(bad.new_server_salt);
    wire.call(&tl::help::GetConfig {}).await.unwrap();
    // The one that the handshake agreed on stays good beside it.
    wire.salt = right;
    wire.call(&tl::help::GetConfig {}).await.unwrap();
    world.stop().await;
}

#[tokio::test]
async fn who_is_not_logged_in_is_told_so() {
    let world = World::in_memory();
    let mut wire = world.wire().await;
    let refusal = wire.call(&tl::messages::GetDialogs::default()).await.unwrap_err();
    assert_eq!(refusal, Refusal { code: 401, text: "AUTH_KEY_UNREGISTERED".to_owned() });
    world.stop().await;
}

#[tokio::test]
async fn a_guessed_access_hash_opens_no_chat() {
    let world = World::in_memory();
    let (alice, bob) = (world.person("Alice").await, world.person("Bob").await);
    let mut wire = world.wire_of(&alice).await;
    let peer = tl::types::InputPeerUser { user_id: bob.id.get(), access_hash: 1 };
    let request = tl::messages::SendMessage {
        peer: peer.into(),
        message: "unasked".into(),
        random_id: 1,
        ..Default::default()
    };
    let refusal = wire.call(&request).await.unwrap_err();
    assert_eq!(refusal, Refusal { code: 400, text: "PEER_ID_INVALID".to_owned() });
    world.stop().await;
}
