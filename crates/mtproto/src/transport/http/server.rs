//! The server's end of an HTTP connection: requests in, and their responses in the same order.

use std::collections::VecDeque;
use std::time::Duration;

use heliogram_ids::Timestamp;

use super::request::{self, Asked};
use super::response::{self, Manner, Refusal, Status};
use crate::Fault;
use crate::transport::decode::{FrameLimits, Partial};
use crate::transport::{QuickAck, Received};

/// An HTTP connection on which messages are exchanged.
#[derive(Debug)]
pub(crate) struct HttpServer {
    limits: FrameLimits,
    reading: Reading,
    /// Requests without a response, the oldest first. One that has its response waits only for
    /// those before it, so the first of them never does.
    slots: VecDeque<Slot>,
    /// Nothing is read any more, and the connection ends with the last response.
    is_last: bool,
    /// When the head that is being read must be whole.
    head_due: Option<Timestamp>,
}

/// What came in.
#[derive(Debug, Eq, PartialEq)]
pub(crate) enum HttpEvent {
    /// The body of a request, or its announcement.
    Received(Received),
    /// Everything from here on is a WebSocket's.
    Upgraded,
}

#[derive(Debug)]
enum Reading {
    Head(Vec<u8>),
    Body(Partial),
}

#[derive(Debug)]
enum Slot {
    Waiting(Manner),
    Answered(Vec<u8>),
}

impl HttpServer {
    pub(crate) fn new(bytes_max: usize, unannounced_bytes_max: usize) -> Self {
        Self {
            limits: FrameLimits { bytes_max, unannounced_bytes_max },
            reading: Reading::Head(Vec::new()),
            slots: VecDeque::new(),
            is_last: false,
            head_due: None,
        }
    }

    /// Takes bytes from the front of `input` until something is complete. What must be said at
    /// once is appended to `out`.
    pub(crate) fn next(
        &mut self,
        now: Timestamp,
        input: &mut &[u8],
        out: &mut Vec<u8>,
    ) -> Result<Option<HttpEvent>, Fault> {
        loop {
            if self.is_last && matches!(self.reading, Reading::Head(_)) {
                *input = &[];
                return Ok(None);
            }
            match &mut self.reading {
                Reading::Head(head) => {
                    if !fill_head(head, input) {
                        self.on_partial_head(now, out);
                        return Ok(None);
                    }
                    let head = std::mem::take(head);
                    self.head_due = None;
                    if self.on_head(&head, out)? {
                        return Ok(Some(HttpEvent::Upgraded));
                    }
                }
                Reading::Body(partial) => {
                    partial.fill(input);
                    if let Some(announced) = partial.announce() {
                        return Ok(Some(HttpEvent::Received(announced)));
                    }
                    if !partial.is_whole() {
                        return Ok(None);
                    }
                    let partial = std::mem::replace(&mut self.reading, Reading::Head(Vec::new()));
                    if let Reading::Body(partial) = partial
                        && let Some(payload) = partial.into_content()
                    {
                        let quick_ack = QuickAck::Unwanted;
                        let received = Received::Payload { payload, quick_ack };
                        return Ok(Some(HttpEvent::Received(received)));
                    }
                }
            }
        }
    }

    /// Drops the body that was just announced.
    pub(crate) fn discard(&mut self) {
        if let Reading::Body(partial) = &mut self.reading {
            partial.discard();
        }
    }

    /// Answers the oldest request that waits, with a payload of `len` bytes that `write` appends;
    /// false if none waits.
    pub(crate) fn respond(
        &mut self,
        out: &mut Vec<u8>,
        len: usize,
        write: impl FnOnce(&mut Vec<u8>),
    ) -> bool {
        let Some(Slot::Waiting(manner)) = self.slots.front() else { return false };
        response::write_head(out, Status::OK, *manner, len);
        write(out);
        self.slots.pop_front();
        self.release(out);
        true
    }

    /// Answers the newest request, which need not be its turn yet.
    pub(crate) fn reply(&mut self, out: &mut Vec<u8>, payload: &[u8]) {
        self.answer_newest(out, Status::OK, payload);
    }

