//! What the client promises, against a scripted data centre on a pipe, under paused time.

mod support;

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use heliogram_client::InvokeError;
use heliogram_client::session::{
    Change, FileSession, MemorySession, SessionError, SessionStore, Snapshot,
};
use heliogram_client::updates::Incoming;
use heliogram_tl as tl;
use heliogram_tl::{Bytes, Decode, Encode, Function};
use parking_lot::Mutex;
use support::{Dc, Reply};

/// A session that two clients may have one after the other.
#[derive(Clone, Default)]
struct Shared(Arc<MemorySession>);

impl SessionStore for Shared {
    fn load(&self) -> Result<Snapshot, SessionError> {
        self.0.load()
    }

    fn commit(&self, changes: &[Change]) -> Result<(), SessionError> {
        self.0.commit(changes)
    }
}

fn bot() -> tl::types::User {
    tl::types::User { id: 777, bot: true, access_hash: Some(1), ..Default::default() }
}

fn authorization() -> tl::auth::Authorization {
    tl::types::auth::Authorization { user: bot().into(), ..Default::default() }.into()
}

fn state(pts: i32) -> tl::types::updates::State {
    tl::types::updates::State { pts, qts: 1, date: 1, seq: 1, unread_count: 0 }
}

/// Answers what every bot asks.
fn as_usual(function: u32) -> Reply {
    match function {
        tl::auth::ImportBotAuthorization::ID => Reply::Object(authorization().to_bytes()),
        tl::updates::GetState::ID => Reply::Object(tl::updates::State::from(state(1)).to_bytes()),
        tl::users::GetUsers::ID => Reply::Object(vec![tl::User::from(bot())].to_bytes()),
        _ => Reply::Error(404, "METHOD_INVALID"),
    }
}

#[tokio::test(start_paused = true)]
async fn a_bot_logs_in_and_asks_who_it_is() {
    let dc = Dc::new(|function, _| as_usual(function));
    let client = dc.client().connect().await.unwrap();
    let login = client.sign_in_bot("777:secret").await.unwrap();
    assert!(login.is_bot);
    assert_eq!(client.me().await.unwrap().id, 777);
}

