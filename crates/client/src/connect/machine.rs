//! One link of a line: joins the protocol's link and session, and knows who waits for what.

use std::sync::Arc;
use std::time::Duration;

use heliogram_crypto::{AuthKey, Random};
use heliogram_ids::{SessionId, Timestamp};
use heliogram_mtproto::Fault;
use heliogram_mtproto::handshake::{HandshakeConfig, Ready, RsaPadding};
use heliogram_mtproto::link::{self, ClientConfig, ClientLink, LinkLimits};
use heliogram_mtproto::session::{self, ClientSession, Packing, RequestOptions};
use heliogram_net::{Closed, Connection};
use heliogram_tl as tl;
use heliogram_tl::{Bytes, Encode, Function};
use parking_lot::Mutex;

use super::call::Call;
use super::device::Hearing;
use super::line::{Line, Link, State, Status};
use crate::error::LinkError;
use crate::session::StoredKey;
use crate::{InvokeError, RpcError};

/// The machine of one link. What outlives it lies in the line's [`State`].
pub(super) struct Machine {
    line: Arc<Line>,
    link: ClientLink,
    /// The server has heard our layer over this link and answered.
    introduced: bool,
    closing: bool,
    /// Since when nothing is under way.
    idle_since: Timestamp,
    verdict: Verdict,
}

/// Tells the line's task how the link ended: the driver keeps the machine.
pub(super) type Verdict = Arc<Mutex<Option<Link>>>;

impl Machine {
    /// A machine for a stream that was just connected; it begins with a key, if there is none.
    pub(super) fn new(line: Arc<Line>, now: Timestamp, rng: &mut dyn Random) -> (Self, Verdict) {
        let transport = line.config.connector.transport();
        let config = ClientConfig { transport, limits: LinkLimits::DEFAULT };
        let verdict = Verdict::default();
        let mut machine = Self {
            link: ClientLink::new(&config, rng),
            line,
            introduced: false,
            closing: false,
            idle_since: now,
            verdict: Arc::clone(&verdict),
        };
        machine.begin(now, rng);
        (machine, verdict)
    }

    fn begin(&mut self, now: Timestamp, rng: &mut dyn Random) {
        let line = Arc::clone(&self.line);
        let mut state = line.state.lock();
        match line.config.book.key(line.config.dc) {
            Some(stored) => {
                state.take_key(stored, now, rng);
                self.greet(&mut state, now);
            }
            None if line.hearing == Hearing::Updates => {
                self.link.start_handshake(now, self.handshake(), rng);
            }
            // The home line makes the keys; a second one made here would not be logged in.
            None => self.closing = true,
        }
    }

    fn handshake(&self) -> HandshakeConfig {
        HandshakeConfig {
            rsa_keys: Arc::clone(&self.line.config.rsa_keys),
            dc: Some(self.line.config.dc.get()),
            expires_in: None,
            padding: RsaPadding::Pad,
        }
    }

    /// Takes up the session on this link.
    fn greet(&mut self, state: &mut State, now: Timestamp) {
        if let Some(session) = &mut state.session {
            session.on_link(now);
        }
        // A server that has lost the session learns of it, and of our layer, only when something
        // is asked; and until then it has nothing to push.
        if self.line.hearing == Hearing::Updates && state.queue.is_empty() {
            let body = tl::help::GetConfig {}.to_bytes().into();
            state.queue.push_back(Call::unattended(tl::help::GetConfig::ID, body));
        }
        self.admit(state, now);
    }

    /// Hands waiting requests to the session.
    fn admit(&mut self, state: &mut State, now: Timestamp) {
        while let Some(mut call) = state.queue.pop_front() {
            call.is_introduced = !self.introduced;
            if call.is_abandoned() {
                continue;
            }
            let Some(session) = &mut state.session else {
                return state.queue.push_front(call);
            };
            match session.request(now, self.introduce(&call), self.options()) {
                Ok(id) => drop(state.under_way.insert(id, call)),
                Err(session::Full) => return state.queue.push_front(call),
            }
        }
    }

    // Parts of files are compressed already, or would have been.
    fn options(&self) -> RequestOptions {
        let packing = match self.line.hearing {
            Hearing::Updates => Packing::Auto,
            Hearing::Nothing => Packing::Plain,
        };
        RequestOptions { packing, ..RequestOptions::default() }
    }

