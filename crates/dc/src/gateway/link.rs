//! One connection: frames in, sessions found, sealed answers out.

use std::sync::Arc;

use heliogram_crypto::Random;
use heliogram_ids::{DcId, SessionId, Timestamp};
use heliogram_mtproto::Fault;
use heliogram_mtproto::link::{LinkEvent, SealedFrame, ServerLink, UnsealedFrame};
use heliogram_mtproto::message::Opened;
use heliogram_mtproto::session::{HttpWait, KeyDestruction, SessionEvent, Verdict};
use heliogram_net::{Closed, Connection, PeerInfo, Waker};

use super::keys::{KeysAt, LinkKey};
use super::polls::Polls;
use super::run::Origin;
use super::service::Gateway;
use super::session::Session;

/// Sessions that one connection may carry; clients use one or two.
const SESSIONS_MAX: usize = 16;
/// About how many bytes are sealed before the socket is asked whether it takes more.
pub(super) const OUTPUT_BYTES: usize = 256 << 10;

/// The gateway's end of one connection.
pub(crate) struct Link {
    gateway: Arc<Gateway>,
    pub(super) number: u64,
    peer: PeerInfo,
    waker: Waker,
    pub(super) machine: ServerLink,
    sessions: Vec<Arc<Session>>,
    /// Requests that wait, if the client speaks HTTP.
    pub(super) polls: Polls,
    /// The data centre that was dialled, by our end of the connection; none for a pipe.
    dc: Option<DcId>,
    /// When the client wants to be cut off unless it says otherwise.
    disconnect_at: Option<Timestamp>,
    closing: bool,
    pub(super) draining: bool,
}

impl Link {
    pub(super) fn new(gateway: Arc<Gateway>, number: u64, peer: PeerInfo, waker: Waker) -> Self {
        let (config, lobby) = (Arc::clone(&gateway.link_config), Arc::clone(&gateway.lobby));
        let machine = ServerLink::beside(config, lobby);
        let dc = peer.dc.or_else(|| peer.local.map(|local| gateway.world.config.dc_at(local)));
        Self {
            gateway,
            number,
            peer,
            waker,
            machine,
            sessions: Vec::new(),
            polls: Polls::default(),
            dc,
            disconnect_at: None,
            closing: false,
            draining: false,
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
            if self.machine.is_http() {
                state.outlets.attach_web(self.number, &self.waker);
                self.polls.push(now, &session, events.iter().find_map(wait));
            }
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
                let local = self.peer.local.map(|local| local.ip());
                let origin = Origin { ip, local, dc: self.dc };
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
            // Over HTTP the client keeps no connection alive, and cutting one would cost a response.
            SessionEvent::DisconnectAfter(_) if self.machine.is_http() => {}
            SessionEvent::DisconnectAfter(delay) => self.disconnect_at = Some(now + delay),
            // A dropped answer is computed all the same; the machine swallows it. Lost pushes are
            // noticed where they are pushed.
            SessionEvent::Created if !self.machine.is_http() => self.take_over(now, session),
            SessionEvent::Created
            | SessionEvent::DropAnswer { .. }
            | SessionEvent::HttpWait(_)
            | SessionEvent::PushesLost => {}
        }
    }

    /// A session was begun on this stream: what its key said here before was said by the client's
    /// earlier self. An older session that does speak again is heard and answered as before.
    // Seen: Telethon 1.45 begins a new session when it reconnects, and warns of every message that
    // is for the one before.
    fn take_over(&self, now: Timestamp, newest: &Session) {
        let is_older = |one: &&Arc<Session>| one.key.id() == newest.key.id() && one.id != newest.id;
        for session in self.sessions.iter().filter(is_older) {
            let mut state = session.state.lock();
            if state.outlets.detach(self.number) {
                state.idle_since.get_or_insert(now);
            }
        }
    }

