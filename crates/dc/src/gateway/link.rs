//! One connection: frames in, sessions found, sealed answers out.

use std::sync::Arc;

use heliogram_crypto::Random;
use heliogram_ids::{DcId, SessionId, Timestamp};
use heliogram_mtproto::Fault;
use heliogram_mtproto::link::{LinkEvent, ServerLink};
use heliogram_mtproto::message::Opened;
use heliogram_mtproto::session::{KeyDestruction, SessionEvent, Verdict};
use heliogram_net::{Closed, Connection, PeerInfo, Waker};

use super::keys::{KeysAt, LinkKey};
use super::run::Origin;
use super::service::Gateway;
use super::session::{Attached, Session};

/// Sessions that one connection may carry; clients use one or two.
const SESSIONS_MAX: usize = 16;
/// About how many bytes are sealed before the socket is asked whether it takes more.
const OUTPUT_BYTES: usize = 256 << 10;

/// The gateway's end of one connection.
pub(crate) struct Link {
    gateway: Arc<Gateway>,
    number: u64,
    peer: PeerInfo,
    waker: Waker,
    machine: ServerLink,
    sessions: Vec<Arc<Session>>,
    /// The data centre that was dialled, by our end of the connection; none for a pipe.
    dc: Option<DcId>,
    /// When the client wants to be cut off unless it says otherwise.
    disconnect_at: Option<Timestamp>,
    closing: bool,
}

impl Link {
    pub(super) fn new(gateway: Arc<Gateway>, number: u64, peer: PeerInfo, waker: Waker) -> Self {
        let machine = ServerLink::new(Arc::clone(&gateway.link_config));
        let dc = peer.local.map(|local| gateway.world.config.dc_at(local));
        Self {
            gateway,
            number,
            peer,
            waker,
            machine,
            sessions: Vec::new(),
            dc,
            disconnect_at: None,
            closing: false,
        }
    }

    fn drain_events(&mut self, now: Timestamp, rng: &mut dyn Random) -> Result<(), Fault> {
        while let Some(event) = self.machine.poll_event() {
            match event {
                LinkEvent::Opened(opened) => self.on_opened(now, &opened, rng)?,
                LinkEvent::KeyCreated { auth_key, salt, expires_in: None, dc } => {
                    let dc = dc.and_then(|named| self.gateway.link_config.dc(named)).or(self.dc);
                    self.gateway.keys.add_permanent(auth_key, salt, dc, now);
                }
                LinkEvent::KeyCreated { auth_key, salt, expires_in: Some(lifetime), .. } => {
                    self.gateway.keys.add_temporary(auth_key, salt, now + lifetime, now);
                }
            }
        }
        Ok(())
    }

    fn on_opened(
        &mut self,
        now: Timestamp,
        opened: &Opened,
        rng: &mut dyn Random,
    ) -> Result<(), Fault> {
        let session = self.session(now, opened)?;
        let mut events = Vec::new();
        {
            let mut state = session.state.lock();
            let verdict = state.machine.handle_message(now, rng, session.key.salts(), opened)?;
            if let (Verdict::Accepted, Some(token)) = (verdict, opened.quick_ack) {
                self.machine.send_quick_ack(token);
            }
            events.extend(std::iter::from_fn(|| state.machine.poll_event()));
        }
        // The session is let go of first: what follows may end it, or answer it at once.
        for event in events {
            self.on_event(now, &session, event);
        }
        Ok(())
    }

    fn on_event(&mut self, now: Timestamp, session: &Arc<Session>, event: SessionEvent) {
        match event {
            SessionEvent::Request { msg_id, body } => {
                let ip = self.peer.remote.map(|remote| remote.ip());
                let origin = Origin { ip, dc: self.dc };
                self.gateway.on_request(session, now, msg_id, &body, origin);
            }
            SessionEvent::DestroySession { session_id } => {
                let gone = self.gateway.end_session((session.key.id(), session_id));
                session.state.lock().machine.session_destroyed(session_id, gone);
            }
            SessionEvent::DestroyAuthKey => {
                self.gateway.destroy_key(&session.key);
                session.state.lock().machine.key_destroyed(KeyDestruction::Done);
            }
            SessionEvent::DisconnectAfter(delay) => self.disconnect_at = Some(now + delay),
            // A dropped answer is computed all the same; the machine swallows it. Lost pushes are
            // noticed where they are pushed.
            SessionEvent::Created
            | SessionEvent::DropAnswer { .. }
            | SessionEvent::HttpWait { .. }
            | SessionEvent::PushesLost => {}
        }
    }

