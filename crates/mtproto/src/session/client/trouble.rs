//! Refusals, lost sessions and doubts: everything that makes a request travel again.
//!
//! Spec: mtproto/service_messages_about_messages#notice-of-ignored-error-message.

use heliogram_crypto::Random;
use heliogram_ids::{MsgId, Salt, SessionId, Timestamp};
use heliogram_tl::{Encode as _, mtproto as tl};

use super::requests::Sent;
use super::session::Service;
use super::{ClientEvent, ClientSession, Failure, RequestId};
use crate::session::msg_id::{MsgIds, sent_at};
use crate::session::received::Novelty;
use crate::session::seq_no::{Content, SeqNos};

const ID_LOW: i32 = 16;
const ID_HIGH: i32 = 17;
const FORGOTTEN: i32 = 20;
const CONTAINER: i32 = 64;

/// How often a message that was sent before keeps its id although it is refused with its container:
/// once for a wrong salt, once for a wrong clock.
const REPEATS_REFUSED_MAX: u8 = 2;

impl ClientSession {
    pub(super) fn on_bad(
        &mut self,
        now: Timestamp,
        rng: &mut dyn Random,
        id: MsgId,
        bad: &tl::types::BadMsgNotification,
    ) {
        let bad_msg_id = MsgId(bad.bad_msg_id);
        // A complaint about what we never sent is somebody else's, or an attack on our clock.
        if !self.knows(bad_msg_id) {
            return;
        }
        match bad.error_code {
            ID_LOW => self.time.set(now, sent_at(id)),
            ID_HIGH => {
                self.time.set(now, sent_at(id));
                self.ids.rewind(self.time.at(now));
            }
            FORGOTTEN | CONTAINER => {}
            // Our numbers have gone wrong, whatever the reason: a new session has new ones.
            _ => {
                self.refuse(bad_msg_id, bad.error_code);
                return self.replace(rng);
            }
        }
        self.refuse(bad_msg_id, bad.error_code);
    }

    pub(super) fn on_bad_salt(&mut self, bad: &tl::types::BadServerSalt) {
        let bad_msg_id = MsgId(bad.bad_msg_id);
        if self.knows(bad_msg_id) {
            self.adopt_salt(Salt(bad.new_server_salt));
            self.refuse(bad_msg_id, bad.error_code);
        }
    }

    /// The server has begun the session anew. What it was sent before is lost.
    pub(super) fn on_new_session(&mut self, created: &tl::types::NewSessionCreated) {
        self.adopt_salt(Salt(created.server_salt));
        let first = MsgId(created.first_msg_id);
        let lost = self.requests.under_way().filter(|(_, sent)| sent.msg_id < first);
        // By the ids that they have: they may have been sent again since, and have arrived.
        self.repeats.extend(lost.map(|(id, _)| id));
        if self.unique_id.replace(created.unique_id) != Some(created.unique_id) {
            self.events.push_back(ClientEvent::NewSession { unique_id: created.unique_id });
        }
    }

    /// The server says what it knows of our requests.
    pub(super) fn on_state_info(&mut self, info: &tl::types::MsgsStateInfo) {
        let Some(asked) = self.state_requests.remove(&MsgId(info.req_msg_id)) else { return };
        for (msg_id, state) in asked.into_iter().zip(info.info.iter()) {
            if (1..=3).contains(&(state & 7)) {
                let lost = self.requests.by_msg_id(msg_id);
                let lost = lost.filter(|id| self.last(*id) == Some(msg_id));
                self.repeats.extend(lost);
            } else {
                self.on_ack(msg_id);
            }
        }
    }

    /// An answer exists that was too large to be sent unasked.
    pub(super) fn on_detailed(&mut self, now: Timestamp, request: Option<MsgId>, answer: MsgId) {
        let awaited = request.is_none_or(|id| self.requests.by_msg_id(id).is_some());
        if self.received.novelty(answer) == Novelty::New && awaited {
            let query = tl::types::MsgResendReq { msg_ids: vec![answer.get()] };
            self.services.push_back(Service::Other(query.to_bytes(), Content::Service));
        } else {
            self.acks.owe(answer, now + self.limits.ack_delay);
        }
    }

    /// The message, or everything in the container, did not count and is sent anew.
    fn refuse(&mut self, msg_id: MsgId, code: i32) {
        let container = self.containers.remove(&msg_id);
        // Its own id is in the way, not those in it.
        let is_id_good = container.is_some() || !matches!(code, ID_LOW | ID_HIGH | FORGOTTEN);
        let mut anew = Vec::new();
        for member in container.unwrap_or_else(|| vec![msg_id]) {
            let Some(id) = self.requests.by_msg_id(member) else { continue };
            let sent = self.requests.get(id).and_then(|request| request.sent);
            // What is forgotten is named by itself, whatever it came in.
            let is_named = code == FORGOTTEN && member == msg_id;
            let is_meant = |it: &Sent| it.msg_id == member && (it.carrier == msg_id || is_named);
            let Some(sent) = sent.filter(is_meant) else { continue };
            if self.gave_up(id, code) {
                continue;
            }
            let Some(request) = self.requests.get(id) else { continue };
            if sent.is_repeat && is_id_good && request.refusals <= REPEATS_REFUSED_MAX {
                // The server may have taken it before, and would run it again by another id.
                self.repeats.insert(id);
            } else {
                anew.push(id);
            }
        }
        self.requests.requeue(anew);
        // A heartbeat may have been among them.
        self.ping.unheard_since = None;
    }

    /// Counts a refusal; ends the request at the last one.
    fn gave_up(&mut self, id: RequestId, code: i32) -> bool {
        let Some(request) = self.requests.get_mut(id) else { return true };
        request.refusals = request.refusals.saturating_add(1);
        // A reserved id is part of the body: once that id itself is bad, nothing can be mended.
        let id_is_bad = matches!(code, ID_LOW | ID_HIGH | FORGOTTEN);
        let over = request.refusals >= self.limits.refusals_max
            || (request.options.msg_id.is_some() && id_is_bad);
        if over {
            self.requests.remove(id);
            self.events.push_back(ClientEvent::Failed { id, why: Failure::Refused(code) });
        }
        over
    }

    /// Goes on in a session with fresh numbers.
    fn replace(&mut self, rng: &mut dyn Random) {
        self.replaced = Some(self.id);
        // Zero is no session.
        self.id = SessionId(rng.i64() | 1);
        (self.ids, self.seq_nos) = (MsgIds::default(), SeqNos::default());
        self.received.clear();
        while self.acks.take().is_some() {}
        self.repeats.clear();
        self.containers.clear();
        self.state_requests.clear();
        let under_way = self.requests.under_way().map(|(id, _)| id).collect();
        self.requests.requeue(under_way);
        self.requests.forget_msg_ids();
        self.events.push_back(ClientEvent::SessionReplaced(self.id));
    }

    /// Whether a message of ours had this id, as far as that is remembered.
    pub(super) fn knows(&self, msg_id: MsgId) -> bool {
        self.containers.contains_key(&msg_id)
            || self.requests.by_msg_id(msg_id).is_some()
            || self.own.contains(&msg_id)
    }

    fn last(&self, id: RequestId) -> Option<MsgId> {
        self.requests.get(id)?.sent.map(|sent| sent.msg_id)
    }
}
