//! Somebody in the world, with one device in hand.

use heliogram_client::{Client, Sent};
use heliogram_ids::UserId;

use crate::{Inbox, soon};

/// Somebody who is logged in.
#[derive(Clone, Debug)]
pub struct Person {
    /// Their first device.
    pub client: Client,
    /// Their id.
    pub id: UserId,
    /// Their number, with a plus; empty for a bot.
    pub phone: String,
    /// Their username, without `@`.
    pub username: String,
}

impl Person {
    /// Says something to somebody, found by username, and waits until it is sent.
    pub async fn say(&self, to: &Self, text: &str) -> Sent {
        let sending = async { self.client.send_message(to.username.as_str(), text).await };
        soon("a message to be sent", sending).await.expect("the message is taken")
    }

    /// What happened and happens to them, from the beginning.
    pub fn inbox(&self) -> Inbox {
        Inbox::from_oldest(&self.client)
    }

    /// The texts of their chat with somebody, oldest first; at most the last hundred.
    pub async fn texts_with(&self, other: &Self) -> Vec<String> {
        let page = self.client.history(other.username.as_str(), None, 100);
        let page = soon("the history", page).await.expect("the chat can be read");
        let mut texts: Vec<String> = page.messages.iter().filter_map(text).collect();
        texts.reverse();
        texts
    }
}

fn text(message: &heliogram_tl::Message) -> Option<String> {
    match message {
        heliogram_tl::Message::Message(message) => Some(message.message.to_string()),
        _ => None,
    }
}
