use heliogram_ids::{AccessHash, ChannelId, DcId, Peer, Salt, UserId};

use super::super::{Home, Login, PeerRecord, StoredKey, UpdateState};
use super::*;

fn changes() -> Vec<Change> {
    let dc = DcId::new(2).expect("in range");
    let user = UserId::new(777).expect("in range");
    let channel = ChannelId::new(55).expect("in range");
    vec![
        Change::Home(Home { dc, address: "127.0.0.1:443".into() }),
        Change::Key { dc, key: Some(StoredKey { bytes: Box::new([7; 256]), salt: Salt(-3) }) },
        Change::Login(Some(Login { user_id: user, is_bot: true })),
        Change::Updates(Some(UpdateState { pts: 10, qts: 2, date: 1_700_000_000, seq: 1 })),
        Change::Channel { id: channel, pts: Some(40) },
        Change::Peer(PeerRecord {
            peer: Peer::User(user),
            access_hash: AccessHash(-9),
            username: Some("ada".into()),
        }),
    ]
}

fn path(folder: &tempfile::TempDir) -> PathBuf {
    folder.path().join("bot.session")
}

fn folder() -> tempfile::TempDir {
    tempfile::tempdir().expect("a folder for the test")
}

#[test]
fn what_was_committed_is_there_after_reopening() {
    let folder = folder();
    let session = FileSession::open(path(&folder)).unwrap();
    session.commit(&changes()).unwrap();
    drop(session);

    let snapshot = FileSession::open(path(&folder)).unwrap().load().unwrap();
    assert_eq!(snapshot.changes(), changes());
}

#[test]
fn a_second_opening_names_the_owner() {
    let folder = folder();
    let _first = FileSession::open(path(&folder)).unwrap();
    match FileSession::open(path(&folder)) {
        Err(SessionError::Locked { owner, .. }) => assert_eq!(owner, Some(std::process::id())),
        other => panic!("opened twice: {other:?}"),
    }
}

#[test]
fn a_file_cut_at_any_byte_keeps_its_whole_commits() {
    let folder = folder();
    let session = FileSession::open(path(&folder)).unwrap();
    for change in changes() {
        session.commit(&[change]).unwrap();
    }
    drop(session);
    let bytes = fs::read(path(&folder)).unwrap();
    let mut most = 0;
    for length in HEADER.len()..=bytes.len() {
        let found = scan(&bytes[..length]).ok().expect("a prefix is a session").snapshot.changes();
        assert_eq!(found, changes()[..found.len()]);
        assert!(found.len() >= most, "a longer file remembers less");
        most = found.len();
    }
    assert_eq!(most, changes().len());
}

#[test]
fn what_follows_a_torn_commit_is_written_over_it() {
    let folder = folder();
    let session = FileSession::open(path(&folder)).unwrap();
    session.commit(&changes()[..2]).unwrap();
    session.commit(&changes()[2..3]).unwrap();
    drop(session);
    let length = fs::metadata(path(&folder)).unwrap().len();
    File::options().write(true).open(path(&folder)).unwrap().set_len(length - 1).unwrap();

    let session = FileSession::open(path(&folder)).unwrap();
    session.commit(&changes()[3..]).unwrap();
    drop(session);
    let found = FileSession::open(path(&folder)).unwrap().load().unwrap();
    assert_eq!(found.login, None);
    assert!(found.updates.is_some());
}

#[test]
fn a_flipped_bit_is_noticed() {
    let mut bytes = HEADER.to_vec();
    bytes.extend(frame(&changes()));
    let last = bytes.len() - 1;
    bytes[last] ^= 1;
    assert!(scan(&bytes).ok().expect("the header is whole").snapshot.changes().is_empty());
}

#[test]
fn another_file_is_left_alone() {
    let folder = folder();
    fs::write(path(&folder), "SQLite format 3").unwrap();
    assert!(matches!(FileSession::open(path(&folder)), Err(SessionError::NotASession { .. })));
    assert_eq!(fs::read(path(&folder)).unwrap(), b"SQLite format 3");
}

#[test]
fn a_file_does_not_grow_with_every_commit() {
    let folder = folder();
    let session = FileSession::open(path(&folder)).unwrap();
    session.commit(&changes()).unwrap();
    for _ in 0..600 {
        session.commit(&changes()).unwrap();
    }
    assert!(fs::metadata(path(&folder)).unwrap().len() < 2 * COMPACT_BYTES_MIN);
    drop(session);
    let snapshot = FileSession::open(path(&folder)).unwrap().load().unwrap();
    assert_eq!(snapshot.changes(), changes());
}
