//! Editing, deleting and forwarding.

use heliogram_crypto::Random;
use heliogram_ids::MessageId;
use heliogram_tl as tl;

use super::sent::{new_message, opened};
use crate::chat_ref::{ChatRef, input_channel};
use crate::{Client, InvokeError};

impl Client {
    /// Replaces the text of a message of ours.
    ///
    /// # Errors
    /// `MESSAGE_NOT_MODIFIED`, `MESSAGE_ID_INVALID`, `MESSAGE_AUTHOR_REQUIRED` among others.
    pub async fn edit_message(
        &self,
        chat: impl Into<ChatRef>,
        id: MessageId,
        text: &str,
    ) -> Result<(), InvokeError> {
        let request = tl::messages::EditMessage {
            peer: self.resolve(chat).await?,
            id: id.get(),
            message: Some(text.into()),
            ..tl::messages::EditMessage::default()
        };
        let updates = self.invoke(&request).await?;
        opened(self, updates);
        Ok(())
    }

    /// Deletes messages for everybody. Messages that are gone already are no error.
    ///
    /// # Errors
    /// `MESSAGE_DELETE_FORBIDDEN` among others.
    pub async fn delete_messages(
        &self,
        chat: impl Into<ChatRef>,
        ids: &[MessageId],
    ) -> Result<(), InvokeError> {
        let peer = self.resolve(chat).await?;
        // Spec: messages.deleteMessages. Each request takes a hundred ids at most.
        for ids in ids.chunks(BATCH_MAX) {
            let id = ids.iter().map(|id| id.get()).collect();
            match input_channel(&peer) {
                Some(channel) => {
                    self.invoke(&tl::channels::DeleteMessages { channel, id }).await?;
                }
                None => {
                    self.invoke(&tl::messages::DeleteMessages { revoke: true, id }).await?;
                }
            }
        }
        Ok(())
    }

    /// Forwards messages from one chat to another; the copies come in the same order.
    ///
    /// # Errors
    /// `MESSAGE_ID_INVALID`, `CHAT_FORWARDS_RESTRICTED` among others.
    pub async fn forward_messages(
        &self,
        from: impl Into<ChatRef>,
        ids: &[MessageId],
        to: impl Into<ChatRef>,
    ) -> Result<Vec<tl::types::Message>, InvokeError> {
        let (from_peer, to_peer) = (self.resolve(from).await?, self.resolve(to).await?);
        let mut copies = Vec::new();
        for ids in ids.chunks(BATCH_MAX) {
            let request = tl::messages::ForwardMessages {
                from_peer: from_peer.clone(),
                to_peer: to_peer.clone(),
                id: ids.iter().map(|id| id.get()).collect(),
                random_id: ids.iter().map(|_| self.entropy().i64()).collect(),
                ..tl::messages::ForwardMessages::default()
            };
            let updates = self.invoke(&request).await?;
            let messages = opened(self, updates).into_iter().filter_map(new_message);
            copies.extend(messages.map(|message| *message));
        }
        Ok(copies)
    }
}

/// Messages per request.
const BATCH_MAX: usize = 100;
