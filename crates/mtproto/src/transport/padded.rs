//! The padded intermediate transport: random bytes hide the length of the payload.
//!
//! Spec: mtproto/mtproto-transports#padded-intermediate

use heliogram_crypto::{Random, Side};

use super::framing::{Head, QuickAck};
use super::intermediate;
use crate::Fault;

/// First word of a payload that is a quick acknowledgement.
pub(super) const QUICK_ACK: u32 = u32::MAX;

pub(super) fn parse_head(head: &[u8], from: Side) -> Result<Head, Fault> {
    intermediate::parse_length(head, from)
}

pub(super) fn encode_head(out: &mut Vec<u8>, content_len: usize, quick_ack: QuickAck) {
    intermediate::encode_head(out, content_len, quick_ack);
}

/// A frame like any other to the eye: a bare token would give the transport away.
pub(super) fn encode_quick_ack(out: &mut Vec<u8>, token: u32) {
    encode_head(out, 8, QuickAck::Unwanted);
    out.extend_from_slice(&QUICK_ACK.to_le_bytes());
    out.extend_from_slice(&token.to_le_bytes());
}

/// How many random bytes go behind the next payload.
pub(super) fn padding_len(from: Side, rng: &mut dyn Random) -> usize {
    let lengths = match from {
        Side::Client => 16,
        // Seen: telethon 2024-10 and gotd 2026-07 cut off only what is not a whole word.
        Side::Server => 4,
    };
    usize::try_from(rng.below(lengths)).unwrap_or_default()
}
