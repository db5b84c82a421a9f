//! The way in: salt, time, containers and duplicates are judged before anything is believed.
//!
//! Spec: mtproto/description#checking-server-salt, mtproto/service_messages_about_messages.

use bytes::Bytes;
use heliogram_crypto::Random;
use heliogram_ids::{MsgId, Timestamp};
use heliogram_tl::{Encode as _, mtproto as tl};

use super::session::{Created, Fate};
use super::{ServerSession, SessionEvent, Verdict};
use crate::Fault;
use crate::message::Opened;
use crate::message::container::{self, Message};
use crate::message::gzip::{self, BadGzip};
use crate::session::SaltSchedule;
use crate::session::msg_id::{Origin, Skew, is_clients, skew};
use crate::session::received::Novelty;
use crate::session::seq_no::{Content, needs_ack};
use crate::session::service::FromClient;

/// Error codes of `bad_msg_notification` and `bad_server_salt`.
mod code {
    pub(super) const ID_LOW: i32 = 16;
    pub(super) const ID_HIGH: i32 = 17;
    pub(super) const ID_PARITY: i32 = 18;
    pub(super) const CONTAINER_REPEATED: i32 = 19;
    pub(super) const FORGOTTEN: i32 = 20;
    pub(super) const SALT: i32 = 48;
    pub(super) const CONTAINER: i32 = 64;
}

/// Why a whole message is refused, as the client will be told.
enum Refusal {
    Bad(i32),
    Salt,
}

impl ServerSession {
    /// Takes in one decrypted message: a single one or a container.
    ///
    /// # Errors
    /// A [`Fault`] if the message is not this session's, if a service message is malformed, or
    /// if the client sends faster than it reads.
    pub fn handle_message(
        &mut self,
        now: Timestamp,
        rng: &mut dyn Random,
        salts: &SaltSchedule,
        opened: &Opened,
    ) -> Result<Verdict, Fault> {
        // The real server knows no session 0 either; gotd avoids it for that reason.
        if opened.session_id != self.id || self.id.get() == 0 {
            return Err(Fault::Session);
        }
        self.salts.follow(salts, now);
        let members = match self.judge(now, salts, opened) {
            Ok(members) => members,
            Err(refusal) => {
                if matches!(refusal, Refusal::Bad(code::ID_HIGH)) {
                    self.early.note(opened.msg_id, now);
                }
                self.refuse(opened.msg_id, opened.seq_no, &refusal);
                return self.checked(Verdict::Refused);
            }
        };
        self.unpacked_bytes = 0;
        self.accept(rng, &members, opened.msg_id);
        self.remember_container(&members, opened.msg_id);
        self.catch_up(now);
        for message in members {
            self.on_message(now, salts, message)?;
        }
        self.checked(Verdict::Accepted)
    }

    /// Decides about the message as a whole; gives its members if it may be processed.
    fn judge(
        &self,
        now: Timestamp,
        salts: &SaltSchedule,
        opened: &Opened,
    ) -> Result<Vec<Message>, Refusal> {
        let id = opened.msg_id;
        if !is_clients(id) {
            return Err(Refusal::Bad(code::ID_PARITY));
        }
        // Time before salt: a client whose clock is wrong must learn that first, from the id of
        // the notification, or it would choose its salts by a wrong clock again.
        skew(id, now).map_err(|skew| match skew {
            Skew::Low => Refusal::Bad(code::ID_LOW),
            Skew::High => Refusal::Bad(code::ID_HIGH),
        })?;
        if self.early.contains(id) {
            return Err(Refusal::Bad(code::ID_HIGH));
        }
        if !self.salts.accepts(salts, opened.salt, now) {
            return Err(Refusal::Salt);
        }
        if container::is_container(&opened.body) {
            return self.judge_container(id, &opened.body);
        }
        let (seq_no, body) = (opened.seq_no, opened.body.clone());
        Ok(vec![Message { msg_id: id, seq_no, body }])
    }

