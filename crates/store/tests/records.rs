//! Records carry versions, hold ids, and refuse what they are not.

#![allow(clippy::unwrap_used)] // Helpers of tests are tests.

use heliogram_ids::{ChannelId, MessageId, Peer, Timestamp, UserId};
use heliogram_store::{BlobId, Record, StoreError, record};
use minicbor::{Decode, Encode};

#[derive(Debug, PartialEq, Encode, Decode)]
struct LetterV1 {
    #[cbor(n(0), with = "heliogram_store::cbor")]
    from: UserId,
    #[n(1)]
    text: String,
}
record!(LetterV1, version = 1);

#[derive(Debug, PartialEq, Encode, Decode)]
struct Letter {
    #[cbor(n(0), with = "heliogram_store::cbor")]
    from: Peer,
    #[n(1)]
    text: String,
    #[cbor(n(2), with = "heliogram_store::cbor")]
    sent: Timestamp,
    #[cbor(n(3), with = "heliogram_store::cbor", has_nil)]
    reply_to: Option<MessageId>,
    #[cbor(n(4), with = "heliogram_store::cbor", has_nil)]
    readers: Vec<(UserId, MessageId)>,
    #[cbor(n(5), with = "heliogram_store::cbor", has_nil)]
    photo: Option<BlobId>,
}
record!(Letter, version = 2, previous = LetterV1);

impl From<LetterV1> for Letter {
    fn from(old: LetterV1) -> Self {
        let from = old.from.into();
        Self { from, text: old.text, ..letter() }
    }
}

fn letter() -> Letter {
    Letter {
        from: ChannelId::MAX.into(),
        text: "hello".into(),
        sent: Timestamp::from_secs(5),
        reply_to: None,
        readers: Vec::new(),
        photo: None,
    }
}

#[track_caller]
fn check_round_trip<R: Record + PartialEq + std::fmt::Debug>(value: &R) {
    assert_eq!(&R::from_record(&value.to_record()).unwrap(), value);
}

#[track_caller]
fn check_refused<R: Record + std::fmt::Debug>(bytes: &[u8]) {
    let read = R::from_record(bytes);
    assert!(matches!(read, Err(StoreError::BadRecord { .. })), "{read:?}");
}

#[test]
fn records_round_trip() {
    check_round_trip(&letter());
    check_round_trip(&Letter {
        reply_to: Some(MessageId::MAX),
        readers: vec![(UserId::MIN, MessageId::MIN), (UserId::MAX, MessageId::MAX)],
        photo: Some(BlobId { sha256: [7; 32], len: u64::MAX }),
        ..letter()
    });
    check_round_trip(&());
    check_round_trip(&i64::MIN);
    check_round_trip(&"text".to_owned());
    check_round_trip(&vec![0u8, 255]);
    check_round_trip(&[1u8, 2, 3]);
    check_round_trip(&UserId::MAX);
}

#[test]
fn an_older_version_is_upgraded() {
    let stored = LetterV1 { from: UserId::MIN, text: "old".into() }.to_record();
    let read = Letter::from_record(&stored).unwrap();
    assert_eq!(read, Letter { from: UserId::MIN.into(), text: "old".into(), ..letter() });
}

#[test]
fn absent_optional_fields_are_empty() {
    // Version 2, then [channel, "hello", 5 s]: written before the other fields existed.
    let mut encoder = minicbor::Encoder::new(vec![2]);
    let channel = Peer::from(ChannelId::MAX).marked();
    encoder.array(3).unwrap().i64(channel).unwrap().str("hello").unwrap();
    encoder.u64(5_000_000_000).unwrap();
    assert_eq!(Letter::from_record(&encoder.into_writer()).unwrap(), letter());
}

#[test]
fn what_is_not_the_record_is_refused() {
    let stored = letter().to_record();
    check_refused::<Letter>(&[]);
    check_refused::<Letter>(&[3, 0x80]);
    check_refused::<Letter>(&stored[..stored.len() - 1]);
    check_refused::<Letter>(&[&stored[..], &[0]].concat());
    check_refused::<LetterV1>(&[1, 0x82, 0x00, 0x60]);
    check_refused::<LetterV1>(&stored);
    check_refused::<String>(&[0xFF]);
    check_refused::<i64>(&[1]);
    check_refused::<()>(&[1]);
    check_refused::<UserId>(&[0; 8]);
    check_refused::<[u8; 3]>(&[1, 2]);
}
