//! Keys sort as their values do, come back as they were, and never run into each other.

#![allow(clippy::unwrap_used)] // Helpers of tests are tests.

use std::collections::BTreeMap;
use std::fmt::Debug;
use std::ops::{Bound, RangeBounds};

use heliogram_ids::{ChannelId, ChatId, MessageId, Peer, Pts, RandomId, Timestamp, UserId};
use heliogram_store::{Key, KeyRange, KeyReader, Prefix, Read, Store, StoreError, Table, Within};
use proptest::prelude::*;

fn encode<K: Key>(key: &K) -> Vec<u8> {
    let mut bytes = Vec::new();
    key.encode(&mut bytes);
    bytes
}

/// The three promises of a key, for a pair of values.
fn check<K: Key + Ord + Debug>(a: &K, b: &K) {
    let (bytes_a, bytes_b) = (encode(a), encode(b));
    assert_eq!(bytes_a.cmp(&bytes_b), a.cmp(b), "{a:?} and {b:?} sort differently as bytes");
    assert!(a == b || !bytes_b.starts_with(&bytes_a), "{a:?} is the beginning of {b:?}");
    let mut reader = KeyReader::new(&bytes_a);
    assert_eq!(&K::decode(&mut reader).unwrap(), a);
    reader.finish().unwrap();
}

fn peers() -> impl Strategy<Value = Peer> {
    prop_oneof![
        (1..=UserId::MAX.get()).prop_map(|id| UserId::new(id).unwrap().into()),
        (1..=ChatId::MAX.get()).prop_map(|id| ChatId::new(id).unwrap().into()),
        (1..=ChannelId::MAX.get()).prop_map(|id| ChannelId::new(id).unwrap().into()),
    ]
}

fn messages() -> impl Strategy<Value = MessageId> {
    (1..=i32::MAX).prop_map(|id| MessageId::new(id).unwrap())
}

/// Short strings over few letters, so that equal ones and common beginnings are frequent.
fn texts() -> impl Strategy<Value = String> {
    "[\u{0}\u{1}a\u{ff}]{0,4}"
}

fn byte_strings() -> impl Strategy<Value = Vec<u8>> {
    prop::collection::vec(prop_oneof![Just(0), Just(1), Just(0xFE), Just(0xFF)], 0..5)
}

macro_rules! orders {
    ($($name:ident: $strategy:expr;)*) => {
        proptest! {$(
            #[test]
            fn $name(a in $strategy, b in $strategy) {
                check(&a, &b);
                check(&b, &a);
            }
        )*}
    };
}

orders! {
    i8_sorts: any::<i8>();
    i16_sorts: any::<i16>();
    i32_sorts: any::<i32>();
    i64_sorts: any::<i64>();
    u8_sorts: any::<u8>();
    u16_sorts: any::<u16>();
    u32_sorts: any::<u32>();
    u64_sorts: any::<u64>();
    bool_sorts: any::<bool>();
    text_sorts: texts();
    byte_strings_sort: byte_strings();
    arrays_sort: any::<[u8; 3]>();
    options_sort: any::<Option<i16>>();
    peers_sort: peers();
    opaque_ids_sort: any::<i64>().prop_map(RandomId);
    counters_sort: (1..=i32::MAX).prop_map(|raw| Pts::new(raw).unwrap());
    times_sort: any::<u64>().prop_map(Timestamp::from_nanos);
    pairs_sort: (texts(), any::<i8>());
    nested_pairs_sort: ((byte_strings(), texts()), any::<u8>());
    triples_sort: (peers(), messages(), texts());
    quadruples_sort: (any::<bool>(), byte_strings(), byte_strings(), any::<i8>());
}

#[test]
fn extremes_sort() {
    check(&i64::MIN, &i64::MAX);
    check(&-1i64, &0i64);
    check(&i32::MIN, &0i32);
    check(&"a".to_owned(), &"a\0".to_owned());
    check(&("a".to_owned(), 255u8), &("a\0".to_owned(), 0u8));
    check(&vec![0xFFu8], &vec![0xFFu8, 0]);
    check(&UserId::MIN, &UserId::MAX);
}

/// These bytes are on people's disks.
#[test]
fn encodings_stay_as_they_are() {
    assert_eq!(encode(&1u16), [0, 1]);
    assert_eq!(encode(&-1i32), [0x7F, 0xFF, 0xFF, 0xFF]);
    assert_eq!(encode(&"a\0b".to_owned()), [b'a', 0, 0xFF, b'b', 0, 0]);
    assert_eq!(encode(&UserId::new(258).unwrap()), [0x80, 0, 0, 0, 0, 0, 1, 2]);
    let chat = Peer::Chat(ChatId::new(3).unwrap());
    assert_eq!(encode(&chat), [1, 0x80, 0, 0, 0, 0, 0, 0, 3]);
    assert_eq!(encode(&(Some(true), None::<u8>, [7, 8])), [1, 1, 0, 7, 8]);
}

