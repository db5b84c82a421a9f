//! The client's end of a connection.

use std::collections::VecDeque;
use std::sync::Arc;

use heliogram_crypto::{AuthKey, Random, Side};
use heliogram_ids::{AuthKeyId, Timestamp};

use super::output::Output;
use super::unsealed::UnsealedFrame;
use super::{AuthKeys, ClientConfig, ClientTransport, LinkLimits};
use crate::Fault;
use crate::handshake::{self, Handshake, HandshakeConfig, HandshakeError, Progress, Ready};
use crate::message::{self, Opened, Outgoing, plain};
use crate::transport::{Obfuscation, QuickAck, Received, Wire};

/// A connection to a server, from its first byte to its last.
#[derive(Debug)]
pub struct ClientLink {
    wire: Wire,
    limits: LinkLimits,
    handshake: Option<(Handshake, Timestamp)>,
    plain_ids: plain::PlainIds,
    events: VecDeque<ClientEvent>,
    output: Output,
}

/// What a server's bytes gave rise to.
#[derive(Debug)]
pub enum ClientEvent {
    /// A message arrived, authentic but otherwise unchecked.
    Opened(Opened),
    /// The handshake is done.
    KeyReady(Ready),
    /// The handshake failed; the connection is better closed.
    HandshakeFailed(HandshakeError),
    /// The server received the message whose sending returned this token.
    QuickAck(u32),
    /// The server refused something: −404 unknown key, −429 too many connections, −444 wrong data
    /// centre, others after HTTP.
    TransportError(i32),
}

impl ClientLink {
    /// A fresh connection; what a server must hear first is queued.
    pub fn new(config: &ClientConfig, rng: &mut dyn Random) -> Self {
        let limits = config.limits;
        let mut output = Output::default();
        let (framing, obfuscation) = match config.transport {
            ClientTransport::Plain(framing) => {
                output.buffer().extend_from_slice(framing.preamble());
                (framing, None)
            }
            ClientTransport::Obfuscated(disguise) => {
                let secret = disguise.secret.as_ref();
                let (obfuscation, preamble) =
                    Obfuscation::start(disguise.tag, disguise.dc, secret, rng);
                output.buffer().extend_from_slice(&preamble);
                (disguise.framing, Some(obfuscation))
            }
        };
        // The server chose us as little as we chose its answers' lengths: nothing to announce.
        let frame_bytes_max = limits.frame_bytes_max;
        Self {
            wire: Wire::new(framing, obfuscation, Side::Client, frame_bytes_max, frame_bytes_max),
            limits,
            handshake: None,
            plain_ids: plain::PlainIds::CLIENT,
            events: VecDeque::new(),
            output,
        }
    }

    /// Begins to make a key; one that was under way is given up.
    pub fn start_handshake(
        &mut self,
        now: Timestamp,
        config: HandshakeConfig,
        rng: &mut dyn Random,
    ) {
        let (question, handshake) = handshake::begin(config, rng);
        self.handshake = Some((handshake, now + self.limits.handshake_timeout));
        self.ask(now, &question, rng);
    }

    /// Takes received bytes, which lose their disguise in place.
    ///
    /// # Errors
    /// The connection is to be closed, once the events that came before are polled.
    pub fn handle_bytes(
        &mut self,
        now: Timestamp,
        bytes: &mut [u8],
        keys: &dyn AuthKeys,
        rng: &mut dyn Random,
    ) -> Result<(), Fault> {
        self.wire.reveal(bytes);
        let mut bytes: &[u8] = bytes;
        while let Some(received) = self.wire.next(&mut bytes)? {
            match received {
                Received::Payload { payload, .. } if payload.len() < CONTROL_BYTES_MAX => {
                    self.on_control(&payload);
                }
                Received::Payload { payload, .. } => self.on_payload(payload, now, keys, rng)?,
                Received::QuickAck(token) => self.events.push_back(ClientEvent::QuickAck(token)),
                Received::Error(code) => {
                    self.on_error(code);
                    return Err(Fault::Protocol("error in place of a frame"));
                }
                Received::Announced { .. } => {}
            }
        }
        Ok(())
    }

    /// Gives up a handshake that takes too long.
    pub fn handle_timeout(&mut self, now: Timestamp) {
        if self.handshake.as_ref().is_some_and(|(_, deadline)| *deadline <= now) {
            self.handshake = None;
            self.events.push_back(ClientEvent::HandshakeFailed(HandshakeError::Timeout));
        }
    }

    /// When [`Self::handle_timeout`] has something to do next.
    pub fn poll_timeout(&self) -> Option<Timestamp> {
        self.handshake.as_ref().map(|(_, deadline)| *deadline)
    }

