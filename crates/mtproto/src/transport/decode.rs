//! Cutting a byte stream into payloads, however the stream is chopped.
//!
//! A payload is collected in a buffer of its own, which later becomes the message: it is
//! decrypted there and its body is never copied again. The buffer grows with what has arrived,
//! not with what was announced.

use heliogram_crypto::Side;

use super::framing::{Head, QuickAck};
use super::{Framing, full};
use crate::Fault;

/// One thing that came in.
#[derive(Debug, Eq, PartialEq)]
pub(crate) enum Received {
    /// A frame so long that it is worth a look at its first eight bytes before more of it is
    /// buffered. The frame itself follows, unless [`Decoder::discard`] is called.
    Announced {
        /// `auth_key_id` of the payload.
        auth_key_id: i64,
        /// Bytes that the frame will hold.
        len: usize,
    },
    /// A whole payload.
    Payload {
        /// The bytes between two heads, checksum cut off, random trailer not.
        payload: Vec<u8>,
        /// Whether the client asks for a quick acknowledgement.
        quick_ack: QuickAck,
    },
    /// The server received the message that has this token.
    QuickAck(u32),
    /// The server wrote an error in place of a frame.
    Error(i32),
}

/// The receiving half of a transport.
#[derive(Debug)]
pub(super) struct Decoder {
    framing: Framing,
    from: Side,
    limits: FrameLimits,
    /// Frames seen so far, which the full transport counts.
    frames: u32,
    head: [u8; HEAD_BYTES_MAX],
    head_len: usize,
    partial: Option<Partial>,
}

/// How long a frame may be.
#[derive(Clone, Copy, Debug)]
pub(super) struct FrameLimits {
    /// Longer ones are a fault.
    pub(super) bytes_max: usize,
    /// Longer ones are announced.
    pub(super) unannounced_bytes_max: usize,
}

/// A frame of which the head was read.
#[derive(Debug)]
pub(super) struct Partial {
    content: Vec<u8>,
    content_len: usize,
    missing: usize,
    quick_ack: QuickAck,
    fate: Fate,
}

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Fate {
    Announce,
    Keep,
    Discard,
}

impl Decoder {
    pub(super) fn new(framing: Framing, from: Side, limits: FrameLimits) -> Self {
        let head = [0; HEAD_BYTES_MAX];
        Self { framing, from, limits, frames: 0, head, head_len: 0, partial: None }
    }

    pub(super) const fn framing(&self) -> Framing {
        self.framing
    }

    /// Bytes held back because their frame is incomplete.
    pub(super) fn buffered(&self) -> usize {
        self.head_len + self.partial.as_ref().map_or(0, Partial::buffered)
    }

    /// Takes bytes from the front of `input` until something is complete.
    ///
    /// `None` when the input is used up.
    pub(super) fn next(&mut self, input: &mut &[u8]) -> Result<Option<Received>, Fault> {
        loop {
            if self.partial.is_none() {
                match self.read_head(input)? {
                    None => return Ok(None),
                    Some(Head::Frame { content_len, quick_ack }) => {
                        self.partial = Some(self.begin(content_len, quick_ack)?);
                    }
                    Some(Head::QuickAck(token)) => return Ok(Some(Received::QuickAck(token))),
                    Some(Head::Error(code)) => return Ok(Some(Received::Error(code))),
                    Some(Head::More(_)) => {}
                }
            }
            let Some(partial) = &mut self.partial else { continue };
            partial.fill(input);
            if let Some(announced) = partial.announce() {
                return Ok(Some(announced));
            }
            if !partial.is_whole() {
                return Ok(None);
            }
            if let Some(received) = self.finish()? {
                return Ok(Some(received));
            }
        }
    }

    /// Drops the frame that was just announced: what follows of it is read and forgotten.
    pub(super) fn discard(&mut self) {
        if let Some(partial) = &mut self.partial {
            partial.discard();
        }
    }

