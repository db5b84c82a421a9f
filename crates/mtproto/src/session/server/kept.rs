//! Sent and not acknowledged: what a client that comes back may still have to be told.

use std::collections::BTreeMap;

use bytes::Bytes;
use heliogram_ids::{MsgId, Timestamp};

use super::ServerSession;
use super::SessionEvent;
use super::session::Fate;
use crate::session::msg_id::sent_at;

/// Content-related messages by id, which is by age.
#[derive(Debug, Default)]
pub(super) struct Kept {
    messages: BTreeMap<MsgId, KeptMessage>,
    bytes: usize,
    /// Whether a push was given up unacknowledged since the client last came back.
    push_lost: bool,
}

/// One message as it was sent; it is repeated under the same numbers.
#[derive(Debug)]
pub(super) struct KeptMessage {
    pub(super) seq_no: i32,
    pub(super) body: Bytes,
    /// The request this answers; `None` for a push or a notification.
    pub(super) request: Option<MsgId>,
}

impl Kept {
    pub(super) fn insert(&mut self, id: MsgId, message: KeptMessage) {
        self.bytes += message.body.len();
        self.messages.insert(id, message);
    }

    /// The client has it; gives what was kept.
    pub(super) fn acknowledge(&mut self, id: MsgId) -> Option<KeptMessage> {
        let message = self.messages.remove(&id)?;
        self.bytes -= message.body.len();
        self.release();
        Some(message)
    }

    pub(super) fn bytes(&self) -> usize {
        self.bytes
    }

    pub(super) fn contains(&self, id: MsgId) -> bool {
        self.messages.contains_key(&id)
    }

    pub(super) fn message(&self, id: MsgId) -> Option<&KeptMessage> {
        self.messages.get(&id)
    }

    pub(super) fn ids(&self) -> impl Iterator<Item = MsgId> {
        self.messages.keys().copied()
    }

    /// When the oldest of them was sent.
    pub(super) fn oldest(&self) -> Option<Timestamp> {
        self.messages.first_key_value().map(|(id, _)| sent_at(*id))
    }

    fn pop_oldest(&mut self) -> Option<(MsgId, KeptMessage)> {
        let (id, message) = self.messages.pop_first()?;
        self.bytes -= message.body.len();
        self.release();
        Some((id, message))
    }

    /// An empty map still has room for eleven messages, more than all else in an idle session.
    fn release(&mut self) {
        if self.messages.is_empty() {
            self.messages = BTreeMap::new();
        }
    }
}

impl ServerSession {
    /// Repeats on a new link, once, what the client has not acknowledged.
    // Spec: mtproto/service_messages_about_messages#acknowledgment-of-receipt
    pub(super) fn catch_up(&mut self, now: Timestamp) {
        if self.link.caught_up == self.link.current {
            return;
        }
        self.link.caught_up = self.link.current;
        self.forget_stale(now);
        if std::mem::take(&mut self.kept.push_lost) {
            self.events.push_back(SessionEvent::PushesLost);
        }
        self.repeats.extend(self.kept.ids());
    }

    /// Gives up what a client would no longer take.
    // Seen: Pyrogram 2.0 closes the connection on an id older than 300 s, even in a container.
    pub(super) fn forget_stale(&mut self, now: Timestamp) {
        while self.kept.oldest().is_some_and(|sent| sent + self.limits.kept_age_max <= now) {
            self.give_up_oldest();
        }
    }

    pub(super) fn keep(&mut self, id: MsgId, message: KeptMessage) {
        self.kept.insert(id, message);
        while self.kept.messages.len() > self.limits.kept_max
            || self.kept.bytes > self.limits.kept_bytes_max
        {
            self.give_up_oldest();
        }
    }

    fn give_up_oldest(&mut self) {
        let Some((id, message)) = self.kept.pop_oldest() else { return };
        self.repeats.remove(&id);
        match message.request {
            None => self.kept.push_lost = true,
            Some(request) => self.set_fate(request, Fate::Lost),
        }
    }

    /// Changes what became of a request, if it is still remembered.
    pub(super) fn set_fate(&mut self, request: MsgId, fate: Fate) {
        if let Some(entry) = self.received.fate_mut(request) {
            *entry = fate;
        }
    }
}
