//! The ways of browsers: WebSocket, HTTP, and both behind TLS, on the port of everything else.
//!
//! The far ends are other people's libraries: tungstenite speaks WebSocket, hyper HTTP, rustls TLS.

#![allow(clippy::unwrap_used, reason = "in a test a panic is the report")]

mod door;
mod http;
mod socket;

use std::io;
use std::sync::Arc;
use std::time::Duration;

use heliogram_client::{Client, LoginStep};
use heliogram_ids::{DcId, SessionId};
use heliogram_testkit::{Person, Wire, World, soon};
use heliogram_tl as tl;
use heliogram_tl::Encode as _;

use door::Door;
use http::Browser;

/// A client of the framework whose connections are made by `connector`.
async fn client<F, S>(world: &World, connector: impl Fn() -> F + Send + Sync + 'static) -> Client
where
    F: Future<Output = io::Result<S>> + Send + 'static,
    S: tokio::io::AsyncRead + tokio::io::AsyncWrite + Send + Unpin + 'static,
{
    let dc = DcId::new(2).unwrap();
    let builder = Client::builder().api(1, "hash").dc(dc, connector, [*world.key()]);
    soon("a connection", builder.connect()).await.unwrap()
}

/// Another device of somebody, logged in.
async fn device(of: &Person, client: Client) -> Person {
    let step = soon("a code", client.login_phone(&of.phone)).await.unwrap();
    let LoginStep::Code(code) = step else { panic!("no code is asked for: {step:?}") };
    let step = soon("a login", code.submit("11111")).await.unwrap();
    assert!(matches!(step, LoginStep::Done(_)), "{step:?}");
    Person { client, ..of.clone() }
}

/// Both hear what the other says.
async fn check_talk(alice: &Person, bob: &Person) {
    let (mut to_alice, mut to_bob) = (alice.inbox(), bob.inbox());
    alice.say(bob, "can you hear me?").await;
    assert_eq!(to_bob.message(alice.id).await.message, "can you hear me?");
    bob.say(alice, &"yes ".repeat(1000)).await;
    assert_eq!(to_alice.message(bob.id).await.message, "yes ".repeat(1000).trim_end());
}

#[tokio::test]
async fn people_talk_over_a_websocket() {
    let world = World::in_memory();
    let (alice, bob) = (world.person("Alice").await, world.person("Bob").await);
    let server = world.shared();
    let browser = client(&world, move || {
        let pipe = server.pipe().map_err(io::Error::other);
        async move { socket::through(pipe?).await }
    });
    let bob = device(&bob, browser.await).await;
    check_talk(&alice, &bob).await;
    world.stop().await;
}

/// A browser with two connections, on which somebody is logged in and listens.
async fn surfing(world: &World, person: &Person) -> (Browser, Wire) {
    let (browser, stream) = Browser::open([world.pipe(), world.pipe()]).await;
    let mut wire = soon("a key", Wire::open(stream, *world.key())).await;
    wire.log_in(&person.phone, "11111").await;
    // As often as there are connections, so that none of them is new any more.
    for _ in 0..2 {
        wire.call(&tl::updates::GetState {}).await.unwrap();
    }
    (browser, wire)
}

fn http_wait(max_wait: Duration) -> Vec<u8> {
    let max_wait = i32::try_from(max_wait.as_millis()).unwrap();
    tl::mtproto::types::HttpWait { max_delay: 0, wait_after: 0, max_wait }.to_bytes()
}

#[tokio::test]
async fn updates_come_to_whoever_waits_for_them_over_http() {
    let world = World::in_memory();
    let (alice, bob) = (world.person("Alice").await, world.person("Bob").await);
    let (browser, mut wire) = surfing(&world, &bob).await;
    let before = browser.responses();
    wire.send(http_wait(Duration::from_secs(50))).await;
    browser.posted(before + 1).await;
    // The other connection is not held up by the one that waits.
    wire.call(&tl::updates::GetState {}).await.unwrap();
    assert_eq!(browser.responses(), before + 1);

    alice.say(&bob, "over http").await;
    let found = wire.find(|heard| heard.body.windows(9).any(|nine| nine == b"over http"));
    soon("the update", found).await;
    assert_eq!(browser.responses(), before + 2);
    world.stop().await;
}

#[tokio::test]
async fn a_response_is_empty_when_nothing_came_up() {
    let world = World::in_memory();
    let bob = world.person("Bob").await;
    let (browser, mut wire) = surfing(&world, &bob).await;
    let before = browser.responses();
    wire.send(http_wait(Duration::from_millis(200))).await;
    soon("a response", browser.answered(before + 1)).await;
    // It holds a container, and that holds nothing; the link goes on.
    wire.call(&tl::updates::GetState {}).await.unwrap();
    world.stop().await;
}

#[tokio::test]
async fn requests_may_be_sent_before_the_last_is_answered() {
    let world = World::in_memory();
    let bob = world.person("Bob").await;
    let (_browser, mut wire) = surfing(&world, &bob).await;
    let mut asked = Vec::new();
    for _ in 0..20 {
        asked.push(wire.send(heliogram_testkit::introduced(&tl::help::GetNearestDc {})).await);
    }
    for request in asked {
        wire.result(request).await.unwrap();
    }
    world.stop().await;
}

#[tokio::test]
async fn a_balancer_may_send_everybody_over_one_connection() {
    let world = World::in_memory();
    let (browser, stream) = Browser::open([world.pipe()]).await;
    let mut wire = soon("a key", Wire::open(stream, *world.key())).await;
    for session in 1..=40 {
        wire.session_id = SessionId(session);
        wire.call(&tl::help::GetNearestDc {}).await.unwrap();
    }
    assert!(browser.responses() > 40);
    world.stop().await;
}

#[tokio::test]
async fn one_port_speaks_everything_behind_tls_and_before_it() {
    let world = World::in_memory();
    let door = Arc::new(Door::open(&world).await);
    let (alice, bob) = (world.person("Alice").await, world.person("Bob").await);

    let way = Arc::clone(&door);
    let secure = client(&world, move || {
        let way = Arc::clone(&way);
        async move { socket::through(way.tls().await?).await }
    });
    let bob = device(&bob, secure.await).await;
    let way = Arc::clone(&door);
    let plain = client(&world, move || {
        let way = Arc::clone(&way);
        async move { way.plain().await }
    });
    let alice = device(&alice, plain.await).await;
    check_talk(&alice, &bob).await;

    let (_browser, stream) = Browser::open([door.tls().await.unwrap()]).await;
    let mut wire = soon("a key", Wire::open(stream, *world.key())).await;
    wire.log_in(&bob.phone, "11111").await;
    world.stop().await;
}
