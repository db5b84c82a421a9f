//! The way out: what is queued is numbered and put into one message or one container.
//!
//! Order is everything here. Ids ascend on the wire, so they are given on sending; repeats keep
//! theirs and therefore go first; service replies go before answers, and answers before pushes,
//! so that a pong never waits behind a file.
// Seen: Pyrogram 2.0 closes the connection on an id below the first it saw there; TDLib 1.8
// reconnects when a pong takes longer than 2.5 round trips.

use bytes::Bytes;
use heliogram_ids::{MsgId, Timestamp};
use heliogram_tl::{Encode as _, mtproto as tl};

use super::ServerSession;
use super::kept::KeptMessage;
use super::session::{Fate, Notice};
use crate::message::Outgoing;
use crate::message::container::{self, Message};
use crate::session::SaltSchedule;
use crate::session::answer;
use crate::session::msg_id::Origin;
use crate::session::seq_no::Content;

/// The messages of one container, and whether they may travel without one.
#[derive(Default)]
struct Batch {
    messages: Vec<Message>,
    bytes: usize,
    repeated: bool,
    /// Nothing may follow.
    // Seen: GramJS 2.26.22 throws at an error and forgets what stands behind it in the container.
    is_closed: bool,
}

impl ServerSession {
    /// The next message to seal, if there is one. Call it until there is none, or until the link
    /// has enough; small replies overtake large answers in between.
    pub fn poll_transmit(&mut self, now: Timestamp, salts: &SaltSchedule) -> Option<Outgoing> {
        self.salts.follow(salts, now);
        let mut batch = Batch::default();
        self.take_repeats(&mut batch);
        self.take_acks(now);
        self.take_notices(now, &mut batch);
        self.take_answers(now, &mut batch);
        self.take_pushes(now, &mut batch);
        self.sealed_as(now, batch)
    }

    /// A message in any case, for a response over HTTP that may wait no longer: an empty container
    /// if there is nothing to say.
    pub fn transmit_now(&mut self, now: Timestamp, salts: &SaltSchedule) -> Outgoing {
        self.poll_transmit(now, salts).unwrap_or_else(|| self.contained(now, &[]))
    }

    fn take_repeats(&mut self, batch: &mut Batch) {
        while !batch.is_closed
            && let Some(id) = self.repeats.pop_first()
        {
            if let Some(kept) = self.kept.message(id) {
                batch.repeated = true;
                batch.add(Message { msg_id: id, seq_no: kept.seq_no, body: kept.body.clone() });
            }
        }
    }

    fn take_acks(&mut self, now: Timestamp) {
        while self.acks.due().is_some_and(|due| due <= now) {
            let Some(msg_ids) = self.acks.take() else { return };
            let body = tl::types::MsgsAck { msg_ids }.to_bytes();
            self.notify(body, Origin::Notice, Content::Service);
        }
    }

    fn take_notices(&mut self, now: Timestamp, batch: &mut Batch) {
        while let Some(next) = self.notices.front() {
            if !self.fits(batch, &next.body) {
                return;
            }
            let Some(Notice { body, origin, content }) = self.notices.pop_front() else { return };
            let (msg_id, seq_no) = (self.ids.next(now, origin), self.seq_nos.next(content));
            if content == Content::Related {
                let kept = KeptMessage { seq_no, body: body.clone(), request: None };
                self.keep(msg_id, kept);
            }
            batch.add(Message { msg_id, seq_no, body });
        }
    }

    fn take_answers(&mut self, now: Timestamp, batch: &mut Batch) {
        while let Some(next) = self.answers.front() {
            if !self.fits(batch, &next.body) {
                return;
            }
            let Some(answer) = self.answers.pop_front() else { return };
            self.answer_bytes -= answer.body.len();
            let msg_id = self.ids.next(now, Origin::Reply);
            let seq_no = self.seq_nos.next(Content::Related);
            self.keep_answer(msg_id, seq_no, answer.request, &answer.body);
            batch.add(Message { msg_id, seq_no, body: answer.body });
        }
    }

    fn keep_answer(&mut self, id: MsgId, seq_no: i32, request: MsgId, body: &Bytes) {
        if body.len() > self.limits.kept_each_bytes_max {
            self.set_fate(request, Fate::NotKept);
            return;
        }
        self.set_fate(request, Fate::Answered(id));
        self.keep(id, KeptMessage { seq_no, body: body.clone(), request: Some(request) });
    }

    fn take_pushes(&mut self, now: Timestamp, batch: &mut Batch) {
        while let Some(next) = self.pushes.front() {
            if !self.fits(batch, next) {
                return;
            }
            let Some(body) = self.pushes.pop_front() else { return };
            self.push_bytes -= body.len();
            let msg_id = self.ids.next(now, Origin::Notice);
            let seq_no = self.seq_nos.next(Content::Related);
            self.keep(msg_id, KeptMessage { seq_no, body: body.clone(), request: None });
            batch.add(Message { msg_id, seq_no, body });
        }
    }

    fn fits(&self, batch: &Batch, body: &Bytes) -> bool {
        // Seen: Telethon 1.45 learns its time from a refusal that comes alone; of a container it looks
        // at the time first, and ignores it.
        batch.messages.is_empty()
            || (!batch.is_closed
                && !answer::is_refusal(body)
                && batch.messages.len() < self.limits.container_messages_max
                && batch.bytes + body.len() <= self.limits.container_bytes_max)
    }

    /// One message travels alone; several, or old ones, in a container of this moment, because
    /// only the outermost id must be fresh.
    fn sealed_as(&mut self, now: Timestamp, mut batch: Batch) -> Option<Outgoing> {
        if batch.messages.len() == 1 && !batch.repeated {
            let Message { msg_id, seq_no, body } = batch.messages.pop()?;
            let (salt, session_id) = (self.salts.current, self.id);
            return Some(Outgoing { salt, session_id, msg_id, seq_no, body });
        }
        (!batch.messages.is_empty()).then(|| self.contained(now, &batch.messages))
    }

    fn contained(&mut self, now: Timestamp, messages: &[Message]) -> Outgoing {
        let mut body = Vec::new();
        container::encode(messages, &mut body);
        let msg_id = self.ids.next(now, Origin::Notice);
        let seq_no = self.seq_nos.next(Content::Service);
        let (salt, session_id) = (self.salts.current, self.id);
        Outgoing { salt, session_id, msg_id, seq_no, body: body.into() }
    }
}

impl Batch {
    fn add(&mut self, message: Message) {
        self.bytes += message.body.len();
        self.is_closed = answer::is_error(&message.body) || answer::is_refusal(&message.body);
        self.messages.push(message);
    }
}
