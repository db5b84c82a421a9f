//! Whom and what a message speaks of: what has to be known before it can be told to a bot.

use heliogram_ids::{ChannelId, ChatId, MessageId, Peer, UserId};
use heliogram_tl as tl;

/// The domain form of a peer; nothing if its id is out of range.
pub(crate) fn peer(peer: &tl::Peer) -> Option<Peer> {
    Some(match peer {
        tl::Peer::PeerUser(peer) => UserId::new(peer.user_id)?.into(),
        tl::Peer::PeerChat(peer) => ChatId::new(peer.chat_id)?.into(),
        tl::Peer::PeerChannel(peer) => ChannelId::new(peer.channel_id)?.into(),
    })
}

/// The number of a message; nothing if there is no message.
pub(crate) fn message_id(message: &tl::Message) -> Option<MessageId> {
    MessageId::new(match message {
        tl::Message::Message(message) => message.id,
        tl::Message::MessageService(message) => message.id,
        tl::Message::MessageEmpty(_) => return None,
    })
}

/// The chat of a message and the moment of its last change; nothing if there is no message.
pub(crate) fn where_and_when(message: &tl::Message) -> Option<(Peer, i32)> {
    match message {
        tl::Message::Message(message) => {
            Some((peer(&message.peer_id)?, message.edit_date.unwrap_or(message.date)))
        }
        tl::Message::MessageService(message) => Some((peer(&message.peer_id)?, message.date)),
        tl::Message::MessageEmpty(_) => None,
    }
}

/// The message of the same chat that this one answers, or pins.
pub(crate) fn reply_target(message: &tl::Message) -> Option<MessageId> {
    let header = match message {
        tl::Message::Message(message) => message.reply_to.as_ref(),
        tl::Message::MessageService(message) => message.reply_to.as_ref(),
        tl::Message::MessageEmpty(_) => None,
    };
    let tl::MessageReplyHeader::MessageReplyHeader(header) = header? else { return None };
    if header.reply_to_peer_id.is_some() || header.reply_to_scheduled || header.reply_to_ephemeral {
        return None;
    }
    MessageId::new(header.reply_to_msg_id?)
}

/// Everybody whom a message names.
pub(crate) fn peers_of(message: &tl::Message) -> Vec<Peer> {
    let mut found = Found::default();
    match message {
        tl::Message::Message(message) => {
            found.peer(Some(&message.peer_id));
            found.peer(message.from_id.as_ref());
            found.user(message.via_bot_id);
            found.header(message.fwd_from.as_ref());
            found.reply(message.reply_to.as_ref());
            for entity in message.entities.iter().flatten() {
                if let tl::MessageEntity::MessageEntityMentionName(mention) = entity {
                    found.user(Some(mention.user_id));
                }
            }
        }
        tl::Message::MessageService(message) => {
            found.peer(Some(&message.peer_id));
            found.peer(message.from_id.as_ref());
            match &message.action {
                tl::MessageAction::MessageActionChatAddUser(action) => found.users(&action.users),
                tl::MessageAction::MessageActionChatDeleteUser(action) => {
                    found.user(Some(action.user_id));
                }
                tl::MessageAction::MessageActionInviteToGroupCall(action) => {
                    found.users(&action.users);
                }
                tl::MessageAction::MessageActionGeoProximityReached(action) => {
                    found.peer(Some(&action.from_id));
                    found.peer(Some(&action.to_id));
                }
                _ => {}
            }
        }
        tl::Message::MessageEmpty(_) => {}
    }
    found.0
}

#[derive(Default)]
struct Found(Vec<Peer>);

impl Found {
    fn add(&mut self, found: Option<Peer>) {
        if let Some(peer) = found
            && !self.0.contains(&peer)
            && self.0.len() < PEERS_MAX
        {
            self.0.push(peer);
        }
    }

    fn peer(&mut self, found: Option<&tl::Peer>) {
        self.add(found.and_then(peer));
    }

    fn user(&mut self, id: Option<i64>) {
        self.add(id.and_then(UserId::new).map(Peer::User));
    }

    fn users(&mut self, ids: &[i64]) {
        ids.iter().for_each(|id| self.user(Some(*id)));
    }

    fn header(&mut self, header: Option<&tl::MessageFwdHeader>) {
        let Some(tl::MessageFwdHeader::MessageFwdHeader(header)) = header else { return };
        self.peer(header.from_id.as_ref());
        self.peer(header.saved_from_peer.as_ref());
    }

    fn reply(&mut self, header: Option<&tl::MessageReplyHeader>) {
        let Some(tl::MessageReplyHeader::MessageReplyHeader(header)) = header else { return };
        self.peer(header.reply_to_peer_id.as_ref());
        self.header(header.reply_from.as_ref());
    }
}

/// Peers that are looked up for one message.
const PEERS_MAX: usize = 100;
