//! What carries messages once a connection is open: frames in a stream, or HTTP.

use heliogram_crypto::Random;
use heliogram_ids::Timestamp;

use crate::Fault;
use crate::message::Trailer;
use crate::transport::{HttpEvent, HttpServer, QuickAck, Wire};

/// The two ways of a message over a connection.
#[derive(Debug)]
pub(super) enum Carrier {
    /// A stream of frames, whatever it lies in.
    Wire(Wire),
    /// Bodies of requests and responses. Boxed: few connections need it.
    Http(Box<HttpServer>),
}

impl Carrier {
    /// The same behind a WebSocket, where only an obfuscated stream may lie.
    pub(super) fn enclosed(self) -> Result<Self, Fault> {
        match self {
            Self::Wire(wire) => wire.enclosed().map(Self::Wire),
            Self::Http(_) => None,
        }
        .ok_or(Fault::Protocol("stream in a websocket that is not obfuscated"))
    }

    /// Removes the disguise from bytes that just arrived, in place and exactly once.
    pub(super) fn reveal(&mut self, bytes: &mut [u8]) {
        if let Self::Wire(wire) = self {
            wire.reveal(bytes);
        }
    }

    /// Takes revealed bytes from the front of `input` until something is complete.
    pub(super) fn next(
        &mut self,
        now: Timestamp,
        input: &mut &[u8],
        out: &mut Vec<u8>,
    ) -> Result<Option<HttpEvent>, Fault> {
        match self {
            Self::Wire(wire) => Ok(wire.next(input)?.map(HttpEvent::Received)),
            Self::Http(http) => http.next(now, input, out),
        }
    }

    /// Forgets the frame or body that was just announced.
    pub(super) fn discard(&mut self) {
        match self {
            Self::Wire(wire) => wire.discard(),
            Self::Http(http) => http.discard(),
        }
    }

    /// What may lie behind the last cipher block of a payload.
    pub(super) fn trailer(&self) -> Trailer {
        match self {
            Self::Wire(wire) => wire.trailer(),
            Self::Http(_) => Trailer::None,
        }
    }

    /// Sends a payload of `payload_len` bytes that `write` appends. Over HTTP it answers the
    /// oldest request; without one it is lost, and whoever sends it looks for one first.
    pub(super) fn send(
        &mut self,
        out: &mut Vec<u8>,
        payload_len: usize,
        rng: &mut dyn Random,
        write: impl FnOnce(&mut Vec<u8>, &mut dyn Random),
    ) {
        match self {
            Self::Wire(wire) => wire.send(out, payload_len, QuickAck::Unwanted, rng, write),
            Self::Http(http) => {
                let found = http.respond(out, payload_len, |out| write(out, rng));
                debug_assert!(found, "a request waits for what is sent");
            }
        }
    }

    /// Sends a payload in answer to what just arrived.
    pub(super) fn reply(&mut self, out: &mut Vec<u8>, payload: &[u8], rng: &mut dyn Random) {
        match self {
            Self::Wire(wire) => {
                wire.send(out, payload.len(), QuickAck::Unwanted, rng, |out, _| {
                    out.extend_from_slice(payload);
                });
            }
            Self::Http(http) => http.reply(out, payload),
        }
    }

    /// Sends a transport error in answer to what just arrived.
    pub(super) fn reply_error(&mut self, out: &mut Vec<u8>, code: i32) {
        match self {
            Self::Wire(wire) => wire.send_error(out, code),
            Self::Http(http) => http.reply_error(out, code),
        }
    }

    /// Bytes held back because what they belong to is incomplete.
    pub(super) fn buffered(&self) -> usize {
        match self {
            Self::Wire(wire) => wire.buffered(),
            Self::Http(http) => http.buffered(),
        }
    }
}
