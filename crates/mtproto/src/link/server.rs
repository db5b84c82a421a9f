//! The server's end of a connection.

use std::sync::Arc;
use std::time::Duration;

use heliogram_crypto::{AuthKey, Random, Side};
use heliogram_ids::{AuthKeyId, Salt, SessionId, Timestamp};

use super::carrier::Carrier;
use super::greeting::Greeting;
use super::output::Output;
use super::socket::Socket;
use super::unsealed::{SealedFrame, UnsealedFrame};
use super::{AuthKeys, ServerConfig};
use crate::Fault;
use crate::handshake::{Answered, Context, Exchanges, Labour, Lobby, Outcome, Refusal, Reply};
use crate::message::{self, Opened, Outgoing, plain};
use crate::queue::Queue;
use crate::transport::{HttpEvent, QuickAck, Received};

/// One client's connection, from its first byte to its last.
///
/// Most are streams, on which anything may be sent at any time. Over HTTP
/// ([`is_http`](Self::is_http)) every [`LinkEvent::Opened`] is a request that waits, and each
/// [`send`](Self::send) answers the oldest of them.
#[derive(Debug)]
pub struct ServerLink {
    /// The WebSocket that everything lies in. Boxed: few connections need it.
    socket: Option<Box<Socket>>,
    stage: Stage,
    core: Core,
}

/// What a client's connection gave rise to.
#[derive(Debug)]
pub enum LinkEvent {
    /// Private-key work for a handshake, if the link [defers](ServerLink::deferring) it. What
    /// comes of it is told to [`ServerLink::handle_outcome`], by and by.
    Labour(Box<Labour>),
    /// A message arrived, authentic but otherwise unchecked.
    Opened(Opened),
    /// A key was agreed upon. It must be known before anything is transmitted, for the client
    /// may use it as soon as it hears of it.
    KeyCreated {
        /// The key.
        auth_key: Arc<AuthKey>,
        /// Its first salt, valid at once.
        salt: Salt,
        /// Lifetime of a temporary key; `None` for a permanent one.
        expires_in: Option<Duration>,
        /// Data centre the client named, as it named it.
        dc: Option<i32>,
    },
}

#[derive(Debug)]
enum Stage {
    Greeting(Box<Greeting>),
    Open(Carrier),
}

/// Everything but the transport, so that both can be borrowed at once.
#[derive(Debug)]
struct Core {
    config: Arc<ServerConfig>,
    /// Present only while somebody shakes hands.
    exchanges: Option<Box<Exchanges>>,
    lobby: Arc<Lobby>,
    /// Whether costly steps of handshakes are handed out.
    defers: bool,
    /// Steps that are handed out and have not come back.
    labours: u8,
    plain_ids: plain::PlainIds,
    events: Queue<LinkEvent>,
    output: Output,
}

impl ServerLink {
    /// A connection on which nothing has been said.
    pub fn new(config: Arc<ServerConfig>) -> Self {
        Self::beside(config, Arc::default())
    }

    /// As [`new`](Self::new), beside others of the same lobby: over HTTP, a handshake may begin on
    /// one and end on another.
    pub fn beside(config: Arc<ServerConfig>, lobby: Arc<Lobby>) -> Self {
        Self {
            socket: None,
            stage: Stage::Greeting(Box::new(Greeting::new())),
            core: Core {
                config,
                exchanges: None,
                lobby,
                defers: false,
                labours: 0,
                plain_ids: plain::PlainIds::SERVER,
                events: Queue::new(),
                output: Output::default(),
            },
        }
    }

    /// The same, with the costly steps of handshakes handed out as [`LinkEvent::Labour`] instead
    /// of done where bytes are read.
    pub fn deferring(mut self) -> Self {
        self.core.defers = true;
        self
    }

    /// Goes on with a handshake whose costly step is done, or left undone.
    pub fn handle_outcome(&mut self, now: Timestamp, outcome: Outcome, rng: &mut dyn Random) {
        self.core.labours = self.core.labours.saturating_sub(1);
        if let Stage::Open(carrier) = &mut self.stage {
            self.core.finish(carrier, now, outcome, rng);
        }
    }

    /// Whether nothing more is to be read for now: over HTTP the response to a costly step is owed
    /// before anything else.
    pub fn is_busy(&self) -> bool {
        self.is_http() && self.core.labours > 0
    }

