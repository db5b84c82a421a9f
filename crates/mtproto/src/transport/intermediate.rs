//! The intermediate transport: the length in bytes, in one word.
//!
//! Spec: mtproto/mtproto-transports#intermediate

use heliogram_crypto::Side;

use super::framing::{Head, QuickAck};
use crate::Fault;

/// From a client: a wish for a quick acknowledgement. From a server: this word is a token.
const QUICK_ACK: u32 = 1 << 31;

pub(super) fn parse_head(head: &[u8], from: Side) -> Result<Head, Fault> {
    match parse_length(head, from)? {
        Head::Frame { content_len, .. } if !content_len.is_multiple_of(4) => {
            Err(Fault::FrameLength(content_len))
        }
        head => Ok(head),
    }
}

/// The head of both intermediate transports; alignment is the caller's to judge.
pub(super) fn parse_length(head: &[u8], from: Side) -> Result<Head, Fault> {
    let Some(length) = head.first_chunk() else { return Ok(Head::More(4)) };
    let length = u32::from_le_bytes(*length);
    if from == Side::Server && length & QUICK_ACK != 0 {
        return Ok(Head::QuickAck(length));
    }
    let quick_ack = QuickAck::wanted(length & QUICK_ACK != 0);
    let content_len = (length & !QUICK_ACK) as usize;
    if content_len < 4 {
        return Err(Fault::FrameLength(content_len));
    }
    Ok(Head::Frame { content_len, quick_ack })
}

pub(super) fn encode_head(out: &mut Vec<u8>, content_len: usize, quick_ack: QuickAck) {
    let flag = if quick_ack.is_wanted() { QUICK_ACK } else { 0 };
    let length = u32::try_from(content_len).expect("our own frames are far below 2 GiB");
    out.extend_from_slice(&(length | flag).to_le_bytes());
}

/// The bare token: its top bit, always set, tells it from a length.
pub(super) fn encode_quick_ack(out: &mut Vec<u8>, token: u32) {
    out.extend_from_slice(&token.to_le_bytes());
}