#[test]
fn what_is_not_a_key_is_refused() {
    #[track_caller]
    fn refuse<K: Key + Debug>(bytes: &[u8]) {
        let mut reader = KeyReader::new(bytes);
        let whole = K::decode(&mut reader).and_then(|key| reader.finish().map(|()| key));
        assert!(matches!(whole, Err(StoreError::BadKey(_))), "{whole:?}");
    }
    refuse::<u32>(&[1, 2, 3]);
    refuse::<u32>(&[1, 2, 3, 4, 5]);
    refuse::<UserId>(&encode(&0i64));
    refuse::<UserId>(&encode(&(1i64 << 40)));
    refuse::<Peer>(&encode(&(3u8, 1i64)));
    refuse::<String>(&[0xFF, 0, 0]);
    refuse::<Vec<u8>>(&[1, 0, 7, 0, 0]);
    refuse::<Vec<u8>>(&[1, 2]);
    refuse::<bool>(&[2]);
}

enum Rows {}
impl Table for Rows {
    const NAME: &'static str = "rows";
    const ID: u16 = 16;
    type Key = (i8, Vec<u8>, u8);
    type Value = u32;
}

/// The tables beside it, whose rows must never show.
enum Below {}
impl Table for Below {
    const NAME: &'static str = "below";
    const ID: u16 = 15;
    type Key = u64;
    type Value = u32;
}
enum Above {}
impl Table for Above {
    const NAME: &'static str = "above";
    const ID: u16 = 17;
    type Key = u64;
    type Value = u32;
}

type Key3 = (i8, Vec<u8>, u8);
type Model = BTreeMap<Key3, u32>;

fn keys() -> impl Strategy<Value = Key3> {
    (-2i8..2, byte_strings(), prop_oneof![Just(0), Just(7), Just(255)])
}

fn store_of(model: &Model) -> Store {
    let store = Store::inline();
    let rows = model.clone();
    let fill = store.write(move |txn| {
        txn.put::<Below>(&u64::MAX, &1)?;
        txn.put::<Above>(&0, &1)?;
        rows.iter().try_for_each(|(key, value)| txn.put::<Rows>(key, value))?;
        Ok::<_, StoreError>(())
    });
    fill.wait().unwrap();
    store
}

fn bounds<K: Clone>(kind: u8, low: &K, high: &K) -> (Bound<K>, Bound<K>) {
    let bound = |kind: u8, key: &K| match kind % 3 {
        0 => Bound::Included(key.clone()),
        1 => Bound::Excluded(key.clone()),
        _ => Bound::Unbounded,
    };
    (bound(kind, low), bound(kind / 3, high))
}

fn check_range(model: &Model, range: impl KeyRange<Rows> + Clone, inside: impl Fn(&Key3) -> bool) {
    let store = store_of(model);
    let expected: Vec<_> =
        model.iter().filter(|(key, _)| inside(key)).map(|(k, v)| (k.clone(), *v)).collect();
    let snapshot = store.snapshot().unwrap();
    let found: Vec<_> = snapshot.range::<Rows>(range.clone()).map(Result::unwrap).collect();
    assert_eq!(found, expected);
    let mut reverse: Vec<_> =
        snapshot.range_rev::<Rows>(range.clone()).map(Result::unwrap).collect();
    reverse.reverse();
    assert_eq!(reverse, expected);
    assert_eq!(snapshot.first::<Rows>(range.clone()).unwrap(), expected.first().cloned());
    assert_eq!(snapshot.last::<Rows>(range.clone()).unwrap(), expected.last().cloned());
    assert_eq!(snapshot.count::<Rows>(range, usize::MAX).unwrap(), expected.len());
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]

    #[test]
    fn ranges_hold_what_lies_between(
        model in prop::collection::btree_map(keys(), any::<u32>(), 0..40),
        low in keys(), high in keys(), kind in 0u8..9,
    ) {
        let range = bounds(kind, &low, &high);
        check_range(&model, range.clone(), |key| range.contains(key));
        check_range(&model, .., |_| true);
        check_range(&model, Prefix(low.0), |key| key.0 == low.0);
        check_range(&model, Prefix((low.0, low.1.clone())), |key| {
            (key.0, &key.1) == (low.0, &low.1)
        });
        let second = bounds(kind, &low.1, &high.1);
        check_range(&model, Within(low.0, second.clone()), |key| {
            key.0 == low.0 && second.contains(&key.1)
        });
        let third = bounds(kind, &low.2, &high.2);
        check_range(&model, Within((low.0, low.1.clone()), third), |key| {
            (key.0, &key.1) == (low.0, &low.1) && third.contains(&key.2)
        });
    }
}
