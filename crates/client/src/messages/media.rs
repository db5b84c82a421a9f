//! Sending files with a caption.

use std::future::IntoFuture;
use std::pin::Pin;

use heliogram_crypto::Random;
use heliogram_ids::MessageId;
use heliogram_tl as tl;

use super::send::reply_to;
use super::sent::{Sent, sent};
use crate::chat_ref::ChatRef;
use crate::{Client, InvokeError};

/// A medium about to be sent: refine it, then await it.
#[must_use = "nothing is sent unless this is awaited"]
#[derive(Clone, Debug)]
pub struct SendMedia {
    client: Client,
    chat: ChatRef,
    request: tl::messages::SendMedia,
}

impl Client {
    /// Sends a medium: an uploaded file, a file known to the server, a place, a poll.
    pub fn send_media(
        &self,
        chat: impl Into<ChatRef>,
        media: impl Into<tl::InputMedia>,
    ) -> SendMedia {
        let request = tl::messages::SendMedia {
            media: media.into(),
            random_id: self.entropy().i64(),
            ..tl::messages::SendMedia::default()
        };
        SendMedia { client: self.clone(), chat: chat.into(), request }
    }

    /// Sends an uploaded file as a document.
    pub fn send_document(
        &self,
        chat: impl Into<ChatRef>,
        file: tl::InputFile,
        mime_type: &str,
    ) -> SendMedia {
        let name = match &file {
            tl::InputFile::InputFile(file) => file.name.clone(),
            tl::InputFile::InputFileBig(file) => file.name.clone(),
            tl::InputFile::InputFileStoryDocument(_) => tl::Str::new(),
        };
        let named = tl::types::DocumentAttributeFilename { file_name: name };
        let document = tl::types::InputMediaUploadedDocument {
            file,
            mime_type: mime_type.into(),
            attributes: vec![named.into()],
            force_file: true,
            ..tl::types::InputMediaUploadedDocument::default()
        };
        self.send_media(chat, document)
    }

    /// Sends an uploaded picture as a photo.
    pub fn send_photo(&self, chat: impl Into<ChatRef>, file: tl::InputFile) -> SendMedia {
        self.send_media(chat, tl::types::InputMediaUploadedPhoto { file, ..Default::default() })
    }
}

impl SendMedia {
    /// Puts a text below it.
    pub fn caption(mut self, text: impl Into<String>) -> Self {
        self.request.message = text.into().into();
        self
    }

    /// Gives the caption its formatting, in UTF-16 units.
    pub fn entities(mut self, entities: Vec<tl::MessageEntity>) -> Self {
        self.request.entities = (!entities.is_empty()).then_some(entities);
        self
    }

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
}

impl IntoFuture for SendMedia {
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