    // Until one answer over this link shows that the server knows our layer, every request says
    // it: which of them comes first is not ours to decide.
    fn introduce(&self, call: &Call) -> Bytes {
        let config = &self.line.config;
        match self.introduced {
            true => call.body.clone(),
            false => config.device.introduce(config.api_id, self.line.hearing, &call.body),
        }
    }

    fn on_link_events(
        &mut self,
        state: &mut State,
        now: Timestamp,
        rng: &mut dyn Random,
    ) -> Result<(), Fault> {
        while let Some(event) = self.link.poll_event() {
            match event {
                link::ClientEvent::Opened(opened) => {
                    if let Some(session) = &mut state.session {
                        session.handle_message(now, rng, &opened)?;
                    }
                    self.on_session_events(state, now);
                }
                link::ClientEvent::KeyReady(ready) => self.on_key(state, now, rng, &ready),
                link::ClientEvent::HandshakeFailed(error) => {
                    self.end(LinkError::Handshake(error));
                }
                link::ClientEvent::TransportError(code) => self.on_refusal(state, code),
                link::ClientEvent::QuickAck(_) => {}
            }
        }
        Ok(())
    }

    fn on_key(&mut self, state: &mut State, now: Timestamp, rng: &mut dyn Random, ready: &Ready) {
        let config = &self.line.config;
        let stored = StoredKey { bytes: Box::new(*ready.auth_key.bytes()), salt: ready.salt };
        config.book.set_key(config.dc, Some(stored.clone()));
        // A key that is lost with the process would be one more login in the list of devices.
        if let Err(error) = config.book.flush() {
            tracing::warn!(%error, "key is not written down");
        }
        state.take_key(stored, now, rng);
        if let Some(session) = &mut state.session {
            session.set_server_time(now, server_time(now, ready.time_offset_secs));
        }
        self.greet(state, now);
    }

    // Spec: mtproto/mtproto-transports#transport-errors. The server does not know the key.
    fn on_refusal(&mut self, state: &mut State, code: i32) {
        if code == KEY_UNKNOWN && state.key.is_some() {
            let config = &self.line.config;
            tracing::warn!(dc = %config.dc, "server does not know our key");
            // Without the home line's judgement a server that restarts could cost us the login.
            if self.line.hearing == Hearing::Updates && state.refused() >= REFUSALS_MAX {
                config.book.set_key(config.dc, None);
                state.forget_key();
            }
        }
        self.end(LinkError::Refused(code));
    }

    fn on_session_events(&mut self, state: &mut State, now: Timestamp) {
        while let Some(event) = state.session.as_mut().and_then(ClientSession::poll_event) {
            match event {
                session::ClientEvent::Result { id, body } => {
                    self.on_useful(state);
                    if let Some(call) = state.under_way.remove(&id) {
                        if self.line.hearing == Hearing::Updates {
                            self.line.config.tap.on_result(call.function, &body);
                        }
                        call.answer(Ok(body));
                    }
                }
                session::ClientEvent::Error { id, code, text } => {
                    if let Some(call) = state.under_way.remove(&id) {
                        self.on_rpc_error(state, call, RpcError::parse(code, &text));
                    }
                }
                session::ClientEvent::Update(body) => self.line.config.tap.on_push(body),
                session::ClientEvent::NewSession { .. }
                | session::ClientEvent::SessionReplaced(_) => {
                    self.line.config.tap.on_interruption();
                }
                session::ClientEvent::Failed { id, why } => {
                    if let Some(call) = state.under_way.remove(&id) {
                        call.answer(Err(InvokeError::GivenUp(reason(why))));
                    }
                }
                session::ClientEvent::SaltChanged(salt) => {
                    self.line.config.book.set_salt(self.line.config.dc, salt);
                }
                session::ClientEvent::LinkDead => {
                    self.end(LinkError::Closed("the server has fallen silent".to_owned()));
                }
                session::ClientEvent::Pong(_)
                | session::ClientEvent::SessionDestroyed(_)
                | session::ClientEvent::KeyDestroyed(_) => {}
            }
        }
        if state.under_way.is_empty() {
            self.idle_since = now;
        }
    }

    fn on_rpc_error(&mut self, state: &mut State, call: Call, error: RpcError) {
        // The server has lost what it knew about us; it is told again with the next request. What
        // was sent over an earlier link, before the loss, was right not to tell it.
        if error.is("CONNECTION_NOT_INITED") || error.is("CONNECTION_LAYER_INVALID") {
            if !call.is_introduced {
                self.introduced = false;
                return state.queue.push_front(call);
            }
        } else {
            self.on_useful(state);
        }
        call.answer(Err(error.into()));
    }

