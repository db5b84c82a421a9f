//! Where an update stands: in which sequence, at which position.

use heliogram_ids::ChannelId;
use heliogram_tl as tl;
use heliogram_tl::Update;

use crate::session::UpdateState;

/// The place of an update in the sequences.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Place {
    /// In the common box, ending at `pts`.
    Common { pts: i32, count: i32 },
    /// In the secondary box.
    Secondary { qts: i32 },
    /// In the box of a channel, ending at `pts`.
    Channel { id: ChannelId, pts: i32, count: i32 },
    /// No update itself: a channel has moved, to `pts` if it says so.
    ChannelMoved { id: ChannelId, pts: Option<i32> },
    /// No update itself: the common position has to be asked for.
    CommonMoved,
    /// In no sequence.
    Free,
}

/// What is known to be handled once an update is.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Mark {
    /// The common box up to this pts.
    Common(i32),
    /// The secondary box up to this qts.
    Secondary(i32),
    /// A channel up to this pts.
    Channel(ChannelId, i32),
    /// Ordered containers up to this number, of this date.
    Container {
        /// The number.
        seq: i32,
        /// The date.
        date: i32,
    },
    /// A channel was left: its position means nothing any more.
    Left(ChannelId),
    /// All common sequences, as the server stated them.
    State(UpdateState),
}

impl Place {
    /// Finds the place of `update`.
    pub(crate) fn of(update: &Update) -> Self {
        Self::in_common(update)
            .or_else(|| Self::in_channel(update))
            .or_else(|| qts_of(update).map(|qts| Self::Secondary { qts }))
            .unwrap_or(Self::Free)
    }

    fn in_common(update: &Update) -> Option<Self> {
        let (pts, count) = match update {
            Update::UpdateNewMessage(u) => (u.pts, u.pts_count),
            Update::UpdateEditMessage(u) => (u.pts, u.pts_count),
            Update::UpdateDeleteMessages(u) => (u.pts, u.pts_count),
            Update::UpdateReadHistoryInbox(u) => (u.pts, u.pts_count),
            Update::UpdateReadHistoryOutbox(u) => (u.pts, u.pts_count),
            Update::UpdateReadMessagesContents(u) => (u.pts, u.pts_count),
            Update::UpdateWebPage(u) => (u.pts, u.pts_count),
            Update::UpdatePinnedMessages(u) => (u.pts, u.pts_count),
            Update::UpdateFolderPeers(u) => (u.pts, u.pts_count),
            Update::UpdatePtsChanged => return Some(Self::CommonMoved),
            _ => return None,
        };
        Some(Self::Common { pts, count })
    }

    // `updateReadChannelInbox` carries a pts too, but for information: it takes no position.
    fn in_channel(update: &Update) -> Option<Self> {
        let (id, pts, count) = match update {
            Update::UpdateNewChannelMessage(u) => (channel_of(&u.message), u.pts, u.pts_count),
            Update::UpdateEditChannelMessage(u) => (channel_of(&u.message), u.pts, u.pts_count),
            Update::UpdateDeleteChannelMessages(u) => (Some(u.channel_id), u.pts, u.pts_count),
            Update::UpdateChannelWebPage(u) => (Some(u.channel_id), u.pts, u.pts_count),
            Update::UpdatePinnedChannelMessages(u) => (Some(u.channel_id), u.pts, u.pts_count),
            Update::UpdateChannelTooLong(u) => {
                let id = ChannelId::new(u.channel_id)?;
                return Some(Self::ChannelMoved { id, pts: u.pts });
            }
            _ => return None,
        };
        Some(Self::Channel { id: ChannelId::new(id?)?, pts, count })
    }
}

fn qts_of(update: &Update) -> Option<i32> {
    Some(match update {
        Update::UpdateNewEncryptedMessage(u) => u.qts,
        Update::UpdateMessagePollVote(u) => u.qts,
        Update::UpdateChatParticipant(u) => u.qts,
        Update::UpdateChannelParticipant(u) => u.qts,
        Update::UpdateBotStopped(u) => u.qts,
        Update::UpdateBotChatInviteRequester(u) => u.qts,
        Update::UpdateBotChatBoost(u) => u.qts,
        Update::UpdateBotMessageReaction(u) => u.qts,
        Update::UpdateBotMessageReactions(u) => u.qts,
        Update::UpdateBotBusinessConnect(u) => u.qts,
        Update::UpdateBotNewBusinessMessage(u) => u.qts,
        Update::UpdateBotEditBusinessMessage(u) => u.qts,
        Update::UpdateBotDeleteBusinessMessage(u) => u.qts,
        Update::UpdateBotPurchasedPaidMedia(u) => u.qts,
        Update::UpdateManagedBot(u) => u.qts,
        Update::UpdateBotGuestChatQuery(u) => u.qts,
        Update::UpdateBotStarsSubscription(u) => u.qts,
        _ => return None,
    })
}

/// The channel a message was posted in, if it was in one.
pub(crate) fn channel_of(message: &tl::Message) -> Option<i64> {
    let peer = match message {
        tl::Message::Message(message) => Some(&message.peer_id),
        tl::Message::MessageService(message) => Some(&message.peer_id),
        tl::Message::MessageEmpty(message) => message.peer_id.as_ref(),
    };
    match peer? {
        tl::Peer::PeerChannel(peer) => Some(peer.channel_id),
        tl::Peer::PeerUser(_) | tl::Peer::PeerChat(_) => None,
    }
}
