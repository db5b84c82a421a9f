//! Saved Messages by where they were saved from: dialogs within the chat with oneself.

use heliogram_ids::{MessageId, Peer, UserId};
use heliogram_store::engine::View;
use heliogram_store::{Prefix, Read, StoreError};

use crate::record::MessageRow;
use crate::tables::{History, Messages};

/// The newest message that was saved from one peer.
#[derive(Debug)]
pub(crate) struct SavedDialog {
    pub(crate) peer: Peer,
    pub(crate) top: MessageId,
    pub(crate) message: MessageRow,
}

/// The peer that a message of Saved Messages belongs to: where it was forwarded from, or oneself.
pub(crate) fn origin(message: &MessageRow) -> Peer {
    let saved = message.forward.as_ref().and_then(|forward| forward.saved_from);
    saved.map_or(message.peer, |(origin, _)| origin)
}

/// All of them, the one with the newest message first.
pub(crate) fn dialogs(db: &dyn View, owner: UserId) -> Result<Vec<SavedDialog>, StoreError> {
    let mut found: Vec<SavedDialog> = Vec::new();
    for row in db.range_rev::<History>(Prefix((owner, Peer::User(owner)))) {
        let ((_, _, top), ()) = row?;
        let Some(message) = db.get::<Messages>(&(owner, top))? else { continue };
        let peer = origin(&message);
        if !found.iter().any(|known| known.peer == peer) {
            found.push(SavedDialog { peer, top, message });
        }
    }
    Ok(found)
}
