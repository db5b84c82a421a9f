//! One session of one key, as the client sees it.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use bytes::Bytes;
use heliogram_ids::{MsgId, Salt, SessionId, Timestamp};
use heliogram_tl::{Encode, mtproto as tl};

use super::requests::Requests;
use super::salts::Salts;
use super::server_time::ServerTime;
use super::{ClientEvent, ClientLimits, Full, RequestId, RequestOptions};
use crate::session::acks::Acks;
use crate::session::msg_id::MsgIds;
use crate::session::received::Received;
use crate::session::seq_no::{Content, SeqNos};

/// The client's end of one session.
///
/// It outlives links: after [`on_link`](Self::on_link) everything that was under way is taken up
/// on the new one. Requests sent twice keep their message id, by which the server knows that they
/// are the same. Drain [`poll_event`](Self::poll_event) and
/// [`poll_transmit`](Self::poll_transmit) after each call, then re-arm
/// [`poll_timeout`](Self::poll_timeout).
#[derive(Debug)]
pub struct ClientSession {
    pub(super) id: SessionId,
    /// The session this one replaced: its last messages are no fault.
    pub(super) replaced: Option<SessionId>,
    pub(super) limits: ClientLimits,
    pub(super) online: bool,
    pub(super) time: ServerTime,
    pub(super) salts: Salts,
    pub(super) ids: MsgIds,
    pub(super) seq_nos: SeqNos,
    pub(super) received: Received<()>,
    pub(super) ignored: u32,
    pub(super) acks: Acks,
    pub(super) requests: Requests,
    /// To be sent again as they are.
    pub(super) repeats: BTreeSet<RequestId>,
    pub(super) services: VecDeque<Service>,
    /// Which messages travelled in a container, should it be refused.
    pub(super) containers: BTreeMap<MsgId, Vec<MsgId>>,
    /// Recent messages of the session's own: a refusal may name one.
    pub(super) own: VecDeque<MsgId>,
    /// What the server was asked about, by the id of the question.
    pub(super) state_requests: BTreeMap<MsgId, Vec<MsgId>>,
    pub(super) unique_id: Option<i64>,
    pub(super) ping: Ping,
    pub(super) check_due: Option<Timestamp>,
    pub(super) events: VecDeque<ClientEvent>,
}

/// A message of the session's own that waits to be sent.
#[derive(Debug)]
pub(super) enum Service {
    /// About requests under way.
    StateReq(Vec<MsgId>),
    /// Anything else, with what it counts as.
    Other(Vec<u8>, Content),
}

/// The heartbeat.
#[derive(Debug, Default)]
pub(super) struct Ping {
    pub(super) next_id: i64,
    pub(super) due: Option<Timestamp>,
    /// When a ping was sent that nothing has been heard since.
    pub(super) unheard_since: Option<Timestamp>,
    /// The ping that a pong is expected for.
    pub(super) sent: Option<(i64, Timestamp)>,
}

impl ClientSession {
    /// A session that has sent nothing yet. `salt` is the last known of the key, or 0.
    pub fn new(now: Timestamp, id: SessionId, salt: Salt, limits: ClientLimits) -> Self {
        Self {
            id,
            replaced: None,
            limits,
            online: false,
            time: ServerTime::default(),
            salts: Salts::new(salt),
            ids: MsgIds::default(),
            seq_nos: SeqNos::default(),
            received: Received::new(limits.received_max),
            ignored: 0,
            acks: Acks::default(),
            requests: Requests::default(),
            repeats: BTreeSet::new(),
            services: VecDeque::new(),
            containers: BTreeMap::new(),
            own: VecDeque::new(),
            state_requests: BTreeMap::new(),
            unique_id: None,
            ping: Ping { due: Some(now), ..Ping::default() },
            check_due: None,
            events: VecDeque::new(),
        }
    }

    /// The number by which the server knows the session.
    pub fn id(&self) -> SessionId {
        self.id
    }

    /// The salt in use, worth keeping for the next start.
    pub fn salt(&self) -> Salt {
        self.salts.current()
    }

    /// The server's time, as the handshake or an earlier session learnt it.
    pub fn set_server_time(&mut self, now: Timestamp, server_now: Timestamp) {
        self.time.set(now, server_now);
    }

    /// The server's time at our `now`, as far as it is known.
    pub fn server_time(&self, now: Timestamp) -> Timestamp {
        self.time.at(now)
    }

    /// The session has a new link. Requests that may have been lost are sent again under their
    /// ids; about those that the server has, it is asked.
    pub fn on_link(&mut self, now: Timestamp) {
        self.online = true;
        self.ping.due = Some(now);
        (self.ping.unheard_since, self.ping.sent) = (None, None);
        self.services.retain(|service| matches!(service, Service::Other(..)));
        let under_way = || self.requests.under_way();
        self.repeats = under_way().filter(|(_, sent)| !sent.acked).map(|(id, _)| id).collect();
        let had: Vec<_> =
            under_way().filter(|(_, sent)| sent.acked).map(|(_, sent)| sent.msg_id).collect();
        if !had.is_empty() {
            self.services.push_back(Service::StateReq(had));
        }
    }

    /// Queues one boxed query.
    ///
    /// # Errors
    /// [`Full`] when as many are waiting or under way as may be.
    pub fn request(
        &mut self,
        now: Timestamp,
        body: Bytes,
        options: RequestOptions,
    ) -> Result<RequestId, Full> {
        let ClientLimits { requests_max, packed_bytes_min, .. } = self.limits;
        let id = self.requests.add(body, options, requests_max, packed_bytes_min)?;
        self.check_due.get_or_insert(now + self.limits.check_after);
        Ok(id)
    }

    /// A message id for a request whose body must mention it: `auth.bindTempAuthKey`.
    pub fn reserve_msg_id(&mut self, now: Timestamp) -> MsgId {
        self.next_id(now)
    }

    /// Gives up a request: its answer, should it come, is not reported.
    pub fn cancel(&mut self, id: RequestId) {
        self.repeats.remove(&id);
        if let Some(sent) = self.requests.remove(id).and_then(|request| request.sent) {
            let query = tl::RpcDropAnswerRequest { req_msg_id: sent.msg_id.get() };
            self.services.push_back(Service::Other(query.to_bytes(), Content::Related));
        }
    }

    /// Asks the server to forget another session of this key.
    pub fn destroy_session(&mut self, session_id: SessionId) {
        let query = tl::DestroySession { session_id: session_id.get() };
        self.services.push_back(Service::Other(query.to_bytes(), Content::Related));
    }

    /// Asks the server to forget the key.
    pub fn destroy_auth_key(&mut self) {
        let query = tl::DestroyAuthKey {};
        self.services.push_back(Service::Other(query.to_bytes(), Content::Service));
    }

    /// The next thing that happened.
    pub fn poll_event(&mut self) -> Option<ClientEvent> {
        self.events.pop_front()
    }
}