    /// The session of a message. A stream is attached to it, for the newest one gets the answers;
    /// a connection that speaks HTTP is when its request waits.
    fn session(&mut self, now: Timestamp, opened: &Opened) -> Result<Arc<Session>, Fault> {
        let key = heliogram_ids::AuthKeyId(opened.auth_key.id());
        let known =
            |session: &&Arc<Session>| session.id == opened.session_id && session.key.id() == key;
        let (session, is_new) = match self.sessions.iter().find(known) {
            Some(session) => (Arc::clone(session), false),
            None => (self.open_session(now, key, opened.session_id)?, true),
        };
        let mut state = session.state.lock();
        let is_moved = match self.machine.is_http() {
            true => is_new,
            false => state.outlets.attach_stream(self.number, &self.waker),
        };
        if is_moved {
            state.machine.on_link();
        }
        state.idle_since = None;
        drop(state);
        Ok(session)
    }

    fn open_session(
        &mut self,
        now: Timestamp,
        key: heliogram_ids::AuthKeyId,
        id: SessionId,
    ) -> Result<Arc<Session>, Fault> {
        if self.sessions.len() >= SESSIONS_MAX && !self.make_room(now) {
            return Err(Fault::Limit { what: "sessions on one connection", limit: SESSIONS_MAX });
        }
        let key: LinkKey = self.gateway.keys.find(key, now).ok_or(Fault::AuthKey)?;
        let session = self.gateway.session(&key, id);
        self.sessions.push(Arc::clone(&session));
        Ok(session)
    }

    /// Forgets a session that nothing waits for here. Only over HTTP: there a balancer may send the
    /// requests of many clients over one connection.
    fn make_room(&mut self, now: Timestamp) -> bool {
        let idle = |session: &Arc<Session>| !self.polls.wait_for(session);
        let idle = self.sessions.iter().position(idle).filter(|_| self.machine.is_http());
        let Some(at) = idle else { return false };
        let session = self.sessions.remove(at);
        self.leave(&session, now);
        true
    }

    /// This link carries a session no longer.
    fn leave(&self, session: &Session, now: Timestamp) {
        let mut state = session.state.lock();
        if state.outlets.detach(self.number) {
            state.idle_since.get_or_insert(now);
        } else if state.machine.pending() > 0 {
            state.wake();
        }
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
        if self.machine.is_http() {
            self.machine.poll_transmit(out);
            return self.respond(now, rng, out);
        }
        self.machine.poll_transmit_sealed(out);
        for session in &self.sessions {
            let mut state = session.state.lock();
            if !state.outlets.prefers(self.number) {
                continue;
            }
            while out.len() - start + self.machine.queued_bytes() < OUTPUT_BYTES {
                let Some(outgoing) = state.machine.poll_transmit(now, session.key.salts()) else {
                    break;
                };
                self.machine.send(rng, session.key.key(), &outgoing);
            }
        }
        self.machine.poll_transmit_sealed(out);
    }

    fn poll_unsealed(&mut self) -> Vec<UnsealedFrame> {
        self.machine.poll_unsealed()
    }

    fn handle_sealed(&mut self, frames: Vec<SealedFrame>) {
        self.machine.handle_sealed(frames);
    }

    fn poll_timeout(&self) -> Option<Timestamp> {
        let own = self.machine.poll_timeout().into_iter().chain(self.disconnect_at);
        if self.machine.is_http() {
            // Nothing that a session wants to say by some time could be said without a request.
            return own.chain(self.polls.poll_timeout()).min();
        }
        let sessions =
            self.sessions.iter().filter_map(|session| session.state.lock().machine.poll_timeout());
        sessions.chain(own).min()
    }

    fn is_closing(&self) -> bool {
        self.closing || self.machine.is_closing()
    }

    fn handle_drain(&mut self, _: Timestamp) {
        self.draining = true;
    }

    fn handle_closed(&mut self, now: Timestamp, why: &Closed) {
        tracing::debug!(peer = ?self.peer.remote, %why, "connection ended");
        for session in &self.sessions {
            self.leave(session, now);
        }
    }
}

fn wait(event: &SessionEvent) -> Option<HttpWait> {
    match event {
        SessionEvent::HttpWait(wait) => Some(*wait),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_idle_connection_and_its_session_are_small() {
        // There may be hundreds of thousands of both.
        assert!(size_of::<Link>() <= 560, "{}", size_of::<Link>());
        assert!(size_of::<Session>() <= 720, "{}", size_of::<Session>());
    }
}
