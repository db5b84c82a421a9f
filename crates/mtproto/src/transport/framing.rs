//! The four framings behind one face: how the head of a frame is read and written.

use heliogram_crypto::Side;

use super::{abridged, full, intermediate, padded};
use crate::Fault;

/// How payloads are delimited in the byte stream.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum Framing {
    /// One to four bytes of length, counted in words: the least overhead.
    Abridged,
    /// Four bytes of length.
    Intermediate,
    /// Four bytes of length, and random bytes behind the payload.
    Padded,
    /// Length, frame number and CRC-32; cannot be obfuscated.
    Full,
}

impl Framing {
    /// All framings.
    pub const ALL: [Self; 4] = [Self::Abridged, Self::Intermediate, Self::Padded, Self::Full];

    /// The four bytes by which an obfuscated preamble names the framing.
    ///
    /// `None` for the full transport, which is never obfuscated.
    pub const fn tag(self) -> Option<[u8; 4]> {
        match self {
            Self::Abridged => Some([0xef; 4]),
            Self::Intermediate => Some([0xee; 4]),
            Self::Padded => Some([0xdd; 4]),
            Self::Full => None,
        }
    }

    /// What a client sends first, before any frame, if it does not obfuscate.
    pub(crate) const fn preamble(self) -> &'static [u8] {
        match self {
            Self::Abridged => &[0xef],
            Self::Intermediate => &[0xee; 4],
            Self::Padded => &[0xdd; 4],
            Self::Full => &[],
        }
    }

    /// Bytes after which [`Self::parse_head`] can say something.
    pub(super) const fn head_bytes_min(self) -> usize {
        match self {
            Self::Abridged => 1,
            Self::Intermediate | Self::Padded => 4,
            Self::Full => 8,
        }
    }

    /// Reads the head of a frame sent by `from`.
    pub(super) fn parse_head(self, head: &[u8], from: Side) -> Result<Head, Fault> {
        match self {
            Self::Abridged => abridged::parse_head(head, from),
            Self::Intermediate => intermediate::parse_head(head, from),
            Self::Padded => padded::parse_head(head, from),
            Self::Full => full::parse_head(head, from),
        }
    }
}

/// What the first bytes of a frame say.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Head {
    /// The head is longer: this many bytes altogether.
    More(usize),
    /// A frame follows.
    Frame {
        /// Bytes up to the next head.
        content_len: usize,
        /// Whether the sender asks for a quick acknowledgement.
        quick_ack: QuickAck,
    },
    /// No frame at all but the token of a quick acknowledgement.
    QuickAck(u32),
    /// No frame at all but an error, after which the stream means nothing.
    Error(i32),
}

/// Whether the sender of a frame wants to hear at once that it arrived.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub(crate) enum QuickAck {
    /// The usual acknowledgement will do.
    #[default]
    Unwanted,
    /// The peer is asked for the token.
    Wanted,
}

impl QuickAck {
    pub(super) const fn wanted(is_wanted: bool) -> Self {
        if is_wanted { Self::Wanted } else { Self::Unwanted }
    }

    pub(crate) const fn is_wanted(self) -> bool {
        matches!(self, Self::Wanted)
    }
}
