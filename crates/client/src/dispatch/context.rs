//! One update on its way to a handler.

use std::sync::Arc;

use heliogram_tl as tl;

use super::message::Message;
use crate::Client;
use crate::updates::{Entities, Incoming};

/// One update, with everything a handler may ask for.
pub struct Context<S> {
    /// The account that was told.
    pub client: Client,
    /// What happened.
    pub event: Event,
    /// The application's state.
    pub state: Arc<S>,
}

/// What happened, as handlers see it.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum Event {
    /// Somebody wrote something.
    NewMessage(Message),
    /// Somebody changed what they wrote.
    EditedMessage(Message),
    /// Somebody pressed a button under a message of a bot.
    CallbackQuery(Box<tl::types::UpdateBotCallbackQuery>),
    /// Somebody typed the name of a bot in another chat.
    InlineQuery(Box<tl::types::UpdateBotInlineQuery>),
    /// Everything else, as the schema has it.
    Raw {
        /// The update.
        update: Box<tl::Update>,
        /// The users and chats of its batch.
        entities: Arc<Entities>,
    },
    /// Updates are gone for good.
    Lost,
}

impl Event {
    /// Finds the kind of what came in.
    pub fn new(client: &Client, incoming: Incoming) -> Self {
        let Incoming::Update { update, entities } = incoming else { return Self::Lost };
        let message = |message: Box<tl::types::Message>, entities: &Arc<Entities>| {
            Message::new(client.clone(), message, Arc::clone(entities))
        };
        match *update {
            tl::Update::UpdateNewMessage(tl::types::UpdateNewMessage {
                message: tl::Message::Message(new),
                ..
            })
            | tl::Update::UpdateNewChannelMessage(tl::types::UpdateNewChannelMessage {
                message: tl::Message::Message(new),
                ..
            }) => Self::NewMessage(message(new, &entities)),
            tl::Update::UpdateEditMessage(tl::types::UpdateEditMessage {
                message: tl::Message::Message(edited),
                ..
            })
            | tl::Update::UpdateEditChannelMessage(tl::types::UpdateEditChannelMessage {
                message: tl::Message::Message(edited),
                ..
            }) => Self::EditedMessage(message(edited, &entities)),
            tl::Update::UpdateBotCallbackQuery(query) => Self::CallbackQuery(query),
            tl::Update::UpdateBotInlineQuery(query) => Self::InlineQuery(query),
            update => Self::Raw { update: Box::new(update), entities },
        }
    }

    /// The message of this event, new or edited.
    pub const fn message(&self) -> Option<&Message> {
        match self {
            Self::NewMessage(message) | Self::EditedMessage(message) => Some(message),
            _ => None,
        }
    }
}