    /// The next thing that happened.
    pub fn poll_event(&mut self) -> Option<ClientEvent> {
        self.events.pop_front()
    }

    /// Seals a message under `key` and queues it; long ones are sealed together.
    pub fn send(&mut self, rng: &mut dyn Random, key: &Arc<AuthKey>, message: &Outgoing) {
        if self.output.defers(message::sealed_len(message.body.len())) {
            let frame = UnsealedFrame::new(&mut self.wire, key, Side::Client, message, rng);
            self.output.defer(frame);
        } else {
            self.seal(rng, key, message, QuickAck::Unwanted);
        }
    }

    /// Like [`Self::send`], and asks the server to say at once that it arrived.
    ///
    /// Returns the token it will say it with. The full transport cannot ask.
    pub fn send_for_quick_ack(
        &mut self,
        rng: &mut dyn Random,
        key: &AuthKey,
        message: &Outgoing,
    ) -> u32 {
        self.seal(rng, key, message, QuickAck::Wanted)
    }

    /// Moves what is to be written to the end of `out`; false if there is nothing.
    ///
    /// An empty `out` may come back as another buffer.
    pub fn poll_transmit(&mut self, out: &mut Vec<u8>) -> bool {
        self.output.seal(&mut self.wire);
        self.output.drain_into(out)
    }

    fn seal(
        &mut self,
        rng: &mut dyn Random,
        key: &AuthKey,
        message: &Outgoing,
        quick_ack: QuickAck,
    ) -> u32 {
        self.output.seal(&mut self.wire);
        let len = message::sealed_len(message.body.len());
        self.wire.send(self.output.buffer(), len, quick_ack, rng, |out, rng| {
            message::seal(out, key, Side::Client, message, rng)
        })
    }

    fn ask(&mut self, now: Timestamp, question: &[u8], rng: &mut dyn Random) {
        self.output.seal(&mut self.wire);
        let msg_id = self.plain_ids.next(now);
        let len = plain::HEAD_BYTES + question.len();
        self.wire.send(self.output.buffer(), len, QuickAck::Unwanted, rng, |out, _| {
            plain::seal(out, msg_id, question);
        });
    }

    /// Takes a frame too short for a message.
    fn on_control(&mut self, payload: &[u8]) {
        let Some((code, rest)) = payload.split_first_chunk() else { return };
        match (i32::from_le_bytes(*code), rest.first_chunk()) {
            // A sign of life.
            (0, _) => {}
            // How the padded transport acknowledges quickly.
            (-1, Some(token)) => {
                self.events.push_back(ClientEvent::QuickAck(u32::from_le_bytes(*token)));
            }
            (code, _) => self.on_error(code),
        }
    }

    fn on_error(&mut self, code: i32) {
        self.events.push_back(match self.handshake.take() {
            Some(_) => ClientEvent::HandshakeFailed(HandshakeError::Refused(code)),
            None => ClientEvent::TransportError(code),
        });
    }

    fn on_payload(
        &mut self,
        payload: Vec<u8>,
        now: Timestamp,
        keys: &dyn AuthKeys,
        rng: &mut dyn Random,
    ) -> Result<(), Fault> {
        let auth_key_id = payload.first_chunk().ok_or(Fault::FrameLength(payload.len()))?;
        let auth_key_id = AuthKeyId(i64::from_le_bytes(*auth_key_id));
        if auth_key_id == AuthKeyId(0) {
            return self.on_plain(payload, now, rng);
        }
        let key = keys.auth_key(auth_key_id).ok_or(Fault::AuthKey)?;
        let mut opened = message::open(payload, &key, Side::Server, self.wire.trailer())?;
        opened.quick_ack = None;
        self.events.push_back(ClientEvent::Opened(opened));
        Ok(())
    }

    /// Takes an answer of the handshake; one that nobody waits for any more is ignored.
    fn on_plain(
        &mut self,
        payload: Vec<u8>,
        now: Timestamp,
        rng: &mut dyn Random,
    ) -> Result<(), Fault> {
        let body = plain::open(payload)?;
        let Some((handshake, deadline)) = self.handshake.take() else { return Ok(()) };
        match handshake.on_answer(&body, now, rng) {
            Ok(Progress::Ask(question, next)) => {
                self.handshake = Some((next, deadline));
                self.ask(now, &question, rng);
            }
            Ok(Progress::Done(ready)) => self.events.push_back(ClientEvent::KeyReady(ready)),
            Err(error) => self.events.push_back(ClientEvent::HandshakeFailed(error)),
        }
        Ok(())
    }
}

/// Shorter payloads are no messages but errors, signs of life and quick acknowledgements.
// Seen: tdlib 2026-07 draws the line here.
const CONTROL_BYTES_MAX: usize = 16;