    fn judge_container(&self, id: MsgId, body: &Bytes) -> Result<Vec<Message>, Refusal> {
        if self.received.novelty(id) == Novelty::Seen {
            return Err(Refusal::Bad(code::CONTAINER_REPEATED));
        }
        let members = container::parse(body).map_err(|_| Refusal::Bad(code::CONTAINER))?;
        let ordered = members.iter().all(|message| message.msg_id < id);
        if ordered { Ok(members) } else { Err(Refusal::Bad(code::CONTAINER)) }
    }

    // A refusal names the outermost message: clients look up what they put into it.
    // Seen: Pyrogram 2.0 opens with a ping under salt 0 and waits 2 s for this.
    fn refuse(&mut self, id: MsgId, seq_no: i32, refusal: &Refusal) {
        let (bad_msg_id, bad_msg_seqno) = (id.get(), seq_no);
        let body = match *refusal {
            Refusal::Bad(error_code) => {
                tl::types::BadMsgNotification { bad_msg_id, bad_msg_seqno, error_code }.to_bytes()
            }
            Refusal::Salt => {
                let (error_code, new_server_salt) = (code::SALT, self.salts.current.get());
                tl::types::BadServerSalt { bad_msg_id, bad_msg_seqno, error_code, new_server_salt }
                    .to_bytes()
            }
        };
        self.reply(body);
    }

    /// Announces the session if it is new, or if a message older than its first has come.
    // Seen: TDLib 1.8, tdesktop 5 and mtcute send every message below first_msg_id again, so it
    // is the lowest id received, taken inside the container.
    fn accept(&mut self, rng: &mut dyn Random, members: &[Message], outer: MsgId) {
        let lowest = members.iter().map(|message| message.msg_id).min().unwrap_or(outer);
        let unique_id = match self.created {
            Some(created) if created.first_msg_id <= lowest => return,
            Some(created) => created.unique_id,
            None => {
                self.events.push_back(SessionEvent::Created);
                rng.i64()
            }
        };
        self.created = Some(Created { first_msg_id: lowest, unique_id });
        let body = tl::types::NewSessionCreated {
            first_msg_id: lowest.get(),
            unique_id,
            server_salt: self.salts.current.get(),
        };
        self.notify(body.to_bytes(), Origin::Notice, Content::Related);
    }

    /// A container is remembered too, so that its id is not used twice.
    fn remember_container(&mut self, members: &[Message], outer: MsgId) {
        if members.first().is_none_or(|message| message.msg_id != outer) {
            self.remember(outer, Fate::Done);
        }
    }

    fn on_message(
        &mut self,
        now: Timestamp,
        salts: &SaltSchedule,
        message: Message,
    ) -> Result<(), Fault> {
        let (id, seq_no) = (message.msg_id, message.seq_no);
        if !is_clients(id) {
            self.refuse(id, seq_no, &Refusal::Bad(code::ID_PARITY));
            return Ok(());
        }
        match self.received.novelty(id) {
            // It was asked for again under another id, or will be now.
            Novelty::New if self.early.contains(id) => {
                self.refuse(id, seq_no, &Refusal::Bad(code::FORGOTTEN));
            }
            Novelty::New => self.on_new(now, salts, message)?,
            Novelty::Seen => self.on_repeated(now, message),
            Novelty::Forgotten => self.refuse(id, seq_no, &Refusal::Bad(code::FORGOTTEN)),
        }
        Ok(())
    }

