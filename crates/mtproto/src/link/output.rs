//! What a link has to write: one buffer, in which messages are assembled and encrypted, and behind
//! it those that are long enough to be encrypted together with others.

use super::unsealed::{SealedFrame, UnsealedFrame, WORTHWHILE_BYTES, seal_frames};
use crate::transport::Wire;

/// Bytes that wait for the driver.
#[derive(Debug, Default)]
pub(super) struct Output {
    bytes: Vec<u8>,
    /// What comes behind those bytes.
    unsealed: Vec<UnsealedFrame>,
    /// Frames that were lent out to be sealed. Nothing may pass them.
    lent: usize,
}

impl Output {
    /// The buffer to append to, once everything before is sealed.
    pub(super) fn buffer(&mut self) -> &mut Vec<u8> {
        debug_assert!(self.unsealed.is_empty() && self.lent == 0, "frames keep their order");
        &mut self.bytes
    }

    /// Whether a payload should wait for others: if it is long, or if one before it waits.
    pub(super) fn defers(&self, payload_len: usize) -> bool {
        payload_len >= WORTHWHILE_BYTES || !self.unsealed.is_empty()
    }

    /// Appends a frame that waits.
    pub(super) fn defer(&mut self, frame: UnsealedFrame) {
        self.unsealed.push(frame);
    }

    /// Bytes that were appended since they were last moved.
    pub(super) fn len(&self) -> usize {
        self.bytes.len() + self.unsealed.iter().map(UnsealedFrame::bytes_len).sum::<usize>()
    }

    /// The frames that wait. They come back by [`take_back`](Self::take_back), all and in this
    /// order, before anything else happens.
    pub(super) fn lend(&mut self) -> Vec<UnsealedFrame> {
        self.lent += self.unsealed.len();
        std::mem::take(&mut self.unsealed)
    }

    /// Appends frames that were sealed elsewhere.
    pub(super) fn take_back(&mut self, wire: &mut Wire, frames: Vec<SealedFrame>) {
        debug_assert_eq!(self.lent, frames.len(), "all frames that were lent come back");
        self.lent = 0;
        for SealedFrame(mut frame) in frames {
            if self.bytes.is_empty() {
                wire.finish(&mut frame, 0);
                self.bytes = frame;
            } else {
                let start = self.bytes.len();
                self.bytes.append(&mut frame);
                wire.finish(&mut self.bytes, start);
            }
        }
    }

    /// Seals the frames that wait.
    pub(super) fn seal(&mut self, wire: &mut Wire) {
        if !self.unsealed.is_empty() {
            let frames = self.lend();
            self.take_back(wire, seal_frames(frames));
        }
    }

    /// Moves everything to the end of `out`; tells whether there was anything.
    ///
    /// Much is moved by exchanging the buffers, little is copied, so that the driver's own buffer
    /// serves many idle links and none of them keeps one.
    pub(super) fn drain_into(&mut self, out: &mut Vec<u8>) -> bool {
        if self.bytes.is_empty() {
            return false;
        }
        if out.is_empty() && self.bytes.len() > MOVED_BYTES_MAX.min(out.capacity()) {
            *out = std::mem::take(&mut self.bytes);
        } else {
            out.append(&mut self.bytes);
            self.bytes = Vec::new();
        }
        true
    }
}

/// More is never copied if the buffers can be exchanged instead.
const MOVED_BYTES_MAX: usize = 32 << 10;

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(written: usize, mut out: Vec<u8>) {
        let before = out.len();
        let mut output = Output::default();
        output.buffer().resize(written, 7);
        assert_eq!(output.drain_into(&mut out), written > 0);
        assert_eq!(out.len(), before + written);
        assert!(output.bytes.is_empty() && output.bytes.capacity() == 0);
        assert!(!output.drain_into(&mut out));
    }

    #[test]
    fn everything_moves_once_and_nothing_is_kept() {
        check(0, Vec::new());
        check(100, Vec::new());
        check(100, Vec::with_capacity(1000));
        check(100_000, Vec::with_capacity(1000));
        check(100_000, vec![1, 2, 3]);
    }
}
