//! What all messages have in common: where they go, what they answer, how they arrive.

use heliogram_ids::MessageId;
use heliogram_tl as tl;

use super::text::{Words, caption};
use crate::account::{Account, Place};
use crate::chat_ref::ChatRef;
use crate::error::ApiError;
use crate::reply_markup::ReplyMarkup;
use crate::types::ReplyParameters;

/// The parameters that every sending method takes.
#[derive(Clone, Debug, Default)]
pub(crate) struct Envelope {
    pub(crate) business_connection_id: Option<String>,
    pub(crate) chat_id: ChatRef,
    pub(crate) message_thread_id: Option<i64>,
    pub(crate) disable_notification: Option<bool>,
    pub(crate) protect_content: Option<bool>,
    pub(crate) allow_paid_broadcast: Option<bool>,
    pub(crate) message_effect_id: Option<String>,
    pub(crate) reply_parameters: Option<ReplyParameters>,
    pub(crate) reply_to_message_id: Option<i64>,
    pub(crate) allow_sending_without_reply: Option<bool>,
    pub(crate) reply_markup: Option<ReplyMarkup>,
}

/// Takes the common parameters out of those of a method.
macro_rules! envelope {
    ($params:ident) => {
        $crate::compose::Envelope {
            reply_markup: $params.reply_markup,
            ..$crate::compose::envelope!($params, without reply_markup)
        }
    };
    ($params:ident, without reply_markup) => {
        $crate::compose::Envelope {
            business_connection_id: $params.business_connection_id,
            chat_id: $params.chat_id,
            message_thread_id: $params.message_thread_id,
            disable_notification: $params.disable_notification,
            protect_content: $params.protect_content,
            allow_paid_broadcast: $params.allow_paid_broadcast,
            message_effect_id: $params.message_effect_id,
            reply_parameters: $params.reply_parameters,
            reply_to_message_id: $params.reply_to_message_id,
            allow_sending_without_reply: $params.allow_sending_without_reply,
            reply_markup: None,
        }
    };
}
pub(crate) use envelope;

/// An envelope whose chat and answered message were found.
#[derive(Clone, Debug)]
pub(crate) struct Addressed {
    pub(crate) place: Place,
    pub(crate) reply_to: Option<tl::InputReplyTo>,
    pub(crate) reply_markup: Option<tl::ReplyMarkup>,
    pub(crate) silent: bool,
    pub(crate) noforwards: bool,
    pub(crate) paid: bool,
    pub(crate) effect: Option<i64>,
}

impl Envelope {
    /// Finds the chat and the message that is answered.
    ///
    /// # Errors
    /// `chat not found`, `message to be replied not found`, and as the markup is malformed.
    pub(crate) async fn address(self, account: &Account) -> Result<Addressed, ApiError> {
        if self.business_connection_id.as_deref().is_some_and(|id| !id.is_empty()) {
            return Err(ApiError::bad_request("business connection not found"));
        }
        let markup = self.reply_markup.as_ref().map(super::reply_markup).transpose()?;
        let effect = self.message_effect_id.as_deref().filter(|id| !id.is_empty());
        let effect = effect.map(|id| {
            id.parse().map_err(|_| ApiError::bad_request("invalid message effect identifier"))
        });
        let effect = effect.transpose()?;
        let place = account.place_to_write(&self.chat_id).await?;
        Ok(Addressed {
            reply_to: self.reply_to(account, &place).await?,
            place,
            reply_markup: markup,
            silent: self.disable_notification.unwrap_or_default(),
            noforwards: self.protect_content.unwrap_or_default(),
            paid: self.allow_paid_broadcast.unwrap_or_default(),
            effect,
        })
    }

