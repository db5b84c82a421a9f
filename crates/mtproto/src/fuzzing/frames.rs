//! The framings without a link around them.

use heliogram_crypto::{Random, Side};

use crate::Fault;
use crate::transport::{Framing, QuickAck, Received, Wire};

/// What a stream of frames says.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Frame {
    /// A long frame begins.
    Announced {
        /// The key it names.
        auth_key_id: i64,
        /// Bytes it will hold.
        len: usize,
    },
    /// A whole frame.
    Payload {
        /// What it holds.
        payload: Vec<u8>,
        /// Whether the sender wants a quick acknowledgement.
        is_quick_ack_wanted: bool,
    },
    /// The token of a quick acknowledgement.
    QuickAck(u32),
    /// An error in place of a frame.
    Error(i32),
}

/// Cuts a stream into frames.
#[derive(Debug)]
pub struct FrameReader(Wire);

impl FrameReader {
    /// Reads what `from` sends, undisguised.
    pub fn new(
        framing: Framing,
        from: Side,
        bytes_max: usize,
        unannounced_bytes_max: usize,
    ) -> Self {
        Self(Wire::new(framing, None, from.peer(), bytes_max, unannounced_bytes_max))
    }

    /// Takes bytes from the front of `input` until something is complete.
    ///
    /// # Errors
    /// The stream is no stream of frames.
    pub fn next(&mut self, input: &mut &[u8]) -> Result<Option<Frame>, Fault> {
        Ok(self.0.next(input)?.map(Frame::from))
    }

    /// Drops the frame that was just announced.
    pub fn discard(&mut self) {
        self.0.discard();
    }

    /// Bytes held back because their frame is incomplete.
    pub fn buffered(&self) -> usize {
        self.0.buffered()
    }
}

/// Makes a stream of frames.
#[derive(Debug)]
pub struct FrameWriter(Wire);

impl FrameWriter {
    /// Writes as `from` does, undisguised.
    pub fn new(framing: Framing, from: Side) -> Self {
        Self(Wire::new(framing, None, from, usize::MAX, usize::MAX))
    }

    /// Appends a frame.
    pub fn payload(
        &mut self,
        out: &mut Vec<u8>,
        payload: &[u8],
        is_quick_ack_wanted: bool,
        rng: &mut dyn Random,
    ) {
        let quick_ack = if is_quick_ack_wanted { QuickAck::Wanted } else { QuickAck::Unwanted };
        self.0.send(out, payload.len(), quick_ack, rng, |out, _| out.extend_from_slice(payload));
    }

    /// Appends the token of a quick acknowledgement.
    pub fn quick_ack(&mut self, out: &mut Vec<u8>, token: u32) {
        self.0.send_quick_ack(out, token);
    }
}

impl From<Received> for Frame {
    fn from(received: Received) -> Self {
        match received {
            Received::Announced { auth_key_id, len } => Self::Announced { auth_key_id, len },
            Received::Payload { payload, quick_ack } => {
                Self::Payload { payload, is_quick_ack_wanted: quick_ack.is_wanted() }
            }
            Received::QuickAck(token) => Self::QuickAck(token),
            Received::Error(code) => Self::Error(code),
        }
    }
}
