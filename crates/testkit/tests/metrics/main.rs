//! What operators see: the exposition is sound, and it moves as people do things.

mod exposition;

use std::sync::Arc;
use std::time::Duration;

use exposition::Exposition;
use heliogram_testkit::{World, soon};
use heliogram_tl as tl;
use prometheus_client::encoding::prometheus_text::encode;
use prometheus_client::registry::Registry;

/// Waits until the page shows it.
async fn until(world: &World, what: &str, is_there: impl Fn(&Exposition) -> bool) {
    soon(what, async {
        while !is_there(&scrape(world)) {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    })
    .await;
}

fn scrape(world: &World) -> Exposition {
    let (mut registry, mut text) = (Registry::default(), String::new());
    Arc::clone(&world.shared()).register(&mut registry);
    encode(&mut text, &registry).expect("text takes everything");
    Exposition::read(&text).unwrap_or_else(|fault| panic!("{fault}\n{text}"))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_people_do_shows() {
    let dir = tempfile::tempdir().expect("a directory");
    let world = World::at(dir.path());
    let (alice, bob) = (world.person("Alice").await, world.person("Bob").await);
    let mut inbox = bob.inbox();
    let sent = r#"heliogram_rpc_requests_total{method="messages.sendMessage",outcome="answered"}"#;
    // Who has asked for something is told of what others do.
    soon("a state", bob.client.invoke(&tl::updates::GetState {})).await.expect("it is told");
    let before = scrape(&world);
    assert_eq!(before.value(sent), None, "nobody has sent anything yet");
    assert_eq!(before.value("heliogram_blobs"), Some(0.0));

    for text in ["one", "two", "three"] {
        alice.say(&bob, text).await;
    }
    inbox.texts_until(alice.id, "three").await;
    let file = vec![7; 10_000];
    let upload = alice.client.upload(&file[..], Some(10_000), "seven.bin").run();
    let file = soon("an upload", upload).await.expect("parts are taken");
    let document = alice.client.send_document(bob.username.as_str(), file, "application/x-seven");
    soon("a document", async { document.await }).await.expect("the document is taken");

    // Whoever is quick hears of it from a difference, before the fan-out has had its turn.
    until(&world, "a push", |page| page.value("heliogram_pushes_total") > Some(0.0)).await;
    let after = scrape(&world);
    assert_eq!(after.value(sent), Some(3.0));
    assert_eq!(after.value("heliogram_blobs"), Some(1.0));
    assert_eq!(after.value("heliogram_blobs_bytes"), Some(10_000.0));
    for counter in [
        "heliogram_pushes_total",
        "heliogram_push_lag_seconds_count",
        "heliogram_commit_duration_seconds_count",
        "heliogram_commit_transactions_sum",
        "heliogram_commit_written_bytes_total",
    ] {
        let [was, is] = [&before, &after].map(|scrape| scrape.value(counter).unwrap_or_default());
        assert!(is > was, "{counter}: {was}, then {is}");
    }
    let at_least = |name: &str, least: f64| {
        let value = after.value(name);
        assert!(value.is_some_and(|value| value >= least), "{name}: {value:?}");
    };
    at_least("heliogram_connections", 2.0);
    at_least("heliogram_sessions", 2.0);
    at_least("heliogram_sessions_listening", 2.0);
    at_least(r#"heliogram_auth_keys{kind="permanent"}"#, 2.0);
    at_least("heliogram_store_disk_bytes", 1.0);
    at_least(r#"heliogram_store_block_reads_total{from="cache"}"#, 0.0);
    at_least(r#"heliogram_store_memory_bytes{of="unflushed"}"#, 1.0);
    at_least(r#"heliogram_store_memory_bytes{of="hot"}"#, 1.0);
    assert_eq!(after.value("heliogram_commit_failures_total"), Some(0.0));
    assert!(world.server().health().await.is_ok());
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_made_up_does_not_make_the_page_longer() {
    let world = World::in_memory();
    let mut wire = world.wire().await;
    // The first of each kind makes its lines.
    let made_up = |id: u32| tl::Raw((0x5eed_0000 + id).to_le_bytes().to_vec().into());
    let mut ask = async |id| {
        let query = tl::InvokeWithLayer { layer: tl::LAYER, query: made_up(id) };
        let asked = wire.send(tl::Encode::to_bytes(&query)).await;
        wire.result(asked).await.expect_err("nobody knows such a method")
    };
    ask(0).await;
    let before = scrape(&world).len();
    for id in 1..1000 {
        ask(id).await;
    }
    assert_eq!(scrape(&world).len(), before);
    let unknown = r#"heliogram_rpc_requests_total{method="unknown",outcome="refused"}"#;
    assert_eq!(scrape(&world).value(unknown), Some(1000.0));
    world.stop().await;
}
