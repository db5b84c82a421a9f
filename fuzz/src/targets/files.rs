//! What lies on a disk: the file of a client's session, stored records, keys of tables.
//!
//! The first byte says which. A session's file that was torn anywhere gives the commits before the tear,
//! and takes the next one behind them; a record that is read is written as it reads; keys sort as their
//! values do, and none is the beginning of another.

use arbitrary::{Arbitrary, Unstructured};
use heliogram_client::fuzzing::{frame, scan};
use heliogram_client::session::{
    Change, Home, Login, PeerRecord, Snapshot, StoredKey, UpdateState,
};
use heliogram_dc::fuzzing::records;
use heliogram_ids::{AccessHash, ChannelId, DcId, MessageId, Peer, Salt, Timestamp, UserId};
use heliogram_store::{Key, KeyReader};

use crate::heap;

pub(super) fn check(input: &[u8]) {
    let Some((&kind, rest)) = input.split_first() else { return };
    match kind & 3 {
        0 => check_session(rest),
        1 => check_commits(rest),
        2 => check_records(rest),
        _ => check_keys(rest),
    }
}

/// Bytes that may be anything behind the head of a file.
fn check_session(bytes: &[u8]) {
    let file = [HEADER, bytes].concat();
    let (scanned, peak) = heap::peak(|| scan(&file));
    assert!(peak <= 4096 + 64 * file.len(), "{} bytes cost {peak}", file.len());
    if let Some((snapshot, length)) = scanned {
        assert!((HEADER.len()..=file.len()).contains(&length));
        let again = scan(&file[..length]).expect("whole frames are a file");
        assert_eq!((again.0.changes(), again.1), (snapshot.changes(), length));
    }
}

#[derive(Arbitrary, Debug)]
enum Write {
    Home(i32, String),
    Key(i32, u8, i64, bool),
    Login(i64, bool),
    Logout,
    Updates(i32, i32, i32, i32),
    Channel(i64, Option<i32>),
    Peer(i64, i64, Option<String>),
}

impl Write {
    fn change(self) -> Option<Change> {
        Some(match self {
            Self::Home(dc, address) => {
                Change::Home(Home { dc: DcId::new(dc)?, address: address.into() })
            }
            Self::Key(dc, byte, salt, is_there) => {
                let key = StoredKey { bytes: Box::new([byte; 256]), salt: Salt(salt) };
                Change::Key { dc: DcId::new(dc % 6)?, key: is_there.then_some(key) }
            }
            Self::Login(user_id, is_bot) => {
                Change::Login(Some(Login { user_id: UserId::new(user_id)?, is_bot }))
            }
            Self::Logout => Change::Login(None),
            Self::Updates(pts, qts, date, seq) => {
                Change::Updates(Some(UpdateState { pts, qts, date, seq }))
            }
            Self::Channel(id, pts) => Change::Channel { id: ChannelId::new(id % 40)?, pts },
            Self::Peer(peer, hash, username) => Change::Peer(PeerRecord {
                peer: Peer::from_marked(peer)?,
                access_hash: AccessHash(hash),
                username: username.map(String::into_boxed_str),
            }),
        })
    }
}

/// Commits, a tear, and a commit after it.
fn check_commits(input: &[u8]) {
    let mut input = Unstructured::new(input);
    let Ok(tear) = input.arbitrary::<u16>() else { return };
    let mut file = HEADER.to_vec();
    let mut ends = vec![(file.len(), Snapshot::default())];
    while let Ok(batch) = input.arbitrary::<Vec<Write>>()
        && !input.is_empty()
    {
        let changes: Vec<_> = batch.into_iter().filter_map(Write::change).collect();
        file.extend(frame(&changes));
        let mut snapshot = ends[ends.len() - 1].1.clone();
        changes.iter().for_each(|change| snapshot.apply(change));
        ends.push((file.len(), snapshot));
    }
    let torn = HEADER.len() + usize::from(tear) % (file.len() - HEADER.len() + 1);
    file.truncate(torn);
    let (snapshot, length) = scan(&file).expect("a torn file is a file");
    let whole = ends.iter().rfind(|(end, _)| *end <= torn).expect("the head is whole");
    assert_eq!((snapshot.changes(), length), (whole.1.changes(), whole.0));
    file.truncate(length);
    file.extend(frame(&[Change::Login(None)]));
    let (after, _) = scan(&file).expect("a commit behind a tear");
    let mut expected = whole.1.clone();
    expected.apply(&Change::Login(None));
    assert_eq!(after.changes(), expected.changes());
    // What is compacted is the same, in fewer words.
    let compact = [HEADER, &frame(&after.changes())[..]].concat();
    assert_eq!(scan(&compact).map(|(snapshot, _)| snapshot.changes()), Some(after.changes()));
}

