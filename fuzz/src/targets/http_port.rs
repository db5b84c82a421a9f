//! HTTP on the port of a data centre: requests, their bodies, and who is answered when.
//!
//! The first byte says how the requests are answered, the second how the stream is cut. However it is
//! cut, the same comes in and the same goes out; every response belongs to one request, and what goes
//! out is HTTP.

use heliogram_ids::Timestamp;
use heliogram_mtproto::Fault;
use heliogram_mtproto::fuzzing::{Asked, HttpPort};

use crate::chunks::chunks;

#[derive(Debug, Eq, PartialEq)]
struct Talk {
    asked: Vec<Asked>,
    said: Vec<u8>,
    fault: Option<Fault>,
    is_closing: bool,
}

pub(super) fn check(input: &[u8]) {
    let Some((&[manner, pattern], stream)) = input.split_first_chunk() else { return };
    let whole = talk(stream, manner, 0);
    assert_eq!(talk(stream, manner, pattern), whole, "cut otherwise");
    assert_eq!(talk(stream, manner, 1), whole, "byte by byte");
    check_responses(&whole);
}

fn talk(stream: &[u8], manner: u8, pattern: u8) -> Talk {
    let mut port = HttpPort::new(BYTES_MAX, UNANNOUNCED_BYTES_MAX);
    let mut talk = Talk { asked: Vec::new(), said: Vec::new(), fault: None, is_closing: false };
    let mut waiting = 0;
    for piece in chunks(stream, pattern) {
        let mut input = piece;
        loop {
            match port.next(NOW, &mut input, &mut talk.said) {
                Ok(None) => break,
                Ok(Some(Asked::Upgraded)) => {
                    talk.asked.push(Asked::Upgraded);
                    return talk;
                }
                Ok(Some(asked)) => {
                    waiting += usize::from(matches!(asked, Asked::Message(_)));
                    answer(&mut port, &asked, manner, &mut waiting, &mut talk.said);
                    talk.asked.push(asked);
                }
                Err(fault) => {
                    talk.fault = Some(fault);
                    return talk;
                }
            }
        }
        assert!(port.buffered() <= 2 * BYTES_MAX.max(HEAD_BYTES_MAX), "{}", port.buffered());
    }
    talk.is_closing = port.is_closing();
    talk
}

/// Answers as a gateway may: at once, some requests later, or with an error.
fn answer(port: &mut HttpPort, asked: &Asked, manner: u8, waiting: &mut usize, out: &mut Vec<u8>) {
    match asked {
        Asked::Announced(_) if manner & 8 != 0 => {
            port.discard();
            port.reply_error(out, -404);
        }
        Asked::Message(_) if manner & 4 != 0 => {
            port.reply(out, b"newest");
            *waiting -= 1;
        }
        Asked::Message(_) => {
            while *waiting > usize::from(manner & 3) {
                assert!(port.respond(out, b"body"), "somebody waits");
                *waiting -= 1;
            }
        }
        _ => {}
    }
}

/// Everything that was said is a row of responses, each as long as it says.
fn check_responses(talk: &Talk) {
    let mut rest = &talk.said[..];
    while !rest.is_empty() {
        let end = rest.windows(4).position(|four| four == b"\r\n\r\n").expect("a whole head") + 4;
        let (head, behind) = rest.split_at(end);
        let head = std::str::from_utf8(head).expect("heads are ours");
        assert!(head.starts_with("HTTP/1.1 "), "{head}");
        let len = head.lines().find_map(|line| line.strip_prefix("Content-Length: "));
        let len = len.map_or(0, |len| len.parse().expect("a length"));
        // A HEAD request is told how much a GET would have got; nothing but another head follows.
        let has_body = behind.len() >= len && !behind.starts_with(b"HTTP/1.1 ");
        rest = &behind[if has_body { len } else { 0 }..];
    }
}

pub(super) fn seeds() -> Vec<Vec<u8>> {
    let post = "POST /api HTTP/1.1\r\nContent-Length: 8\r\n\r\n8 bytes.";
    let long = format!("POST /apiw HTTP/1.1\r\nContent-Length: 200\r\n\r\n{}", "x".repeat(200));
    let once = "POST http://dc:80/api_test HTTP/1.0\r\nConnection: close\r\nExpect: 100-continue\r\n\
                Content-Length: 8\r\n\r\n8 bytes.";
    let upgrade = "GET /apiws_premium HTTP/1.1\r\nHost: dc\r\nConnection: keep-alive, Upgrade\r\n\
                   Upgrade: websocket\r\nSec-WebSocket-Version: 13\r\n\
                   Sec-WebSocket-Protocol: chat, binary\r\n\
                   Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n";
    let first = "OPTIONS /apiw1 HTTP/1.1\r\nOrigin: https://web.example\r\n\r\n";
    let odd = "HEAD /api HTTP/1.1\r\n\r\n";
    let streams = [post.repeat(4), format!("{first}{long}{post}"), format!("{post}{once}")];
    let streams = streams.into_iter().chain([upgrade.to_owned(), format!("{first}{odd}")]);
    let manners = [0, 2, 4, 9, 0];
    streams.zip(manners).map(|(text, manner)| [&[manner, 5], text.as_bytes()].concat()).collect()
}

const NOW: Timestamp = Timestamp::from_secs(1_700_000_000);
const BYTES_MAX: usize = 2048;
const UNANNOUNCED_BYTES_MAX: usize = 64;
const HEAD_BYTES_MAX: usize = 8 << 10;
