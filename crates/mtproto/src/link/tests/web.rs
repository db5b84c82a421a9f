//! Links in a WebSocket, and links over HTTP.

use std::collections::HashMap;
use std::sync::Arc;

use heliogram_crypto::{AuthKey, SeededRandom, Side};
use heliogram_ids::{AuthKeyId, MsgId};
use heliogram_tl::Encode as _;
use heliogram_tl::mtproto::ReqPq;

use super::pair::*;
use crate::Fault;
use crate::link::*;
use crate::message::{plain, seal};
use crate::transport::Framing;

const UPGRADE: &str = "GET /apiws HTTP/1.1\r\nHost: dc\r\nConnection: Upgrade\r\n\
    Upgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Protocol: binary\r\n\
    Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n";

/// A masked frame of binary data.
fn masked(content: &[u8]) -> Vec<u8> {
    let mut out = vec![0x82, 0x80 | 126];
    out.extend_from_slice(&u16::try_from(content.len()).unwrap().to_be_bytes());
    out.extend_from_slice(&[9, 8, 7, 6]);
    out.extend(content.iter().zip([9, 8, 7, 6].iter().cycle()).map(|(byte, mask)| byte ^ mask));
    out
}

/// The content of each frame of the server's.
fn unframed(mut bytes: &[u8]) -> Vec<Vec<u8>> {
    let mut contents = Vec::new();
    while let [0x82, short, rest @ ..] = bytes {
        let (len, rest) = match short {
            126 => {
                let (len, rest) = rest.split_first_chunk().unwrap();
                (usize::from(u16::from_be_bytes(*len)), rest)
            }
            short => (usize::from(*short), rest),
        };
        let (content, rest) = rest.split_at(len);
        contents.push(content.to_vec());
        bytes = rest;
    }
    assert_eq!(bytes, b"", "nothing but whole frames of binary data");
    contents
}

/// A client behind a WebSocket: what it writes is framed, what it reads is unframed.
struct Browser {
    pair: Pair,
    /// Bytes per frame of the client's.
    frame: usize,
}

impl Browser {
    fn new(frame: usize, chunk: usize) -> Self {
        let disguise = Disguise::new(Framing::Abridged, 2, None).unwrap();
        let pair = Pair::new(ClientTransport::Obfuscated(disguise), None, chunk);
        let mut browser = Self { pair, frame };
        browser.say(UPGRADE.as_bytes()).unwrap();
        let mut out = Vec::new();
        browser.pair.server.poll_transmit(&mut out);
        let head = String::from_utf8(out).unwrap();
        assert!(head.starts_with("HTTP/1.1 101 "), "{head}");
        assert!(head.contains("Sec-WebSocket-Protocol: binary\r\n"), "{head}");
        browser
    }

    fn say(&mut self, bytes: &[u8]) -> Result<(), Fault> {
        let pair = &mut self.pair;
        for piece in bytes.to_vec().chunks_mut(pair.chunk) {
            pair.server.handle_bytes(NOW, piece, &pair.keys, &mut pair.rng)?;
        }
        Ok(())
    }

    fn reach_server(&mut self) -> Vec<LinkEvent> {
        let mut bytes = Vec::new();
        self.pair.client.poll_transmit(&mut bytes);
        let framed: Vec<u8> = bytes.chunks(self.frame).flat_map(masked).collect();
        self.say(&framed).unwrap();
        std::iter::from_fn(|| self.pair.server.poll_event()).collect()
    }

    /// How many messages of the socket's came, and what they meant.
    fn reach_client(&mut self) -> (usize, Vec<ClientEvent>) {
        let mut bytes = Vec::new();
        self.pair.server.poll_transmit(&mut bytes);
        let frames = unframed(&bytes);
        let pair = &mut self.pair;
        for mut frame in frames.clone() {
            pair.client.handle_bytes(NOW, &mut frame, &pair.keys, &mut pair.rng).unwrap();
        }
        (frames.len(), std::iter::from_fn(|| pair.client.poll_event()).collect())
    }
}

