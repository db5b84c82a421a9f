//! One row of an account's update log: one position of pts.

use heliogram_ids::{MessageId, Peer};
use heliogram_store::record;
use minicbor::{Decode, Encode};

/// What happened at one pts. Contents are looked up when the row is rendered, so that a late
/// reader gets the newest form of a message.
#[derive(Clone, Debug, Decode, Encode, Eq, PartialEq)]
pub(crate) enum UpdateRow {
    #[n(0)]
    NewMessage(#[cbor(n(0), with = "heliogram_store::cbor")] MessageId),
    #[n(1)]
    EditMessage(#[cbor(n(0), with = "heliogram_store::cbor")] MessageId),
    #[n(2)]
    DeleteMessage(#[cbor(n(0), with = "heliogram_store::cbor")] MessageId),
    #[n(3)]
    ReadInbox {
        #[cbor(n(0), with = "heliogram_store::cbor")]
        peer: Peer,
        #[cbor(n(1), with = "heliogram_store::cbor")]
        max_id: MessageId,
        #[n(2)]
        still_unread: u32,
    },
    #[n(4)]
    ReadOutbox {
        #[cbor(n(0), with = "heliogram_store::cbor")]
        peer: Peer,
        #[cbor(n(1), with = "heliogram_store::cbor")]
        max_id: MessageId,
    },
    #[n(5)]
    ReadContents(#[cbor(n(0), with = "heliogram_store::cbor")] MessageId),
    #[n(6)]
    Pinned {
        #[cbor(n(0), with = "heliogram_store::cbor")]
        peer: Peer,
        #[cbor(n(1), with = "heliogram_store::cbor")]
        id: MessageId,
        #[n(2)]
        pinned: bool,
    },
}
record!(UpdateRow, version = 1);
