//! The head of a request, judged: what is asked, or why it is refused.
//!
//! Whoever gets a refusal is hung up on after it: what follows a head that was not understood
//! cannot be trusted to be another one.

use httparse::{EMPTY_HEADER, Header};

use super::response::{Refusal, Status};
use crate::transport::websocket;

/// A request that makes sense.
#[derive(Debug, Eq, PartialEq)]
pub(super) struct Request {
    pub(super) asked: Asked,
    /// Whether the connection outlives the response.
    pub(super) keep_alive: bool,
}

/// What a request is for.
#[derive(Debug, Eq, PartialEq)]
pub(super) enum Asked {
    /// A message lies in the body.
    Message {
        /// Length of the body.
        len: usize,
        /// Whether a page of another origin may read the response.
        cors: bool,
        /// Whether the body is held back until it is welcome.
        expects_continue: bool,
    },
    /// A browser asks whether a page of another origin may send messages.
    Preflight,
    /// The connection is to go on as a WebSocket.
    Upgrade {
        /// Proof that the client's key was read.
        accept: String,
    },
}

/// Judges a whole head, its empty line included.
pub(super) fn parse(head: &[u8], body_bytes_max: usize) -> Result<Request, Refusal> {
    let mut headers = [EMPTY_HEADER; HEADERS_MAX];
    let mut parsed = httparse::Request::new(&mut headers);
    match parsed.parse(head) {
        Ok(httparse::Status::Complete(len)) if len == head.len() => {}
        Err(httparse::Error::TooManyHeaders) => return Err(Refusal::new(Status::HEAD_TOO_LARGE)),
        _ => return Err(Refusal::new(Status::BAD_REQUEST)),
    }
    let (Some(method), Some(target)) = (parsed.method, parsed.path) else {
        return Err(Refusal::new(Status::BAD_REQUEST));
    };
    let fields = Fields(parsed.headers);
    let keep_alive = match parsed.version {
        Some(0) => fields.has_token("Connection", "keep-alive"),
        _ => !fields.has_token("Connection", "close"),
    };
    let asked = asked(method, target, &fields, body_bytes_max)
        .map_err(|refusal| Refusal { has_body: method != "HEAD", ..refusal })?;
    Ok(Request { asked, keep_alive })
}

fn asked(
    method: &str,
    target: &str,
    fields: &Fields<'_, '_>,
    body_bytes_max: usize,
) -> Result<Asked, Refusal> {
    let endpoint = Endpoint::at(target).ok_or(Refusal::new(Status::NOT_FOUND))?;
    match (endpoint, method) {
        (Endpoint::Messages { cors }, "POST") => message(fields, cors, body_bytes_max),
        (Endpoint::Messages { .. }, "OPTIONS") => Ok(Asked::Preflight),
        (Endpoint::WebSocket, "GET") => upgrade(fields),
        (Endpoint::Messages { .. }, _) => {
            Err(Refusal::with(Status::METHOD_NOT_ALLOWED, "Allow: POST, OPTIONS\r\n"))
        }
        (Endpoint::WebSocket, _) => {
            Err(Refusal::with(Status::METHOD_NOT_ALLOWED, "Allow: GET\r\n"))
        }
    }
}

fn message(fields: &Fields<'_, '_>, cors: bool, bytes_max: usize) -> Result<Asked, Refusal> {
    if fields.values("Transfer-Encoding").next().is_some() {
        // Messages have a length. Nobody sends them in pieces of unknown number.
        return Err(Refusal::new(Status::NOT_IMPLEMENTED));
    }
    let expects_continue = match fields.only("Expect")? {
        None => false,
        Some(value) if value.eq_ignore_ascii_case("100-continue") => true,
        Some(_) => return Err(Refusal::new(Status::EXPECTATION_FAILED)),
    };
    let len = fields.only("Content-Length")?.ok_or(Refusal::new(Status::LENGTH_REQUIRED))?;
    let is_number = !len.is_empty() && len.bytes().all(|byte| byte.is_ascii_digit());
    if !is_number {
        return Err(Refusal::new(Status::BAD_REQUEST));
    }
    // Digits that are no number are too many of them.
    let len = len.parse().unwrap_or(usize::MAX);
    if len > bytes_max {
        return Err(Refusal::new(Status::BODY_TOO_LARGE));
    }
    if len < MESSAGE_BYTES_MIN {
        return Err(Refusal::new(Status::BAD_REQUEST));
    }
    Ok(Asked::Message { len, cors, expects_continue })
}

