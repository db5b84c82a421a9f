//! Frames of the server, and the proof that it speaks WebSocket.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use heliogram_crypto::sha1;

/// What answers the key of an upgrade; `None` if that is not sixteen bytes.
pub(crate) fn accept(key: &str) -> Option<String> {
    let nonce = STANDARD.decode(key).ok()?;
    (nonce.len() == 16).then(|| STANDARD.encode(sha1(&[key.as_bytes(), GUID])))
}

/// Makes one message of everything in `out` from `start` on.
// Seen: Telegram Web K (0047662c) takes every message for exactly one packet, so they are neither
// joined nor split.
pub(crate) fn enclose(out: &mut Vec<u8>, start: usize) {
    let (head, len) = head(BINARY, out.len() - start);
    out.splice(start..start, head.into_iter().take(len));
}

/// Appends the answer to a ping.
pub(crate) fn write_pong(out: &mut Vec<u8>, content: &[u8]) {
    let (head, len) = head(PONG, content.len());
    out.extend(head.into_iter().take(len));
    out.extend_from_slice(content);
}

/// Appends the last frame.
pub(crate) fn write_close(out: &mut Vec<u8>, code: u16) {
    let (head, len) = head(CLOSE, 2);
    out.extend(head.into_iter().take(len));
    out.extend_from_slice(&code.to_be_bytes());
}

/// The head of a whole, unmasked frame, and how much of the array it takes.
fn head(first: u8, content_len: usize) -> ([u8; 10], usize) {
    let mut head = [0; 10];
    let [slot, short, rest @ ..] = &mut head;
    *slot = first;
    let len = match (u8::try_from(content_len), u16::try_from(content_len)) {
        (Ok(len @ ..126), _) => {
            *short = len;
            2
        }
        (_, Ok(len)) => {
            *short = 126;
            let [a, b, ..] = rest;
            [*a, *b] = len.to_be_bytes();
            4
        }
        _ => {
            *short = 127;
            *rest = (content_len as u64).to_be_bytes();
            10
        }
    };
    (head, len)
}

const BINARY: u8 = 0x82;
const CLOSE: u8 = 0x88;
const PONG: u8 = 0x8a;

/// Spec: RFC 6455, section 1.3.
const GUID: &[u8] = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11";

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(content_len: usize, expected: &[u8]) {
        let mut out = b"before".to_vec();
        out.resize(out.len() + content_len, 7);
        enclose(&mut out, 6);
        assert_eq!(out[..6], *b"before");
        assert_eq!(out[6..6 + expected.len()], *expected);
        assert_eq!(out[6 + expected.len()..], vec![7; content_len]);
    }

    #[test]
    fn lengths_have_three_forms() {
        check(0, &[0x82, 0]);
        check(125, &[0x82, 125]);
        check(126, &[0x82, 126, 0, 126]);
        check(65_535, &[0x82, 126, 255, 255]);
        check(65_536, &[0x82, 127, 0, 0, 0, 0, 0, 1, 0, 0]);
    }

    #[test]
    fn a_key_is_sixteen_bytes() {
        assert!(accept("dGhlIHNhbXBsZSBub25jZQ==").is_some());
        assert_eq!(accept("dGhlIHNhbXBsZSBub25j"), None);
        assert_eq!(accept("not base64"), None);
    }
}
