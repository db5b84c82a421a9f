//! One connection: frames in, sessions found, sealed answers out.

use std::mem;
use std::sync::Arc;
use std::time::Duration;

use heliogram_crypto::Random;
use heliogram_ids::{DcId, SessionId, Timestamp};
use heliogram_mtproto::Fault;
use heliogram_mtproto::handshake::{Labour, Outcome};
use heliogram_mtproto::link::{LinkEvent, SealedFrame, ServerLink, UnsealedFrame};
use heliogram_mtproto::message::Opened;
use heliogram_mtproto::session::{HttpWait, KeyDestruction, SessionEvent, Verdict};
use heliogram_net::{Closed, Connection, PeerInfo, Waker};
use parking_lot::Mutex;

use super::backlog::Backlog;
use super::flood::network;
use super::keys::{KeysAt, LinkKey};
use super::polls::Polls;
use super::run::Origin;
use super::service::Gateway;
use super::session::Session;
use super::workshop::Fate;

/// Sessions that one connection may carry; clients use one or two. Over HTTP an idle one makes room,
/// otherwise one more ends the connection.
const SESSIONS_MAX: usize = 16;
/// About how many bytes are sealed before the socket is asked whether it takes more.
pub(super) const OUTPUT_BYTES: usize = 256 << 10;
/// Requests that are run in one go; then other connections of the thread have a turn.
const BATCH_MAX: u32 = 64;
/// Bytes that wait to be sent, in all sessions of a connection, above which its requests wait, too.
const QUEUED_BYTES_HIGH: usize = 1 << 20;
/// How soon those are looked at again that wait for another connection to take what is queued.
const AGAIN: Duration = Duration::from_millis(50);