#[test]
fn a_key_is_made_in_a_websocket_however_it_is_cut() {
    for (frame, chunk) in [(usize::MAX, usize::MAX), (64, 1), (5, 7), (1, 1000)] {
        let mut browser = Browser::new(frame, chunk);
        let config = handshake_config(None);
        browser.pair.client.start_handshake(NOW, config, &mut browser.pair.rng);
        for _ in 0..2 {
            browser.reach_server();
            assert_eq!(browser.reach_client().0, 1);
        }
        let created = browser.reach_server().pop();
        assert!(matches!(created, Some(LinkEvent::KeyCreated { .. })), "{created:?}");
        let ready = browser.reach_client().1.pop();
        assert!(matches!(ready, Some(ClientEvent::KeyReady(_))), "{ready:?}");
    }
}

#[test]
fn each_frame_is_a_message_of_the_websocket() {
    let mut browser = Browser::new(usize::MAX, usize::MAX);
    let key = Arc::new(AuthKey::new([5; 256]));
    browser.pair.keys.insert(AuthKeyId(key.id()), Arc::clone(&key));
    browser.pair.client.send(&mut browser.pair.rng, &key, &message(4, 4));
    browser.pair.client.send(&mut browser.pair.rng, &key, &message(8, 8));
    assert_eq!(browser.reach_server().len(), 2);
    for id in [5, 9, 13] {
        browser.pair.server.send(&mut browser.pair.rng, &key, &message(id, 2000));
    }
    let (frames, events) = browser.reach_client();
    assert_eq!((frames, events.len()), (3, 3));
}

#[test]
fn a_websocket_hides_nothing_but_an_obfuscated_stream() {
    for plain in [&[0xef; 64][..], &[0xee; 64], b"GET /apiws HTTP/1.1\r\n\r\n"] {
        let mut browser = Browser::new(usize::MAX, usize::MAX);
        assert!(browser.say(&masked(plain)).is_err());
    }
}

#[test]
fn a_websocket_is_closed_with_a_word() {
    // A ping, and the end; then two breaches of its protocol.
    check_last_words(
        &[0x89, 0x82, 0, 0, 0, 0, 5, 6, 0x88, 0x80, 0, 0, 0, 0],
        &[0x8a, 2, 5, 6, 0x88, 2, 3, 232],
    );
    check_last_words(&[0x81, 0x80, 0, 0, 0, 0], &[0x88, 2, 3, 235]);
    check_last_words(&[0x82, 0x00], &[0x88, 2, 3, 234]);
}

#[track_caller]
fn check_last_words(bytes: &[u8], expected: &[u8]) {
    let mut browser = Browser::new(usize::MAX, 1);
    browser.say(bytes).unwrap();
    let mut out = Vec::new();
    browser.pair.server.poll_transmit(&mut out);
    assert_eq!(out, expected);
    assert!(browser.pair.server.is_closing());
    browser.say(b"never read").unwrap();
}

/// The status and the body of each response.
fn responses(mut bytes: &[u8]) -> Vec<(u16, Vec<u8>)> {
    let mut found = Vec::new();
    while !bytes.is_empty() {
        let end = bytes.windows(4).position(|four| four == b"\r\n\r\n").unwrap() + 4;
        let (head, rest) = bytes.split_at(end);
        let head = std::str::from_utf8(head).unwrap();
        let status = head.split(' ').nth(1).unwrap().parse().unwrap();
        let len = head.rsplit(": ").next().unwrap().trim().parse().unwrap();
        let (body, rest) = rest.split_at(len);
        found.push((status, body.to_vec()));
        bytes = rest;
    }
    found
}

pub(super) fn post(body: &[u8]) -> Vec<u8> {
    let head = format!("POST /api HTTP/1.1\r\nContent-Length: {}\r\n\r\n", body.len());
    [head.as_bytes(), body].concat()
}

/// What a server says to requests, and what it noticed.
pub(super) fn posted(
    link: &mut ServerLink,
    bytes: &[u8],
    keys: &HashMap<AuthKeyId, Arc<AuthKey>>,
) -> (Vec<(u16, Vec<u8>)>, Vec<LinkEvent>) {
    let mut rng = SeededRandom::new(62);
    for piece in bytes.to_vec().chunks_mut(7) {
        link.handle_bytes(NOW, piece, keys, &mut rng).unwrap();
    }
    let mut out = Vec::new();
    link.poll_transmit(&mut out);
    (responses(&out), std::iter::from_fn(|| link.poll_event()).collect())
}

