//! A peer is a kind and an id: the numbers of different kinds collide.

use crate::{ChannelId, ChatId, UserId};

/// Whom a message can be addressed to.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub enum Peer {
    /// A person or a bot.
    User(UserId),
    /// A basic group.
    Chat(ChatId),
    /// A channel or supergroup.
    Channel(ChannelId),
}

impl Peer {
    /// Distance between a channel's own id and its marked form.
    const CHANNEL_MARK: i64 = 1_000_000_000_000;

    /// The single number of the Bot API and of most libraries: users as they are, basic groups
    /// negative, channels below −10¹².
    pub const fn marked(self) -> i64 {
        match self {
            Self::User(id) => id.get(),
            Self::Chat(id) => -id.get(),
            Self::Channel(id) => -Self::CHANNEL_MARK - id.get(),
        }
    }

    /// The peer behind a marked id, unless the number is outside every range.
    pub const fn from_marked(raw: i64) -> Option<Self> {
        if raw > 0 {
            return match UserId::new(raw) {
                Some(id) => Some(Self::User(id)),
                None => None,
            };
        }
        if raw >= -ChatId::MAX.get() {
            return match ChatId::new(-raw) {
                Some(id) => Some(Self::Chat(id)),
                None => None,
            };
        }
        if raw < -Self::CHANNEL_MARK && raw >= -Self::CHANNEL_MARK - ChannelId::MAX.get() {
            return match ChannelId::new(-raw - Self::CHANNEL_MARK) {
                Some(id) => Some(Self::Channel(id)),
                None => None,
            };
        }
        None
    }

    /// The user, if it is one.
    pub const fn user(self) -> Option<UserId> {
        match self {
            Self::User(id) => Some(id),
            Self::Chat(_) | Self::Channel(_) => None,
        }
    }
}

impl From<UserId> for Peer {
    fn from(id: UserId) -> Self {
        Self::User(id)
    }
}

impl From<ChatId> for Peer {
    fn from(id: ChatId) -> Self {
        Self::Chat(id)
    }
}

impl From<ChannelId> for Peer {
    fn from(id: ChannelId) -> Self {
        Self::Channel(id)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(marked: i64, expected: Option<Peer>) {
        assert_eq!(Peer::from_marked(marked), expected);
        if let Some(peer) = expected {
            assert_eq!(peer.marked(), marked);
        }
    }

    #[test]
    fn marked_ids_round_trip() {
        check(777_000, UserId::new(777_000).map(Peer::User));
        check(-42, ChatId::new(42).map(Peer::Chat));
        check(-1_001_234_567_890, ChannelId::new(1_234_567_890).map(Peer::Channel));
        check(0, None);
        check(-1_000_000_000_000, None);
        check(i64::MIN, None);
    }
}
