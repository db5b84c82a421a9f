//! The peers that a batch mentions: clients drop what refers to somebody they were not shown.

use std::collections::BTreeSet;

use heliogram_ids::{Peer, UserId};
use heliogram_tl as tl;

use super::{Viewer, user};
use crate::domain::users;
use crate::error::Rpc;

/// Everybody who is mentioned in what was rendered so far.
#[derive(Debug, Default)]
pub(crate) struct Peers {
    users: BTreeSet<UserId>,
}

impl Peers {
    /// Notes that `peer` is mentioned.
    pub(crate) fn mention(&mut self, peer: Peer) {
        if let Peer::User(id) = peer {
            self.users.insert(id);
        }
    }

    /// Notes that `user` is mentioned.
    pub(crate) fn mention_user(&mut self, user: UserId) {
        self.users.insert(user);
    }

    /// All of them, as the viewer may see them.
    pub(crate) fn render(&self, viewer: Viewer<'_>) -> Rpc<(Vec<tl::User>, Vec<tl::Chat>)> {
        let mut rendered = Vec::with_capacity(self.users.len());
        for id in &self.users {
            if let Some(row) = users::find(viewer.db, *id)? {
                rendered.push(user(viewer, *id, &row)?);
            }
        }
        Ok((rendered, Vec::new()))
    }
}

/// A peer as the wire names it.
pub(crate) fn peer(peer: Peer) -> tl::Peer {
    match peer {
        Peer::User(id) => tl::types::PeerUser { user_id: id.get() }.into(),
        Peer::Chat(id) => tl::types::PeerChat { chat_id: id.get() }.into(),
        Peer::Channel(id) => tl::types::PeerChannel { channel_id: id.get() }.into(),
    }
}
