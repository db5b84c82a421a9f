//! One message as it lies in one account's box.

use heliogram_ids::{FileId, MessageId, Peer, UserId};
use heliogram_store::record;
use minicbor::{Decode, Encode};

use super::{Entity, Markup};

/// A message in its owner's box. Both sides of a private chat have a row of their own.
#[derive(Clone, Debug, Decode, Encode, Eq, PartialEq)]
pub(crate) struct MessageRow {
    /// The dialog it belongs to, as the owner sees it.
    #[cbor(n(0), with = "heliogram_store::cbor")]
    pub(crate) peer: Peer,
    /// Who sent it.
    #[cbor(n(1), with = "heliogram_store::cbor")]
    pub(crate) from: Peer,
    /// Ties the copies of one message together over all boxes.
    #[n(2)]
    pub(crate) copy: i64,
    #[n(3)]
    pub(crate) date: i32,
    /// Sent by the owner.
    #[n(4)]
    pub(crate) out: bool,
    #[n(5)]
    pub(crate) text: String,
    #[n(6)]
    pub(crate) entities: Vec<Entity>,
    #[n(7)]
    pub(crate) media: Option<Media>,
    #[n(8)]
    pub(crate) reply: Option<Reply>,
    #[n(9)]
    pub(crate) forward: Option<Forward>,
    #[n(10)]
    pub(crate) markup: Option<Markup>,
    #[n(11)]
    pub(crate) edit_date: Option<i32>,
    /// The edit changed nothing that a reader should be told of.
    #[n(12)]
    pub(crate) edit_hide: bool,
    #[n(13)]
    pub(crate) silent: bool,
    #[n(14)]
    pub(crate) pinned: bool,
    #[n(15)]
    pub(crate) noforwards: bool,
    #[n(16)]
    pub(crate) media_unread: bool,
    #[n(17)]
    pub(crate) invert_media: bool,
    #[n(18)]
    pub(crate) grouped_id: Option<i64>,
    #[cbor(n(19), with = "heliogram_store::cbor", has_nil)]
    pub(crate) via_bot: Option<UserId>,
    /// Present in service messages, which have no text.
    #[n(20)]
    pub(crate) action: Option<ServiceAction>,
    #[n(21)]
    pub(crate) no_webpage: Option<bool>,
}
record!(MessageRow, version = 1);

/// What a message carries besides text.
#[derive(Clone, Debug, Decode, Encode, Eq, PartialEq)]
pub(crate) enum Media {
    #[n(0)]
    Photo {
        #[cbor(n(0), with = "heliogram_store::cbor")]
        id: FileId,
        #[n(1)]
        spoiler: bool,
        #[n(2)]
        ttl_seconds: Option<i32>,
    },
    #[n(1)]
    Document {
        #[cbor(n(0), with = "heliogram_store::cbor")]
        id: FileId,
        #[n(1)]
        spoiler: bool,
        #[n(2)]
        ttl_seconds: Option<i32>,
    },
    #[n(2)]
    Contact {
        #[n(0)]
        phone: String,
        #[n(1)]
        first_name: String,
        #[n(2)]
        last_name: String,
        #[n(3)]
        vcard: String,
        #[cbor(n(4), with = "heliogram_store::cbor")]
        user: Option<UserId>,
    },
    #[n(3)]
    Geo {
        #[n(0)]
        latitude: Degrees,
        #[n(1)]
        longitude: Degrees,
        #[n(2)]
        accuracy_radius: Option<i32>,
    },
    #[n(4)]
    Venue {
        #[n(0)]
        latitude: Degrees,
        #[n(1)]
        longitude: Degrees,
        #[n(2)]
        title: String,
        #[n(3)]
        address: String,
        #[n(4)]
        provider: String,
        #[n(5)]
        venue_id: String,
        #[n(6)]
        venue_type: String,
    },
    #[n(5)]
    Dice {
        #[n(0)]
        emoticon: String,
        #[n(1)]
        value: i32,
    },
}

/// A coordinate kept by its bits, so that rows can be compared.
#[derive(Clone, Copy, Debug, Decode, Encode, Eq, PartialEq)]
#[cbor(transparent)]
pub(crate) struct Degrees(#[n(0)] pub(crate) u64);

impl Degrees {
    pub(crate) fn new(degrees: f64) -> Self {
        Self(degrees.to_bits())
    }

    pub(crate) fn get(self) -> f64 {
        f64::from_bits(self.0)
    }
}

/// What a message answers. The id is the owner's own; absent if the owner has no copy.
#[derive(Clone, Debug, Decode, Encode, Eq, PartialEq)]
pub(crate) struct Reply {
    #[cbor(n(0), with = "heliogram_store::cbor", has_nil)]
    pub(crate) id: Option<MessageId>,
    /// The dialog of the answered message, where it is another.
    #[cbor(n(1), with = "heliogram_store::cbor", has_nil)]
    pub(crate) peer: Option<Peer>,
    #[n(2)]
    pub(crate) quote: Option<Quote>,
}

/// The part of the answered message that is quoted.
#[derive(Clone, Debug, Decode, Encode, Eq, PartialEq)]
pub(crate) struct Quote {
    #[n(0)]
    pub(crate) text: String,
    #[n(1)]
    pub(crate) entities: Vec<Entity>,
    /// In UTF-16 units from the start of the answered text.
    #[n(2)]
    pub(crate) offset: Option<i32>,
}

/// Where a forwarded message comes from.
#[derive(Clone, Debug, Decode, Encode, Eq, PartialEq)]
pub(crate) struct Forward {
    #[n(0)]
    pub(crate) from: ForwardFrom,
    #[n(1)]
    pub(crate) date: i32,
    /// In Saved Messages: where to find the original.
    #[cbor(n(2), with = "heliogram_store::cbor", has_nil)]
    pub(crate) saved_from: Option<(Peer, MessageId)>,
}

/// The first author, or the name of one who hides behind it.
#[derive(Clone, Debug, Decode, Encode, Eq, PartialEq)]
pub(crate) enum ForwardFrom {
    #[n(0)]
    Peer(#[cbor(n(0), with = "heliogram_store::cbor")] Peer),
    #[n(1)]
    Name(#[n(0)] String),
}

/// What a service message tells.
#[derive(Clone, Debug, Decode, Encode, Eq, PartialEq)]
pub(crate) enum ServiceAction {
    #[n(0)]
    PinMessage,
    #[n(1)]
    HistoryClear,
    #[n(2)]
    ContactSignUp,
}

/// What a `random_id` stands for once it was used.
#[derive(Clone, Debug, Decode, Encode, Eq, PartialEq)]
pub(crate) struct Sent {
    #[cbor(n(0), with = "heliogram_store::cbor")]
    pub(crate) peer: Peer,
    #[cbor(n(1), with = "heliogram_store::cbor")]
    pub(crate) id: MessageId,
}
record!(Sent, version = 1);
