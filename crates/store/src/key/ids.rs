//! The vocabulary's ids as keys: each is encoded as the number inside it.

use heliogram_ids::{
    AccessHash, AuthKeyId, ChannelId, ChatId, DcId, FileId, Layer, MessageId, MsgId, Peer, Pts,
    Qts, RandomId, Salt, SessionId, Timestamp, UserId,
};

use super::{Key, KeyReader};
use crate::StoreError;

macro_rules! bounded {
    ($($id:ty),*) => {$(
        impl Key for $id {
            fn encode(&self, out: &mut Vec<u8>) {
                self.get().encode(out);
            }

            fn decode(input: &mut KeyReader<'_>) -> Result<Self, StoreError> {
                Self::new(Key::decode(input)?)
                    .ok_or(StoreError::BadKey(concat!("out of range for ", stringify!($id))))
            }
        }
    )*};
}

macro_rules! opaque {
    ($($id:ident),*) => {$(
        impl Key for $id {
            fn encode(&self, out: &mut Vec<u8>) {
                self.get().encode(out);
            }

            fn decode(input: &mut KeyReader<'_>) -> Result<Self, StoreError> {
                Key::decode(input).map($id)
            }
        }
    )*};
}

bounded!(ChannelId, ChatId, DcId, Layer, MessageId, Pts, Qts, UserId);
opaque!(AccessHash, AuthKeyId, FileId, MsgId, RandomId, Salt, SessionId);

impl Key for Timestamp {
    fn encode(&self, out: &mut Vec<u8>) {
        self.nanos().encode(out);
    }

    fn decode(input: &mut KeyReader<'_>) -> Result<Self, StoreError> {
        Key::decode(input).map(Self::from_nanos)
    }
}

const USER: u8 = 0;
const CHAT: u8 = 1;
const CHANNEL: u8 = 2;

/// Kind first, then id, which is also the order of `Peer` itself.
impl Key for Peer {
    fn encode(&self, out: &mut Vec<u8>) {
        match self {
            Self::User(id) => (USER, *id).encode(out),
            Self::Chat(id) => (CHAT, *id).encode(out),
            Self::Channel(id) => (CHANNEL, *id).encode(out),
        }
    }

    fn decode(input: &mut KeyReader<'_>) -> Result<Self, StoreError> {
        match u8::decode(input)? {
            USER => UserId::decode(input).map(Self::User),
            CHAT => ChatId::decode(input).map(Self::Chat),
            CHANNEL => ChannelId::decode(input).map(Self::Channel),
            _ => Err(StoreError::BadKey("unknown kind of peer")),
        }
    }
}
