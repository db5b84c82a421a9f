//! Perfect forward secrecy: temporary keys, what they may do, and how they end.

#![allow(clippy::unwrap_used, reason = "in a test a panic is the report")]

use std::sync::Arc;
use std::time::Duration;

use heliogram_crypto::{AuthKey, Random as _};
use heliogram_ids::{AuthKeyId, MsgId};
use heliogram_mtproto::bind;
use heliogram_mtproto::handshake::{HandshakeConfig, RsaPadding};
use heliogram_net::OsRandom;
use heliogram_testkit::{Person, Refusal, Wire, World, handshake, introduced};
use heliogram_tl as tl;

const HOUR: Duration = Duration::from_secs(3600);

fn temporary(world: &World, lifetime: Duration) -> HandshakeConfig {
    HandshakeConfig { expires_in: Some(lifetime), ..handshake(*world.key()) }
}

/// Has the key in use speak for `perm`, as a message with the id `msg_id` would.
fn binding(
    wire: &Wire,
    perm: &AuthKey,
    msg_id: MsgId,
    lifetime: Duration,
) -> tl::auth::BindTempAuthKey {
    let binding = bind::Binding {
        nonce: OsRandom.i64(),
        temp_auth_key_id: AuthKeyId(wire.key().id()),
        perm_auth_key_id: AuthKeyId(perm.id()),
        temp_session_id: wire.session_id,
        expires_at: (wire.now() + lifetime).unix(),
    };
    tl::auth::BindTempAuthKey {
        perm_auth_key_id: binding.perm_auth_key_id.get(),
        nonce: binding.nonce,
        expires_at: binding.expires_at,
        encrypted_message: bind::seal(&binding, msg_id, perm, &mut OsRandom).into(),
    }
}

async fn send(wire: &mut Wire, msg_id: MsgId, body: Vec<u8>) -> Result<(), Refusal> {
    let seq_no = wire.next_seq_no();
    let bytes = wire.seal(msg_id, seq_no, body);
    wire.write(&bytes).await;
    wire.result(msg_id).await.map(drop)
}

/// Binds the key in use, before anything else is said on it.
async fn bind(wire: &mut Wire, perm: &AuthKey, lifetime: Duration) -> Result<(), Refusal> {
    let msg_id = wire.next_id();
    let request = binding(wire, perm, msg_id, lifetime);
    send(wire, msg_id, tl::Encode::to_bytes(&request)).await
}

/// Makes a temporary key on the connection and binds it, in a session of its own.
async fn renew(world: &World, wire: &mut Wire, perm: &AuthKey, lifetime: Duration) {
    wire.agree(temporary(world, lifetime)).await;
    wire.start_session();
    bind(wire, perm, lifetime).await.unwrap();
}

/// Who the server takes the holder of the key in use for.
async fn me(wire: &mut Wire) -> Result<i64, String> {
    let request = tl::users::GetUsers { id: vec![tl::InputUser::InputUserSelf] };
    let users = wire.call(&request).await.map_err(|refusal| refusal.text)?;
    let [tl::User::User(user)] = &users[..] else { panic!("{users:?}") };
    Ok(user.id)
}

/// A connection that is logged in on a permanent key.
async fn stage(world: &World) -> (Person, Wire, Arc<AuthKey>) {
    let alice = world.person("Alice").await;
    let wire = world.wire_of(&alice).await;
    let perm = Arc::clone(wire.key());
    (alice, wire, perm)
}

#[tokio::test]
async fn keys_are_made_in_every_form_and_after_probes() {
    let world = World::in_memory();
    for padding in [RsaPadding::Pad, RsaPadding::Legacy] {
        for dc in [None, Some(2), Some(-4), Some(10_002)] {
            for expires_in in [None, Some(HOUR)] {
                let mut wire = world.wire().await;
                wire.probe().await;
                wire.agree(HandshakeConfig { padding, dc, expires_in, ..handshake(*world.key()) })
                    .await;
                wire.start_session();
                let refusal = wire.call(&tl::updates::GetState {}).await.unwrap_err();
                let expected = match expires_in {
                    None => "AUTH_KEY_UNREGISTERED",
                    Some(_) => "AUTH_KEY_PERM_EMPTY",
                };
                assert_eq!(refusal.text, expected, "{padding:?} {dc:?} {expires_in:?}");
            }
        }
    }
    world.stop().await;
}

#[tokio::test]
async fn many_temporary_keys_speak_for_one_permanent_key() {
    let world = World::in_memory();
    let (alice, mut wire, perm) = stage(&world).await;
    let mut others = Vec::new();
    for _ in 0..5 {
        let mut other = world.wire().await;
        renew(&world, &mut other, &perm, HOUR).await;
        others.push(other);
    }
    for other in &mut others {
        assert_eq!(me(other).await, Ok(alice.id.get()));
    }
    // And on one connection, the permanent key beside them.
    renew(&world, &mut wire, &perm, HOUR).await;
    assert_eq!(me(&mut wire).await, Ok(alice.id.get()));
    wire.use_key(&perm);
    wire.start_session();
    assert_eq!(me(&mut wire).await, Ok(alice.id.get()));
    world.stop().await;
}

