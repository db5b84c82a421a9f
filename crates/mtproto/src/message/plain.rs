//! Unencrypted messages, which carry the handshake: `auth_key_id` zero, an id, a length, a body.
//!
//! Spec: mtproto/description#unencrypted-message

use bytes::{Buf as _, Bytes};
use heliogram_ids::{MsgId, Timestamp};

use crate::Fault;

/// Zero `auth_key_id`, message id and length.
pub(crate) const HEAD_BYTES: usize = 20;

/// The body of the plain message in `payload`, with whatever the sender counted into it.
///
/// Its id is not looked at: a client that has no key yet cannot know the time.
// Seen: tdesktop 2025-09 appends random words inside the declared length, and real servers do; the
// reader of the body must stop where its object ends.
pub(crate) fn open(payload: Vec<u8>) -> Result<Bytes, Fault> {
    let found = payload.len();
    let mut rest = Bytes::from(payload);
    if rest.len() < HEAD_BYTES {
        return Err(Fault::FrameLength(found));
    }
    rest.advance(HEAD_BYTES - 4);
    let len = rest.try_get_i32_le().map_err(|_| Fault::FrameLength(found))?;
    let body_len = usize::try_from(len).map_err(|_| Fault::BodyLength(len))?;
    if body_len < 4 || body_len > rest.len() {
        return Err(Fault::BodyLength(len));
    }
    rest.truncate(body_len);
    Ok(rest)
}

/// Appends a plain message.
pub(crate) fn seal(out: &mut Vec<u8>, msg_id: MsgId, body: &[u8]) {
    debug_assert!(body.len().is_multiple_of(4), "bodies are whole words");
    let len = i32::try_from(body.len()).expect("handshake messages are short");
    out.extend_from_slice(&[0; 8]);
    out.extend_from_slice(&msg_id.get().to_le_bytes());
    out.extend_from_slice(&len.to_le_bytes());
    out.extend_from_slice(body);
}

/// Numbers the plain messages of one side of one link.
#[derive(Debug)]
pub(crate) struct PlainIds {
    last: i64,
    /// What the id is modulo four: 0 for a client, 1 for a server's answers.
    remainder: i64,
}

impl PlainIds {
    pub(crate) const CLIENT: Self = Self { last: 0, remainder: 0 };
    pub(crate) const SERVER: Self = Self { last: 0, remainder: 1 };

    /// The time in units of 2⁻³² s, moved up if need be so that ids only grow.
    pub(crate) fn next(&mut self, now: Timestamp) -> MsgId {
        let (seconds, nanos) = (now.nanos() / NANOS, now.nanos() % NANOS);
        let id = ((seconds << 32) | ((nanos << 32) / NANOS)).cast_signed() & !3;
        self.last = (id | self.remainder).max(self.last + 4);
        MsgId(self.last)
    }
}

const NANOS: u64 = 1_000_000_000;

#[cfg(test)]
mod tests {
    use super::*;

    fn sealed(body: &[u8]) -> Vec<u8> {
        let mut out = Vec::new();
        seal(&mut out, MsgId(0x0102_0304_0506_0708), body);
        out
    }

    #[test]
    fn what_is_sealed_is_opened() {
        assert_eq!(open(sealed(b"body")).as_deref(), Ok(&b"body"[..]));
        assert_eq!(sealed(b"body")[8..16], 0x0102_0304_0506_0708i64.to_le_bytes());
    }

    #[test]
    fn bytes_behind_the_declared_length_are_ignored() {
        let mut payload = sealed(b"body");
        payload.extend_from_slice(b"padding");
        assert_eq!(open(payload).as_deref(), Ok(&b"body"[..]));
    }

    #[test]
    fn impossible_lengths_are_refused() {
        for len in [i32::MIN, -1, 0, 3, 5, 8, i32::MAX] {
            let mut payload = sealed(b"body");
            payload[16..20].copy_from_slice(&len.to_le_bytes());
            assert_eq!(open(payload), Err(Fault::BodyLength(len)));
        }
        for len in 0..HEAD_BYTES {
            assert_eq!(open(sealed(b"body")[..len].to_vec()), Err(Fault::FrameLength(len)));
        }
    }

    #[test]
    fn ids_grow_even_when_time_does_not() {
        let now = Timestamp::from_nanos(1_705_754_877_500_000_000);
        let mut ids = PlainIds::SERVER;
        assert_eq!(ids.next(now), MsgId(1_705_754_877 << 32 | 1 << 31 | 1));
        assert_eq!(ids.next(now), MsgId(1_705_754_877 << 32 | 1 << 31 | 5));
        assert_eq!(ids.next(Timestamp::EPOCH), MsgId(1_705_754_877 << 32 | 1 << 31 | 9));
        let mut ids = PlainIds::CLIENT;
        assert_eq!(ids.next(now), MsgId(1_705_754_877 << 32 | 1 << 31));
    }
}
