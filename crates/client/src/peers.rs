//! Peers seen, with the access hashes that the server wants back.
//!
//! Bounded in two generations: when the young one is full it becomes the old one, and the old
//! one goes. What is used moves to the young generation, so what goes is what nobody asked for.

use std::collections::BTreeMap;

use heliogram_ids::{AccessHash, ChannelId, ChatId, Peer, UserId};
use heliogram_tl as tl;

use crate::session::PeerRecord;

/// A bounded memory of peers.
#[derive(Clone, Debug, Default)]
pub struct PeerCache {
    young: Generation,
    old: Generation,
}

#[derive(Clone, Debug, Default)]
struct Generation {
    records: BTreeMap<Peer, PeerRecord>,
    usernames: BTreeMap<Box<str>, Peer>,
}

impl PeerCache {
    /// Remembers a peer; true if that was news.
    pub fn learn(&mut self, mut record: PeerRecord) -> bool {
        if let Some(known) =
            self.young.records.get(&record.peer).or_else(|| self.old.get(record.peer))
        {
            // A message may name a peer without its username; that does not mean it lost it.
            record.username = record.username.or_else(|| known.username.clone());
            if *known == record {
                return false;
            }
        }
        self.insert(record);
        true
    }

    /// What is known about `peer`.
    pub fn peer(&self, peer: Peer) -> Option<&PeerRecord> {
        self.young.get(peer).or_else(|| self.old.get(peer))
    }

    /// The peer that was last seen with `username` (no `@`, any case).
    pub fn username(&self, username: &str) -> Option<&PeerRecord> {
        let username = username.to_lowercase();
        let named = |generation: &Generation| generation.usernames.get(&*username).copied();
        let record = self.peer(named(&self.young).or_else(|| named(&self.old))?)?;
        // The name may have gone to somebody else since.
        (record.username.as_deref() == Some(&*username)).then_some(record)
    }

    /// Marks `peer` as used, so that it is among the last to be forgotten.
    pub fn touch(&mut self, peer: Peer) {
        if let Some(record) = self.old.records.remove(&peer) {
            self.insert(record);
        }
    }

    /// Every peer known, each once.
    pub fn iter(&self) -> impl Iterator<Item = &PeerRecord> {
        let stale = |record: &&PeerRecord| !self.young.records.contains_key(&record.peer);
        self.old.records.values().filter(stale).chain(self.young.records.values())
    }

    /// How many records are held.
    pub fn len(&self) -> usize {
        self.iter().count()
    }

    /// Whether nobody was seen yet.
    pub fn is_empty(&self) -> bool {
        self.young.records.is_empty() && self.old.records.is_empty()
    }

    fn insert(&mut self, record: PeerRecord) {
        if self.young.records.len() >= GENERATION_MAX {
            self.old = std::mem::take(&mut self.young);
        }
        if let Some(username) = &record.username {
            self.young.usernames.insert(username.clone(), record.peer);
        }
        self.young.records.insert(record.peer, record);
    }
}

impl Generation {
    fn get(&self, peer: Peer) -> Option<&PeerRecord> {
        self.records.get(&peer)
    }
}

/// What a user object tells about addressing it; nothing if it is a `min` one.
pub(crate) fn user_record(user: &tl::User) -> Option<PeerRecord> {
    let tl::User::User(user) = user else { return None };
    // Spec: api/min. The hash of a min user is valid for its photo alone.
    if user.min {
        return None;
    }
    Some(PeerRecord {
        peer: UserId::new(user.id)?.into(),
        access_hash: AccessHash(user.access_hash?),
        username: username(user.username.as_ref(), user.usernames.as_deref()),
    })
}

/// What a chat object tells about addressing it; nothing if it is a `min` one.
pub(crate) fn chat_record(chat: &tl::Chat) -> Option<PeerRecord> {
    let record =
        |peer, hash, username| PeerRecord { peer, access_hash: AccessHash(hash), username };
    match chat {
        tl::Chat::Chat(chat) => Some(record(ChatId::new(chat.id)?.into(), 0, None)),
        tl::Chat::ChatForbidden(chat) => Some(record(ChatId::new(chat.id)?.into(), 0, None)),
        tl::Chat::Channel(channel) if !channel.min => Some(record(
            ChannelId::new(channel.id)?.into(),
            channel.access_hash?,
            username(channel.username.as_ref(), channel.usernames.as_deref()),
        )),
        tl::Chat::ChannelForbidden(channel) => {
            Some(record(ChannelId::new(channel.id)?.into(), channel.access_hash, None))
        }
        _ => None,
    }
}

fn username(first: Option<&tl::Str>, others: Option<&[tl::Username]>) -> Option<Box<str>> {
    let active = || {
        others.into_iter().flatten().find_map(|tl::Username::Username(name)| {
            (name.active || name.editable).then_some(&name.username)
        })
    };
    first.or_else(active).map(|name| name.to_lowercase().into())
}

/// The domain form of a wire peer; nothing if its id is out of range.
pub(crate) fn peer_of(peer: &tl::Peer) -> Option<Peer> {
    Some(match peer {
        tl::Peer::PeerUser(peer) => UserId::new(peer.user_id)?.into(),
        tl::Peer::PeerChat(peer) => ChatId::new(peer.chat_id)?.into(),
        tl::Peer::PeerChannel(peer) => ChannelId::new(peer.channel_id)?.into(),
    })
}

/// The wire form of a peer in a request, proved by the hash that this account was given. Basic
/// groups have none.
pub fn input_peer(peer: Peer, hash: AccessHash) -> tl::InputPeer {
    let access_hash = hash.get();
    match peer {
        Peer::User(id) => tl::types::InputPeerUser { user_id: id.get(), access_hash }.into(),
        Peer::Chat(id) => tl::types::InputPeerChat { chat_id: id.get() }.into(),
        Peer::Channel(id) => {
            tl::types::InputPeerChannel { channel_id: id.get(), access_hash }.into()
        }
    }
}

/// Peers of one generation.
const GENERATION_MAX: usize = 4096;

#[cfg(test)]
mod tests {
    use super::*;

    fn record(id: i64, username: Option<&str>) -> PeerRecord {
        PeerRecord {
            peer: UserId::new(id).expect("in range").into(),
            access_hash: AccessHash(id * 3),
            username: username.map(Into::into),
        }
    }

    #[test]
    fn a_peer_seen_again_is_no_news() {
        let mut peers = PeerCache::default();
        assert!(peers.learn(record(1, Some("ada"))));
        assert!(!peers.learn(record(1, Some("ada"))));
        assert!(!peers.learn(record(1, None)));
        assert_eq!(peers.username("Ada"), Some(&record(1, Some("ada"))));
    }

    #[test]
    fn a_username_belongs_to_its_last_holder() {
        let mut peers = PeerCache::default();
        peers.learn(record(1, Some("ada")));
        peers.learn(record(1, Some("lovelace")));
        assert_eq!(peers.username("ada"), None);
        peers.learn(record(2, Some("ada")));
        assert_eq!(peers.username("ada"), Some(&record(2, Some("ada"))));
    }

    #[test]
    fn memory_is_bounded_and_the_used_survive() {
        let mut peers = PeerCache::default();
        for id in 1..=100_000 {
            peers.learn(record(id, None));
            peers.touch(record(1, None).peer);
        }
        assert!(peers.len() <= 2 * GENERATION_MAX);
        assert!(peers.peer(record(1, None).peer).is_some());
        assert!(peers.peer(record(2, None).peer).is_none());
    }
}
