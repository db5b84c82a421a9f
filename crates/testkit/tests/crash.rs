//! What was acknowledged survives, however the process ends.
//!
//! The crash is an image of the directory, taken while the server runs and thinks nothing of it:
//! what a killed process would have left behind.

#![allow(clippy::unwrap_used, reason = "in a test a panic is the report")]

use std::fs;
use std::path::Path;

use heliogram_client::FileRef;
use heliogram_client::session::FileSession;
use heliogram_testkit::{Inbox, World, soon};

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let target = to.join(entry.file_name());
        let kind = entry.file_type().unwrap();
        if kind.is_dir() {
            copy(&entry.path(), &target);
        } else if kind.is_file() {
            fs::copy(entry.path(), target).unwrap();
        }
    }
}

#[tokio::test]
async fn nothing_that_was_acknowledged_is_lost() {
    let home = tempfile::tempdir().unwrap();
    let (running, image) = (home.path().join("running"), home.path().join("image"));
    let session = home.path().join("alice.session");

    let world = World::at(&running);
    let (alice, bob) = (world.person("Alice").await, world.person("Bob").await);
    let device = world.device(&alice.phone, FileSession::open(&session).unwrap()).await;
    let mut said = Vec::new();
    for number in 0..20 {
        let text = format!("message {number}");
        let sent = device.send_message(bob.username.as_str(), text.as_str());
        said.push((soon("a message", async { sent.await }).await.unwrap().id, text));
    }
    let bytes: Vec<u8> = (0..200_000_u32).map(|at| (at % 251) as u8).collect();
    let file = device.upload(&bytes[..], Some(200_000), "kept.bin").run().await.unwrap();
    let sending = device.send_document(bob.username.as_str(), file, "application/octet-stream");
    soon("a file", async { sending.caption("file").await }).await.unwrap();
    device.shutdown().await.unwrap();
    drop(device);

    copy(&running, &image);
    let reopened = World::at(&image);
    assert_eq!(reopened.key().to_pem(), world.key().to_pem(), "clients would not know it again");

    // The key, the login and the messages are all still there.
    let client =
        reopened.client().session(FileSession::open(&session).unwrap()).connect().await.unwrap();
    assert!(client.is_authorized().await.unwrap(), "the login is lost");
    let page = soon("the history", client.history(bob.username.as_str(), None, 100)).await.unwrap();
    let mut found: Vec<(i32, String)> = Vec::new();
    let mut kept_file = None;
    for message in page.messages.iter().rev() {
        let heliogram_tl::Message::Message(message) = message else { continue };
        match &message.media {
            Some(media) => kept_file = FileRef::of_media(media),
            None => found.push((message.id, message.message.to_string())),
        }
    }
    let said: Vec<(i32, String)> = said.into_iter().map(|(id, text)| (id.get(), text)).collect();
    assert_eq!(found, said);

    let mut kept = Vec::new();
    let file = kept_file.expect("the file's message is there");
    soon("a download", client.download_file(&file).write_to(&mut kept)).await.unwrap();
    assert!(kept == bytes, "the file is not what it was");

    // And so is the update log, for those who were not there.
    let other =
        reopened.device(&bob.phone, heliogram_client::session::MemorySession::default()).await;
    let mut inbox = Inbox::from_oldest(&other);
    let heard = inbox.texts_until(alice.id, "message 19").await;
    assert_eq!(heard, said.into_iter().map(|(_, text)| text).collect::<Vec<_>>());
    reopened.stop().await;
    world.stop().await;
}

#[tokio::test]
async fn a_server_that_was_stopped_goes_on_where_it_was() {
    let home = tempfile::tempdir().unwrap();
    let world = World::at(home.path());
    let (alice, bob) = (world.person("Alice").await, world.person("Bob").await);
    alice.say(&bob, "before").await;
    let (phone, id) = (bob.phone.clone(), alice.id);
    let image = tempfile::tempdir().unwrap();
    alice.client.shutdown().await.unwrap();
    bob.client.shutdown().await.unwrap();
    world.stop().await;

    copy(home.path(), image.path());
    let world = World::at(image.path());
    let client = world.device(&phone, heliogram_client::session::MemorySession::default()).await;
    assert_eq!(Inbox::from_oldest(&client).message(id).await.message, "before");
    world.stop().await;
}
