//! `msg_container`: several messages of one session in one encrypted message.
//!
//! The layout is the bare-vector kind that the schema cannot express, so it is read and written
//! by hand. Only the shape is checked here; rules about ids belong to the session, which answers
//! a breach with `bad_msg_notification` 64.

use bytes::{Buf as _, Bytes};
use heliogram_ids::MsgId;

/// Constructor id of `msg_container`.
pub const ID: u32 = 0x73f1_f8dc;

/// Most messages the protocol allows in one container.
// Spec: mtproto/service_messages#simple-container
pub const MESSAGES_MAX: usize = 1024;

/// A bare `message`: one member of a container.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Message {
    /// Id of the message itself, older than the container's.
    pub msg_id: MsgId,
    /// Sequence number of the message itself.
    pub seq_no: i32,
    /// One boxed object, still packed if it was sent packed.
    pub body: Bytes,
}

/// A container whose shape is wrong: counts or lengths that do not fit, or a container within.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[error("container of impossible shape")]
pub struct BadContainer;

/// Tells whether a message body is a container.
pub fn is_container(body: &[u8]) -> bool {
    body.first_chunk().is_some_and(|id| u32::from_le_bytes(*id) == ID)
}

/// Takes a container apart; the bodies are slices of `body`. An empty container is valid.
///
/// # Errors
/// More than [`MESSAGES_MAX`] members, a member whose length is no positive multiple of four or
/// exceeds the container, a member that is a container, or bytes after the last member.
pub fn parse(body: &Bytes) -> Result<Vec<Message>, BadContainer> {
    let mut rest = body.clone();
    if rest.try_get_u32_le() != Ok(ID) {
        return Err(BadContainer);
    }
    let count = rest.try_get_i32_le().map_err(|_| BadContainer)?;
    let count = usize::try_from(count).ok().filter(|&count| count <= MESSAGES_MAX);
    let count = count.ok_or(BadContainer)?;
    // A member takes at least 20 bytes: a short body cannot make us reserve for a thousand.
    let mut messages = Vec::with_capacity(count.min(rest.len() / MEMBER_BYTES_MIN));
    for _ in 0..count {
        messages.push(parse_message(&mut rest).ok_or(BadContainer)?);
    }
    if rest.is_empty() { Ok(messages) } else { Err(BadContainer) }
}

/// Appends a container of `messages`, in the order given, to `out`.
pub fn encode(messages: &[Message], out: &mut Vec<u8>) {
    debug_assert!(messages.len() <= MESSAGES_MAX);
    out.reserve(encoded_len(messages));
    out.extend_from_slice(&ID.to_le_bytes());
    out.extend_from_slice(&length(messages.len()).to_le_bytes());
    for message in messages {
        debug_assert!(message.body.len().is_multiple_of(4), "bodies are whole words");
        out.extend_from_slice(&message.msg_id.get().to_le_bytes());
        out.extend_from_slice(&message.seq_no.to_le_bytes());
        out.extend_from_slice(&length(message.body.len()).to_le_bytes());
        out.extend_from_slice(&message.body);
    }
}

/// Bytes that [`encode`] will append for these messages.
pub fn encoded_len(messages: &[Message]) -> usize {
    8 + messages.iter().map(|message| MEMBER_HEAD_BYTES + message.body.len()).sum::<usize>()
}

fn parse_message(rest: &mut Bytes) -> Option<Message> {
    let msg_id = MsgId(rest.try_get_i64_le().ok()?);
    let seq_no = rest.try_get_i32_le().ok()?;
    let len = usize::try_from(rest.try_get_i32_le().ok()?).ok()?;
    if len < 4 || !len.is_multiple_of(4) || len > rest.len() {
        return None;
    }
    let body = rest.split_to(len);
    (!is_container(&body)).then_some(Message { msg_id, seq_no, body })
}

fn length(len: usize) -> i32 {
    i32::try_from(len).expect("our own messages are far below 2 GiB")
}

const MEMBER_HEAD_BYTES: usize = 16;
const MEMBER_BYTES_MIN: usize = MEMBER_HEAD_BYTES + 4;

#[cfg(test)]
mod tests {
    use super::*;

    fn message(msg_id: i64, body: &[u8]) -> Message {
        Message { msg_id: MsgId(msg_id), seq_no: 1, body: Bytes::copy_from_slice(body) }
    }

    fn encoded(messages: &[Message]) -> Vec<u8> {
        let mut out = Vec::new();
        encode(messages, &mut out);
        assert_eq!(out.len(), encoded_len(messages));
        out
    }

    #[track_caller]
    fn check_refused(body: Vec<u8>) {
        assert_eq!(parse(&Bytes::from(body)), Err(BadContainer));
    }

    #[test]
    fn what_is_encoded_is_parsed() {
        let messages = [message(4, b"pingpong"), message(8, b"acks")];
        assert_eq!(parse(&encoded(&messages).into()), Ok(messages.to_vec()));
        assert_eq!(parse(&encoded(&[]).into()), Ok(Vec::new()));
    }

    #[test]
    fn the_empty_container_is_eight_bytes() {
        assert_eq!(encoded(&[]), [0xdc, 0xf8, 0xf1, 0x73, 0, 0, 0, 0]);
    }

    #[test]
    fn bodies_share_the_memory_of_the_container() {
        let body = Bytes::from(encoded(&[message(4, b"pingpong")]));
        let inner = parse(&body).unwrap().remove(0).body;
        assert_eq!(inner.as_ptr(), body[24..].as_ptr());
    }

    #[test]
    fn every_truncation_is_refused() {
        let body = encoded(&[message(4, b"pingpong"), message(8, b"acks")]);
        for len in 0..body.len() {
            check_refused(body[..len].to_vec());
        }
    }

    #[test]
    fn a_wrong_shape_is_refused() {
        check_refused([&encoded(&[message(4, b"ping")])[..], &[0; 4]].concat());
        check_refused(encoded(&[message(4, &encoded(&[]))]));
        check_refused([&ID.to_le_bytes()[..], &(-1i32).to_le_bytes()].concat());
        let many = vec![message(4, b"ping"); MESSAGES_MAX];
        let mut body = encoded(&many);
        assert!(parse(&body.clone().into()).is_ok());
        body[4..8].copy_from_slice(&1025i32.to_le_bytes());
        body.extend_from_slice(&encoded(&[message(4, b"ping")])[8..]);
        check_refused(body);
        for len in [0i32, 3, -4, 8, i32::MAX] {
            let mut body = encoded(&[message(4, b"ping")]);
            body[20..24].copy_from_slice(&len.to_le_bytes());
            check_refused(body);
        }
    }
}
