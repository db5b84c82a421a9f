//! The abridged transport: the length in words, in one byte or in four.
//!
//! Spec: mtproto/mtproto-transports#abridged

use heliogram_crypto::Side;

use super::framing::{Head, QuickAck};
use crate::Fault;

/// First byte whose length stands in the three bytes after it.
const LONG: u8 = 0x7f;
/// From a client: a wish for a quick acknowledgement. From a server: the token itself.
const QUICK_ACK: u8 = 0x80;

pub(super) fn parse_head(head: &[u8], from: Side) -> Result<Head, Fault> {
    let Some(&first) = head.first() else { return Ok(Head::More(1)) };
    if from == Side::Server && first & QUICK_ACK != 0 {
        let token = head.first_chunk().map(|token| u32::from_be_bytes(*token));
        return Ok(token.map_or(Head::More(4), Head::QuickAck));
    }
    let quick_ack = QuickAck::wanted(first & QUICK_ACK != 0);
    let words = match (first & !QUICK_ACK, head) {
        (LONG, &[_, a, b, c, ..]) => u32::from_le_bytes([a, b, c, 0]) as usize,
        (LONG, _) => return Ok(Head::More(4)),
        (short, _) => usize::from(short),
    };
    // Seen: tdesktop 2025-09 refuses a short length in the long form; nobody sends it.
    if words == 0 || (first & !QUICK_ACK == LONG && words < usize::from(LONG)) {
        return Err(Fault::FrameLength(words * 4));
    }
    Ok(Head::Frame { content_len: words * 4, quick_ack })
}

pub(super) fn encode_head(out: &mut Vec<u8>, payload_len: usize, quick_ack: QuickAck) {
    debug_assert!(payload_len.is_multiple_of(4) && payload_len >> 26 == 0);
    let flag = if quick_ack.is_wanted() { QUICK_ACK } else { 0 };
    let words = payload_len / 4;
    match u8::try_from(words) {
        Ok(short) if short < LONG => out.push(short | flag),
        _ => {
            let [a, b, c, ..] = words.to_le_bytes();
            out.extend_from_slice(&[LONG | flag, a, b, c]);
        }
    }
}

/// Big-endian, so that the token's top bit, always set, is met first and tells it from a length.
pub(super) fn encode_quick_ack(out: &mut Vec<u8>, token: u32) {
    out.extend_from_slice(&token.to_be_bytes());
}
