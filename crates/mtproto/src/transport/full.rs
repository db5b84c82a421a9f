//! The full transport: length, frame number and checksum around each payload.
//!
//! Spec: mtproto/mtproto-transports#full

use heliogram_crypto::Side;

use super::framing::{Head, QuickAck};
use crate::Fault;

/// Length, number and checksum, which the length counts too.
const OVERHEAD: usize = 12;
/// Length and number.
const HEAD_BYTES: usize = 8;
/// The checksum behind the payload.
pub(super) const TAIL_BYTES: usize = 4;

pub(super) fn parse_head(head: &[u8], from: Side) -> Result<Head, Fault> {
    let Some(length) = head.first_chunk() else { return Ok(Head::More(HEAD_BYTES)) };
    let length = i32::from_le_bytes(*length);
    let Ok(length) = usize::try_from(length) else {
        // Seen: telethon 2024-10 reports servers that write the error where the length belongs.
        return match from {
            Side::Server => Ok(Head::Error(length)),
            Side::Client => Err(Fault::FrameLength(usize::MAX)),
        };
    };
    if length <= OVERHEAD || !length.is_multiple_of(4) {
        return Err(Fault::FrameLength(length));
    }
    if head.len() < HEAD_BYTES {
        return Ok(Head::More(HEAD_BYTES));
    }
    Ok(Head::Frame { content_len: length - HEAD_BYTES, quick_ack: QuickAck::Unwanted })
}

pub(super) fn encode_head(out: &mut Vec<u8>, payload_len: usize, number: u32) {
    let length = u32::try_from(payload_len + OVERHEAD).expect("our frames are far below 4 GiB");
    out.extend_from_slice(&length.to_le_bytes());
    out.extend_from_slice(&number.to_le_bytes());
}

/// Appends the checksum of the frame, which begins at `start`.
pub(super) fn encode_tail(out: &mut Vec<u8>, start: usize) {
    let checksum = crc32fast::hash(out.get(start..).unwrap_or_default());
    out.extend_from_slice(&checksum.to_le_bytes());
}

/// Compares the number of a frame with its place in the stream.
pub(super) fn check_number(head: &[u8; HEAD_BYTES], expected: u32) -> Result<(), Fault> {
    let &[_, _, _, _, a, b, c, d] = head;
    let found = u32::from_le_bytes([a, b, c, d]);
    if found == expected { Ok(()) } else { Err(Fault::FrameNumber { found, expected }) }
}

/// Cuts the checksum off `content` and compares it with that of the frame.
pub(super) fn check_tail(head: &[u8; HEAD_BYTES], content: &mut Vec<u8>) -> Result<(), Fault> {
    let (payload, tail) = content.split_last_chunk::<TAIL_BYTES>().ok_or(Fault::FrameChecksum)?;
    let mut hasher = crc32fast::Hasher::new();
    hasher.update(head);
    hasher.update(payload);
    if hasher.finalize() != u32::from_le_bytes(*tail) {
        return Err(Fault::FrameChecksum);
    }
    content.truncate(content.len() - TAIL_BYTES);
    Ok(())
}
