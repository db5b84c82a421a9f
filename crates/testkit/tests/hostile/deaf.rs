//! Those who ask for much and do not read it.

use heliogram_client::FileRef;
use heliogram_testkit::{Person, World, introduced, soon};
use heliogram_tl as tl;

use crate::{Bystanders, contain};

/// How to ask for a megabyte of a file that somebody has sent to themselves.
async fn megabyte(person: &Person) -> tl::upload::GetFile {
    let bytes = vec![7; 1 << 20];
    let file =
        soon("an upload", person.client.upload(&bytes[..], None, "big").run()).await.unwrap();
    let me = person.username.as_str();
    let sending = person.client.send_document(me, file, "application/octet-stream");
    let sending = async { sending.caption("look").await };
    soon("a message", sending).await.unwrap();
    let message = person.inbox().message(person.id).await;
    let file = FileRef::of_media(message.media.as_ref().unwrap()).unwrap();
    tl::upload::GetFile { location: file.location, offset: 0, limit: 1 << 20, ..Default::default() }
}

#[tokio::test]
async fn who_does_not_read_is_not_answered_without_end() {
    let world = World::in_memory();
    let mut bystanders = Bystanders::of(&world).await;
    let eve = world.person("Eve").await;
    let get = megabyte(&eve).await;
    let mut wire = world.wire_of(&eve).await;
    wire.call(&get).await.unwrap();

    // A gigabyte is asked for in a few kilobytes, and nothing is read.
    for _ in 0..4 {
        wire.start_session();
        let (bytes, _) = contain(&mut wire, &introduced(&get), 250);
        wire.write(&bytes).await;
    }
    // Two megabytes wait in sessions, two in what is written, and the pipe holds a little.
    for _ in 0..20 {
        bystanders.talk().await;
        let held = world.server().held_bytes();
        assert!(held < 6 << 20, "{} MB are held for who does not read", held >> 20);
    }
    world.stop().await;
}

#[tokio::test]
async fn a_file_that_was_asked_for_often_comes_as_often_to_who_reads() {
    let world = World::in_memory();
    let eve = world.person("Eve").await;
    let get = megabyte(&eve).await;
    let mut wire = world.wire_of(&eve).await;
    let (bytes, ids) = contain(&mut wire, &introduced(&get), 40);
    wire.write(&bytes).await;
    for id in ids {
        let file = wire.result(id).await.unwrap();
        assert!(file.len() > 1 << 20);
    }
    world.stop().await;
}

#[tokio::test]
async fn what_was_asked_for_and_not_run_is_run_when_it_is_asked_for_again() {
    let world = World::in_memory();
    let eve = world.person("Eve").await;
    let get = megabyte(&eve).await;
    let mut wire = world.wire_of(&eve).await;
    let (bytes, ids) = contain(&mut wire, &introduced(&get), 40);
    wire.write(&bytes).await;
    // Nothing was read: most of it has not had its turn, and some of it was on its way.
    wire.move_to(world.pipe());
    let last = *ids.last().unwrap();
    let again = wire.seal(last, 2 * 41 + 1, introduced(&get));
    wire.write(&again).await;
    assert!(wire.result(last).await.unwrap().len() > 1 << 20);
    world.stop().await;
}