    /// Takes received bytes, which lose their disguise in place.
    ///
    /// # Errors
    /// The connection is to be closed without a word.
    pub fn handle_bytes(
        &mut self,
        now: Timestamp,
        bytes: &mut [u8],
        keys: &dyn AuthKeys,
        rng: &mut dyn Random,
    ) -> Result<(), Fault> {
        self.seal();
        let config = Arc::clone(&self.core.config);
        let cx = Context { now, config: &config, keys };
        let mut bytes = bytes;
        while self.socket.is_none() && !bytes.is_empty() {
            // All of it, unless the connection becomes a WebSocket on the way.
            let taken = self.handle_stream(bytes, &cx, rng)?;
            bytes = bytes.split_at_mut(taken).1;
        }
        while let Some(socket) = &mut self.socket
            && let Some(piece) = socket.next(&mut bytes, self.core.output.buffer())
        {
            self.handle_stream(piece, &cx, rng)?;
        }
        Ok(())
    }

    /// Takes bytes of the innermost stream; gives how many were its own.
    fn handle_stream(
        &mut self,
        bytes: &mut [u8],
        cx: &Context<'_>,
        rng: &mut dyn Random,
    ) -> Result<usize, Fault> {
        let len = bytes.len();
        let mut rest = bytes;
        if let Stage::Greeting(greeting) = &mut self.stage {
            let Some(mut greeted) = greeting.take(&mut rest, cx.config)? else { return Ok(len) };
            if self.socket.is_some() {
                greeted.carrier = greeted.carrier.enclosed()?;
            }
            let surplus = greeting.surplus(&greeted);
            self.core.handle_carried(&mut greeted.carrier, surplus, cx, rng)?;
            self.stage = Stage::Open(greeted.carrier);
        }
        let Stage::Open(carrier) = &mut self.stage else { return Ok(len) };
        let carried = self.core.handle_carried(carrier, rest, cx, rng)?;
        if let Carried::Upgraded { rest } = carried {
            self.socket = Some(Box::default());
            self.stage = Stage::Greeting(Box::new(Greeting::new()));
            return Ok(len - rest);
        }
        Ok(len)
    }

    /// Forgets handshakes that took too long.
    pub fn handle_timeout(&mut self, now: Timestamp) {
        if let Stage::Open(Carrier::Http(http)) = &mut self.stage {
            http.handle_timeout(now, self.core.output.buffer());
        }
        if let Some(exchanges) = &mut self.core.exchanges {
            exchanges.handle_timeout(now);
            if exchanges.is_empty() {
                self.core.exchanges = None;
            }
        }
    }

    /// When [`Self::handle_timeout`] has something to do next.
    pub fn poll_timeout(&self) -> Option<Timestamp> {
        let http = match &self.stage {
            Stage::Open(Carrier::Http(http)) => http.poll_timeout(),
            _ => None,
        };
        let exchanges = self.core.exchanges.as_ref().and_then(|exchanges| exchanges.poll_timeout());
        http.into_iter().chain(exchanges).min()
    }

    /// The next thing that happened.
    pub fn poll_event(&mut self) -> Option<LinkEvent> {
        self.core.events.pop_front()
    }

    /// Seals a message under `key` and queues it; a long one is sealed later, with others.
    ///
    /// Nothing is queued before the client has shown what it speaks, which it did if it ever sent
    /// a message.
    pub fn send(&mut self, rng: &mut dyn Random, key: &Arc<AuthKey>, message: &Outgoing) {
        let Stage::Open(carrier) = &mut self.stage else { return };
        let len = message::sealed_len(message.body.len());
        let output = &mut self.core.output;
        match carrier {
            Carrier::Wire(wire) if output.defers(len) => {
                output.defer(UnsealedFrame::new(wire, key, Side::Server, message, rng));
            }
            _ => carrier.send(output.buffer(), len, rng, |out, rng| {
                message::seal(out, key, Side::Server, message, rng);
            }),
        }
    }

    /// Queues the answer to a wish for a quick acknowledgement: the token of [`Opened`]. HTTP
    /// knows no such wish.
    pub fn send_quick_ack(&mut self, token: u32) {
        self.seal();
        if let Stage::Open(Carrier::Wire(wire)) = &mut self.stage {
            wire.send_quick_ack(self.core.output.buffer(), token);
        }
    }

    /// Queues a transport error, a negative HTTP-like code.
    pub fn send_error(&mut self, code: i32) {
        self.seal();
        if let Stage::Open(carrier) = &mut self.stage {
            carrier.reply_error(self.core.output.buffer(), code);
        }
    }