#[test]
fn a_handshake_over_http_is_answered_at_once() {
    let mut link = ServerLink::new(server_config(None));
    let mut payload = Vec::new();
    plain::seal(&mut payload, MsgId(4), &ReqPq { nonce: [1; 16] }.to_bytes());
    let twice = [post(&payload), post(&payload)].concat();
    let (answers, _) = posted(&mut link, &twice, &HashMap::new());
    assert!(link.is_http());
    let [(200, first), (200, second)] = &answers[..] else { panic!("{answers:?}") };
    assert_eq!(first[20..], second[20..], "a repeated question has the same answer");
}

#[test]
fn a_handshake_over_http_may_change_connections() {
    let lobby = Arc::default();
    let mut client = Pair::plain(Framing::Intermediate);
    client.client.start_handshake(NOW, handshake_config(None), &mut client.rng);
    let mut created = None;
    for _ in 0..3 {
        let mut link = ServerLink::beside(server_config(None), Arc::clone(&lobby));
        let mut said = Vec::new();
        client.client.poll_transmit(&mut said);
        // Behind the preamble of the plain transport, which comes once, and the length.
        let body = said.strip_prefix(&[0xee; 4]).unwrap_or(&said);
        let (answers, mut events) = posted(&mut link, &post(&body[4..]), &HashMap::new());
        let [(200, answer)] = &answers[..] else { panic!("{answers:?}") };
        let len = u32::try_from(answer.len()).unwrap();
        let mut heard = [&len.to_le_bytes()[..], answer].concat();
        client.client.handle_bytes(NOW, &mut heard, &client.keys, &mut client.rng).unwrap();
        created = events.pop();
    }
    assert!(matches!(created, Some(LinkEvent::KeyCreated { .. })), "{created:?}");
    assert!(matches!(client.client.poll_event(), Some(ClientEvent::KeyReady(_))));
}

#[test]
fn an_unknown_key_is_not_found() {
    let mut link = ServerLink::new(server_config(None));
    let long = vec![7; 64 << 10];
    let (answers, events) =
        posted(&mut link, &[post(&[7; 88]), post(&long)].concat(), &HashMap::new());
    let not_found = (404, (-404_i32).to_le_bytes().to_vec());
    assert_eq!(answers, [not_found.clone(), not_found]);
    assert!(events.is_empty() && !link.is_closing());
}

#[test]
fn messages_over_http_wait_for_what_is_sent() {
    let key = Arc::new(AuthKey::new([5; 256]));
    let keys = HashMap::from([(AuthKeyId(key.id()), Arc::clone(&key))]);
    let mut rng = SeededRandom::new(63);
    let sealed = |id: i64, rng: &mut SeededRandom| {
        let mut payload = Vec::new();
        seal(&mut payload, &key, Side::Client, &message(id, 40), rng);
        payload
    };
    let mut question = Vec::new();
    plain::seal(&mut question, MsgId(4), &ReqPq { nonce: [1; 16] }.to_bytes());

    let mut link = ServerLink::new(server_config(None));
    let requests =
        [post(&sealed(4, &mut rng)), post(&sealed(8, &mut rng)), post(&question)].concat();
    let (answers, events) = posted(&mut link, &requests, &keys);
    assert!(answers.is_empty(), "{answers:?}");
    assert_eq!(events.len(), 2);
    assert!(link.is_blocked(), "the answer to the question has to wait");

    let mut out = Vec::new();
    link.send(&mut rng, &key, &message(5, 40));
    link.poll_transmit(&mut out);
    assert_eq!(responses(&out).len(), 1);
    out.clear();
    link.send(&mut rng, &key, &message(9, 40));
    link.poll_transmit(&mut out);
    assert_eq!(responses(&out).len(), 2);
    assert!(!link.is_blocked());
}