    fn on_useful(&mut self, state: &mut State) {
        self.introduced = true;
        state.accepted();
        self.verdict.lock().get_or_insert(Link::Useful);
        self.line.set_status(Status::Online);
    }

    fn end(&mut self, why: LinkError) {
        self.closing = true;
        *self.verdict.lock() = Some(Link::Useless(why));
    }

    fn is_idle(&self, state: &State) -> bool {
        self.line.hearing == Hearing::Nothing
            && state.queue.is_empty()
            && state.under_way.is_empty()
    }
}

impl Connection for Machine {
    fn handle_bytes(
        &mut self,
        now: Timestamp,
        bytes: &mut [u8],
        rng: &mut dyn Random,
    ) -> Result<(), Fault> {
        let line = Arc::clone(&self.line);
        let mut state = line.state.lock();
        let handled = self.link.handle_bytes(now, bytes, &state.key, rng);
        // What came before a fault is still true: a refusal is told in an event and a fault.
        self.on_link_events(&mut state, now, rng)?;
        self.admit(&mut state, now);
        if self.closing { Ok(()) } else { handled }
    }

    fn handle_wake(&mut self, now: Timestamp, _: &mut dyn Random) -> Result<(), Fault> {
        let line = Arc::clone(&self.line);
        let mut state = line.state.lock();
        state.cancel_abandoned();
        self.admit(&mut state, now);
        Ok(())
    }

    fn handle_timeout(&mut self, now: Timestamp, rng: &mut dyn Random) -> Result<(), Fault> {
        let line = Arc::clone(&self.line);
        let mut state = line.state.lock();
        self.link.handle_timeout(now);
        self.on_link_events(&mut state, now, rng)?;
        if let Some(session) = &mut state.session {
            session.handle_timeout(now);
        }
        self.on_session_events(&mut state, now);
        if self.is_idle(&state) && self.idle_since + IDLE_MAX <= now {
            self.closing = true;
        }
        Ok(())
    }

    fn poll_transmit(&mut self, now: Timestamp, rng: &mut dyn Random, out: &mut Vec<u8>) {
        let mut state = self.line.state.lock();
        let State { session, key, .. } = &mut *state;
        if let (Some(session), Some(key)) = (session, key) {
            while let Some(message) = session.poll_transmit(now) {
                self.link.send(rng, key, &message);
            }
        }
        self.link.poll_transmit(out);
    }

    fn poll_timeout(&self) -> Option<Timestamp> {
        let state = self.line.state.lock();
        let session = state.session.as_ref().and_then(ClientSession::poll_timeout);
        let idle = self.is_idle(&state).then(|| self.idle_since + IDLE_MAX);
        [self.link.poll_timeout(), session, idle].into_iter().flatten().min()
    }

    fn is_closing(&self) -> bool {
        self.closing
    }

    fn handle_closed(&mut self, _: Timestamp, why: &Closed) {
        tracing::debug!(%why, "link is gone");
        self.line.set_status(Status::Offline(why.to_string().into()));
    }
}

impl State {
    /// Takes a key into use; with another key than before begins another session.
    fn take_key(&mut self, stored: StoredKey, now: Timestamp, rng: &mut dyn Random) {
        let key = AuthKey::new(*stored.bytes);
        if self.key.as_ref().is_some_and(|known| **known == key) && self.session.is_some() {
            return;
        }
        self.forget_key();
        let mut id = [0; 8];
        rng.fill(&mut id);
        self.session = Some(ClientSession::new(
            now,
            SessionId(i64::from_le_bytes(id)),
            stored.salt,
            session::ClientLimits::DEFAULT,
        ));
        self.key = Some(Arc::new(key));
    }
}

fn server_time(now: Timestamp, offset_secs: i64) -> Timestamp {
    let offset = Duration::from_secs(offset_secs.unsigned_abs());
    if offset_secs < 0 { now - offset } else { now + offset }
}

fn reason(why: session::Failure) -> &'static str {
    match why {
        session::Failure::TimedOut => "the server did not answer in time",
        session::Failure::Refused(_) => "the server refused the message time and again",
    }
}

/// Transport error: the server does not know the key.
const KEY_UNKNOWN: i32 = -404;
/// Refusals in a row after which a key is given up.
const REFUSALS_MAX: u32 = 3;
/// How long a line for files stays up with nothing to do.
const IDLE_MAX: Duration = Duration::from_secs(30);
