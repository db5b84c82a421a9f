//! A message that can be answered.

use std::sync::Arc;

use heliogram_ids::{MessageId, Peer};
use heliogram_tl as tl;

use crate::messages::SendMessage;
use crate::peers::peer_of;
use crate::updates::Entities;
use crate::{ChatRef, Client, InvokeError};

/// A message that was received, and the means to react to it.
#[derive(Clone, Debug)]
pub struct Message {
    client: Client,
    message: Arc<tl::types::Message>,
    entities: Arc<Entities>,
}

impl Message {
    pub(crate) fn new(
        client: Client,
        message: Box<tl::types::Message>,
        entities: Arc<Entities>,
    ) -> Self {
        Self { client, message: Arc::from(message), entities }
    }

    /// The message as the schema has it.
    pub fn raw(&self) -> &tl::types::Message {
        &self.message
    }

    /// Its number in the chat; none only if the server sends nonsense.
    pub fn id(&self) -> Option<MessageId> {
        MessageId::new(self.message.id)
    }

    /// The text, or the caption.
    pub fn text(&self) -> &str {
        self.message.message.as_str()
    }

    /// The chat it was written in.
    pub fn chat(&self) -> Option<Peer> {
        peer_of(&self.message.peer_id)
    }

    /// Who wrote it. In a private chat the server leaves the obvious out.
    pub fn sender(&self) -> Option<Peer> {
        match &self.message.from_id {
            Some(from) => peer_of(from),
            None if self.message.out => self.client.login().map(|login| login.user_id.into()),
            None => self.chat(),
        }
    }

    /// The user who wrote it, if it was one and the server described them.
    pub fn sender_user(&self) -> Option<&tl::types::User> {
        match self.entities.user(self.sender()?.user()?)? {
            tl::User::User(user) => Some(user),
            tl::User::UserEmpty(_) => None,
        }
    }

    /// Whether it is from this account.
    pub fn is_outgoing(&self) -> bool {
        self.message.out
    }

    /// The users and chats that came with it.
    pub fn entities(&self) -> &Entities {
        &self.entities
    }

    /// Answers into the same chat, not quoting it.
    pub fn respond(&self, text: impl Into<String>) -> SendMessage {
        self.client.send_message(&self.message.peer_id, text)
    }

    /// Answers it, quoting it.
    pub fn reply(&self, text: impl Into<String>) -> SendMessage {
        let answer = self.respond(text);
        match self.id() {
            Some(id) => answer.reply_to(id),
            None => answer,
        }
    }

    /// Replaces its text.
    ///
    /// # Errors
    /// `MESSAGE_AUTHOR_REQUIRED` if it is not ours, among others.
    pub async fn edit(&self, text: &str) -> Result<(), InvokeError> {
        let id = self.id().ok_or(InvokeError::GivenUp("the message has no number"))?;
        self.client.edit_message(&self.message.peer_id, id, text).await
    }

    /// Deletes it for everybody.
    ///
    /// # Errors
    /// `MESSAGE_DELETE_FORBIDDEN` among others.
    pub async fn delete(&self) -> Result<(), InvokeError> {
        let id = self.id().ok_or(InvokeError::GivenUp("the message has no number"))?;
        self.client.delete_messages(ChatRef::from(&self.message.peer_id), &[id]).await
    }
}