fn check_records(bytes: &[u8]) {
    let (_, peak) = heap::peak(|| {
        records(bytes, |name, written, again| {
            assert_eq!(again.as_ref(), Some(&written), "{name}");
        });
    });
    assert!(peak <= 16_384 + 256 * bytes.len(), "{} bytes cost {peak}", bytes.len());
}

fn check_keys(bytes: &[u8]) {
    let mut input = Unstructured::new(bytes);
    type Text = (String, Option<i64>, Vec<u8>);
    type Numbers = (i32, u64, bool, i8, [u8; 3]);
    if let Ok((a, b)) = input.arbitrary::<(Text, Text)>() {
        check_order(&a, &b);
    }
    if let Ok((a, b)) = input.arbitrary::<(Numbers, Numbers)>() {
        check_order(&a, &b);
    }
    if let Ok([a, b, c, d]) = input.arbitrary::<[i64; 4]>() {
        let peer = |raw: i64| Peer::from_marked(raw % (1 << 41));
        if let (Some(a), Some(b)) = (peer(a), peer(b)) {
            let (c, d) = (MessageId::new(c as i32), MessageId::new(d as i32));
            check_order(&(a, c), &(b, d));
        }
        let at = |raw: i64| Timestamp::from_nanos(raw.cast_unsigned());
        check_order(&at(c), &at(d));
    }
    check_canonical::<(String, u32)>(bytes);
    check_canonical::<(Peer, Option<MessageId>)>(bytes);
    check_canonical::<(Vec<u8>, bool)>(bytes);
}

fn encoded(key: &impl Key) -> Vec<u8> {
    let mut out = Vec::new();
    key.encode(&mut out);
    out
}

fn check_order<K: Key + Ord + std::fmt::Debug>(a: &K, b: &K) {
    let (x, y) = (encoded(a), encoded(b));
    assert_eq!(x.cmp(&y), a.cmp(b), "{a:?} and {b:?}");
    assert!(x == y || !y.starts_with(&x), "{a:?} is the beginning of {b:?}");
    let mut reader = KeyReader::new(&x);
    let again = K::decode(&mut reader).expect("a key that was written");
    assert!(again == *a && reader.finish().is_ok());
}

/// What is read as a key is written as it was.
fn check_canonical<K: Key>(bytes: &[u8]) {
    let mut reader = KeyReader::new(bytes);
    if let Ok(key) = K::decode(&mut reader) {
        assert!(bytes.starts_with(&encoded(&key)), "a second spelling of a key");
    }
}

pub(super) fn seeds() -> Vec<Vec<u8>> {
    let mut login = Vec::new();
    let user_id = UserId::new(42);
    if let Some(user_id) = user_id {
        login = frame(&[Change::Login(Some(Login { user_id, is_bot: true }))]);
    }
    let mut seeds = vec![[&[0][..], &login, &frame(&[Change::Login(None)])].concat()];
    for kind in [1, 2, 3] {
        let noise = super::noise(4, 200).into_iter();
        seeds.extend(noise.map(|noise| [&[kind][..], &noise].concat()));
    }
    // An array of a few fields, as every record begins.
    seeds.push(vec![2, 1, 0x84, 0x01, 0x61, b'a', 0xf6, 0xf5]);
    seeds.push(vec![2, 1, 0x82, 0x80, 0x00]);
    seeds
}

const HEADER: &[u8] = b"heliogram session 1\n";
