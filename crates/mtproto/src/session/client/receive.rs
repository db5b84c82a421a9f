//! The way in: what a server sends is believed only if it is of this session, of this time, and
//! new.
//!
//! Spec: mtproto/security_guidelines#checking-msg-id.

use bytes::Bytes;
use heliogram_crypto::Random;
use heliogram_ids::{MsgId, Salt, SessionId, Timestamp};
use heliogram_tl::mtproto as tl;

use super::{ClientEvent, ClientSession};
use crate::Fault;
use crate::message::container::{self, Message};
use crate::message::{Opened, gzip};
use crate::session::Answer;
use crate::session::msg_id::{sent_at, skew};
use crate::session::received::Novelty;
use crate::session::seq_no::needs_ack;
use crate::session::service::FromServer;

impl ClientSession {
    /// Takes in one decrypted message: a single one or a container.
    ///
    /// # Errors
    /// A [`Fault`] if the message is not this session's, or no server would send it.
    pub fn handle_message(
        &mut self,
        now: Timestamp,
        rng: &mut dyn Random,
        opened: &Opened,
    ) -> Result<(), Fault> {
        if self.replaced == Some(opened.session_id) {
            return Ok(());
        }
        if opened.session_id != self.id {
            return Err(Fault::Session);
        }
        if opened.msg_id.get() & 1 == 0 {
            return Err(Fault::MsgId(opened.msg_id.get()));
        }
        self.time.learn(now, sent_at(opened.msg_id));
        let members = members(opened)?;
        if !self.is_timely(now, opened.msg_id, &members)? {
            return Ok(());
        }
        self.ping.unheard_since = None;
        self.adopt_salt(opened.salt);
        for message in members {
            self.on_message(now, rng, message)?;
        }
        Ok(())
    }

    /// Whether the outermost id is of the server's present. Complaints are exempt: they are what
    /// sets the time right.
    fn is_timely(&mut self, now: Timestamp, id: MsgId, members: &[Message]) -> Result<bool, Fault> {
        let complaint = members.iter().any(|message| is_complaint(&message.body));
        if complaint || !self.time.is_known() || skew(id, self.time.at(now)).is_ok() {
            self.ignored = 0;
            return Ok(true);
        }
        self.ignored += 1;
        if self.ignored > self.limits.ignored_max {
            self.ignored = 0;
            self.time.doubt();
            return Err(Fault::Protocol("messages far from the server's own time"));
        }
        Ok(false)
    }

    pub(super) fn adopt_salt(&mut self, salt: Salt) {
        if salt != self.salts.current() && salt != Salt(0) {
            self.salts.adopt(salt);
            self.events.push_back(ClientEvent::SaltChanged(salt));
        }
    }

    fn on_message(
        &mut self,
        now: Timestamp,
        rng: &mut dyn Random,
        message: Message,
    ) -> Result<(), Fault> {
        let Message { msg_id: id, seq_no, body } = message;
        let novelty = self.received.novelty(id);
        if needs_ack(seq_no) {
            // Repeated because our acknowledgement was lost, so that is repeated too.
            self.acks.owe(id, now + self.limits.ack_delay);
        }
        if novelty != Novelty::New {
            return Ok(());
        }
        self.received.insert(id, ());
        let body = match gzip::is_packed(&body) {
            true => gzip::unpack(&body, self.limits.unpacked_bytes_max)
                .map_err(|_| Fault::Protocol("packed message that cannot be unpacked"))?,
            false => body,
        };
        self.on_body(now, rng, id, body)
    }

    fn on_body(
        &mut self,
        now: Timestamp,
        rng: &mut dyn Random,
        id: MsgId,
        body: Bytes,
    ) -> Result<(), Fault> {
        match FromServer::parse(&body)? {
            FromServer::Result => self.on_result(&body)?,
            FromServer::Ack(acks) => self.on_acks(&acks.msg_ids),
            FromServer::Bad(bad) => self.on_bad(now, rng, id, &bad),
            FromServer::BadSalt(bad) => self.on_bad_salt(&bad),
            FromServer::NewSession(created) => self.on_new_session(&created),
            FromServer::Pong(pong) => self.on_pong(now, &pong),
            FromServer::FutureSalts(salts) => self.salts.announce(salts.salts),
            FromServer::StateInfo(info) => self.on_state_info(&info),
            FromServer::Detailed(info) => {
                self.on_detailed(now, Some(MsgId(info.msg_id)), MsgId(info.answer_msg_id));
            }
            FromServer::NewDetailed(info) => self.on_detailed(now, None, MsgId(info.answer_msg_id)),
            FromServer::SessionDestroyed(session_id) => {
                self.events.push_back(ClientEvent::SessionDestroyed(SessionId(session_id)));
            }
            FromServer::KeyDestroyed(outcome) => {
                self.events.push_back(ClientEvent::KeyDestroyed(outcome));
            }
            FromServer::Report => {}
            FromServer::Update => self.events.push_back(ClientEvent::Update(body)),
        }
        Ok(())
    }

    fn on_result(&mut self, body: &Bytes) -> Result<(), Fault> {
        let (msg_id, answer) = Answer::decode(body, self.limits.unpacked_bytes_max)?;
        // Unknown ids are answers to requests that were given up, and to their giving up.
        let Some(id) = self.requests.by_msg_id(msg_id) else { return Ok(()) };
        self.requests.remove(id);
        self.repeats.remove(&id);
        self.events.push_back(match answer {
            Answer::Object(body) => ClientEvent::Result { id, body },
            Answer::Error { code, text } => ClientEvent::Error { id, code, text },
        });
        Ok(())
    }

    fn on_acks(&mut self, ids: &[i64]) {
        for id in ids {
            self.on_ack(MsgId(*id));
        }
    }

    pub(super) fn on_ack(&mut self, msg_id: MsgId) {
        let request = self.requests.by_msg_id(msg_id).and_then(|id| self.requests.get_mut(id));
        if let Some(sent) = request.and_then(|request| request.sent.as_mut()) {
            sent.acked = true;
        }
    }

    fn on_pong(&mut self, now: Timestamp, pong: &tl::types::Pong) {
        if let Some((id, sent)) = self.ping.sent
            && id == pong.ping_id
        {
            self.ping.sent = None;
            self.events.push_back(ClientEvent::Pong(now.saturating_since(sent)));
        }
    }
}

fn members(opened: &Opened) -> Result<Vec<Message>, Fault> {
    if container::is_container(&opened.body) {
        return container::parse(&opened.body)
            .map_err(|_| Fault::Protocol("container of impossible shape"));
    }
    let (msg_id, seq_no, body) = (opened.msg_id, opened.seq_no, opened.body.clone());
    Ok(vec![Message { msg_id, seq_no, body }])
}

fn is_complaint(body: &Bytes) -> bool {
    matches!(FromServer::parse(body), Ok(FromServer::Bad(_) | FromServer::BadSalt(_)))
}