    /// The session of a message, attached to this link: the newest link gets the answers.
    fn session(&mut self, now: Timestamp, opened: &Opened) -> Result<Arc<Session>, Fault> {
        let key = heliogram_ids::AuthKeyId(opened.auth_key.id());
        let known =
            |session: &&Arc<Session>| session.id == opened.session_id && session.key.id() == key;
        let session = match self.sessions.iter().find(known) {
            Some(session) => Arc::clone(session),
            None => self.open_session(now, key, opened.session_id)?,
        };
        let mut state = session.state.lock();
        if state.link.as_ref().is_none_or(|link| link.number != self.number) {
            state.link = Some(Attached { number: self.number, waker: self.waker.clone() });
            state.idle_since = None;
            state.machine.on_link();
        }
        drop(state);
        Ok(session)
    }

    fn open_session(
        &mut self,
        now: Timestamp,
        key: heliogram_ids::AuthKeyId,
        id: SessionId,
    ) -> Result<Arc<Session>, Fault> {
        if self.sessions.len() >= SESSIONS_MAX {
            return Err(Fault::Limit { what: "sessions on one connection", limit: SESSIONS_MAX });
        }
        let key: LinkKey = self.gateway.keys.find(key, now).ok_or(Fault::AuthKey)?;
        let session = self.gateway.session(&key, id);
        self.sessions.push(Arc::clone(&session));
        Ok(session)
    }
}

impl Connection for Link {
    fn handle_bytes(
        &mut self,
        now: Timestamp,
        bytes: &mut [u8],
        rng: &mut dyn Random,
    ) -> Result<(), Fault> {
        let gateway = Arc::clone(&self.gateway);
        let keys = KeysAt { keys: &gateway.keys, now };
        self.machine.handle_bytes(now, bytes, &keys, rng)?;
        self.drain_events(now, rng)
    }

    fn handle_wake(&mut self, _: Timestamp, _: &mut dyn Random) -> Result<(), Fault> {
        Ok(())
    }

    fn handle_timeout(&mut self, now: Timestamp, _: &mut dyn Random) -> Result<(), Fault> {
        self.machine.handle_timeout(now);
        for session in &self.sessions {
            session.state.lock().machine.handle_timeout(now);
        }
        if self.disconnect_at.is_some_and(|at| at <= now) {
            self.closing = true;
        }
        Ok(())
    }

    fn poll_transmit(&mut self, now: Timestamp, rng: &mut dyn Random, out: &mut Vec<u8>) {
        let start = out.len();
        self.machine.poll_transmit(out);
        for session in &self.sessions {
            let mut state = session.state.lock();
            if state.link.as_ref().is_none_or(|link| link.number != self.number) {
                continue;
            }
            while out.len() - start < OUTPUT_BYTES {
                let Some(outgoing) = state.machine.poll_transmit(now, session.key.salts()) else {
                    break;
                };
                self.machine.send(rng, session.key.key(), &outgoing);
                self.machine.poll_transmit(out);
            }
        }
    }

    fn poll_timeout(&self) -> Option<Timestamp> {
        let sessions =
            self.sessions.iter().filter_map(|session| session.state.lock().machine.poll_timeout());
        sessions.chain(self.machine.poll_timeout()).chain(self.disconnect_at).min()
    }

    fn is_closing(&self) -> bool {
        self.closing
    }

    fn handle_closed(&mut self, now: Timestamp, why: &Closed) {
        tracing::debug!(peer = ?self.peer.remote, %why, "connection ended");
        for session in &self.sessions {
            let mut state = session.state.lock();
            if state.link.as_ref().is_some_and(|link| link.number == self.number) {
                state.link = None;
                state.idle_since = Some(now);
            }
        }
    }
}
