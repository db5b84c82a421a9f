//! Listening to updates, one after the other.

use heliogram_client::Client;
use heliogram_client::updates::{Incoming, UpdateStream};
use heliogram_ids::UserId;
use heliogram_tl as tl;

use crate::soon;

/// The updates of one device, in order.
pub struct Inbox {
    stream: UpdateStream,
}

impl Inbox {
    /// Everything since the account was made, unless the session has read further already.
    pub fn from_oldest(client: &Client) -> Self {
        Self { stream: client.updates_from_oldest().expect("somebody is logged in") }
    }

    /// Everything since the session last read, or from now.
    pub fn resumed(client: &Client) -> Self {
        Self { stream: client.updates().expect("somebody is logged in") }
    }

    /// The next update.
    ///
    /// # Panics
    /// If updates were lost, which no test of ours allows.
    pub async fn update(&mut self) -> tl::Update {
        match soon("an update", self.stream.next()).await.expect("the stream goes on") {
            Incoming::Update { update, .. } => *update,
            other => panic!("updates are missing: {other:?}"),
        }
    }

    /// The first of the coming updates that `pick` wants.
    pub async fn find<T>(&mut self, mut pick: impl FnMut(tl::Update) -> Option<T>) -> T {
        loop {
            if let Some(found) = pick(self.update().await) {
                return found;
            }
        }
    }

    /// The next message that `from` sent.
    pub async fn message(&mut self, from: UserId) -> tl::types::Message {
        self.find(|update| match update {
            tl::Update::UpdateNewMessage(new) => match new.message {
                tl::Message::Message(message) if sender(&message) == Some(from) => Some(*message),
                _ => None,
            },
            _ => None,
        })
        .await
    }

    /// The texts of the next messages that `from` sent, up to and with `last`.
    pub async fn texts_until(&mut self, from: UserId, last: &str) -> Vec<String> {
        let mut texts = Vec::new();
        while texts.last().is_none_or(|text| text != last) {
            texts.push(self.message(from).await.message.to_string());
        }
        texts
    }
}

/// Who sent a message of a private chat; none for one's own without a name on it.
pub fn sender(message: &tl::types::Message) -> Option<UserId> {
    match (&message.from_id, &message.peer_id) {
        (Some(tl::Peer::PeerUser(user)), _) => UserId::new(user.user_id),
        (None, tl::Peer::PeerUser(user)) if !message.out => UserId::new(user.user_id),
        _ => None,
    }
}
