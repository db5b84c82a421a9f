//! One connection's transport: both halves of the framing and, perhaps, the disguise.

use heliogram_crypto::{Random, Side};

use super::decode::{Decoder, FrameLimits, Received};
use super::encode::Encoder;
use super::{Framing, Obfuscation, QuickAck, websocket};
use crate::Fault;
use crate::message::Trailer;

/// A transport whose framing is known.
#[derive(Debug)]
pub(crate) struct Wire {
    decoder: Decoder,
    encoder: Encoder,
    /// Boxed: two key schedules weigh more than the rest of a plain link.
    obfuscation: Option<Box<Obfuscation>>,
    /// Whether each frame leaves as a message of a WebSocket.
    is_enclosed: bool,
}

impl Wire {
    /// The end of the wire at which `side` sits. Frames above `frame_bytes_max` are a fault,
    /// those above `unannounced_bytes_max` are announced.
    pub(crate) fn new(
        framing: Framing,
        obfuscation: Option<Obfuscation>,
        side: Side,
        frame_bytes_max: usize,
        unannounced_bytes_max: usize,
    ) -> Self {
        let peer = match side {
            Side::Client => Side::Server,
            Side::Server => Side::Client,
        };
        let limits = FrameLimits { bytes_max: frame_bytes_max, unannounced_bytes_max };
        Self {
            decoder: Decoder::new(framing, peer, limits),
            encoder: Encoder::new(framing, side),
            obfuscation: obfuscation.map(Box::new),
            is_enclosed: false,
        }
    }

    /// The same behind a WebSocket; `None` if it is not obfuscated, which it must be there.
    // Spec: mtproto/transports#websocket
    pub(crate) fn enclosed(self) -> Option<Self> {
        self.obfuscation.is_some().then_some(Self { is_enclosed: true, ..self })
    }

    /// What may lie behind the last cipher block of a payload.
    pub(crate) fn trailer(&self) -> Trailer {
        match self.decoder.framing() {
            Framing::Padded => Trailer::Random,
            Framing::Abridged | Framing::Intermediate | Framing::Full => Trailer::None,
        }
    }

    /// Removes the disguise from bytes that just arrived, in place and exactly once.
    pub(crate) fn reveal(&mut self, bytes: &mut [u8]) {
        if let Some(obfuscation) = &mut self.obfuscation {
            obfuscation.reveal(bytes);
        }
    }

    /// Takes revealed bytes from the front of `input` until something is complete.
    pub(crate) fn next(&mut self, input: &mut &[u8]) -> Result<Option<Received>, Fault> {
        self.decoder.next(input)
    }

    /// Forgets the frame that was just announced.
    pub(crate) fn discard(&mut self) {
        self.decoder.discard();
    }

    /// Bytes held back because their frame is incomplete.
    pub(crate) fn buffered(&self) -> usize {
        self.decoder.buffered()
    }

    /// Appends a frame around the payload of `payload_len` bytes that `write` appends.
    pub(crate) fn send<T>(
        &mut self,
        out: &mut Vec<u8>,
        payload_len: usize,
        quick_ack: QuickAck,
        rng: &mut dyn Random,
        write: impl FnOnce(&mut Vec<u8>, &mut dyn Random) -> T,
    ) -> T {
        let start = out.len();
        let written = self.frame(out, payload_len, quick_ack, rng, write);
        self.finish(out, start);
        written
    }

    /// As [`send`](Self::send), but the payload may still change, where it lies, until
    /// [`finish`](Self::finish). Frames are finished in the order in which they were begun, and
    /// nothing else is sent in between.
    pub(crate) fn frame<T>(
        &mut self,
        out: &mut Vec<u8>,
        payload_len: usize,
        quick_ack: QuickAck,
        rng: &mut dyn Random,
        write: impl FnOnce(&mut Vec<u8>, &mut dyn Random) -> T,
    ) -> T {
        self.encoder.frame(out, payload_len, quick_ack, rng, write)
    }

    /// Makes a frame that begins at `start` and ends the buffer fit to be sent.
    pub(crate) fn finish(&mut self, out: &mut Vec<u8>, start: usize) {
        self.encoder.finish(out, start);
        self.wrap(out, start);
    }

    /// Appends a transport error.
    pub(crate) fn send_error(&mut self, out: &mut Vec<u8>, code: i32) {
        let start = out.len();
        self.encoder.error(out, code);
        self.wrap(out, start);
    }

    /// Appends a quick acknowledgement.
    pub(crate) fn send_quick_ack(&mut self, out: &mut Vec<u8>, token: u32) {
        let start = out.len();
        self.encoder.quick_ack(out, token);
        self.wrap(out, start);
    }

    /// Disguises and encloses what was appended from `start` on.
    fn wrap(&mut self, out: &mut Vec<u8>, start: usize) {
        if let Some(obfuscation) = &mut self.obfuscation {
            obfuscation.disguise(out.get_mut(start..).unwrap_or_default());
        }
        if self.is_enclosed && out.len() > start {
            websocket::enclose(out, start);
        }
    }
}