    /// Answers the newest request with a transport error.
    pub(crate) fn reply_error(&mut self, out: &mut Vec<u8>, code: i32) {
        self.answer_newest(out, Status::of_error(code), &code.to_le_bytes());
    }

    /// Whether a response is ready and only waits for one before it.
    pub(crate) fn is_blocked(&self) -> bool {
        self.slots.iter().any(|slot| matches!(slot, Slot::Answered(_)))
    }

    /// Whether the connection is to end, now that everything is answered.
    pub(crate) fn is_closing(&self) -> bool {
        self.is_last && self.slots.is_empty() && matches!(self.reading, Reading::Head(_))
    }

    /// Gives up a head that takes too long.
    pub(crate) fn handle_timeout(&mut self, now: Timestamp, out: &mut Vec<u8>) {
        if self.head_due.is_some_and(|due| due <= now) {
            self.refuse(&Refusal::new(Status::TIMEOUT), out);
        }
    }

    /// When a head will take too long.
    pub(crate) fn poll_timeout(&self) -> Option<Timestamp> {
        self.head_due
    }

    /// Bytes held back because their request is incomplete.
    pub(crate) fn buffered(&self) -> usize {
        match &self.reading {
            Reading::Head(head) => head.capacity(),
            Reading::Body(partial) => partial.buffered(),
        }
    }

    fn on_partial_head(&mut self, now: Timestamp, out: &mut Vec<u8>) {
        let Reading::Head(head) = &self.reading else { return };
        if head.len() >= HEAD_BYTES_MAX {
            self.refuse(&Refusal::new(Status::HEAD_TOO_LARGE), out);
        } else if !head.is_empty() {
            self.head_due.get_or_insert(now + HEAD_MAX);
        }
    }

    /// Acts on a whole head; true if the connection becomes a WebSocket.
    fn on_head(&mut self, head: &[u8], out: &mut Vec<u8>) -> Result<bool, Fault> {
        let request = match request::parse(head, self.limits.bytes_max) {
            Ok(request) => request,
            Err(refusal) => {
                self.refuse(&refusal, out);
                return Ok(false);
            }
        };
        if self.slots.len() >= SLOTS_MAX {
            return Err(Fault::Limit { what: "unanswered requests", limit: SLOTS_MAX });
        }
        let keep_alive = request.keep_alive;
        match request.asked {
            Asked::Message { len, cors, expects_continue } => {
                // Before an older response, the word would be taken for that one's head.
                if expects_continue && self.slots.is_empty() {
                    out.extend_from_slice(response::CONTINUE);
                }
                self.slots.push_back(Slot::Waiting(Manner { cors, keep_alive }));
                self.reading = Reading::Body(Partial::new(len, self.limits, QuickAck::Unwanted));
                self.is_last = !keep_alive;
            }
            Asked::Preflight => {
                self.is_last = !keep_alive;
                let mut response = Vec::new();
                response::write_preflight(&mut response, keep_alive);
                self.slots.push_back(Slot::Answered(response));
                self.release(out);
            }
            Asked::Upgrade { accept } if self.slots.is_empty() => {
                response::write_upgrade(out, &accept);
                return Ok(true);
            }
            Asked::Upgrade { .. } => self.refuse(&Refusal::new(Status::BAD_REQUEST), out),
        }
        Ok(false)
    }

    /// Says no when its turn comes, and reads nothing more.
    fn refuse(&mut self, refusal: &Refusal, out: &mut Vec<u8>) {
        let mut response = Vec::new();
        refusal.write(&mut response);
        self.slots.push_back(Slot::Answered(response));
        self.is_last = true;
        self.head_due = None;
        self.reading = Reading::Head(Vec::new());
        self.release(out);
    }

    fn answer_newest(&mut self, out: &mut Vec<u8>, status: Status, payload: &[u8]) {
        let Some(Slot::Waiting(manner)) = self.slots.back() else { return };
        let mut response = Vec::new();
        response::write_head(&mut response, status, *manner, payload.len());
        response.extend_from_slice(payload);
        self.slots.pop_back();
        self.slots.push_back(Slot::Answered(response));
        self.release(out);
    }

