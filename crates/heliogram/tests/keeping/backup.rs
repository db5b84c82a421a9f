//! Backups: made while people talk, brought back, and what they find then.

use std::fs;
use std::path::Path;

use crate::house::{contents, done, files, heliogram, person, run, say, send_file};
use heliogram_client::session::{FileSession, MemorySession};
use heliogram_client::updates::Incoming;
use heliogram_client::{Client, InvokeError};
use heliogram_testkit::outside::Cloud;
use heliogram_testkit::soon;
use heliogram_tl as tl;
use tokio::sync::watch;

const ALICE: u32 = 1;
const BOB: u32 = 2;
const CAROL: u32 = 3;

fn session(dir: &Path, name: &str) -> FileSession {
    FileSession::open(dir.join(name)).expect("a session")
}

fn text(path: &Path) -> &str {
    path.to_str().expect("the path is text")
}

/// Talks until it is over; how much was said.
async fn talk(client: Client, to: u32, mut is_over: watch::Receiver<bool>) -> usize {
    let mut said = 0;
    while !*is_over.borrow_and_update() {
        say(&client, to, &format!("said {said}")).await;
        said += 1;
    }
    said
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_backup_under_load_holds_one_moment_of_everything() {
    let home = tempfile::tempdir().expect("a directory");
    let (data, target) = (home.path().join("data"), home.path().join("backup"));
    let cloud = Cloud::start_in(heliogram(), &data, &[]).expect("it starts");
    let alice = person(&cloud, ALICE, session(home.path(), "alice")).await;
    let bob = person(&cloud, BOB, MemorySession::default()).await;
    let carol = person(&cloud, CAROL, MemorySession::default()).await;
    send_file(&alice, BOB, 300_000).await;
    say(&alice, BOB, "before the backup").await;
    let expected = contents(&alice, BOB).await.expect("the chat can be read");

    let (over, is_over) = watch::channel(false);
    let talking = tokio::spawn(talk(bob.clone(), CAROL, is_over.clone()));
    let answering = tokio::spawn(talk(carol.clone(), BOB, is_over));
    let made = tokio::task::block_in_place(|| done(&["backup", text(&target)], &data));
    over.send(true).expect("both talk");
    let said = talking.await.expect("no panic") + answering.await.expect("no panic");
    assert!(said > 0, "there was no load");

    // A second one copies what is new, and nothing else.
    send_file(&alice, BOB, 5000).await;
    let json = done(&["backup", text(&target), "--json"], &data);
    assert!(json.contains("\"files\":2,\"copied\":1,\"copied_bytes\":5000"), "{json}");
    drop(cloud);

    let name = Path::new(&made).file_name().and_then(|name| name.to_str()).expect("a name");
    let restored = home.path().join("restored");
    done(&["restore", text(&target), "--state", name], &restored);
    done(&["check"], &restored);
    let cloud = Cloud::start_in(heliogram(), &restored, &[]).expect("it starts");
    alice.shutdown().await.expect("the session is written");
    drop(alice);
    // Alice's key and login are there, and everything from before the backup.
    let alice = person(&cloud, ALICE, session(home.path(), "alice")).await;
    assert_eq!(contents(&alice, BOB).await, Ok(expected));
    let bob = person(&cloud, BOB, MemorySession::default()).await;
    let carol = person(&cloud, CAROL, MemorySession::default()).await;
    let texts = |all: Result<Vec<(i32, String, Vec<u8>)>, String>| -> Vec<String> {
        all.expect("the chat can be read").into_iter().map(|(_, text, _)| text).collect()
    };
    let (bobs, carols) = (texts(contents(&bob, CAROL).await), texts(contents(&carol, BOB).await));
    assert_eq!(bobs, carols, "both sides are of one moment");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whoever_saw_more_than_the_backup_catches_up_and_no_number_comes_twice() {
    let home = tempfile::tempdir().expect("a directory");
    let (data, target) = (home.path().join("data"), home.path().join("backup"));
    let cloud = Cloud::start_in(heliogram(), &data, &[]).expect("it starts");
    let alice = person(&cloud, ALICE, session(home.path(), "alice")).await;
    let bob = person(&cloud, BOB, MemorySession::default()).await;
    say(&bob, ALICE, "kept").await;
    let mut inbox = alice.updates_from_oldest().expect("she is logged in");
    hear(&mut inbox, "kept").await;
    tokio::task::block_in_place(|| done(&["backup", text(&target)], &data));
    let mut lost = Vec::new();
    for number in 0..10 {
        say(&bob, ALICE, &format!("lost {number}")).await;
        lost.push(hear(&mut inbox, &format!("lost {number}")).await);
    }
    drop(inbox);
    alice.shutdown().await.expect("the session is written");
    drop((alice, cloud));

    let restored = home.path().join("restored");
    done(&["restore", text(&target)], &restored);
    let cloud = Cloud::start_in(heliogram(), &restored, &[]).expect("it starts");
    // Said before she is back: it must reach her although she stands far ahead of the backup.
    let bob = person(&cloud, BOB, MemorySession::default()).await;
    for number in 0..20 {
        say(&bob, ALICE, &format!("new {number}")).await;
    }
    let alice = person(&cloud, ALICE, session(home.path(), "alice")).await;
    let mut inbox = alice.updates_from_oldest().expect("she is logged in");
    let mut was_told = false;
    let mut heard = Vec::new();
    while heard.len() < 20 {
        match soon("an update", inbox.next()).await.expect("the stream goes on") {
            Incoming::Update { update, .. } => heard.extend(message(&update)),
            _ => was_told = true,
        }
    }
    assert!(was_told, "she is told that something is lost");
    let expected: Vec<String> = (0..20).map(|number| format!("new {number}")).collect();
    assert_eq!(heard.iter().map(|(_, text)| text.clone()).collect::<Vec<_>>(), expected);
    assert!(heard.iter().all(|(id, _)| !lost.contains(id)), "{heard:?} again, after {lost:?}");
    // From here on it goes its usual way.
    say(&bob, ALICE, "live").await;
    hear(&mut inbox, "live").await;
}

/// The number of the next message, which has to read like that.
async fn hear(inbox: &mut heliogram_client::updates::UpdateStream, text: &str) -> i32 {
    loop {
        let incoming: Result<Incoming, InvokeError> = soon("an update", inbox.next()).await;
        if let Ok(Incoming::Update { update, .. }) = incoming
            && let Some((id, heard)) = message(&update)
        {
            assert_eq!(heard, text);
            return id;
        }
    }
}

/// What somebody of ours said: the cloud's own messages are none.
fn message(update: &tl::Update) -> Option<(i32, String)> {
    let tl::Update::UpdateNewMessage(new) = update else { return None };
    let tl::Message::Message(message) = &new.message else { return None };
    let is_service =
        matches!(&message.peer_id, tl::Peer::PeerUser(user) if user.user_id == 777_000);
    (!is_service).then(|| (message.id, message.message.to_string()))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_backup_that_is_damaged_or_a_place_that_is_taken_is_refused() {
    let home = tempfile::tempdir().expect("a directory");
    let (data, target) = (home.path().join("data"), home.path().join("backup"));
    let cloud = Cloud::start_in(heliogram(), &data, &[]).expect("it starts");
    let alice = person(&cloud, ALICE, MemorySession::default()).await;
    person(&cloud, BOB, MemorySession::default()).await;
    send_file(&alice, BOB, 70_000).await;
    drop(cloud);
    // Without a server the directory is opened for it.
    done(&["backup", text(&target)], &data);
    let occupied = run(&["restore", text(&target)], &data);
    assert!(String::from_utf8_lossy(&occupied.stderr).contains("not empty"));

    let mut kinds = 0;
    for path in
        files(&target).into_iter().filter(|path| path.file_name().is_some_and(|n| n != "lock"))
    {
        for is_gone in [false, true] {
            let place = home.path().join("place");
            let damaged = home.path().join("damaged");
            crate::house::copy(&target, &damaged);
            let victim = damaged.join(&path);
            let mut bytes = fs::read(&victim).expect("the file is there");
            let middle = bytes.len() / 2;
            bytes[middle] ^= 1;
            if is_gone {
                fs::remove_file(&victim).expect("it is ours");
            } else {
                fs::write(&victim, bytes).expect("it is ours");
            }
            let output = run(&["restore", text(&damaged)], &place);
            let said = String::from_utf8_lossy(&output.stderr).into_owned();
            assert!(!output.status.success() && !said.contains("panicked"), "{path:?}: {said}");
            let name = path.file_name().and_then(|name| name.to_str()).expect("a name");
            assert!(said.contains(name) || said.contains("manifest"), "{path:?}: {said}");
            // What was begun is not taken for a cloud.
            if place.exists() {
                let up =
                    run(&["up", "--listen", "127.0.0.1:0", "--bot-api", "127.0.0.1:0"], &place);
                let said = String::from_utf8_lossy(&up.stderr).into_owned();
                assert!(!up.status.success() && said.contains("restore.unfinished"), "{said}");
                fs::remove_dir_all(&place).expect("it is ours");
            }
            fs::remove_dir_all(&damaged).expect("it is ours");
            kinds += 1;
        }
    }
    assert!(kinds >= 14, "{kinds}");
    // Somebody's file may be given up, if a person says so.
    let pile = files(&target).into_iter().find(|path| path.starts_with("blobs")).expect("a file");
    fs::remove_file(target.join(pile)).expect("it is ours");
    let place = home.path().join("place");
    done(&["restore", text(&target), "--accept-loss"], &place);
    let checked = run(&["check"], &place);
    assert!(String::from_utf8_lossy(&checked.stdout).contains("no blob"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn only_the_newest_states_are_kept_if_so_told() {
    let home = tempfile::tempdir().expect("a directory");
    let (data, target) = (home.path().join("data"), home.path().join("backup"));
    let cloud = Cloud::start_in(heliogram(), &data, &[]).expect("it starts");
    let alice = person(&cloud, ALICE, MemorySession::default()).await;
    person(&cloud, BOB, MemorySession::default()).await;
    for len in [1000, 2000, 3000] {
        send_file(&alice, BOB, len).await;
        tokio::task::block_in_place(|| done(&["backup", text(&target), "--keep", "2"], &data));
    }
    assert_eq!(fs::read_dir(target.join("states")).expect("it is there").count(), 2);
    // Every file is named by a state that is left.
    assert_eq!(files(&target.join("blobs")).len(), 3);
    let restored = home.path().join("restored");
    done(&["restore", text(&target)], &restored);
    done(&["check"], &restored);
}
