//! Sending text.

use std::future::IntoFuture;
use std::pin::Pin;

use heliogram_crypto::Random;
use heliogram_ids::MessageId;
use heliogram_tl as tl;

use super::sent::{Sent, sent};
use crate::chat_ref::ChatRef;
use crate::{Client, InvokeError};

/// A text about to be sent: refine it, then await it.
#[must_use = "nothing is sent unless this is awaited"]
#[derive(Clone, Debug)]
pub struct SendMessage {
    client: Client,
    chat: ChatRef,
    request: tl::messages::SendMessage,
}

impl Client {
    /// Sends a text to a chat.
    pub fn send_message(&self, chat: impl Into<ChatRef>, text: impl Into<String>) -> SendMessage {
        let request = tl::messages::SendMessage {
            message: text.into().into(),
            // Drawn once per message, not per try: the server recognises a repetition by it.
            random_id: self.entropy().i64(),
            ..tl::messages::SendMessage::default()
        };
        SendMessage { client: self.clone(), chat: chat.into(), request }
    }
}

impl SendMessage {
    /// Answers a message of the same chat.
    pub fn reply_to(mut self, id: MessageId) -> Self {
        self.request.reply_to = Some(reply_to(id));
        self
    }

    /// Arrives without a sound.
    pub fn silent(mut self) -> Self {
        self.request.silent = true;
        self
    }

    /// Gives the text its formatting, in UTF-16 units.
    pub fn entities(mut self, entities: Vec<tl::MessageEntity>) -> Self {
        self.request.entities = (!entities.is_empty()).then_some(entities);
        self
    }

    /// Adds a keyboard.
    pub fn reply_markup(mut self, markup: impl Into<tl::ReplyMarkup>) -> Self {
        self.request.reply_markup = Some(markup.into());
        self
    }

    /// Shows no preview of links.
    pub fn no_webpage(mut self) -> Self {
        self.request.no_webpage = true;
        self
    }
}

impl IntoFuture for SendMessage {
    type Output = Result<Sent, InvokeError>;
    type IntoFuture = Pin<Box<dyn Future<Output = Self::Output> + Send>>;

    fn into_future(mut self) -> Self::IntoFuture {
        Box::pin(async move {
            self.request.peer = self.client.resolve(self.chat).await?;
            let updates = self.client.invoke(&self.request).await?;
            sent(&self.client, updates, self.request.random_id)
        })
    }
}

pub(super) fn reply_to(id: MessageId) -> tl::InputReplyTo {
    let reply_to_msg_id = id.get();
    tl::types::InputReplyToMessage { reply_to_msg_id, ..Default::default() }.into()
}