    /// Lets go of responses whose turn it is.
    fn release(&mut self, out: &mut Vec<u8>) {
        while let Some(Slot::Answered(response)) = self.slots.front_mut() {
            out.append(response);
            self.slots.pop_front();
        }
    }
}

/// Moves bytes to the head until its empty line; true if that was reached.
fn fill_head(head: &mut Vec<u8>, input: &mut &[u8]) -> bool {
    while head.len() < HEAD_BYTES_MAX {
        let Some((&byte, rest)) = input.split_first() else { return false };
        *input = rest;
        head.push(byte);
        if head.ends_with(b"\r\n\r\n") {
            return true;
        }
    }
    false
}

/// Longest head; that of a browser has about a tenth.
const HEAD_BYTES_MAX: usize = 8 << 10;
/// How long a head may take from its first byte to its last.
const HEAD_MAX: Duration = Duration::from_secs(30);
/// Unanswered requests of one connection.
// Seen: Telethon 1.45 sends requests without waiting for responses, one for each acknowledgement.
const SLOTS_MAX: usize = 256;

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const NOW: Timestamp = Timestamp::from_secs(1_700_000_000);

    fn server() -> HttpServer {
        HttpServer::new(1 << 16, 64)
    }

    fn post(body: &[u8]) -> Vec<u8> {
        let head = format!("POST /api HTTP/1.1\r\nContent-Length: {}\r\n\r\n", body.len());
        [head.as_bytes(), body].concat()
    }

    /// Feeds bytes in chunks; the payloads that came out, and what was said at once.
    fn feed(server: &mut HttpServer, bytes: &[u8], chunk: usize) -> (Vec<Vec<u8>>, String) {
        let (mut payloads, mut out) = (Vec::new(), Vec::new());
        for mut piece in bytes.chunks(chunk) {
            while let Some(event) = server.next(NOW, &mut piece, &mut out).unwrap() {
                if let HttpEvent::Received(Received::Payload { payload, .. }) = event {
                    payloads.push(payload);
                }
            }
        }
        (payloads, String::from_utf8(out).unwrap())
    }

    fn respond(server: &mut HttpServer, body: &str) -> Option<String> {
        let mut out = Vec::new();
        let write = |out: &mut Vec<u8>| out.extend_from_slice(body.as_bytes());
        server.respond(&mut out, body.len(), write).then(|| String::from_utf8(out).unwrap())
    }

    #[test]
    fn requests_are_answered_in_their_order() {
        let mut server = server();
        let bytes = [post(b"eight or"), post(b"more bytes"), post(b"and more still")].concat();
        for chunk in [1, 7, bytes.len()] {
            let (payloads, said) = feed(&mut server, &bytes, chunk);
            assert_eq!(payloads, [&b"eight or"[..], b"more bytes", b"and more still"]);
            assert_eq!(said, "");
            let mut out = Vec::new();
            server.reply_error(&mut out, -404);
            assert!(out.is_empty() && server.is_blocked());
            assert!(respond(&mut server, "one").unwrap().ends_with("Content-Length: 3\r\n\r\none"));
            let last = server.respond(&mut out, 3, |out| out.extend_from_slice(b"two"));
            let said = String::from_utf8_lossy(&out);
            assert!(last && said.contains("two") && said.contains("HTTP/1.1 404 "), "{said}");
            assert!(!server.is_blocked() && !server.is_closing());
            assert_eq!(respond(&mut server, "none waits"), None);
        }
    }

    #[test]
    fn a_long_body_is_announced_and_may_be_dropped() {
        let mut server = server();
        let bytes = post(&[7; 4096]);
        let mut input: &[u8] = &bytes;
        let mut out = Vec::new();
        let event = server.next(NOW, &mut input, &mut out).unwrap();
        let auth_key_id = i64::from_le_bytes([7; 8]);
        let announced = Received::Announced { auth_key_id, len: 4096 };
        assert_eq!(event, Some(HttpEvent::Received(announced)));
        server.discard();
        server.reply_error(&mut out, -404);
        assert_eq!(server.next(NOW, &mut input, &mut out), Ok(None));
        assert_eq!(feed(&mut server, &post(b"the next one"), 5).0, [b"the next one"]);
    }

    #[test]
    fn a_connection_that_is_to_end_ends_with_its_last_response() {
        let mut server = server();
        let head = "POST /api HTTP/1.1\r\nConnection: close\r\nContent-Length: 8\r\n\r\n";
        let bytes = [head.as_bytes(), b"8 bytes.", &post(b"never read")].concat();
        assert_eq!(feed(&mut server, &bytes, 3).0, [b"8 bytes."]);
        assert!(!server.is_closing());
        assert!(respond(&mut server, "bye").unwrap().contains("Connection: close\r\n"));
        assert!(server.is_closing());
    }

    #[test]
    fn a_refusal_waits_for_its_turn_and_ends_the_connection() {
        let mut server = server();
        let bytes = [&post(b"a message")[..], b"GET / HTTP/1.1\r\n\r\n"].concat();
        let (payloads, said) = feed(&mut server, &bytes, 1000);
        assert_eq!((payloads.len(), said.as_str()), (1, ""));
        let said = respond(&mut server, "first").unwrap();
        assert!(said.contains("first") && said.contains("404 Not Found"), "{said}");
        assert!(server.is_closing());
    }

    #[test]
    fn a_body_that_is_held_back_is_welcomed() {
        let mut server = server();
        let head = "POST /api HTTP/1.1\r\nExpect: 100-continue\r\nContent-Length: 8\r\n\r\n";
        assert_eq!(feed(&mut server, head.as_bytes(), 99).1, "HTTP/1.1 100 Continue\r\n\r\n");
        assert_eq!(feed(&mut server, b"8 bytes.", 99).0, [b"8 bytes."]);
    }

    #[test]
    fn a_browser_may_ask_first() {
        let mut server = server();
        let (_, said) = feed(&mut server, b"OPTIONS /apiw HTTP/1.1\r\n\r\n", 99);
        assert!(said.starts_with("HTTP/1.1 204 "), "{said}");
        assert!(said.contains("Access-Control-Allow-Methods: POST, OPTIONS\r\n"));
        assert_eq!(feed(&mut server, &post(b"a message"), 99).0, [b"a message"]);
    }

    #[test]
    fn heads_are_bounded_in_length_and_in_time() {
        let mut server = server();
        let endless = vec![b'x'; HEAD_BYTES_MAX + 100];
        assert!(feed(&mut server, &endless, 100).1.starts_with("HTTP/1.1 431 "));
        assert!(server.is_closing());

        let mut server = self::server();
        assert_eq!(server.poll_timeout(), None);
        feed(&mut server, b"POST /a", 1);
        assert_eq!(server.poll_timeout(), Some(NOW + HEAD_MAX));
        let mut out = Vec::new();
        server.handle_timeout(NOW + HEAD_MAX, &mut out);
        assert!(out.starts_with(b"HTTP/1.1 408 "));
        assert!(server.is_closing());
    }

    #[test]
    fn requests_that_nobody_answers_are_bounded() {
        let mut server = server();
        let mut out = Vec::new();
        let many = post(b"eight or").repeat(SLOTS_MAX + 1);
        let mut input: &[u8] = &many;
        let fault = loop {
            match server.next(NOW, &mut input, &mut out) {
                Ok(event) => assert!(event.is_some(), "all were taken"),
                Err(fault) => break fault,
            }
        };
        assert_eq!(fault, Fault::Limit { what: "unanswered requests", limit: SLOTS_MAX });
    }

    proptest! {
        #[test]
        fn anything_may_arrive(bytes in proptest::collection::vec(any::<u8>(), 0..400), chunk in 1_usize..50) {
            let mut server = server();
            let bytes = [b"POST ", &bytes[..]].concat();
            for mut piece in bytes.chunks(chunk) {
                while let Ok(Some(_)) = server.next(NOW, &mut piece, &mut Vec::new()) {}
            }
        }
    }
}
