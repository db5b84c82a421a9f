//! Putting payloads into frames, straight in the buffer they are sent from.

use heliogram_crypto::{Random, Side};

use super::framing::QuickAck;
use super::{Framing, abridged, full, intermediate, padded};

/// The sending half of a transport.
#[derive(Debug)]
pub(super) struct Encoder {
    framing: Framing,
    from: Side,
    /// Frames sent so far, which the full transport counts.
    frames: u32,
}

impl Encoder {
    pub(super) const fn new(framing: Framing, from: Side) -> Self {
        Self { framing, from, frames: 0 }
    }

    /// Appends a frame whose payload, of exactly `payload_len` bytes, is appended by `write`.
    ///
    /// It is whole once [`finish`](Self::finish) has seen it, and the payload may change until then.
    pub(super) fn frame<T>(
        &mut self,
        out: &mut Vec<u8>,
        payload_len: usize,
        quick_ack: QuickAck,
        rng: &mut dyn Random,
        write: impl FnOnce(&mut Vec<u8>, &mut dyn Random) -> T,
    ) -> T {
        let padding_len = match self.framing {
            Framing::Padded => padded::padding_len(self.from, rng),
            Framing::Abridged | Framing::Intermediate | Framing::Full => 0,
        };
        out.reserve(payload_len + OVERHEAD_MAX);
        self.encode_head(out, payload_len + padding_len, quick_ack);
        let head_end = out.len();
        let written = write(out, rng);
        debug_assert_eq!(out.len() - head_end, payload_len, "the head announced the length");
        if padding_len > 0 {
            let padding = out.len();
            out.resize(padding + padding_len, 0);
            rng.fill(out.get_mut(padding..).unwrap_or_default());
        }
        written
    }

    /// Appends what depends on all that the frame holds, which begins at `start`.
    pub(super) fn finish(&self, out: &mut Vec<u8>, start: usize) {
        if self.framing == Framing::Full {
            full::encode_tail(out, start);
        }
    }

    /// Appends a transport error: a frame of four bytes, never padded.
    // Seen: mtcute, mtkruto, pyrogram, gotd know an error by its length of exactly four bytes.
    pub(super) fn error(&mut self, out: &mut Vec<u8>, code: i32) {
        let start = out.len();
        self.encode_head(out, 4, QuickAck::Unwanted);
        out.extend_from_slice(&code.to_le_bytes());
        self.finish(out, start);
    }

    /// Appends a quick acknowledgement; the full transport has none.
    pub(super) fn quick_ack(&self, out: &mut Vec<u8>, token: u32) {
        match self.framing {
            Framing::Abridged => abridged::encode_quick_ack(out, token),
            Framing::Intermediate => intermediate::encode_quick_ack(out, token),
            Framing::Padded => padded::encode_quick_ack(out, token),
            Framing::Full => {}
        }
    }

    fn encode_head(&mut self, out: &mut Vec<u8>, content_len: usize, quick_ack: QuickAck) {
        match self.framing {
            Framing::Abridged => abridged::encode_head(out, content_len, quick_ack),
            Framing::Intermediate => intermediate::encode_head(out, content_len, quick_ack),
            Framing::Padded => padded::encode_head(out, content_len, quick_ack),
            Framing::Full => full::encode_head(out, content_len, self.frames),
        }
        self.frames = self.frames.wrapping_add(1);
    }
}

/// Longest head and tail of any framing.
const OVERHEAD_MAX: usize = 4 + 15;
