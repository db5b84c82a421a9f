//! What the server says about a message it has just taken.

use heliogram_ids::MessageId;
use heliogram_tl as tl;

use crate::{Client, InvokeError};

/// A message that the server has taken.
#[derive(Clone, Debug)]
pub struct Sent {
    /// Its number in the chat.
    pub id: MessageId,
    /// When the server took it.
    pub date: i32,
    /// The whole message; the server leaves it out where the sender knows everything in it.
    pub message: Option<Box<tl::types::Message>>,
}

/// Finds the message that was sent under `random_id`.
pub(super) fn sent(
    client: &Client,
    updates: tl::Updates,
    random_id: i64,
) -> Result<Sent, InvokeError> {
    let updates = match updates {
        tl::Updates::UpdateShortSentMessage(short) => {
            let id = known(MessageId::new(short.id))?;
            return Ok(Sent { id, date: short.date, message: None });
        }
        other => opened(client, other),
    };
    let named = updates.iter().find_map(|update| match update {
        tl::Update::UpdateMessageId(named) if named.random_id == random_id => Some(named.id),
        _ => None,
    });
    let mut messages = updates.into_iter().filter_map(new_message);
    let message = messages.find(|message| named.is_none_or(|id| id == message.id));
    let id = known(named.or_else(|| message.as_ref().map(|m| m.id)).and_then(MessageId::new))?;
    Ok(Sent { id, date: message.as_ref().map_or(0, |message| message.date), message })
}

/// The updates of a result, its users and chats remembered.
pub(super) fn opened(client: &Client, updates: tl::Updates) -> Vec<tl::Update> {
    let (updates, users, chats) = match updates {
        tl::Updates::Updates(u) => (u.updates, u.users, u.chats),
        tl::Updates::UpdatesCombined(u) => (u.updates, u.users, u.chats),
        tl::Updates::UpdateShort(short) => (vec![short.update], Vec::new(), Vec::new()),
        _ => return Vec::new(),
    };
    client.book().learn(&users, &chats);
    updates
}

pub(super) fn new_message(update: tl::Update) -> Option<Box<tl::types::Message>> {
    let message = match update {
        tl::Update::UpdateNewMessage(new) => new.message,
        tl::Update::UpdateNewChannelMessage(new) => new.message,
        tl::Update::UpdateEditMessage(edit) => edit.message,
        tl::Update::UpdateEditChannelMessage(edit) => edit.message,
        tl::Update::UpdateNewScheduledMessage(new) => new.message,
        _ => return None,
    };
    match message {
        tl::Message::Message(message) => Some(message),
        tl::Message::MessageService(_) | tl::Message::MessageEmpty(_) => None,
    }
}

fn known(id: Option<MessageId>) -> Result<MessageId, InvokeError> {
    id.ok_or(InvokeError::GivenUp("the server does not name the message it took"))
}
