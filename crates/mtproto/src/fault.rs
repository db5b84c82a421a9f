//! Why a link dies: the peer broke the protocol in a way that has no answer on the wire.

use heliogram_tl::DecodeError;

/// A breach of the protocol by the peer. The link it came over is closed without a word.
///
/// What deserves an answer is no fault: an unknown key gets the transport error −404, a wrong
/// salt gets `bad_server_salt`, and both keep the link.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
pub enum Fault {
    /// The first bytes belong to no transport we speak.
    #[error("first bytes {0:02x?} are no known transport")]
    Transport([u8; 4]),
    /// A frame longer than the limit, refused before it is buffered.
    #[error("frame of {found} bytes, limit {limit}")]
    FrameLong {
        /// Length the frame announced.
        found: usize,
        /// The most that is accepted.
        limit: usize,
    },
    /// A frame whose length is zero, misaligned or too small for what it claims to hold.
    #[error("frame of {0} bytes, which its framing does not allow")]
    FrameLength(usize),
    /// A frame of the full transport out of its turn.
    #[error("frame number {found}, expected {expected}")]
    FrameNumber {
        /// Number the frame carried.
        found: u32,
        /// Number it should have carried.
        expected: u32,
    },
    /// A frame of the full transport whose CRC-32 is wrong.
    #[error("frame checksum does not match")]
    FrameChecksum,
    /// The encrypted part of a message is too short or not a whole number of cipher blocks.
    #[error("encrypted part of {0} bytes")]
    EncryptedLength(usize),
    /// The message key does not belong to the plaintext: forged, damaged, or another key's.
    #[error("message key does not match")]
    MsgKey,
    /// The body length inside an authentic message is impossible.
    #[error("body of {0} bytes does not fit its message")]
    BodyLength(i32),
    /// An authentic message has less or more padding than the protocol allows.
    #[error("padding of {0} bytes, expected 12 to 1024")]
    Padding(usize),
    /// A session id that is zero or not the one of this session.
    #[error("message for a foreign session")]
    Session,
    /// A message id of the wrong parity for its sender.
    #[error("message id {0:#x} is not one of its sender's")]
    MsgId(i64),
    /// The server used an authorization key this client does not have.
    #[error("message under a foreign authorization key")]
    AuthKey,
    /// Bytes that are no valid TL where only valid TL may stand.
    #[error("malformed object: {0}")]
    Decode(#[from] DecodeError),
    /// A queue or table of this peer is full.
    #[error("more than {limit} {what}")]
    Limit {
        /// What there is too much of, in the plural.
        what: &'static str,
        /// The most that is accepted.
        limit: usize,
    },
    /// Any other breach; the text says what was found and what was wanted.
    #[error("{0}")]
    Protocol(&'static str),
}