    /// Reads one head; `None` when it needs more bytes than there are.
    fn read_head(&mut self, input: &mut &[u8]) -> Result<Option<Head>, Fault> {
        let mut wanted = self.head_len.max(self.framing.head_bytes_min());
        loop {
            while self.head_len < wanted {
                let Some((&byte, rest)) = input.split_first() else { return Ok(None) };
                let Some(slot) = self.head.get_mut(self.head_len) else {
                    return Err(Fault::FrameLength(0));
                };
                *slot = byte;
                self.head_len += 1;
                *input = rest;
            }
            let head = self.head.get(..self.head_len).unwrap_or_default();
            match self.framing.parse_head(head, self.from)? {
                Head::More(len) => wanted = len.max(self.head_len + 1),
                head => {
                    self.head_len = 0;
                    return Ok(Some(head));
                }
            }
        }
    }

    fn begin(&mut self, content_len: usize, quick_ack: QuickAck) -> Result<Partial, Fault> {
        let limit = self.limits.bytes_max;
        if content_len > limit {
            return Err(Fault::FrameLong { found: content_len, limit });
        }
        if self.framing == Framing::Full {
            full::check_number(&self.head, self.frames)?;
        }
        self.frames = self.frames.wrapping_add(1);
        Ok(Partial::new(content_len, self.limits, quick_ack))
    }

    fn finish(&mut self) -> Result<Option<Received>, Fault> {
        let Some(partial) = self.partial.take() else { return Ok(None) };
        let quick_ack = partial.quick_ack;
        let Some(mut payload) = partial.into_content() else { return Ok(None) };
        if self.framing == Framing::Full {
            full::check_tail(&self.head, &mut payload)?;
        }
        Ok(Some(Received::Payload { payload, quick_ack }))
    }
}

impl Partial {
    pub(super) fn new(content_len: usize, limits: FrameLimits, quick_ack: QuickAck) -> Self {
        let is_long = content_len > limits.unannounced_bytes_max;
        Self {
            content: Vec::with_capacity(content_len.min(RESERVE_BYTES_MAX)),
            content_len,
            missing: content_len,
            quick_ack,
            fate: if is_long { Fate::Announce } else { Fate::Keep },
        }
    }

    pub(super) fn is_whole(&self) -> bool {
        self.missing == 0
    }

    pub(super) fn buffered(&self) -> usize {
        self.content.capacity()
    }

    /// From here on the content is read and forgotten.
    pub(super) fn discard(&mut self) {
        self.content = Vec::new();
        self.fate = Fate::Discard;
    }

    /// What was collected; `None` if it was discarded.
    pub(super) fn into_content(self) -> Option<Vec<u8>> {
        (self.fate != Fate::Discard).then_some(self.content)
    }

    pub(super) fn fill(&mut self, input: &mut &[u8]) {
        let (taken, rest) = input.split_at(input.len().min(self.missing));
        *input = rest;
        self.missing -= taken.len();
        if self.fate != Fate::Discard {
            self.reserve(taken.len());
            self.content.extend_from_slice(taken);
        }
    }

    /// Doubles the buffer when it is full, but never beyond the frame's own length.
    fn reserve(&mut self, more: usize) {
        if self.content.capacity() - self.content.len() < more {
            let whole = self.content_len - self.content.len();
            self.content.reserve_exact(self.content.len().clamp(more, whole));
        }
    }

    /// The announcement of a long frame, once, as soon as its key is known.
    pub(super) fn announce(&mut self) -> Option<Received> {
        let auth_key_id = i64::from_le_bytes(*self.content.first_chunk()?);
        if self.fate != Fate::Announce {
            return None;
        }
        self.fate = Fate::Keep;
        Some(Received::Announced { auth_key_id, len: self.content_len })
    }
}

/// The longest head: that of the full transport.
const HEAD_BYTES_MAX: usize = 8;

/// What a frame may reserve on its word alone.
const RESERVE_BYTES_MAX: usize = 16 << 10;