#[tokio::test(start_paused = true)]
async fn a_second_run_needs_no_login() {
    let session = Shared::default();
    let logins = Arc::new(Mutex::new(0));
    let count = Arc::clone(&logins);
    let dc = Dc::new(move |function, _| {
        *count.lock() += i32::from(function == tl::auth::ImportBotAuthorization::ID);
        as_usual(function)
    });
    for _ in 0..2 {
        let client = dc.client().session(session.clone()).connect().await.unwrap();
        client.sign_in_bot("777:secret").await.unwrap();
        client.shutdown().await.unwrap();
    }
    assert_eq!(*logins.lock(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_login_is_written_down_at_once() {
    let session = Shared::default();
    let dc = Dc::new(|function, _| as_usual(function));
    let client = dc.client().session(session.clone()).connect().await.unwrap();
    let login = client.sign_in_bot("777:secret").await.unwrap();
    // The process could be killed here.
    assert_eq!(session.load().unwrap().login, Some(login));
}

#[tokio::test(start_paused = true)]
async fn an_error_arrives_taken_apart() {
    let dc = Dc::new(|_, _| Reply::Error(400, "FILE_PART_3_MISSING"));
    let client = dc.client().connect().await.unwrap();
    let error = client.me().await.unwrap_err();
    assert!(error.is("FILE_PART_MISSING"));
    assert_eq!(error.rpc().and_then(|rpc| rpc.arg), Some(3));
}

#[tokio::test(start_paused = true)]
async fn a_wait_is_never_cut_short() {
    let asked = Arc::new(Mutex::new(Vec::new()));
    let seen = Arc::clone(&asked);
    let dc = Dc::new(move |function, _| {
        let mut seen = seen.lock();
        seen.push(tokio::time::Instant::now());
        if seen.len() == 1 { Reply::Error(420, "FLOOD_WAIT_7") } else { as_usual(function) }
    });
    let client = dc.client().connect().await.unwrap();
    client.me().await.unwrap();
    let asked = asked.lock();
    assert_eq!(asked.len(), 2);
    assert!(asked[1] - asked[0] >= Duration::from_secs(7));
}

#[tokio::test(start_paused = true)]
async fn a_request_survives_the_loss_of_its_connection() {
    let mut tries = 0;
    let dc = Dc::new(move |function, _| {
        tries += 1;
        if tries < 3 { Reply::HangUp } else { as_usual(function) }
    });
    let client = dc.client().connect().await.unwrap();
    assert_eq!(client.me().await.unwrap().id, 777);
}

#[tokio::test(start_paused = true)]
async fn a_server_that_forgot_us_is_told_again() {
    let mut tries = 0;
    let dc = Dc::new(move |function, _| {
        tries += 1;
        match tries {
            2 => Reply::HangUp,
            // What was asked over the first link comes once more, and not introduced.
            3 => Reply::Error(400, "CONNECTION_NOT_INITED"),
            _ => as_usual(function),
        }
    });
    let client = dc.client().connect().await.unwrap();
    assert_eq!(client.me().await.unwrap().id, 777);
    let again = client.invoke(&tl::users::GetUsers { id: vec![] }).await.unwrap();
    assert_eq!(again.len(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_server_that_does_not_want_to_know_us_is_not_told_for_ever() {
    let dc = Dc::new(|_, _| Reply::Error(400, "CONNECTION_NOT_INITED"));
    let client = dc.client().connect().await.unwrap();
    assert!(client.me().await.unwrap_err().is("CONNECTION_NOT_INITED"));
}

#[tokio::test(start_paused = true)]
async fn requests_end_when_the_client_does() {
    let dc = Dc::new(|_, _| Reply::HangUp);
    let client = dc.client().connect().await.unwrap();
    let asking = tokio::spawn({
        let client = client.clone();
        async move { client.me().await }
    });
    tokio::task::yield_now().await;
    client.shutdown().await.unwrap();
    assert!(matches!(asking.await.unwrap(), Err(InvokeError::Closed)));
}

#[tokio::test]
async fn a_client_that_was_shut_down_leaves_its_session_to_the_next() {
    let home = tempfile::tempdir().unwrap();
    let session = || FileSession::open(home.path().join("me")).unwrap();
    let dc = Dc::new(|function, _| as_usual(function));
    let first = dc.client().session(session()).connect().await.unwrap();
    first.sign_in_bot("777:secret").await.unwrap();
    first.shutdown().await.unwrap();
    // The first one is still held, and so is everything that it shares with its lines.
    let second = dc.client().session(session()).connect().await.unwrap();
    assert!(second.login().is_some());
    first.shutdown().await.unwrap();
}

fn content(len: usize) -> Vec<u8> {
    (0..len).map(|at| (at * 31 % 251) as u8).collect()
}

#[tokio::test(start_paused = true)]
async fn an_upload_arrives_whole() {
    let parts = Arc::new(Mutex::new(BTreeMap::new()));
    let kept = Arc::clone(&parts);
    let dc = Dc::new(move |function, query| {
        assert_eq!(function, tl::upload::SaveBigFilePart::ID);
        let part = tl::upload::SaveBigFilePart::from_bytes(query).unwrap();
        kept.lock().insert(part.file_part, (part.bytes.clone(), part.file_total_parts));
        Reply::Object(true.to_bytes())
    });
    let client = dc.client().connect().await.unwrap();
    let bytes = content((3 << 20) + 5);
    let through = Arc::new(Mutex::new(0));
    let told = Arc::clone(&through);
    let file = client
        .upload(&bytes[..], None, "a.bin")
        .progress(move |done, _| *told.lock() = done)
        .run()
        .await
        .unwrap();
    assert!(matches!(file, tl::InputFile::InputFileBig(file) if file.parts == 7));
    let parts = parts.lock();
    assert_eq!(parts.values().flat_map(|(bytes, _)| bytes.to_vec()).collect::<Vec<_>>(), bytes);
    assert_eq!(parts[&6].1, 7, "the last part names the total");
    assert_eq!(*through.lock(), bytes.len() as u64);
}

#[tokio::test(start_paused = true)]
async fn a_download_goes_on_from_any_byte() {
    let bytes = Bytes::from(content((2 << 20) + 77));
    let whole = bytes.clone();
    let dc = Dc::new(move |_, query| {
        let ask = tl::upload::GetFile::from_bytes(query).unwrap();
        let start = (ask.offset as usize).min(whole.len());
        let end = (start + ask.limit as usize).min(whole.len());
        let file = tl::types::upload::File { bytes: whole.slice(start..end), ..Default::default() };
        Reply::of(&ask, file.into())
    });
    let client = dc.client().connect().await.unwrap();
    for offset in [0, 1, 1024, 524_287, (2 << 20) + 76, (2 << 20) + 77] {
        for size in [None, Some(bytes.len() as u64)] {
            let mut target = Vec::new();
            let location = tl::InputFileLocation::default();
            let mut download = client.download(location, size).offset(offset as u64);
            download.write_to(&mut target).await.unwrap();
            assert_eq!(target, bytes[offset..], "from {offset} with size {size:?}");
        }
    }
}

/// A data centre where one message after another was deleted, up to `pts`.
fn with_history(pts: i32) -> Dc {
    Dc::new(move |function, query| {
        if function != tl::updates::GetDifference::ID {
            return as_usual(function);
        }
        let ask = tl::updates::GetDifference::from_bytes(query).expect("checked by its id");
        let missed = (ask.pts + 1..=pts).map(|pts| deletion(pts).into()).collect();
        let difference = tl::types::updates::Difference {
            other_updates: missed,
            state: state(pts.max(ask.pts)).into(),
            ..Default::default()
        };
        Reply::of(&ask, difference.into())
    })
}

fn deletion(pts: i32) -> tl::types::UpdateDeleteMessages {
    tl::types::UpdateDeleteMessages { messages: vec![pts], pts, pts_count: 1 }
}

fn deleted(incoming: Incoming) -> i32 {
    match incoming {
        Incoming::Update { update, .. } => match *update {
            tl::Update::UpdateDeleteMessages(update) => update.messages[0],
            other => panic!("not of this test: {other:?}"),
        },
        other => panic!("not of this test: {other:?}"),
    }
}

#[tokio::test(start_paused = true)]
async fn an_update_counts_as_handled_when_the_next_is_asked_for() {
    let session = Shared::default();
    {
        let client = with_history(1).client().session(session.clone()).connect().await.unwrap();
        client.sign_in_bot("777:secret").await.unwrap();
        let mut updates = client.updates().unwrap();
        // Nothing has happened; only the beginning is written down.
        let nothing = tokio::time::timeout(Duration::from_secs(5), updates.next()).await;
        assert!(nothing.is_err());
        client.shutdown().await.unwrap();
    }
    let dc = with_history(4);
    session.commit(&forget_key(&session)).unwrap();
    {
        let client = dc.client().session(session.clone()).connect().await.unwrap();
        let mut updates = client.updates().unwrap();
        assert_eq!(deleted(updates.next().await.unwrap()), 2);
        assert_eq!(deleted(updates.next().await.unwrap()), 3);
        // The process dies while the second is handled: a difference counts as a whole.
        client.shutdown().await.unwrap();
    }
    let client = dc.client().session(session.clone()).connect().await.unwrap();
    let mut updates = client.updates().unwrap();
    for expected in [2, 3, 4] {
        assert_eq!(deleted(updates.next().await.unwrap()), expected);
    }
    let push = tl::types::UpdateShort { update: deletion(5).into(), date: 1 };
    dc.push(push);
    assert_eq!(deleted(updates.next().await.unwrap()), 5);
    assert_eq!(session.load().unwrap().updates.map(|state| state.pts), Some(1));
    client.flush().await.unwrap();
    assert_eq!(session.load().unwrap().updates.map(|state| state.pts), Some(4));
}

/// Another data centre has other keys.
fn forget_key(session: &Shared) -> Vec<Change> {
    let keys = session.load().expect("memory cannot fail").keys;
    keys.into_keys().map(|dc| Change::Key { dc, key: None }).collect()
}