#[tokio::test]
async fn an_unbound_key_may_bind_and_nothing_else() {
    let world = World::in_memory();
    let (alice, mut wire, perm) = stage(&world).await;
    wire.agree(temporary(&world, HOUR)).await;
    wire.start_session();
    assert_eq!(me(&mut wire).await, Err("AUTH_KEY_PERM_EMPTY".to_owned()));
    bind(&mut wire, &perm, HOUR).await.unwrap();
    assert_eq!(me(&mut wire).await, Ok(alice.id.get()));
    // A client that missed the answer asks again.
    bind(&mut wire, &perm, HOUR).await.unwrap();
    world.stop().await;
}

#[tokio::test]
async fn a_proof_holds_for_one_key_one_session_and_one_message() {
    let world = World::in_memory();
    let (_, mut wire, perm) = stage(&world).await;
    let stranger = Arc::clone(world.wire().await.key());
    wire.agree(temporary(&world, HOUR)).await;
    wire.start_session();
    let refused = |answer: Result<(), Refusal>| answer.unwrap_err().text;

    let (msg_id, other_id) = (wire.next_id(), wire.next_id());
    let of_another_message = binding(&wire, &perm, msg_id, HOUR);
    let answer = send(&mut wire, other_id, tl::Encode::to_bytes(&of_another_message)).await;
    assert_eq!(refused(answer), "ENCRYPTED_MESSAGE_INVALID");

    let msg_id = wire.next_id();
    let session = wire.session_id;
    wire.session_id = heliogram_ids::SessionId(session.get() ^ 1);
    let of_another_session = binding(&wire, &perm, msg_id, HOUR);
    wire.session_id = session;
    let answer = send(&mut wire, msg_id, tl::Encode::to_bytes(&of_another_session)).await;
    assert_eq!(refused(answer), "ENCRYPTED_MESSAGE_INVALID");

    let msg_id = wire.next_id();
    let mut forged = binding(&wire, &stranger, msg_id, HOUR);
    forged.perm_auth_key_id = perm.id();
    let answer = send(&mut wire, msg_id, tl::Encode::to_bytes(&forged)).await;
    assert_eq!(refused(answer), "ENCRYPTED_MESSAGE_INVALID");

    let unknown = AuthKey::new([7; 256]);
    assert_eq!(refused(bind(&mut wire, &unknown, HOUR).await), "ENCRYPTED_MESSAGE_INVALID");

    let msg_id = wire.next_id();
    let mut late = binding(&wire, &perm, msg_id, HOUR);
    late.expires_at = wire.now().unix() - 1;
    let answer = send(&mut wire, msg_id, tl::Encode::to_bytes(&late)).await;
    assert_eq!(refused(answer), "EXPIRES_AT_INVALID");

    bind(&mut wire, &perm, HOUR).await.unwrap();
    let answer = bind(&mut wire, &stranger, HOUR).await;
    assert_eq!(refused(answer), "TEMP_AUTH_KEY_ALREADY_BOUND");
    world.stop().await;
}

#[tokio::test]
async fn a_key_whose_time_is_over_is_unknown_and_its_successor_is_welcome() {
    let world = World::in_memory();
    let (alice, mut wire, perm) = stage(&world).await;
    // The server goes by the real clock here; by a clock that is moved, its own tests do.
    // Long enough for a busy machine to bind the key and to use it once.
    let lifetime = Duration::from_secs(6);
    renew(&world, &mut wire, &perm, lifetime).await;
    assert_eq!(me(&mut wire).await, Ok(alice.id.get()));
    tokio::time::sleep(lifetime).await;

    wire.send(introduced(&tl::updates::GetState {})).await;
    assert_eq!(wire.error().await, -404);
    wire.move_to(world.pipe());
    renew(&world, &mut wire, &perm, HOUR).await;
    assert_eq!(me(&mut wire).await, Ok(alice.id.get()));
    world.stop().await;
}

#[tokio::test]
async fn dropped_keys_are_unknown_but_for_those_that_were_named() {
    let world = World::in_memory();
    let (alice, mut wire, perm) = stage(&world).await;
    let (mut dropped, mut kept) = (world.wire().await, world.wire().await);
    renew(&world, &mut dropped, &perm, HOUR).await;
    renew(&world, &mut kept, &perm, HOUR).await;
    let except_auth_keys = vec![kept.key().id()];
    assert!(wire.call(&tl::auth::DropTempAuthKeys { except_auth_keys }).await.unwrap());

    dropped.closed().await;
    dropped.move_to(world.pipe());
    dropped.send(introduced(&tl::updates::GetState {})).await;
    assert_eq!(dropped.error().await, -404);
    assert_eq!(me(&mut kept).await, Ok(alice.id.get()));
    world.stop().await;
}

#[tokio::test]
async fn a_restart_costs_the_temporary_key_and_no_login() {
    let directory = tempfile::tempdir().unwrap();
    let world = World::at(directory.path());
    let (alice, mut wire, perm) = stage(&world).await;
    renew(&world, &mut wire, &perm, HOUR).await;
    assert_eq!(me(&mut wire).await, Ok(alice.id.get()));
    let id = alice.id.get();
    alice.client.shutdown().await.unwrap();
    drop(alice);
    world.stop().await;

    let world = World::at(directory.path());
    wire.move_to(world.pipe());
    wire.send(introduced(&tl::updates::GetState {})).await;
    assert_eq!(wire.error().await, -404);
    wire.move_to(world.pipe());
    renew(&world, &mut wire, &perm, HOUR).await;
    assert_eq!(me(&mut wire).await, Ok(id));
    world.stop().await;
}