/// The gateway's end of one connection.
pub(crate) struct Link {
    gateway: Arc<Gateway>,
    pub(super) number: u64,
    peer: PeerInfo,
    waker: Waker,
    pub(super) machine: ServerLink,
    sessions: Vec<Arc<Session>>,
    /// What came and has not had its turn. Nothing is read while there is something.
    backlog: Backlog,
    /// What has had its turn in this go.
    turns: u32,
    /// Steps of handshakes that were done elsewhere, while there are any.
    outcomes: Option<Arc<Mutex<Vec<Outcome>>>>,
    /// Whether somebody has shown a key here.
    is_known: bool,
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
        let machine = ServerLink::beside(config, lobby).deferring();
        let dc = peer.dc.or_else(|| peer.local.map(|local| gateway.world.config.dc_at(local)));
        Self {
            gateway,
            number,
            peer,
            waker,
            machine,
            sessions: Vec::new(),
            backlog: Backlog::default(),
            turns: 0,
            outcomes: None,
            is_known: false,
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
                LinkEvent::Labour(labour) => self.hand_out(*labour),
                LinkEvent::KeyCreated { auth_key, salt, expires_in: None, dc } => {
                    let dc = dc.and_then(|named| self.gateway.link_config.dc(named)).or(self.dc);
                    self.gateway.keys.add_permanent(auth_key, salt, dc, now);
                }
                LinkEvent::KeyCreated { auth_key, salt, expires_in: Some(lifetime), .. } => {
                    self.gateway.keys.add_temporary(auth_key, salt, now + lifetime, now);
                }
            }
        }
        if self.backlog.is_empty() {
            self.turns = 0;
        } else {
            self.catch_up(now);
        }
        Ok(())
    }

    /// Has a step of a handshake done where it holds nobody up.
    fn hand_out(&mut self, labour: Labour) {
        let (gateway, waker) = (Arc::clone(&self.gateway), self.waker.clone());
        let outcomes = Arc::clone(self.outcomes.get_or_insert_default());
        let address = self.peer.remote.map(|remote| network(remote.ip()));
        self.gateway.handshakes.run(address, move |fate| {
            let outcome = match fate {
                Fate::Do => {
                    let now = gateway.clock.now();
                    let keys = KeysAt { keys: &gateway.keys, now };
                    let mut rng = gateway.world.entropy.clone();
                    labour.run(now, &gateway.link_config, &keys, &mut rng)
                }
                Fate::TurnedAway => labour.refuse(),
            };
            outcomes.lock().push(outcome);
            waker.wake();
        });
    }

    fn on_opened(
        &mut self,
        now: Timestamp,
        opened: &Opened,
        rng: &mut dyn Random,
    ) -> Result<(), Fault> {
        self.is_known = true;
        let session = self.session(now, opened)?;
        let is_strangers = session.key.user().is_none();
        let mut state = session.state.lock();
        state.machine.set_strangers(is_strangers);
        let verdict = state.machine.handle_message(now, rng, session.key.salts(), opened)?;
        if let (Verdict::Accepted, Some(token)) = (verdict, opened.quick_ack) {
            self.machine.send_quick_ack(token);
        }
        let events: Vec<_> = std::iter::from_fn(|| state.machine.poll_event()).collect();
        let orphans = mem::take(&mut state.orphans);
        if self.machine.is_http() {
            state.outlets.attach_web(self.number, &self.waker);
            self.polls.push(now, &session, events.iter().find_map(wait));
        }
        drop(state);
        self.adopt(&session, orphans);
        for event in events {
            // Takes no turn: it costs next to nothing, and must outlive this link.
            if event == SessionEvent::PushesLost {
                session.push_too_long();
            } else if self.backlog.is_empty() && self.may_go_on() {
                self.turns += 1;
                self.on_event(now, &session, event);
            } else {
                self.backlog.push(&session, event);
            }
        }
        Ok(())
    }

    /// Takes over what another link of a session has left undone.
    fn adopt(&mut self, session: &Arc<Session>, orphans: Vec<SessionEvent>) {
        for event in orphans {
            self.backlog.push(session, event);
        }
    }

    /// Leaves what has not had its turn to another link of its session. Without one a request is
    /// put back: its client will ask again. Both are decided under the lock under which a
    /// repetition is judged, so that none falls in between.
    fn leave_behind(&self, session: &Session, event: SessionEvent) {
        let mut state = session.state.lock();
        if state.outlets.is_elsewhere(self.number) {
            state.orphans.push(event);
            state.wake();
        } else if let SessionEvent::Request { msg_id, .. } = event {
            state.machine.put_back(msg_id);
        }
    }

    /// Lets what came have its turn, unless too much waits to be sent as it is.
    fn catch_up(&mut self, now: Timestamp) {
        while self.may_go_on()
            && let Some((session, event)) = self.backlog.pop()
        {
            self.turns += 1;
            self.on_event(now, &session, event);
        }
        if self.turns < BATCH_MAX {
            self.backlog.look_again(Some(now + AGAIN));
        } else if !self.backlog.is_empty() {
            self.waker.wake();
        }
        self.turns = 0;
    }

    /// Whether one more request may be run in this go.
    fn may_go_on(&self) -> bool {
        self.turns < BATCH_MAX && self.queued_bytes() < QUEUED_BYTES_HIGH
    }

    /// Bytes that wait to be sent in all sessions.
    fn queued_bytes(&self) -> usize {
        self.sessions.iter().map(|session| session.state.lock().machine.queued_bytes()).sum()
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
            // A dropped answer is computed all the same; the machine swallows it. Of lost pushes the
            // client is told as soon as they are noticed.
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
            state.machine.on_away();
            for event in mem::take(&mut state.orphans) {
                if let SessionEvent::Request { msg_id, .. } = event {
                    state.machine.put_back(msg_id);
                }
            }
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

    fn handle_wake(&mut self, now: Timestamp, rng: &mut dyn Random) -> Result<(), Fault> {
        if let Some(outcomes) = &self.outcomes {
            let outcomes = mem::take(&mut *outcomes.lock());
            for outcome in outcomes {
                self.machine.handle_outcome(now, outcome, rng);
            }
        }
        // Nobody else can bring any once nobody else holds it.
        self.outcomes.take_if(|all| Arc::strong_count(all) == 1 && all.lock().is_empty());
        let has_orphans = |one: &&Arc<Session>| !one.state.lock().orphans.is_empty();
        while let Some(session) = self.sessions.iter().find(has_orphans).map(Arc::clone) {
            let orphans = mem::take(&mut session.state.lock().orphans);
            self.adopt(&session, orphans);
        }
        self.drain_events(now, rng)
    }

    fn handle_timeout(&mut self, now: Timestamp, _: &mut dyn Random) -> Result<(), Fault> {
        self.machine.handle_timeout(now);
        for session in &self.sessions {
            session.state.lock().machine.handle_timeout(now);
        }
        if self.disconnect_at.is_some_and(|at| at <= now) {
            self.closing = true;
        }
        if self.backlog.again_at().is_some_and(|at| at <= now) {
            self.catch_up(now);
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
        if self.backlog.again_at().is_some() && self.queued_bytes() < QUEUED_BYTES_HIGH {
            self.waker.wake();
        }
    }

    fn poll_unsealed(&mut self) -> Vec<UnsealedFrame> {
        self.machine.poll_unsealed()
    }

    fn handle_sealed(&mut self, frames: Vec<SealedFrame>) {
        self.machine.handle_sealed(frames);
    }

    fn poll_timeout(&self) -> Option<Timestamp> {
        let own = self.machine.poll_timeout().into_iter();
        let own = own.chain(self.disconnect_at).chain(self.backlog.again_at());
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

    fn is_busy(&self) -> bool {
        !self.backlog.is_empty() || self.machine.is_busy()
    }

    fn is_known(&self) -> bool {
        self.is_known
    }

    fn held_bytes(&self) -> usize {
        let sessions = self.sessions.iter().map(|one| one.state.lock().machine.held_bytes());
        self.machine.buffered() + self.machine.queued_bytes() + sessions.sum::<usize>()
    }

    fn handle_drain(&mut self, _: Timestamp) {
        self.draining = true;
    }

    fn handle_closed(&mut self, now: Timestamp, why: &Closed) {
        tracing::debug!(peer = ?self.peer.remote, %why, "connection ended");
        while let Some((session, event)) = self.backlog.pop() {
            self.leave_behind(&session, event);
        }
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
