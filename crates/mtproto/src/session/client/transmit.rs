//! The way out: repeats first, since their ids are lowest, then our own affairs, then requests by
//! priority, then whatever acknowledgements are owed.

use heliogram_ids::{MsgId, Timestamp};
use heliogram_tl::{Encode as _, mtproto as tl};

use super::requests::Sent;
use super::salts::WANTED;
use super::session::Service;
use super::{ClientSession, RequestId};
use crate::message::Outgoing;
use crate::message::container::{self, Message};
use crate::session::msg_id::Origin;
use crate::session::seq_no::Content;

/// The messages of one container.
#[derive(Default)]
struct Batch {
    messages: Vec<Message>,
    bytes: usize,
    /// One of them may be too old to travel by itself.
    is_aged: bool,
}

impl ClientSession {
    /// The next message to seal, if there is one. Nothing leaves before the first link.
    pub fn poll_transmit(&mut self, now: Timestamp) -> Option<Outgoing> {
        if !self.online {
            return None;
        }
        let mut batch = Batch::default();
        self.take_early(now, &mut batch);
        if batch.messages.is_empty() {
            self.take_repeats(now, &mut batch);
            self.take_ping(now, &mut batch);
            self.take_services(now, &mut batch);
            self.take_requests(now, &mut batch);
            self.take_acks(now, &mut batch);
        }
        self.sealed_as(now, batch)
    }

    /// A message that was given its id while our clock was ahead goes by itself: those in a container
    /// have to be older than it is. The server takes it if it could have taken it before.
    fn take_early(&mut self, now: Timestamp, batch: &mut Batch) {
        let (ids, time) = (&self.ids, self.time.at(now));
        let is_early = |id: Option<MsgId>| id.is_some_and(|id| ids.is_early(time, id));
        let sent = |id: &RequestId| Some(self.requests.get(*id)?.sent?.msg_id);
        if let Some(id) = self.repeats.iter().copied().find(|id| is_early(sent(id))) {
            self.repeat(now, id, batch);
        } else if self.requests.peek().is_some_and(|(_, next)| is_early(next.options.msg_id)) {
            self.take_request(now, batch);
        }
    }

    // A request keeps its numbers when it is repeated: they tell the server that it is the same.
    fn take_repeats(&mut self, now: Timestamp, batch: &mut Batch) {
        let mut bytes = 0;
        while let Some(id) = self.repeats.first().copied() {
            let size = self.requests.get(id).map_or(0, |request| request.body.len());
            if bytes > 0 && bytes + size > self.limits.container_bytes_max
                || batch.messages.len() >= self.limits.container_messages_max
            {
                break;
            }
            self.repeat(now, id, batch);
            bytes += size;
            batch.is_aged = true;
        }
        batch.messages.sort_by_key(|message| message.msg_id);
    }

    fn repeat(&mut self, now: Timestamp, id: RequestId, batch: &mut Batch) {
        self.repeats.remove(&id);
        let Some(request) = self.requests.get_mut(id) else { return };
        let Some(sent) = &mut request.sent else { return };
        (sent.at, sent.carrier, sent.is_repeat) = (now, sent.msg_id, true);
        let (msg_id, seq_no) = (sent.msg_id, sent.seq_no);
        batch.add(Message { msg_id, seq_no, body: request.body.clone() });
    }

    fn take_ping(&mut self, now: Timestamp, batch: &mut Batch) {
        if self.ping.due.is_none_or(|due| now < due) {
            return;
        }
        let ping_id = self.ping.next_id;
        self.ping.next_id += 1;
        self.ping.due = Some(now + self.limits.ping_every);
        self.ping.unheard_since.get_or_insert(now);
        self.ping.sent = Some((ping_id, now));
        let delay = self.limits.disconnect_delay.as_secs();
        let disconnect_delay = i32::try_from(delay).unwrap_or(i32::MAX);
        let ping = tl::PingDelayDisconnect { ping_id, disconnect_delay };
        self.add_own(now, ping.to_bytes(), Content::Service, batch);
        // The heartbeat is also when the salts are looked after.
        if self.salts.wants_more(now) {
            let query = tl::GetFutureSalts { num: WANTED };
            self.add_own(now, query.to_bytes(), Content::Service, batch);
        }
    }

