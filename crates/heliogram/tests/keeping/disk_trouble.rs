//! A disk that takes no more: writes are refused honestly, reads go on, and nothing that was
//! acknowledged is lost once there is room again.
//!
//! The full disk is a limit on the size of files, set while the server runs: every write beyond it
//! fails, as it would on a disk without room, and no privilege is needed.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use crate::house::{contents, done, heliogram, person, say, username};
use heliogram_client::Client;
use heliogram_client::session::FileSession;
use heliogram_testkit::outside::Cloud;
use heliogram_testkit::soon;
use heliogram_tl as tl;
use rustix::process::{Pid, Resource, Rlimit, prlimit};

const ALICE: u32 = 1;
const BOB: u32 = 2;

/// The server behind a script that lives through the signal which comes with that limit.
fn patient_heliogram(dir: &Path, limit: &str) -> PathBuf {
    let script = dir.join("heliogram.sh");
    let heliogram = heliogram().display();
    let text = format!("#!/bin/sh\ntrap '' XFSZ\n{limit}\nexec {heliogram} \"$@\"\n");
    fs::write(&script, text).expect("a script");
    fs::set_permissions(&script, fs::Permissions::from_mode(0o755)).expect("it is ours");
    script
}

fn limit_files(cloud: &Cloud, bytes: Option<u64>) {
    let id = i32::try_from(cloud.id()).expect("process ids are small");
    let limit = Rlimit { current: bytes, maximum: None };
    prlimit(Pid::from_raw(id), Resource::Fsize, limit).expect("the process is ours");
}

async fn tried(client: &Client, text: &str) -> Result<(), String> {
    let peer = client.resolve(username(BOB).as_str()).await.expect("Bob was met");
    let request = tl::messages::SendMessage {
        peer,
        message: text.into(),
        random_id: text.len() as i64 + 1,
        ..tl::messages::SendMessage::default()
    };
    soon("an answer", client.invoke(&request)).await.map(drop).map_err(|error| error.to_string())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn on_a_full_disk_writes_are_refused_and_reads_go_on() {
    let home = tempfile::tempdir().expect("a directory");
    let data = home.path().join("data");
    let mut cloud =
        Cloud::start_in(&patient_heliogram(home.path(), ""), &data, &[]).expect("it starts");
    let session = home.path().join("alice.session");
    let session = || FileSession::open(&session).expect("a session");
    let alice = person(&cloud, ALICE, session()).await;
    let bob = person(&cloud, BOB, FileSession::open(home.path().join("bob")).expect("one")).await;
    // The journal has to be longer than the log may become.
    while journal_bytes(&data) < 2 * FULL_BYTES {
        say(&alice, BOB, &"long ".repeat(800)).await;
    }
    say(&alice, BOB, "before").await;
    let before = contents(&alice, BOB).await.expect("the chat can be read");
    let logged = cloud.complaints().expect("there is a log").len();

    limit_files(&cloud, Some(FULL_BYTES));
    for text in ["refused", "refused too"] {
        let error = tried(&alice, text).await.expect_err("there is no room");
        assert!(error.contains("INTERNAL") && error.contains("500"), "{error}");
    }
    let part = tl::upload::SaveFilePart { file_id: 1, file_part: 9, bytes: vec![1; 1024].into() };
    let error = soon("an answer", alice.invoke(&part)).await.expect_err("there is no room");
    assert!(error.rpc().is_some_and(|error| error.code == 500), "{error}");
    assert_eq!(contents(&alice, BOB).await.as_ref(), Ok(&before));
    assert_eq!(contents(&bob, ALICE).await.map(|all| all.len()), Ok(before.len()));
    // Room alone does not help: what failed is in the dark until the journal is read anew.
    limit_files(&cloud, None);
    assert!(tried(&alice, "still refused").await.is_err());

    let complaints = cloud.complaints().expect("there is a log").split_off(logged);
    // The engine has its say too, and every part of a file that is refused has a line.
    let is_about_rows =
        |line: &&String| line.contains(" heliogram") && !line.contains("blob store");
    let about_rows: Vec<&String> = complaints.iter().filter(is_about_rows).collect();
    assert_eq!(about_rows.len(), 1, "{complaints:?}");
    assert!(about_rows[0].contains("make room") && about_rows[0].contains("restart"));
    alice.shutdown().await.expect("the session is written");
    drop(alice);

    cloud.kill().expect("it is ours");
    cloud.restart().expect("it starts");
    let alice = person(&cloud, ALICE, session()).await;
    let after = contents(&alice, BOB).await.expect("the chat can be read");
    // What was refused may be there: the answer was that nobody knows.
    assert!(after.len() >= before.len(), "{} of {} are left", after.len(), before.len());
    assert!(before.iter().all(|message| after.contains(message)), "something is lost");
    say(&alice, BOB, "after").await;
    drop(cloud);
    done(&["check"], &data);
}

/// More than the log will have, less than the journal has.
const FULL_BYTES: u64 = 64 << 10;

/// Where the data of the newest journal ends.
fn journal_bytes(data: &Path) -> u64 {
    let journal = fs::read(data.join("rows/0.jnl")).expect("there is a journal");
    journal.iter().rposition(|byte| *byte != 0).map_or(0, |last| last as u64)
}

#[test]
fn a_directory_that_cannot_be_written_is_refused_by_name() {
    let home = tempfile::tempdir().expect("a directory");
    let script = patient_heliogram(home.path(), "ulimit -f 0");
    let data = home.path().join("data");
    let mut command = Command::new(script);
    command.args(["up", "--listen", "127.0.0.1:0", "--bot-api", "127.0.0.1:0", "--data"]);
    let output = command.arg(&data).stdin(Stdio::null()).output().expect("it can be started");
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(!output.status.success());
    assert!(said.contains(&*data.to_string_lossy()), "{said}");
    assert!(!said.contains("panicked"), "{said}");
}
