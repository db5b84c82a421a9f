//! Reading what was said.

use heliogram_ids::MessageId;
use heliogram_tl as tl;

use crate::chat_ref::ChatRef;
use crate::updates::Entities;
use crate::{Client, InvokeError};

/// A stretch of a chat, newest first.
#[derive(Clone, Debug, Default)]
pub struct Page {
    /// The messages.
    pub messages: Vec<tl::Message>,
    /// The users and chats that they speak of.
    pub entities: Entities,
    /// How many messages the whole chat has, if the server counted.
    pub total: Option<i32>,
}

impl Client {
    /// Up to 100 messages of a chat, newest first: those before `before`, or the last ones.
    ///
    /// # Errors
    /// `PEER_ID_INVALID`, `CHANNEL_PRIVATE` among others.
    pub async fn history(
        &self,
        chat: impl Into<ChatRef>,
        before: Option<MessageId>,
        limit: usize,
    ) -> Result<Page, InvokeError> {
        let request = tl::messages::GetHistory {
            peer: self.resolve(chat).await?,
            offset_id: before.map_or(0, MessageId::get),
            limit: i32::try_from(limit.min(PAGE_MAX)).unwrap_or_default(),
            ..tl::messages::GetHistory::default()
        };
        let (messages, users, chats, total) = match self.invoke(&request).await? {
            tl::messages::Messages::Messages(m) => (m.messages, m.users, m.chats, None),
            tl::messages::Messages::MessagesSlice(m) => {
                (m.messages, m.users, m.chats, Some(m.count))
            }
            tl::messages::Messages::ChannelMessages(m) => {
                (m.messages, m.users, m.chats, Some(m.count))
            }
            tl::messages::Messages::MessagesNotModified(m) => {
                (Vec::new(), Vec::new(), Vec::new(), Some(m.count))
            }
        };
        self.book().learn(&users, &chats);
        Ok(Page { messages, entities: Entities::new(users, chats), total })
    }
}

/// What the server gives at once.
const PAGE_MAX: usize = 100;