    async fn reply_to(
        &self,
        account: &Account,
        place: &Place,
    ) -> Result<Option<tl::InputReplyTo>, ApiError> {
        let thread = self.message_thread_id.and_then(|id| i32::try_from(id).ok());
        let thread = thread.filter(|id| *id > 0);
        let parameters = self.reply_parameters();
        let header = match parameters {
            Some(parameters) => self.header(account, place, &parameters).await?,
            None => None,
        };
        let header = header.or_else(|| {
            // A message of a topic that answers nothing answers the topic's own beginning.
            thread.map(|id| tl::types::InputReplyToMessage {
                reply_to_msg_id: id,
                ..tl::types::InputReplyToMessage::default()
            })
        });
        Ok(header
            .map(|header| tl::types::InputReplyToMessage { top_msg_id: thread, ..header }.into()))
    }

    /// Today's object, or the two loose parameters of old.
    fn reply_parameters(&self) -> Option<ReplyParameters> {
        let old = || ReplyParameters {
            message_id: self.reply_to_message_id,
            allow_sending_without_reply: self.allow_sending_without_reply,
            ..ReplyParameters::default()
        };
        let parameters = self.reply_parameters.clone().unwrap_or_else(old);
        parameters.message_id.is_some_and(|id| id > 0).then_some(parameters)
    }

    async fn header(
        &self,
        account: &Account,
        place: &Place,
        parameters: &ReplyParameters,
    ) -> Result<Option<tl::types::InputReplyToMessage>, ApiError> {
        let id = parameters.message_id.and_then(|id| i32::try_from(id).ok());
        let Some(id) = id.and_then(MessageId::new) else { return Ok(None) };
        let elsewhere = match &parameters.chat_id {
            Some(chat) if *chat != ChatRef::Empty => Some(account.place(chat).await?),
            _ => None,
        };
        let elsewhere = elsewhere.filter(|other| other.peer != place.peer);
        let source = elsewhere.as_ref().unwrap_or(place);
        if account.find(source.peer, &source.input, id).await?.is_none() {
            if parameters.allow_sending_without_reply == Some(true) {
                return Ok(None);
            }
            return Err(ApiError::bad_request("message to be replied not found"));
        }
        let quote = caption(
            account,
            parameters.quote.as_deref(),
            parameters.quote_parse_mode.as_deref(),
            parameters.quote_entities.as_deref(),
        );
        let Words { text, entities } = quote.await?;
        let quoted = !text.is_empty();
        let position = parameters.quote_position.and_then(|at| i32::try_from(at).ok());
        Ok(Some(tl::types::InputReplyToMessage {
            reply_to_msg_id: id.get(),
            reply_to_peer_id: elsewhere.map(|other| other.input),
            quote_text: quoted.then_some(text),
            quote_entities: entities,
            quote_offset: position.filter(|_| quoted),
            todo_item_id: parameters.checklist_task_id.and_then(|id| i32::try_from(id).ok()),
            ..tl::types::InputReplyToMessage::default()
        }))
    }
}

impl Addressed {
    /// A message as far as its sender knows it, for an answer that only confirms it.
    pub(crate) fn draft(&self, me: heliogram_ids::UserId, words: &Words) -> tl::types::Message {
        let reply_to = self.reply_to.as_ref().and_then(|reply_to| match reply_to {
            tl::InputReplyTo::InputReplyToMessage(reply) => Some(
                tl::types::MessageReplyHeader {
                    reply_to_msg_id: Some(reply.reply_to_msg_id),
                    reply_to_top_id: reply.top_msg_id,
                    ..tl::types::MessageReplyHeader::default()
                }
                .into(),
            ),
            _ => None,
        });
        let peer_id = match self.place.peer {
            heliogram_ids::Peer::User(id) => tl::types::PeerUser { user_id: id.get() }.into(),
            heliogram_ids::Peer::Chat(id) => tl::types::PeerChat { chat_id: id.get() }.into(),
            heliogram_ids::Peer::Channel(id) => {
                tl::types::PeerChannel { channel_id: id.get() }.into()
            }
        };
        tl::types::Message {
            from_id: Some(tl::types::PeerUser { user_id: me.get() }.into()),
            peer_id,
            noforwards: self.noforwards,
            message: words.text.clone(),
            entities: words.entities.clone(),
            reply_markup: self.reply_markup.clone(),
            reply_to,
            ..tl::types::Message::default()
        }
    }
}
