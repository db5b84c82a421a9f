//! Many sessions of one account: what each of them hears, how they come back, how they end.

#![allow(clippy::unwrap_used, reason = "in a test a panic is the report")]

use std::collections::BTreeSet;
use std::time::Duration;

use heliogram_testkit::{Heard, Person, Wire, World, introduced, soon};
use heliogram_tl as tl;
use heliogram_tl::{Encode as _, Raw, Reader};

const UPDATES_TOO_LONG: u32 = 0xe317_af7e;
const NEW_SESSION_CREATED: u32 = 0x9ec2_0908;

/// Says of which layer the session's client is, and makes the session hear updates.
async fn listen(wire: &mut Wire, layer: i32) {
    let init = tl::InitConnection {
        api_id: 1,
        device_model: format!("layer {layer}").into(),
        query: Raw(tl::updates::GetState {}.to_bytes().into()),
        ..Default::default()
    };
    let query = Raw(init.to_bytes().into());
    let msg_id = wire.send(tl::InvokeWithLayer { layer, query }.to_bytes()).await;
    wire.result(msg_id).await.unwrap();
}

/// The next push that says `text`, as it was encoded.
async fn pushed(wire: &mut Wire, text: &str) -> Heard {
    let needle = text.as_bytes().to_vec();
    wire.find(|heard| heard.body.windows(needle.len()).any(|window| window == needle)).await
}