    /// Whether something can be sent only in answer to a request, once for each.
    pub fn is_http(&self) -> bool {
        matches!(self.stage, Stage::Open(Carrier::Http(_)))
    }

    /// Whether a response is ready and waits for an older request to be answered first.
    pub fn is_blocked(&self) -> bool {
        matches!(&self.stage, Stage::Open(Carrier::Http(http)) if http.is_blocked())
    }

    /// Whether the connection is to end once everything queued is written.
    pub fn is_closing(&self) -> bool {
        match &self.stage {
            Stage::Open(Carrier::Http(http)) => http.is_closing(),
            _ => self.socket.as_ref().is_some_and(|socket| socket.is_closing()),
        }
    }

    /// Moves what is to be written to the end of `out`; false if there is nothing.
    ///
    /// An empty `out` may come back as another buffer.
    pub fn poll_transmit(&mut self, out: &mut Vec<u8>) -> bool {
        self.seal();
        self.core.output.drain_into(out)
    }

    /// As [`poll_transmit`](Self::poll_transmit), up to the first message that was not sealed yet.
    pub fn poll_transmit_sealed(&mut self, out: &mut Vec<u8>) -> bool {
        self.core.output.drain_into(out)
    }

    /// What [`poll_transmit_sealed`](Self::poll_transmit_sealed) left, to be sealed with that of
    /// other links by [`seal_frames`](super::seal_frames).
    ///
    /// All of it comes back by [`handle_sealed`](Self::handle_sealed), in this order, before
    /// anything else is asked of this link: what it sends has an order.
    pub fn poll_unsealed(&mut self) -> Vec<UnsealedFrame> {
        self.core.output.lend()
    }

    /// Takes back what [`poll_unsealed`](Self::poll_unsealed) gave.
    pub fn handle_sealed(&mut self, frames: Vec<SealedFrame>) {
        if let Stage::Open(Carrier::Wire(wire)) = &mut self.stage {
            self.core.output.take_back(wire, frames);
        }
    }

    /// Bytes that are queued and were not moved yet.
    pub fn queued_bytes(&self) -> usize {
        self.core.output.len()
    }

    fn seal(&mut self) {
        if let Stage::Open(Carrier::Wire(wire)) = &mut self.stage {
            self.core.output.seal(wire);
        }
    }

    /// Bytes held back because their frame is incomplete.
    pub fn buffered(&self) -> usize {
        match &self.stage {
            Stage::Greeting(_) => 0,
            Stage::Open(carrier) => carrier.buffered(),
        }
    }
}

impl Core {
    fn handle_carried(
        &mut self,
        carrier: &mut Carrier,
        bytes: &mut [u8],
        cx: &Context<'_>,
        rng: &mut dyn Random,
    ) -> Result<Carried, Fault> {
        carrier.reveal(bytes);
        let mut bytes: &[u8] = bytes;
        loop {
            // Over HTTP the next step follows from the answer, and nothing is asked meanwhile.
            if self.labours > 0 && matches!(carrier, Carrier::Http(_)) && !bytes.is_empty() {
                return Err(Fault::Protocol("request behind a step of a handshake"));
            }
            let event = carrier.next(cx.now, &mut bytes, self.output.buffer())?;
            let Some(event) = event else { return Ok(Carried::All) };
            match event {
                HttpEvent::Upgraded => return Ok(Carried::Upgraded { rest: bytes.len() }),
                HttpEvent::Received(Received::Payload { payload, quick_ack }) => {
                    self.on_payload(carrier, payload, quick_ack, cx, rng)?;
                }
                HttpEvent::Received(Received::Announced { auth_key_id, len }) => {
                    self.on_announced(carrier, auth_key_id, len, cx)?;
                }
                // Only servers send these; a decoder of a client's bytes makes none.
                HttpEvent::Received(Received::QuickAck(_) | Received::Error(_)) => {}
            }
        }
    }

    /// Decides whether a long frame is worth its memory.
    fn on_announced(
        &mut self,
        carrier: &mut Carrier,
        auth_key_id: i64,
        len: usize,
        cx: &Context<'_>,
    ) -> Result<(), Fault> {
        if auth_key_id == 0 {
            return Err(Fault::FrameLong {
                found: len,
                limit: cx.config.limits.stranger_bytes_max,
            });
        }
        let auth_key_id = AuthKeyId(auth_key_id);
        if cx.keys.auth_key(auth_key_id).is_none() {
            carrier.discard();
            self.refuse(carrier, Refusal::NotFound);
            return Ok(());
        }
        let limit = cx.keys.frame_bytes_max(auth_key_id);
        if len > limit { Err(Fault::FrameLong { found: len, limit }) } else { Ok(()) }
    }

