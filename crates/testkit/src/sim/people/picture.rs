//! What a session believes of its account: every update it was told, one applied after the other.

use std::collections::{BTreeMap, BTreeSet};

use heliogram_tl as tl;

/// Chats as one session knows them from its updates alone.
#[derive(Clone, Debug, Default)]
pub(in crate::sim) struct Picture {
    /// By their ids in this account's box.
    pub(in crate::sim) messages: BTreeMap<i32, tl::Message>,
    /// Up to where this account has read, by chat.
    pub(in crate::sim) read_in: BTreeMap<i64, i32>,
    /// Up to where the other side has.
    pub(in crate::sim) read_out: BTreeMap<i64, i32>,
    /// Every message that was ever told of.
    pub(in crate::sim) told: BTreeSet<i32>,
    /// How many updates were taken in.
    pub(in crate::sim) updates: u64,
    /// New messages since the client was started, to see what comes twice or too late.
    fresh: BTreeSet<i32>,
    newest: BTreeMap<i64, i32>,
    pub(in crate::sim) faults: Vec<String>,
}

impl Picture {
    /// The client was started again: what it was told last may be told once more.
    pub(in crate::sim) fn restart(&mut self) {
        self.fresh.clear();
        self.newest.clear();
    }

    /// Updates are gone for good, which none of our worlds can explain.
    pub(in crate::sim) fn lose(&mut self, what: String) {
        self.faults.push(what);
    }

    /// Takes one update in.
    pub(in crate::sim) fn apply(&mut self, update: &tl::Update) {
        use tl::Update as U;
        self.updates += 1;
        match update {
            U::UpdateNewMessage(new) => self.on_new(&new.message),
            U::UpdateEditMessage(edit) => self.put(&edit.message),
            U::UpdateDeleteMessages(gone) => {
                gone.messages.iter().for_each(|id| drop(self.messages.remove(id)));
            }
            U::UpdatePinnedMessages(pinned) => {
                for id in &pinned.messages {
                    if let Some(tl::Message::Message(message)) = self.messages.get_mut(id) {
                        message.pinned = pinned.pinned;
                    }
                }
            }
            U::UpdateReadHistoryInbox(read) => {
                if let tl::Peer::PeerUser(peer) = &read.peer {
                    raise(&mut self.read_in, peer.user_id, read.max_id);
                }
            }
            U::UpdateReadHistoryOutbox(read) => {
                if let tl::Peer::PeerUser(peer) = &read.peer {
                    raise(&mut self.read_out, peer.user_id, read.max_id);
                }
            }
            _ => {}
        }
    }

    /// This session has deleted messages itself.
    pub(in crate::sim) fn forget(&mut self, gone: &[(i32, tl::Message)]) {
        gone.iter().for_each(|(id, _)| drop(self.messages.remove(id)));
    }

    /// This session has read a chat itself.
    pub(in crate::sim) fn read(&mut self, chat: i64, max_id: i32) {
        raise(&mut self.read_in, chat, max_id);
    }

    /// The ids of a chat, oldest first.
    pub(in crate::sim) fn ids(&self, chat: i64) -> Vec<i32> {
        let own = self.messages.iter().filter(|(_, message)| chat_of(message) == Some(chat));
        own.map(|(id, _)| *id).collect()
    }

    /// How many messages from the other side lie above the read mark.
    pub(in crate::sim) fn unread(&self, chat: i64) -> usize {
        let read = self.read_in.get(&chat).copied().unwrap_or(0);
        let is_unread = |(id, message): &(&i32, &tl::Message)| {
            **id > read && chat_of(message) == Some(chat) && !is_out(message)
        };
        self.messages.iter().filter(is_unread).count()
    }

    fn on_new(&mut self, message: &tl::Message) {
        let (Some(id), Some(chat)) = (id_of(message), chat_of(message)) else { return };
        self.told.insert(id);
        if !self.fresh.insert(id) {
            self.faults.push(format!("message {id} is told of twice"));
        }
        let newest = self.newest.entry(chat).or_default();
        if *newest > id {
            self.faults.push(format!("message {id} is told of after {newest}"));
        }
        *newest = (*newest).max(id);
        self.put(message);
    }

    fn put(&mut self, message: &tl::Message) {
        let (Some(id), Some(chat)) = (id_of(message), chat_of(message)) else { return };
        // Who writes has read what stands above, and nobody tells them.
        if is_out(message) {
            raise(&mut self.read_in, chat, id);
        }
        self.messages.insert(id, plain(message.clone()));
    }
}

fn raise(marks: &mut BTreeMap<i64, i32>, chat: i64, id: i32) {
    let mark = marks.entry(chat).or_default();
    *mark = (*mark).max(id);
}

/// The message without what is made anew each time that it is shown.
pub(in crate::sim) fn plain(mut message: tl::Message) -> tl::Message {
    if let tl::Message::Message(message) = &mut message
        && let Some(tl::MessageMedia::MessageMediaDocument(media)) = &mut message.media
        && let Some(tl::Document::Document(document)) = &mut media.document
    {
        document.file_reference = tl::Bytes::new();
    }
    message
}

/// A message's id.
pub(in crate::sim) fn id_of(message: &tl::Message) -> Option<i32> {
    match message {
        tl::Message::Message(message) => Some(message.id),
        tl::Message::MessageService(message) => Some(message.id),
        tl::Message::MessageEmpty(_) => None,
    }
}

/// The other side of the chat that a message is in.
pub(in crate::sim) fn chat_of(message: &tl::Message) -> Option<i64> {
    let peer = match message {
        tl::Message::Message(message) => &message.peer_id,
        tl::Message::MessageService(message) => &message.peer_id,
        tl::Message::MessageEmpty(_) => return None,
    };
    match peer {
        tl::Peer::PeerUser(user) => Some(user.user_id),
        _ => None,
    }
}

/// A message's text; nothing for what has none.
pub(in crate::sim) fn text_of(message: &tl::Message) -> Option<&str> {
    match message {
        tl::Message::Message(message) => Some(&message.message),
        _ => None,
    }
}

/// Whether it is somebody else's, passed on.
pub(in crate::sim) fn is_forwarded(message: &tl::Message) -> bool {
    matches!(message, tl::Message::Message(message) if message.fwd_from.is_some())
}

fn is_out(message: &tl::Message) -> bool {
    match message {
        tl::Message::Message(message) => message.out,
        tl::Message::MessageService(message) => message.out,
        tl::Message::MessageEmpty(_) => false,
    }
}
