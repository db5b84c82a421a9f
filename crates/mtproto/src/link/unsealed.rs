//! Frames that wait to be encrypted together.
//!
//! One message is encrypted block after block, and the processor idles in between. Several messages
//! have nothing to do with each other and keep it busy, so long ones are worth collecting: those of
//! one link, and, where the driver brings them together, those of all links that have something to
//! say at the same moment.

use std::sync::Arc;

use heliogram_crypto::{AuthKey, Random, Side};

use crate::message::{self, Outgoing};
use crate::transport::{QuickAck, Wire};

/// A frame whose payload is still in the clear.
#[derive(Debug)]
pub struct UnsealedFrame {
    bytes: Vec<u8>,
    payload_start: usize,
    payload_len: usize,
    key: Arc<AuthKey>,
    from: Side,
}

/// The same with its payload encrypted. There is no other way to get one.
#[derive(Debug)]
pub struct SealedFrame(pub(super) Vec<u8>);

impl UnsealedFrame {
    /// The next frame of `wire`.
    pub(super) fn new(
        wire: &mut Wire,
        key: &Arc<AuthKey>,
        from: Side,
        message: &Outgoing,
        rng: &mut dyn Random,
    ) -> Self {
        let mut bytes = Vec::new();
        let payload_len = message::sealed_len(message.body.len());
        let write = |out: &mut Vec<u8>, rng: &mut dyn Random| {
            let start = out.len();
            message::assemble(out, key, message, rng);
            start
        };
        let payload_start = wire.frame(&mut bytes, payload_len, QuickAck::Unwanted, rng, write);
        Self { bytes, payload_start, payload_len, key: Arc::clone(key), from }
    }

    /// How long it is.
    pub fn bytes_len(&self) -> usize {
        self.bytes.len()
    }

    /// What there is to encrypt, under which key, and who sends it.
    fn job(&mut self) -> (&mut [u8], &AuthKey, Side) {
        let payload = self.payload_start..self.payload_start + self.payload_len;
        let payload = self.bytes.get_mut(payload).expect("the payload was written there");
        (payload, &self.key, self.from)
    }
}

/// Encrypts all of them, each in place; they may belong to any links.
pub fn seal_frames(mut frames: Vec<UnsealedFrame>) -> Vec<SealedFrame> {
    message::seal_together(frames.iter_mut().map(UnsealedFrame::job));
    frames.into_iter().map(|frame| SealedFrame(frame.bytes)).collect()
}

/// Payloads of this length are worth waiting for others.
pub(super) const WORTHWHILE_BYTES: usize = 8 << 10;
