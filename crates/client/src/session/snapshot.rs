//! Everything a client remembers, and how one change alters it.

use std::collections::BTreeMap;
use std::fmt;

use heliogram_ids::{AccessHash, ChannelId, DcId, Peer, Salt, UserId};

use super::change::Change;
use crate::peers::PeerCache;

/// Everything a client remembers between runs.
#[derive(Clone, Debug, Default)]
pub struct Snapshot {
    /// The data centre of the account.
    pub home: Option<Home>,
    /// Authorization keys by data centre.
    pub keys: BTreeMap<DcId, StoredKey>,
    /// Who is logged in.
    pub login: Option<Login>,
    /// How far the handlers have come in the common sequences.
    pub updates: Option<UpdateState>,
    /// How far the handlers have come in each channel, as pts.
    pub channels: BTreeMap<ChannelId, i32>,
    /// Peers seen, with what is needed to address them.
    pub peers: PeerCache,
}

/// The data centre an account lives in.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Home {
    /// Its number.
    pub dc: DcId,
    /// Where it was reached last: `host:port`, or empty for a connector within the process.
    pub address: Box<str>,
}

/// An authorization key as it is stored.
#[derive(Clone, Eq, PartialEq)]
pub struct StoredKey {
    /// The 256 bytes that the exchange yielded.
    pub bytes: Box<[u8; 256]>,
    /// A salt that was valid lately; saves the first round trip.
    pub salt: Salt,
}

/// The account behind a session.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Login {
    /// Its id.
    pub user_id: UserId,
    /// Whether it is a bot: some requests differ.
    pub is_bot: bool,
}

/// Position in the common update sequences.
///
/// Plain numbers: a foreign server counts `qts` of a user from 0, where the newtype begins at 1.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct UpdateState {
    /// Of private chats and basic groups.
    pub pts: i32,
    /// Of secret chats and of what only bots are told.
    pub qts: i32,
    /// Of the server, when it last gave a state.
    pub date: i32,
    /// Number of the last ordered container.
    pub seq: i32,
}

/// A peer that was seen, with what is needed to address it.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct PeerRecord {
    /// Whom this describes.
    pub peer: Peer,
    /// The proof that we were shown it; zero for a basic group, which needs none.
    pub access_hash: AccessHash,
    /// Its username without `@`, in lower case.
    pub username: Option<Box<str>>,
}

impl Snapshot {
    /// Makes one change.
    pub fn apply(&mut self, change: &Change) {
        match change {
            Change::Home(home) => self.home = Some(home.clone()),
            Change::Key { dc, key: Some(key) } => drop(self.keys.insert(*dc, key.clone())),
            Change::Key { dc, key: None } => drop(self.keys.remove(dc)),
            Change::Login(login) => self.login = *login,
            Change::Updates(state) => self.updates = *state,
            Change::Channel { id, pts: Some(pts) } => drop(self.channels.insert(*id, *pts)),
            Change::Channel { id, pts: None } => drop(self.channels.remove(id)),
            Change::Peer(record) => drop(self.peers.learn(record.clone())),
        }
    }

    /// The shortest list of changes that makes this out of nothing.
    pub fn changes(&self) -> Vec<Change> {
        let mut changes = Vec::with_capacity(8 + self.channels.len() + self.peers.len());
        changes.extend(self.home.clone().map(Change::Home));
        changes.extend(
            self.keys.iter().map(|(dc, key)| Change::Key { dc: *dc, key: Some(key.clone()) }),
        );
        changes.extend(self.login.map(|login| Change::Login(Some(login))));
        changes.extend(self.updates.map(|state| Change::Updates(Some(state))));
        changes.extend(
            self.channels.iter().map(|(id, pts)| Change::Channel { id: *id, pts: Some(*pts) }),
        );
        changes.extend(self.peers.iter().cloned().map(Change::Peer));
        changes
    }
}

impl fmt::Debug for StoredKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("StoredKey(…)")
    }
}