/// Returns once nothing that was committed waits to be pushed.
async fn pushes_are_told(world: &World) {
    while world.server().health().await.unwrap().push_backlog > Duration::ZERO {
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
}

fn holds(heard: &Heard, id: u32) -> bool {
    heard.body.windows(4).any(|window| window == id.to_le_bytes())
}

/// The texts of what a session missed since `from`, in order.
async fn missed(wire: &mut Wire, from: i32) -> Vec<String> {
    let request = tl::updates::GetDifference { pts: from, date: 1, qts: 1, ..Default::default() };
    let messages = match wire.call(&request).await.unwrap() {
        tl::updates::Difference::Difference(all) => all.new_messages,
        tl::updates::Difference::DifferenceSlice(all) => all.new_messages,
        other => panic!("{other:?}"),
    };
    let text = |message: &tl::Message| match message {
        tl::Message::Message(message) => message.message.to_string(),
        other => panic!("{other:?}"),
    };
    messages.iter().map(text).collect()
}

async fn pts(wire: &mut Wire) -> i32 {
    let tl::updates::State::State(state) = wire.call(&tl::updates::GetState {}).await.unwrap();
    state.pts
}

async fn authorizations(person: &Person) -> Vec<Box<tl::types::Authorization>> {
    let listed = person.client.invoke(&tl::account::GetAuthorizations {}).await.unwrap();
    let tl::account::Authorizations::Authorizations(listed) = listed;
    let each = |tl::Authorization::Authorization(one)| one;
    listed.authorizations.into_iter().map(each).collect()
}

#[tokio::test]
async fn twelve_sessions_of_one_account_hear_everything_each_in_its_layer() {
    const MESSAGE_OF_158: u32 = 0x3811_6ee0;
    let world = World::in_memory();
    let (alice, bob) = (world.person("Alice").await, world.person("Bob").await);
    let mut ears = Vec::new();
    for layer in [158, 198, 214, 227, 228, 229, 158, 198, 214, 227, 228, 229] {
        let mut wire = world.wire_of(&bob).await;
        listen(&mut wire, layer).await;
        ears.push((layer, wire));
    }
    alice.say(&bob, "heard by all").await;
    for (layer, wire) in &mut ears {
        let heard = pushed(wire, "heard by all").await;
        assert_eq!(holds(&heard, MESSAGE_OF_158), *layer == 158, "layer {layer}");
    }
    world.stop().await;
}

#[tokio::test]
async fn a_session_that_comes_back_gets_the_answer_and_the_pushes_that_it_missed() {
    let world = World::in_memory();
    let (alice, bob) = (world.person("Alice").await, world.person("Bob").await);
    let mut wire = world.wire_of(&bob).await;
    listen(&mut wire, tl::LAYER).await;

    // The link breaks with a request on its way, and nobody knows how far it came.
    let request = introduced(&tl::updates::GetState {});
    let (msg_id, seq_no) = (wire.next_id(), wire.next_seq_no());
    let bytes = wire.seal(msg_id, seq_no, request.clone());
    wire.write(&bytes).await;
    wire.move_to(world.pipe());
    alice.say(&bob, "said meanwhile").await;

    let again = wire.seal(msg_id, seq_no, request);
    wire.write(&again).await;
    wire.result(msg_id).await.unwrap();
    pushed(&mut wire, "said meanwhile").await;
    // Sent again it may be, for nobody acknowledged it; but not another one.
    let renewed = |heard: &&Heard| Reader::of(&heard.body).peek_u32() == Ok(NEW_SESSION_CREATED);
    let renewals: BTreeSet<_> =
        wire.kept().iter().filter(renewed).map(|one| &one.body[..]).collect();
    assert!(renewals.len() <= 1, "the session was forgotten");
    world.stop().await;
}

#[tokio::test]
async fn a_reader_that_is_too_slow_is_told_to_ask_and_hears_everything() {
    const SAID: usize = 600;
    let world = World::in_memory();
    let (alice, bob) = (world.person("Alice").await, world.person("Bob").await);
    let mut slow = world.wire_of(&bob).await;
    listen(&mut slow, tl::LAYER).await;
    let from = pts(&mut slow).await;
    // Nobody reads: what is pushed waits in the session, up to its limit.
    let (connections, _) = world.server().load();
    slow.move_to(world.pipe());
    while world.server().load().0 > connections {
        tokio::task::yield_now().await;
    }
    let said: Vec<String> = (0..SAID).map(|number| format!("said {number}")).collect();
    for text in &said {
        alice.say(&bob, text).await;
    }
    // A message is acknowledged before it is pushed.
    soon("the pushes", pushes_are_told(&world)).await;
    slow.send(introduced(&tl::updates::GetState {})).await;
    slow.find_object(UPDATES_TOO_LONG).await;

    let (mut from, mut heard) = (from, Vec::new());
    while heard.len() < SAID {
        let page = missed(&mut slow, from).await;
        assert!(!page.is_empty(), "after {} the difference has no more", heard.len());
        from += i32::try_from(page.len()).unwrap();
        heard.extend(page);
    }
    assert_eq!(heard, said);
    world.stop().await;
}

#[tokio::test]
async fn who_acknowledged_too_little_is_told_to_ask_on_coming_back() {
    const SAID: usize = 100;
    let world = World::in_memory();
    let (alice, bob) = (world.person("Alice").await, world.person("Bob").await);
    let mut wire = world.wire_of(&bob).await;
    listen(&mut wire, tl::LAYER).await;
    // Together they are more than is kept for who acknowledges nothing, and a wire never does.
    let padding = "said ".repeat(800);
    for number in 0..SAID {
        alice.say(&bob, &format!("{padding}{number}")).await;
    }
    pushed(&mut wire, &format!("said {}", SAID - 1)).await;

    wire.move_to(world.pipe());
    wire.send(introduced(&tl::updates::GetState {})).await;
    wire.find_object(UPDATES_TOO_LONG).await;
    world.stop().await;
}

#[tokio::test]
async fn the_owner_sees_where_they_are_logged_in_and_ends_it() {
    let world = World::in_memory();
    let alice = world.person("Alice").await;
    let mut wire = world.wire_of(&alice).await;

    let listed = authorizations(&alice).await;
    let [own, other] = &listed[..] else { panic!("{listed:?}") };
    assert!(own.current && own.hash == 0);
    assert!(!other.current && other.hash != 0);
    assert_eq!(&*other.device_model, "testkit");
    let now = wire.now().unix();
    for date in [other.date_created, other.date_active] {
        assert!((now - 60..=now + 60).contains(&date), "{date} is not about {now}");
    }

    let hash = other.hash;
    assert!(alice.client.invoke(&tl::account::ResetAuthorization { hash }).await.unwrap());
    wire.closed().await;
    wire.move_to(world.pipe());
    let refusal = wire.call(&tl::updates::GetState {}).await.unwrap_err();
    assert_eq!((refusal.code, &*refusal.text), (401, "AUTH_KEY_UNREGISTERED"));
    assert_eq!(authorizations(&alice).await.len(), 1);
    let again = alice.client.invoke(&tl::account::ResetAuthorization { hash }).await.unwrap_err();
    assert!(again.is("HASH_INVALID"), "{again}");
    world.stop().await;
}

#[tokio::test]
async fn all_others_are_ended_at_once_and_hear_nothing_any_more() {
    let world = World::in_memory();
    let (alice, bob) = (world.person("Alice").await, world.person("Bob").await);
    let mut others = Vec::new();
    for _ in 0..3 {
        let mut wire = world.wire_of(&alice).await;
        listen(&mut wire, tl::LAYER).await;
        others.push(wire);
    }
    assert!(alice.client.invoke(&tl::auth::ResetAuthorizations {}).await.unwrap());
    let mut inbox = alice.inbox();
    bob.say(&alice, "for the owner alone").await;
    assert_eq!(inbox.message(bob.id).await.message, "for the owner alone");
    for wire in &mut others {
        wire.closed().await;
        let overheard = wire
            .kept()
            .iter()
            .any(|heard| heard.body.windows(9).any(|window| window == b"the owner"));
        assert!(!overheard, "a session that was ended hears on");
        wire.move_to(world.pipe());
        assert_eq!(wire.call(&tl::updates::GetState {}).await.unwrap_err().code, 401);
    }
    assert!(alice.client.invoke(&tl::account::ResetWebAuthorizations {}).await.unwrap());
    world.stop().await;
}

#[tokio::test]
async fn a_key_that_was_ended_can_log_in_again() {
    let world = World::in_memory();
    let alice = world.person("Alice").await;
    let mut wire = world.wire_of(&alice).await;
    assert!(alice.client.invoke(&tl::auth::ResetAuthorizations {}).await.unwrap());
    wire.closed().await;
    wire.move_to(world.pipe());
    wire.log_in(&alice.phone, "11111").await;
    assert!(wire.call(&tl::updates::GetState {}).await.is_ok());
    world.stop().await;
}

#[tokio::test]
async fn the_days_after_which_a_login_ends_are_the_owners_choice() {
    let world = World::in_memory();
    let alice = world.person("Alice").await;
    let days = async || {
        let listed = alice.client.invoke(&tl::account::GetAuthorizations {}).await.unwrap();
        let tl::account::Authorizations::Authorizations(listed) = listed;
        listed.authorization_ttl_days
    };
    assert_eq!(days().await, 183);
    let set = |authorization_ttl_days| tl::account::SetAuthorizationTtl { authorization_ttl_days };
    assert!(alice.client.invoke(&set(7)).await.unwrap());
    assert_eq!(days().await, 7);
    let refused = alice.client.invoke(&set(0)).await.unwrap_err();
    assert!(refused.is("TTL_DAYS_INVALID"), "{refused}");
    world.stop().await;
}

#[tokio::test]
async fn a_session_that_is_begun_on_a_connection_takes_it_over() {
    let world = World::in_memory();
    let (alice, bob) = (world.person("Alice").await, world.person("Bob").await);
    let mut wire = world.wire_of(&bob).await;
    listen(&mut wire, tl::LAYER).await;
    let older = wire.session_id;
    wire.start_session();
    listen(&mut wire, tl::LAYER).await;

    for text in ["heard once", "the end"] {
        alice.say(&bob, text).await;
        pushed(&mut wire, text).await;
    }
    listen(&mut wire, tl::LAYER).await;
    let is_copy = |heard: &Heard| heard.body.windows(10).any(|window| window == b"heard once");
    assert!(!wire.kept().iter().any(is_copy), "the older session is still told here");

    // A client that uses both after all gets what waits for the older one.
    wire.session_id = older;
    wire.call(&tl::updates::GetState {}).await.unwrap();
    pushed(&mut wire, "heard once").await;
    world.stop().await;
}
