//! The server's end of a connection.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;

use heliogram_crypto::{AuthKey, Random, Side};
use heliogram_ids::{AuthKeyId, Salt, SessionId, Timestamp};

use super::greeting::Greeting;
use super::output::Output;
use super::{AuthKeys, ServerConfig};
use crate::Fault;
use crate::handshake::{Context, Exchanges, Refusal, Reply};
use crate::message::{self, Opened, Outgoing, plain};
use crate::transport::{QuickAck, Received, Wire};

/// One client's connection, from its first byte to its last.
#[derive(Debug)]
pub struct ServerLink {
    stage: Stage,
    core: Core,
}

/// What a client's connection gave rise to.
#[derive(Debug)]
pub enum LinkEvent {
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
    Open(Wire),
}

/// Everything but the transport, so that both can be borrowed at once.
#[derive(Debug)]
struct Core {
    config: Arc<ServerConfig>,
    /// Present only while somebody shakes hands.
    exchanges: Option<Box<Exchanges>>,
    plain_ids: plain::PlainIds,
    events: VecDeque<LinkEvent>,
    output: Output,
}

impl ServerLink {
    /// A connection on which nothing has been said.
    pub fn new(config: Arc<ServerConfig>) -> Self {
        Self {
            stage: Stage::Greeting(Box::new(Greeting::new())),
            core: Core {
                config,
                exchanges: None,
                plain_ids: plain::PlainIds::SERVER,
                events: VecDeque::new(),
                output: Output::default(),
            },
        }
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
        let config = Arc::clone(&self.core.config);
        let cx = Context { now, config: &config, keys };
        let mut bytes = bytes;
        if let Stage::Greeting(greeting) = &mut self.stage {
            let Some(mut greeted) = greeting.take(&mut bytes, &config)? else { return Ok(()) };
            let surplus = greeting.surplus(&greeted);
            self.core.handle_revealed(&mut greeted.wire, surplus, &cx, rng)?;
            self.stage = Stage::Open(greeted.wire);
        }
        let Stage::Open(wire) = &mut self.stage else { return Ok(()) };
        wire.reveal(bytes);
        self.core.handle_revealed(wire, bytes, &cx, rng)
    }

    /// Forgets handshakes that took too long.
    pub fn handle_timeout(&mut self, now: Timestamp) {
        if let Some(exchanges) = &mut self.core.exchanges {
            exchanges.handle_timeout(now);
            if exchanges.is_empty() {
                self.core.exchanges = None;
            }
        }
    }

    /// When [`Self::handle_timeout`] has something to do next.
    pub fn poll_timeout(&self) -> Option<Timestamp> {
        self.core.exchanges.as_ref()?.poll_timeout()
    }

    /// The next thing that happened.
    pub fn poll_event(&mut self) -> Option<LinkEvent> {
        self.core.events.pop_front()
    }

    /// Seals a message under `key` and queues it.
    ///
    /// Nothing is queued before the client has shown what it speaks, which it did if it ever sent
    /// a message.
    pub fn send(&mut self, rng: &mut dyn Random, key: &AuthKey, message: &Outgoing) {
        if let Stage::Open(wire) = &mut self.stage {
            let len = message::sealed_len(message.body.len());
            let out = self.core.output.buffer();
            wire.send(out, len, QuickAck::Unwanted, rng, |out, rng| {
                message::seal(out, key, Side::Server, message, rng)
            });
        }
    }

    /// Queues the answer to a wish for a quick acknowledgement: the token of [`Opened`].
    pub fn send_quick_ack(&mut self, token: u32) {
        if let Stage::Open(wire) = &mut self.stage {
            wire.send_quick_ack(self.core.output.buffer(), token);
        }
    }

    /// Queues a transport error, a negative HTTP-like code.
    pub fn send_error(&mut self, code: i32) {
        if let Stage::Open(wire) = &mut self.stage {
            wire.send_error(self.core.output.buffer(), code);
        }
    }

    /// Moves what is to be written to the end of `out`; false if there is nothing.
    ///
    /// An empty `out` may come back as another buffer.
    pub fn poll_transmit(&mut self, out: &mut Vec<u8>) -> bool {
        self.core.output.drain_into(out)
    }

    /// Bytes held back because their frame is incomplete.
    pub fn buffered(&self) -> usize {
        match &self.stage {
            Stage::Greeting(_) => 0,
            Stage::Open(wire) => wire.buffered(),
        }
    }
}

impl Core {
    fn handle_revealed(
        &mut self,
        wire: &mut Wire,
        mut bytes: &[u8],
        cx: &Context<'_>,
        rng: &mut dyn Random,
    ) -> Result<(), Fault> {
        while let Some(received) = wire.next(&mut bytes)? {
            match received {
                Received::Payload { payload, quick_ack } => {
                    self.on_payload(wire, payload, quick_ack, cx, rng)?;
                }
                Received::Announced { auth_key_id, len } => {
                    self.on_announced(wire, auth_key_id, len, cx)?;
                }
                // Only servers send these; a decoder of a client's bytes makes none.
                Received::QuickAck(_) | Received::Error(_) => {}
            }
        }
        Ok(())
    }

    /// Decides whether a long frame is worth its memory.
    fn on_announced(
        &mut self,
        wire: &mut Wire,
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
        if cx.keys.auth_key(AuthKeyId(auth_key_id)).is_none() {
            wire.discard();
            self.refuse(wire, Refusal::NotFound);
        }
        Ok(())
    }

    fn on_payload(
        &mut self,
        wire: &mut Wire,
        payload: Vec<u8>,
        quick_ack: QuickAck,
        cx: &Context<'_>,
        rng: &mut dyn Random,
    ) -> Result<(), Fault> {
        let auth_key_id = payload.first_chunk().ok_or(Fault::FrameLength(payload.len()))?;
        let auth_key_id = AuthKeyId(i64::from_le_bytes(*auth_key_id));
        if auth_key_id == AuthKeyId(0) {
            self.on_plain(wire, payload, cx, rng);
            return Ok(());
        }
        let Some(key) = cx.keys.auth_key(auth_key_id) else {
            self.refuse(wire, Refusal::NotFound);
            return Ok(());
        };
        let mut opened = message::open(payload, &key, Side::Client, wire.trailer())?;
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
        wire: &mut Wire,
        payload: Vec<u8>,
        cx: &Context<'_>,
        rng: &mut dyn Random,
    ) {
        let exchanges = self.exchanges.get_or_insert_with(|| Box::new(Exchanges::new(cx.now)));
        let body = plain::open(payload).map_err(|_| Refusal::NotFound);
        match body.and_then(|body| exchanges.handle_question(&body, cx, rng)) {
            Ok(reply) => self.reply(wire, reply, cx.now, rng),
            Err(refusal) => self.refuse(wire, refusal),
        }
    }

    fn reply(&mut self, wire: &mut Wire, reply: Reply, now: Timestamp, rng: &mut dyn Random) {
        if let Some(created) = reply.created {
            self.events.push_back(LinkEvent::KeyCreated {
                auth_key: created.auth_key,
                salt: created.salt,
                expires_in: created.expires_in,
                dc: created.dc,
            });
        }
        let msg_id = self.plain_ids.next(now);
        let len = plain::HEAD_BYTES + reply.body.len();
        let out = self.output.buffer();
        wire.send(out, len, QuickAck::Unwanted, rng, |out, _| {
            plain::seal(out, msg_id, &reply.body);
        });
    }

    fn refuse(&mut self, wire: &mut Wire, refusal: Refusal) {
        wire.send_error(self.output.buffer(), refusal.code());
    }
}