fn upgrade(fields: &Fields<'_, '_>) -> Result<Asked, Refusal> {
    let is_wanted =
        fields.has_token("Connection", "upgrade") && fields.has_token("Upgrade", "websocket");
    if !is_wanted || fields.only("Sec-WebSocket-Version")? != Some("13") {
        let how = "Upgrade: websocket\r\nSec-WebSocket-Version: 13\r\n";
        return Err(Refusal::with(Status::UPGRADE_REQUIRED, how));
    }
    // Spec: mtproto/transports#websocket: the subprotocol `binary` must be asked for.
    if !fields.has_token("Sec-WebSocket-Protocol", "binary") {
        return Err(Refusal::new(Status::SUBPROTOCOL));
    }
    let key = fields.only("Sec-WebSocket-Key")?.ok_or(Refusal::new(Status::BAD_REQUEST))?;
    let accept = websocket::accept(key).ok_or(Refusal::new(Status::BAD_REQUEST))?;
    Ok(Asked::Upgrade { accept })
}

/// What lies at a path.
#[derive(Clone, Copy)]
enum Endpoint {
    Messages { cors: bool },
    WebSocket,
}

impl Endpoint {
    /// The suffixes name environments, which are one here; the letter `w` is for browsers.
    // Seen: TDLib 2020-07 puts the whole address into the request line when a proxy is in between.
    fn at(target: &str) -> Option<Self> {
        let path = match target.split_once("://") {
            Some((_, rest)) => rest.get(rest.find('/')?..)?,
            None => target,
        };
        let path = path.split('?').next()?;
        let kind = path.strip_prefix("/api")?;
        let kind =
            ["_test", "_premium"].iter().find_map(|end| kind.strip_suffix(end)).unwrap_or(kind);
        match kind {
            "" => Some(Self::Messages { cors: false }),
            "w" | "w1" => Some(Self::Messages { cors: true }),
            "ws" => Some(Self::WebSocket),
            _ => None,
        }
    }
}

/// The header fields of a request.
struct Fields<'h, 'b>(&'h [Header<'b>]);