    fn take_services(&mut self, now: Timestamp, batch: &mut Batch) {
        while batch.messages.len() < self.limits.container_messages_max {
            match self.services.pop_front() {
                None => return,
                Some(Service::Other(body, content)) => {
                    self.add_own(now, body, content, batch);
                }
                Some(Service::StateReq(asked)) => {
                    let msg_ids = asked.iter().map(|id| id.get()).collect();
                    let query = tl::types::MsgsStateReq { msg_ids };
                    let id = self.add_own(now, query.to_bytes(), Content::Service, batch);
                    self.state_requests.insert(id, asked);
                    while self.state_requests.len() > STATE_REQUESTS_MAX {
                        self.state_requests.pop_first();
                    }
                }
            }
        }
    }

    fn take_requests(&mut self, now: Timestamp, batch: &mut Batch) {
        let (messages_max, bytes_max) =
            (self.limits.container_messages_max, self.limits.container_bytes_max);
        while let Some((_, request)) = self.requests.peek() {
            let size = request.body.len();
            let full = batch.messages.len() >= messages_max || batch.bytes + size > bytes_max;
            let reserved = request.options.msg_id;
            let is_early = reserved.is_some_and(|id| self.ids.is_early(self.time.at(now), id));
            if !batch.messages.is_empty() && (full || is_early) {
                return;
            }
            // A reserved id that has aged travels in a container of this moment.
            batch.is_aged |= reserved.is_some();
            self.take_request(now, batch);
        }
    }

    fn take_request(&mut self, now: Timestamp, batch: &mut Batch) {
        let Some((id, request)) = self.requests.peek() else { return };
        let (body, reserved) = (request.body.clone(), request.options.msg_id);
        let msg_id = reserved.unwrap_or_else(|| self.next_id(now));
        let seq_no = self.seq_nos.next(Content::Related);
        let sent =
            Sent { msg_id, seq_no, at: now, carrier: msg_id, acked: false, is_repeat: false };
        self.requests.on_sent(id, sent);
        batch.add(Message { msg_id, seq_no, body });
    }

    fn take_acks(&mut self, now: Timestamp, batch: &mut Batch) {
        let due = self.acks.due().is_some_and(|due| due <= now);
        let many = self.acks.len() >= self.limits.acks_max;
        if (due || many || !batch.messages.is_empty())
            && let Some(msg_ids) = self.acks.take()
        {
            let acks = tl::types::MsgsAck { msg_ids };
            self.add_own(now, acks.to_bytes(), Content::Service, batch);
        }
    }

    fn sealed_as(&mut self, now: Timestamp, mut batch: Batch) -> Option<Outgoing> {
        if batch.messages.is_empty() {
            return None;
        }
        let (salt, session_id) = (self.salts.at(self.time.at(now)), self.id);
        if batch.messages.len() == 1 && !batch.is_aged {
            let Message { msg_id, seq_no, body } = batch.messages.pop()?;
            return Some(Outgoing { salt, session_id, msg_id, seq_no, body });
        }
        let mut body = Vec::new();
        container::encode(&batch.messages, &mut body);
        let msg_id = self.next_id(now);
        let seq_no = self.seq_nos.next(Content::Service);
        let members: Vec<MsgId> = batch.messages.iter().map(|message| message.msg_id).collect();
        self.requests.on_contained(&members, msg_id);
        self.containers.insert(msg_id, members);
        while self.containers.len() > self.limits.containers_max {
            self.containers.pop_first();
        }
        Some(Outgoing { salt, session_id, msg_id, seq_no, body: body.into() })
    }

    fn add_own(
        &mut self,
        now: Timestamp,
        body: Vec<u8>,
        content: Content,
        batch: &mut Batch,
    ) -> MsgId {
        let (msg_id, seq_no) = (self.next_id(now), self.seq_nos.next(content));
        batch.add(Message { msg_id, seq_no, body: body.into() });
        self.own.push_back(msg_id);
        if self.own.len() > OWN_MAX {
            self.own.pop_front();
        }
        msg_id
    }

    /// An id that nothing else has: it may have been given out by a clock that was ahead, for a moment
    /// that has come only now.
    pub(super) fn next_id(&mut self, now: Timestamp) -> MsgId {
        loop {
            let id = self.ids.next(self.time.at(now), Origin::Client);
            if !self.knows(id) {
                return id;
            }
        }
    }
}

impl Batch {
    fn add(&mut self, message: Message) {
        self.bytes += message.body.len();
        self.messages.push(message);
    }
}

/// Questions about requests that are remembered; an answer to an older one says little.
const STATE_REQUESTS_MAX: usize = 16;
/// Messages of the session's own that are remembered until refused.
const OWN_MAX: usize = 32;
