//! Messages: looked up, remembered, and found in what the data centre answers.

use heliogram_ids::{MessageId, Peer};
use heliogram_tl as tl;
use heliogram_tl::{Bytes, Decode, Encode};

use super::login::Account;
use crate::convert::{self, Reply};
use crate::error::ApiError;
use crate::types;

/// What was sent, for the case that the data centre only confirms it.
#[derive(Clone, Debug, Default)]
pub(crate) struct Sent {
    /// Drawn by us; names the message in the answer.
    pub(crate) random_id: i64,
    /// The message as far as the sender knows it.
    pub(crate) draft: Box<tl::types::Message>,
}

impl Account {
    /// A message of a chat, from memory or from the data centre; nothing if it is gone.
    ///
    /// # Errors
    /// As the data centre refuses.
    pub(crate) async fn find(
        &self,
        peer: Peer,
        input: &tl::InputPeer,
        id: MessageId,
    ) -> Result<Option<tl::Message>, ApiError> {
        if let Some(message) = self.recall(peer, id) {
            return Ok(Some(message));
        }
        let wanted = vec![tl::types::InputMessageId { id: id.get() }.into()];
        let found = match Self::input_channel(input) {
            Some(channel) => {
                self.invoke(&tl::channels::GetMessages { channel, id: wanted }).await?
            }
            None => self.invoke(&tl::messages::GetMessages { id: wanted }).await?,
        };
        let (messages, users, chats) = match found {
            tl::messages::Messages::Messages(m) => (m.messages, m.users, m.chats),
            tl::messages::Messages::MessagesSlice(m) => (m.messages, m.users, m.chats),
            tl::messages::Messages::ChannelMessages(m) => (m.messages, m.users, m.chats),
            tl::messages::Messages::MessagesNotModified(_) => return Ok(None),
        };
        self.roster().learn(&users, &chats);
        let found = messages.into_iter().find(|message| {
            // The common box is one for all chats: an id alone may be that of another one.
            convert::message_id(message) == Some(id)
                && convert::where_and_when(message).is_some_and(|(chat, _)| chat == peer)
        });
        if let Some(message) = &found {
            self.remember(message);
        }
        Ok(found)
    }

    /// A message that passed by lately.
    pub(crate) fn recall(&self, peer: Peer, id: MessageId) -> Option<tl::Message> {
        let bytes = self.recent().get((peer, id)).map(|bytes| Bytes::copy_from_slice(bytes))?;
        tl::Message::from_bytes(&bytes).ok()
    }

    /// Remembers a message for those that answer it.
    pub(crate) fn remember(&self, message: &tl::Message) {
        let Some((peer, _)) = convert::where_and_when(message) else { return };
        let Some(id) = convert::message_id(message) else { return };
        let bytes = message.to_bytes();
        // One long message must not cost as much as a hundred short ones.
        if bytes.len() <= REMEMBERED_BYTES_MAX {
            self.recent().insert((peer, id), bytes.into());
        }
    }

    /// Forgets a message that has gone or changed.
    pub(crate) fn forget(&self, peer: Peer, id: MessageId) {
        self.recent().remove((peer, id));
    }

    /// A message as bots see it, with everybody in it described and the message it answers.
    ///
    /// # Errors
    /// `message not found` if there is none.
    pub(crate) async fn present(&self, message: &tl::Message) -> Result<types::Message, ApiError> {
        self.meet(&convert::peers_of(message)).await;
        let reply = self.reply_of(message).await;
        convert::message(self.roster(), self.me(), message, reply)
            .ok_or_else(|| ApiError::bad_request("message not found"))
    }

    /// One level deep: the answered message is shown without the one that it answers.
    async fn reply_of(&self, message: &tl::Message) -> Reply {
        let (Some(id), Some((peer, _))) =
            (convert::reply_target(message), convert::where_and_when(message))
        else {
            return Reply::None;
        };
        let Ok(input) = self.client().resolve(peer).await else { return Reply::None };
        let Ok(Some(target)) = self.find(peer, &input, id).await else {
            return Reply::Gone(id.get().into());
        };
        self.meet(&convert::peers_of(&target)).await;
        let target = convert::message(self.roster(), self.me(), &target, Reply::None);
        target.map_or(Reply::None, |target| Reply::Found(Box::new(target)))
    }

    /// The updates of an answer, its users and chats taken down.
    pub(crate) fn open(&self, updates: tl::Updates) -> Vec<tl::Update> {
        let (updates, users, chats) = match updates {
            tl::Updates::Updates(u) => (u.updates, u.users, u.chats),
            tl::Updates::UpdatesCombined(u) => (u.updates, u.users, u.chats),
            tl::Updates::UpdateShort(short) => (vec![short.update], Vec::new(), Vec::new()),
            _ => return Vec::new(),
        };
        self.roster().learn(&users, &chats);
        updates
    }

    /// The messages that an answer brings, in the order of the requests that made them.
    ///
    /// # Errors
    /// 500 if the answer names none.
    pub(crate) fn sent(
        &self,
        updates: tl::Updates,
        wanted: &[Sent],
    ) -> Result<Vec<tl::Message>, ApiError> {
        if let tl::Updates::UpdateShortSentMessage(short) = updates {
            let sent = wanted.first().map(|sent| confirmed(sent, &short));
            return Ok(sent.into_iter().collect());
        }
        let updates = self.open(updates);
        let named = |random_id| {
            updates.iter().find_map(|update| match update {
                tl::Update::UpdateMessageId(named) if named.random_id == random_id => {
                    Some(named.id)
                }
                _ => None,
            })
        };
        let ids: Vec<i32> = wanted.iter().filter_map(|sent| named(sent.random_id)).collect();
        let found: Vec<tl::Message> = if ids.is_empty() {
            updates.iter().filter_map(new_message).take(wanted.len()).cloned().collect()
        } else {
            let with = |id: i32| {
                let mut messages = updates.iter().filter_map(new_message);
                messages.find(|one| convert::message_id(one).map(MessageId::get) == Some(id))
            };
            ids.into_iter().filter_map(with).cloned().collect()
        };
        if found.is_empty() {
            let text = "Internal Server Error: sent message was immediately deleted and can't be \
                        returned";
            return Err(ApiError::exact(500, text));
        }
        found.iter().for_each(|message| self.remember(message));
        Ok(found)
    }
}

/// The new or changed message of an update.
pub(super) fn new_message(update: &tl::Update) -> Option<&tl::Message> {
    match update {
        tl::Update::UpdateNewMessage(new) => Some(&new.message),
        tl::Update::UpdateNewChannelMessage(new) => Some(&new.message),
        tl::Update::UpdateEditMessage(edit) => Some(&edit.message),
        tl::Update::UpdateEditChannelMessage(edit) => Some(&edit.message),
        _ => None,
    }
}

fn confirmed(sent: &Sent, short: &tl::types::UpdateShortSentMessage) -> tl::Message {
    tl::types::Message {
        out: true,
        id: short.id,
        date: short.date,
        media: short.media.clone().or_else(|| sent.draft.media.clone()),
        entities: short.entities.clone(),
        ..(*sent.draft).clone()
    }
    .into()
}

/// Longer messages are asked for again.
const REMEMBERED_BYTES_MAX: usize = 16 << 10;
