//! The users and chats that come with a batch of updates.

use std::collections::BTreeMap;

use heliogram_ids::{Peer, UserId};
use heliogram_tl as tl;

/// The users and chats that the updates of one batch speak of.
#[derive(Clone, Debug, Default)]
pub struct Entities {
    users: BTreeMap<i64, tl::User>,
    chats: BTreeMap<i64, tl::Chat>,
}

impl Entities {
    /// Sorts what came with a batch.
    pub fn new(users: Vec<tl::User>, chats: Vec<tl::Chat>) -> Self {
        Self {
            users: users.into_iter().map(|user| (user_id(&user), user)).collect(),
            chats: chats.into_iter().map(|chat| (chat_id(&chat), chat)).collect(),
        }
    }

    /// The user object of that id.
    pub fn user(&self, id: UserId) -> Option<&tl::User> {
        self.users.get(&id.get())
    }

    /// The group or channel object of that peer.
    pub fn chat(&self, peer: Peer) -> Option<&tl::Chat> {
        self.chats.get(&peer.marked())
    }

    /// Every user of the batch, by their ids.
    pub fn users(&self) -> impl Iterator<Item = &tl::User> {
        self.users.values()
    }

    /// Every group and channel of the batch, by their ids.
    pub fn chats(&self) -> impl Iterator<Item = &tl::Chat> {
        self.chats.values()
    }
}

fn user_id(user: &tl::User) -> i64 {
    match user {
        tl::User::User(user) => user.id,
        tl::User::UserEmpty(user) => user.id,
    }
}

// Marked, because groups and channels number their ids each from one.
fn chat_id(chat: &tl::Chat) -> i64 {
    match chat {
        tl::Chat::ChatEmpty(chat) => -chat.id,
        tl::Chat::Chat(chat) => -chat.id,
        tl::Chat::ChatForbidden(chat) => -chat.id,
        tl::Chat::Channel(channel) => -CHANNEL_MARK - channel.id,
        tl::Chat::ChannelForbidden(channel) => -CHANNEL_MARK - channel.id,
        _ => 0,
    }
}

const CHANNEL_MARK: i64 = 1_000_000_000_000;
