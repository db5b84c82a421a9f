//! Files: the same bytes come out that went in, whoever asks and from wherever.

#![allow(clippy::unwrap_used, reason = "in a test a panic is the report")]

use heliogram_client::{Client, FileRef};
use heliogram_crypto::{Random as _, SeededRandom};
use heliogram_ids::UserId;
use heliogram_testkit::{Person, World, soon};
use heliogram_tl as tl;

fn content(len: usize) -> Vec<u8> {
    let mut bytes = vec![0; len];
    SeededRandom::new(3).fill(&mut bytes);
    bytes
}

async fn send(from: &Person, to: &Person, bytes: &[u8], size: Option<u64>) {
    let upload = from.client.upload(bytes, size, "holiday.bin").run();
    let file = soon("an upload", upload).await.unwrap();
    let sending = from.client.send_document(to.username.as_str(), file, "application/octet-stream");
    soon("a message", async { sending.caption("look").await }).await.unwrap();
}

async fn receive(person: &Person, from: UserId) -> FileRef {
    let message = person.inbox().message(from).await;
    assert_eq!(message.message, "look");
    FileRef::of_media(message.media.as_ref().unwrap()).unwrap()
}

async fn fetch(client: &Client, file: &FileRef, offset: u64) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut download = client.download_file(file).offset(offset);
    soon("a download", download.write_to(&mut bytes)).await.unwrap();
    bytes
}

#[tokio::test]
async fn three_megabytes_come_back_as_they_were() {
    let world = World::in_memory();
    let (alice, bob) = (world.person("Alice").await, world.person("Bob").await);
    let bytes = content(3_000_001);
    send(&alice, &bob, &bytes, Some(bytes.len() as u64)).await;

    let file = receive(&bob, alice.id).await;
    assert_eq!((file.size, file.name.as_deref()), (Some(3_000_001), Some("holiday.bin")));
    assert!(fetch(&bob.client, &file, 0).await == bytes, "other bytes came back");
    let middle = fetch(&bob.client, &file, 1_234_567).await;
    assert!(middle == bytes[1_234_567..], "other bytes came back from the middle");
    world.stop().await;
}

#[tokio::test]
async fn a_stream_of_unknown_length_is_a_file_too() {
    let world = World::in_memory();
    let (alice, bob) = (world.person("Alice").await, world.person("Bob").await);
    let bytes = content(1_500_000);
    send(&alice, &bob, &bytes, None).await;
    let file = receive(&bob, alice.id).await;
    assert!(fetch(&bob.client, &file, 0).await == bytes, "other bytes came back");
    world.stop().await;
}

#[tokio::test]
async fn who_was_not_shown_a_file_cannot_fetch_it() {
    let world = World::in_memory();
    let (alice, bob) = (world.person("Alice").await, world.person("Bob").await);
    let eve = world.person("Eve").await;
    send(&alice, &bob, &content(70_000), Some(70_000)).await;
    let mut file = receive(&bob, alice.id).await;

    let tl::InputFileLocation::InputDocumentFileLocation(location) = &mut file.location else {
        panic!("a document lies elsewhere");
    };
    location.access_hash ^= 1;
    let guessed = eve.client.download_file(&file).chunk().await;
    assert!(guessed.is_err(), "a guessed access hash opened a file");
    world.stop().await;
}
