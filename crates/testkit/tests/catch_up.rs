//! A client that was away learns of everything: in order, and once.

#![allow(clippy::unwrap_used, reason = "in a test a panic is the report")]

use heliogram_client::session::FileSession;
use heliogram_testkit::{Inbox, World};

#[tokio::test]
async fn what_happened_while_a_client_was_stopped_is_delivered_once_and_in_order() {
    let world = World::in_memory();
    let (alice, bob) = (world.person("Alice").await, world.person("Bob").await);
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("bob.session");

    let device = world.device(&bob.phone, FileSession::open(&path).unwrap()).await;
    let mut inbox = Inbox::from_oldest(&device);
    for text in ["handled", "seen"] {
        alice.say(&bob, text).await;
        assert_eq!(inbox.message(alice.id).await.message, text);
    }
    // Nobody has asked for what comes after "seen", so it does not count as handled.
    drop(inbox);
    device.shutdown().await.unwrap();
    drop(device);

    let missed: Vec<String> = (0..50).map(|number| format!("missed {number}")).collect();
    for text in &missed {
        alice.say(&bob, text).await;
    }

    let client = world.client().session(FileSession::open(&path).unwrap()).connect().await.unwrap();
    assert_eq!(client.login().unwrap().user_id, bob.id);
    let mut inbox = Inbox::resumed(&client);
    let mut expected = vec!["seen".to_owned()];
    expected.extend(missed);
    let last = expected.last().unwrap().clone();
    assert_eq!(inbox.texts_until(alice.id, &last).await, expected);

    // Were anything delivered twice, it would come before this.
    alice.say(&bob, "end").await;
    assert_eq!(inbox.texts_until(alice.id, "end").await, ["end"]);
    world.stop().await;
}
