//! An account's box, its dialogs and its address book.

use heliogram_ids::{MessageId, Peer, Pts, Qts};
use heliogram_store::record;
use minicbor::{Decode, Encode};

use super::Entity;

/// The counters of one account's common box.
#[derive(Clone, Debug, Decode, Encode, Eq, PartialEq)]
pub(crate) struct BoxState {
    /// The newest position of the update log.
    #[cbor(n(0), with = "heliogram_store::cbor")]
    pub(crate) pts: Pts,
    #[cbor(n(1), with = "heliogram_store::cbor")]
    pub(crate) qts: Qts,
    /// The newest message id given out; ids are never used twice.
    #[cbor(n(2), with = "heliogram_store::cbor", has_nil)]
    pub(crate) last_message: Option<MessageId>,
    /// How many dialogs have something unread; absent in rows from before it was kept.
    #[n(3)]
    pub(crate) unread_dialogs: Option<u32>,
}
record!(BoxState, version = 1);

impl Default for BoxState {
    fn default() -> Self {
        Self { pts: Pts::START, qts: Qts::START, last_message: None, unread_dialogs: Some(0) }
    }
}

/// One dialog of one account.
#[derive(Clone, Debug, Decode, Default, Encode, Eq, PartialEq)]
pub(crate) struct DialogRow {
    /// The newest message; absent if all are gone.
    #[cbor(n(0), with = "heliogram_store::cbor", has_nil)]
    pub(crate) top_message: Option<MessageId>,
    #[n(1)]
    pub(crate) top_date: i32,
    #[cbor(n(2), with = "heliogram_store::cbor", has_nil)]
    pub(crate) read_inbox_max: Option<MessageId>,
    #[cbor(n(3), with = "heliogram_store::cbor", has_nil)]
    pub(crate) read_outbox_max: Option<MessageId>,
    #[n(4)]
    pub(crate) unread_count: u32,
    /// Marked as unread by hand.
    #[n(5)]
    pub(crate) unread_mark: bool,
    /// Place among the pinned dialogs, the greatest on top.
    #[n(6)]
    pub(crate) pinned: Option<u32>,
    #[n(7)]
    pub(crate) draft: Option<Draft>,
    /// 1 is the archive.
    #[n(8)]
    pub(crate) folder: Option<i32>,
    /// The bar that offers to block or add a stranger was dismissed.
    #[n(9)]
    pub(crate) hide_peer_settings: Option<bool>,
    /// How many messages it has, so that a page of history need not count them.
    #[n(10)]
    pub(crate) messages: u32,
}
record!(DialogRow, version = 1);

/// A message that is being written.
#[derive(Clone, Debug, Decode, Encode, Eq, PartialEq)]
pub(crate) struct Draft {
    #[n(0)]
    pub(crate) text: String,
    #[n(1)]
    pub(crate) entities: Vec<Entity>,
    #[cbor(n(2), with = "heliogram_store::cbor", has_nil)]
    pub(crate) reply_to: Option<MessageId>,
    #[n(3)]
    pub(crate) date: i32,
    #[n(4)]
    pub(crate) no_webpage: bool,
}

/// How an account has saved a person.
#[derive(Clone, Debug, Decode, Encode, Eq, PartialEq)]
pub(crate) struct Contact {
    #[n(0)]
    pub(crate) first_name: String,
    #[n(1)]
    pub(crate) last_name: String,
    /// Digits, if the number is known to the owner of the address book.
    #[n(2)]
    pub(crate) phone: Option<String>,
}
record!(Contact, version = 1);

/// Notification settings of a peer or a class of peers; what is absent is inherited.
#[derive(Clone, Debug, Decode, Default, Encode, Eq, PartialEq)]
pub(crate) struct NotifySettings {
    #[n(0)]
    pub(crate) show_previews: Option<bool>,
    #[n(1)]
    pub(crate) silent: Option<bool>,
    #[n(2)]
    pub(crate) mute_until: Option<i32>,
}
record!(NotifySettings, version = 1);

/// Which notification settings a row holds.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum NotifyScope {
    Users,
    Chats,
    Broadcasts,
    Peer(Peer),
}

impl NotifyScope {
    /// The number that stands for the scope in a key: no peer has one so great.
    pub(crate) const fn key(self) -> i64 {
        match self {
            Self::Users => i64::MAX,
            Self::Chats => i64::MAX - 1,
            Self::Broadcasts => i64::MAX - 2,
            Self::Peer(peer) => peer.marked(),
        }
    }
    /// The scope behind such a number.
    pub(crate) fn from_key(key: i64) -> Option<Self> {
        match key {
            i64::MAX => Some(Self::Users),
            _ if key == Self::Chats.key() => Some(Self::Chats),
            _ if key == Self::Broadcasts.key() => Some(Self::Broadcasts),
            _ => Peer::from_marked(key).map(Self::Peer),
        }
    }
}