impl<'b> Fields<'_, 'b> {
    fn values(&self, name: &'static str) -> impl Iterator<Item = &'b [u8]> {
        let named = move |header: &&Header<'b>| header.name.eq_ignore_ascii_case(name);
        self.0.iter().filter(named).map(|header| header.value)
    }

    /// The value of a field that may stand there once.
    fn only(&self, name: &'static str) -> Result<Option<&'b str>, Refusal> {
        let mut values = self.values(name);
        let Some(value) = values.next() else { return Ok(None) };
        let value = std::str::from_utf8(value).ok().filter(|_| values.next().is_none());
        value.map(|value| Some(value.trim())).ok_or(Refusal::new(Status::BAD_REQUEST))
    }

    /// Whether a list, which may be spread over several fields, has the token.
    fn has_token(&self, name: &'static str, token: &str) -> bool {
        self.values(name)
            .filter_map(|value| std::str::from_utf8(value).ok())
            .flat_map(|value| value.split(','))
            .any(|found| found.trim().eq_ignore_ascii_case(token))
    }
}

/// Header fields of one request; browsers send a dozen.
const HEADERS_MAX: usize = 64;
/// The id of a key, which opens every message.
const MESSAGE_BYTES_MIN: usize = 8;

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(head: &str) -> Result<Request, Refusal> {
        parse(head.replace('\n', "\r\n").as_bytes(), 1000)
    }

    #[track_caller]
    fn check_message(head: &str, keep_alive: bool, cors: bool) {
        let asked = Asked::Message { len: 40, cors, expects_continue: false };
        assert_eq!(parsed(head), Ok(Request { asked, keep_alive }));
    }

    #[track_caller]
    fn check_refused(head: &str, status: Status) {
        assert_eq!(parsed(head).map_err(|refusal| refusal.status), Err(status));
    }

    #[test]
    fn messages_come_to_every_address_that_clients_know() {
        check_message("POST /api HTTP/1.1\nContent-Length: 40\n\n", true, false);
        check_message("POST /api_test HTTP/1.1\nContent-Length: 40\n\n", true, false);
        check_message("POST /apiw HTTP/1.1\ncontent-length:40\n\n", true, true);
        check_message("POST /apiw1?x=1 HTTP/1.1\nContent-Length: 40\n\n", true, true);
        check_message("POST HTTP://dc:80/api HTTP/1.1\nContent-Length: 40\n\n", true, false);
    }

    #[test]
    fn a_connection_lives_on_if_both_sides_want_it() {
        let close = "POST /api HTTP/1.1\nConnection: te, Close\nContent-Length: 40\n\n";
        check_message(close, false, false);
        check_message("POST /api HTTP/1.0\nContent-Length: 40\n\n", false, false);
        let kept = "POST /api HTTP/1.0\nConnection: Keep-Alive\nContent-Length: 40\n\n";
        check_message(kept, true, false);
    }

    #[test]
    fn what_is_refused_is_told_why() {
        check_refused("GET / HTTP/1.1\n\n", Status::NOT_FOUND);
        check_refused("GET /api/x HTTP/1.1\n\n", Status::NOT_FOUND);
        check_refused("POST http://dc HTTP/1.1\n\n", Status::NOT_FOUND);
        check_refused("GET /api HTTP/1.1\n\n", Status::METHOD_NOT_ALLOWED);
        check_refused("POST /apiws HTTP/1.1\n\n", Status::METHOD_NOT_ALLOWED);
        check_refused("POST /api HTTP/1.1\n\n", Status::LENGTH_REQUIRED);
        check_refused("POST /api HTTP/1.1\nContent-Length: 4\n\n", Status::BAD_REQUEST);
        check_refused("POST /api HTTP/1.1\nContent-Length: +40\n\n", Status::BAD_REQUEST);
        check_refused("POST /api HTTP/1.1\nContent-Length: 1001\n\n", Status::BODY_TOO_LARGE);
        let absurd = format!("POST /api HTTP/1.1\nContent-Length: {}\n\n", "9".repeat(50));
        check_refused(&absurd, Status::BODY_TOO_LARGE);
        let twice = "POST /api HTTP/1.1\nContent-Length: 40\nContent-Length: 41\n\n";
        check_refused(twice, Status::BAD_REQUEST);
        let pieces = "POST /api HTTP/1.1\nTransfer-Encoding: chunked\n\n";
        check_refused(pieces, Status::NOT_IMPLEMENTED);
        let pieces = "POST /api HTTP/1.1\nContent-Length: 40\nTransfer-Encoding: gzip\n\n";
        check_refused(pieces, Status::NOT_IMPLEMENTED);
        let hope = "POST /api HTTP/1.1\nExpect: miracles\nContent-Length: 40\n\n";
        check_refused(hope, Status::EXPECTATION_FAILED);
        check_refused("\u{0}\u{1} nonsense\n\n", Status::BAD_REQUEST);
        let many = "a: b\n".repeat(HEADERS_MAX + 1);
        check_refused(&format!("POST /api HTTP/1.1\n{many}\n"), Status::HEAD_TOO_LARGE);
    }

    #[test]
    fn browsers_are_told_that_they_may() {
        let head = "OPTIONS /apiw HTTP/1.1\nOrigin: https://web.example\n\n";
        assert_eq!(parsed(head), Ok(Request { asked: Asked::Preflight, keep_alive: true }));
    }

    const KEY: &str = "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\n";

    fn upgrade_head(fields: &str) -> String {
        format!("GET /apiws HTTP/1.1\nHost: dc\n{fields}\n")
    }

    #[test]
    fn a_websocket_is_opened_as_browsers_ask_for_it() {
        // Key and answer are those of RFC 6455, section 1.3.
        let head = upgrade_head(&format!(
            "Connection: keep-alive, Upgrade\nUpgrade: WebSocket\nSec-WebSocket-Version: 13\n\
             Sec-WebSocket-Protocol: chat, binary\n{KEY}"
        ));
        let accept = "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=".to_owned();
        let asked = Asked::Upgrade { accept };
        assert_eq!(parsed(&head), Ok(Request { asked, keep_alive: true }));
    }

    #[test]
    fn half_an_upgrade_is_none() {
        let wish = "Connection: Upgrade\nUpgrade: websocket\n";
        let whole = format!("{wish}Sec-WebSocket-Version: 13\nSec-WebSocket-Protocol: binary\n");
        check_refused(&upgrade_head(""), Status::UPGRADE_REQUIRED);
        check_refused(&upgrade_head(wish), Status::UPGRADE_REQUIRED);
        let old = format!("{wish}Sec-WebSocket-Version: 8\n");
        check_refused(&upgrade_head(&old), Status::UPGRADE_REQUIRED);
        check_refused(&upgrade_head(&whole), Status::BAD_REQUEST);
        let bad_key = format!("{whole}Sec-WebSocket-Key: short\n");
        check_refused(&upgrade_head(&bad_key), Status::BAD_REQUEST);
        let other = format!("{wish}Sec-WebSocket-Version: 13\nSec-WebSocket-Protocol: chat\n{KEY}");
        check_refused(&upgrade_head(&other), Status::SUBPROTOCOL);
    }
}