    fn on_new(
        &mut self,
        now: Timestamp,
        salts: &SaltSchedule,
        message: Message,
    ) -> Result<(), Fault> {
        let Message { msg_id: id, seq_no, body } = message;
        let Some(body) = self.unpacked(body) else {
            self.remember(id, Fate::Running);
            self.running += 1;
            self.answer_busy(id);
            return Ok(());
        };
        let message = FromClient::parse(&body)?;
        if needs_ack(seq_no) {
            // A result acknowledges its request, so that may wait a little.
            let has_result = matches!(message, FromClient::Request | FromClient::DropAnswer(_));
            let due = if has_result { now + self.limits.ack_delay } else { now };
            self.acks.owe(id, due);
        }
        if message == FromClient::Request {
            self.on_request(id, body);
            return Ok(());
        }
        self.remember(id, Fate::Done);
        self.on_service(now, salts, id, message)
    }

    fn on_request(&mut self, id: MsgId, body: Bytes) {
        self.remember(id, Fate::Running);
        self.start(id, body);
    }

    /// Hands a request up, unless too much is going on.
    fn start(&mut self, id: MsgId, body: Bytes) {
        self.running += 1;
        if self.running > self.limits.requests_max || self.is_glutted() {
            self.answer_busy(id);
        } else {
            self.events.push_back(SessionEvent::Request { msg_id: id, body });
        }
    }

    /// Whether more answers wait to be sent than should.
    fn is_glutted(&self) -> bool {
        self.answer_bytes >= self.limits.answer_bytes_max
    }

    /// The client asks again because it missed an answer or an acknowledgement.
    fn on_repeated(&mut self, now: Timestamp, message: Message) {
        let Message { msg_id: id, seq_no, body } = message;
        match self.received.fate(id).copied() {
            Some(Fate::Answered(answer)) if self.kept.contains(answer) => {
                self.repeats.insert(answer);
                return;
            }
            Some(Fate::NotKept) => {
                if let Some(fate) = self.received.fate_mut(id) {
                    *fate = Fate::Running;
                }
                match self.unpacked(body) {
                    Some(body) => self.start(id, body),
                    None => {
                        self.running += 1;
                        self.answer_busy(id);
                    }
                }
            }
            Some(Fate::Lost) => {
                self.refuse(id, seq_no, &Refusal::Bad(code::FORGOTTEN));
                return;
            }
            _ => {}
        }
        if needs_ack(seq_no) {
            self.acks.owe(id, now);
        }
    }

    pub(super) fn remember(&mut self, id: MsgId, fate: Fate) {
        let kept = &self.kept;
        self.received.forget_useless(id, |fate| match fate {
            Fate::Done => true,
            Fate::Answered(answer) => !kept.contains(*answer),
            _ => false,
        });
        if let Some((_, Fate::Running | Fate::Dropped)) = self.received.insert(id, fate) {
            self.running = self.running.saturating_sub(1);
        }
    }

    /// What is packed as a whole, unpacked; `None` if this message has unpacked to enough. What
    /// cannot be is passed on as it is: to the API it is an unknown method, and that answer names
    /// the request.
    // Seen: Telethon 1.x and MTKruto pack the whole query, wrappers included.
    fn unpacked(&mut self, body: Bytes) -> Option<Bytes> {
        if !gzip::is_packed(&body) {
            return Some(body);
        }
        if self.running >= self.limits.requests_max || self.is_glutted() {
            return None;
        }
        let limit = match self.is_strangers {
            true => self.limits.stranger_unpacked_bytes_max,
            false => self.limits.unpacked_bytes_max,
        };
        let left = limit.saturating_sub(self.unpacked_bytes);
        match gzip::unpack(&body, left) {
            Ok(unpacked) => {
                self.unpacked_bytes += unpacked.len();
                Some(unpacked)
            }
            Err(BadGzip::Long(_)) => {
                // Finding that out was work, too.
                self.unpacked_bytes = limit;
                (left == limit).then_some(body)
            }
            Err(BadGzip::Damaged) => Some(body),
        }
    }

    fn checked(&self, verdict: Verdict) -> Result<Verdict, Fault> {
        let limit = self.limits.notices_max;
        if self.notices.len() > limit {
            return Err(Fault::Limit { what: "unread service replies", limit });
        }
        Ok(verdict)
    }
}