    fn on_payload(
        &mut self,
        carrier: &mut Carrier,
        payload: Vec<u8>,
        quick_ack: QuickAck,
        cx: &Context<'_>,
        rng: &mut dyn Random,
    ) -> Result<(), Fault> {
        let auth_key_id = payload.first_chunk().ok_or(Fault::FrameLength(payload.len()))?;
        let auth_key_id = AuthKeyId(i64::from_le_bytes(*auth_key_id));
        if auth_key_id == AuthKeyId(0) {
            self.on_plain(carrier, payload, cx, rng);
            return Ok(());
        }
        let Some(key) = cx.keys.auth_key(auth_key_id) else {
            self.refuse(carrier, Refusal::NotFound);
            return Ok(());
        };
        let mut opened = message::open(payload, &key, Side::Client, carrier.trailer())?;
        if opened.session_id == SessionId(0) {
            return Err(Fault::Session);
        }
        opened.quick_ack = opened.quick_ack.filter(|_| quick_ack.is_wanted());
        self.events.push_back(LinkEvent::Opened(opened));
        Ok(())
    }

    /// Answers a step of a handshake, legal at any time, also between encrypted messages.
    fn on_plain(
        &mut self,
        carrier: &mut Carrier,
        payload: Vec<u8>,
        cx: &Context<'_>,
        rng: &mut dyn Random,
    ) {
        let exchanges = self.exchanges.get_or_insert_with(|| Box::new(Exchanges::new(cx.now)));
        let body = plain::open(payload).map_err(|_| Refusal::NotFound);
        let is_http = matches!(carrier, Carrier::Http(_));
        if let (true, Ok(body)) = (is_http, &body) {
            self.lobby.fetch(body, exchanges);
        }
        let answered = body.and_then(|body| exchanges.handle_question(&body, cx, rng));
        if is_http {
            self.lobby.bring(cx.now, exchanges);
        }
        match answered {
            Ok(Answered::Now(reply)) => self.reply(carrier, reply, cx.now, rng),
            Ok(Answered::Work(labour)) if self.defers => {
                self.labours = self.labours.saturating_add(1);
                self.events.push_back(LinkEvent::Labour(labour));
            }
            Ok(Answered::Work(labour)) => {
                let outcome = labour.run(cx.now, cx.config, cx.keys, rng);
                self.finish(carrier, cx.now, outcome, rng);
            }
            // The answer will come; but every request of HTTP is owed one of its own.
            Ok(Answered::Awaited) if !is_http => {}
            Ok(Answered::Awaited) => self.refuse(carrier, Refusal::NotFound),
            Err(refusal) => self.refuse(carrier, refusal),
        }
    }

    /// Answers a step of a handshake whose work is done.
    fn finish(
        &mut self,
        carrier: &mut Carrier,
        now: Timestamp,
        outcome: Outcome,
        rng: &mut dyn Random,
    ) {
        let exchanges = self.exchanges.get_or_insert_with(|| Box::new(Exchanges::new(now)));
        let is_http = matches!(carrier, Carrier::Http(_));
        if is_http {
            self.lobby.fetch_named(&outcome.names(), exchanges);
        }
        let finished = exchanges.finish(outcome);
        if is_http {
            self.lobby.bring(now, exchanges);
        }
        match finished {
            Ok(reply) => self.reply(carrier, reply, now, rng),
            Err(refusal) => self.refuse(carrier, refusal),
        }
    }

    fn reply(&mut self, carrier: &mut Carrier, reply: Reply, now: Timestamp, rng: &mut dyn Random) {
        if let Some(created) = reply.created {
            self.events.push_back(LinkEvent::KeyCreated {
                auth_key: created.auth_key,
                salt: created.salt,
                expires_in: created.expires_in,
                dc: created.dc,
            });
        }
        let mut payload = Vec::with_capacity(plain::HEAD_BYTES + reply.body.len());
        plain::seal(&mut payload, self.plain_ids.next(now), &reply.body);
        carrier.reply(self.output.buffer(), &payload, rng);
    }

    fn refuse(&mut self, carrier: &mut Carrier, refusal: Refusal) {
        carrier.reply_error(self.output.buffer(), refusal.code());
    }
}

/// How far the bytes of a stream got.
enum Carried {
    All,
    /// The last `rest` of them are a WebSocket's.
    Upgraded {
        rest: usize,
    },
}
