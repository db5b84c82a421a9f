//! What is written back: the heads of responses, and refusals with their reasons.

/// A status code and what it says, here.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) struct Status {
    code: u16,
    phrase: &'static str,
}

impl Status {
    pub(super) const OK: Self = Self::new(200, "OK");
    const NO_CONTENT: Self = Self::new(204, "No Content");
    pub(super) const BAD_REQUEST: Self = Self::new(400, "Bad Request");
    pub(super) const SUBPROTOCOL: Self = Self::new(400, "Subprotocol Must Be Binary");
    pub(super) const NOT_FOUND: Self = Self::new(404, "Not Found");
    pub(super) const METHOD_NOT_ALLOWED: Self = Self::new(405, "Method Not Allowed");
    pub(super) const TIMEOUT: Self = Self::new(408, "Request Timeout");
    pub(super) const LENGTH_REQUIRED: Self = Self::new(411, "Length Required");
    pub(super) const BODY_TOO_LARGE: Self = Self::new(413, "Content Too Large");
    pub(super) const EXPECTATION_FAILED: Self = Self::new(417, "Expectation Failed");
    pub(super) const UPGRADE_REQUIRED: Self = Self::new(426, "Upgrade Required");
    pub(super) const HEAD_TOO_LARGE: Self = Self::new(431, "Request Header Fields Too Large");
    pub(super) const NOT_IMPLEMENTED: Self = Self::new(501, "Not Implemented");

    const fn new(code: u16, phrase: &'static str) -> Self {
        Self { code, phrase }
    }

    /// What HTTP calls a transport error, which is such a code below zero.
    pub(super) fn of_error(code: i32) -> Self {
        let code = u16::try_from(code.unsigned_abs()).ok();
        let code = code.filter(|code| (400..600).contains(code)).unwrap_or(500);
        Self::new(code, "Transport Error")
    }
}

/// How one request wants to be answered.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) struct Manner {
    pub(super) cors: bool,
    pub(super) keep_alive: bool,
}

/// A request that is not served. The connection ends after it.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) struct Refusal {
    pub(super) status: Status,
    /// Header fields that say how it would be right.
    pub(super) advice: &'static str,
    pub(super) has_body: bool,
}

impl Refusal {
    pub(super) const fn new(status: Status) -> Self {
        Self::with(status, "")
    }

    pub(super) const fn with(status: Status, advice: &'static str) -> Self {
        Self { status, advice, has_body: true }
    }

    /// The whole response.
    pub(super) fn write(&self, out: &mut Vec<u8>) {
        let Status { code, phrase } = self.status;
        let (advice, len) = (self.advice, phrase.len() + 1);
        let head = format!(
            "HTTP/1.1 {code} {phrase}\r\nContent-Type: text/plain\r\n{advice}\
             Connection: close\r\nContent-Length: {len}\r\n\r\n"
        );
        out.extend_from_slice(head.as_bytes());
        if self.has_body {
            out.extend_from_slice(phrase.as_bytes());
            out.push(b'\n');
        }
    }
}

/// The head of a response whose body, a message or an error, has `len` bytes.
// Seen: Telethon 1.45 reads the body right behind the length, so nothing may follow that line.
pub(super) fn write_head(out: &mut Vec<u8>, status: Status, manner: Manner, len: usize) {
    let Status { code, phrase } = status;
    let cors = if manner.cors { CORS } else { "" };
    let connection = if manner.keep_alive { "keep-alive" } else { "close" };
    let head = format!(
        "HTTP/1.1 {code} {phrase}\r\nContent-Type: application/octet-stream\r\n\
         Cache-Control: no-store\r\n{cors}Connection: {connection}\r\nContent-Length: {len}\r\n\r\n"
    );
    out.extend_from_slice(head.as_bytes());
}

/// The response to a browser that asks before it lets a page send.
pub(super) fn write_preflight(out: &mut Vec<u8>, keep_alive: bool) {
    let Status { code, phrase } = Status::NO_CONTENT;
    let connection = if keep_alive { "keep-alive" } else { "close" };
    let head = format!(
        "HTTP/1.1 {code} {phrase}\r\n{CORS}Access-Control-Allow-Methods: POST, OPTIONS\r\n\
         Access-Control-Allow-Headers: origin, content-type\r\n\
         Access-Control-Max-Age: 86400\r\nConnection: {connection}\r\n\r\n"
    );
    out.extend_from_slice(head.as_bytes());
}

/// The last words in HTTP of a connection that goes on as a WebSocket.
pub(super) fn write_upgrade(out: &mut Vec<u8>, accept: &str) {
    let head = format!(
        "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\
         Sec-WebSocket-Accept: {accept}\r\nSec-WebSocket-Protocol: binary\r\n\r\n"
    );
    out.extend_from_slice(head.as_bytes());
}

/// Tells a client that its body is welcome.
pub(super) const CONTINUE: &[u8] = b"HTTP/1.1 100 Continue\r\n\r\n";

/// Whoever holds a key may use it from any page: there is no cookie that another could abuse.
const CORS: &str = "Access-Control-Allow-Origin: *\r\n";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_length_is_the_last_line_of_the_head() {
        for cors in [false, true] {
            let mut out = Vec::new();
            write_head(&mut out, Status::OK, Manner { cors, keep_alive: true }, 12);
            let text = String::from_utf8(out).unwrap();
            assert!(text.ends_with("\r\nContent-Length: 12\r\n\r\n"), "{text}");
            assert_eq!(text.contains("Access-Control-Allow-Origin: *\r\n"), cors);
        }
    }

    #[test]
    fn transport_errors_have_a_status_of_their_own() {
        for (code, expected) in [(-404, 404), (-429, 429), (-444, 444), (-1, 500), (i32::MIN, 500)]
        {
            assert_eq!(Status::of_error(code).code, expected);
        }
    }

    #[test]
    fn a_refusal_without_body_still_says_how_long_it_would_be() {
        let mut out = Vec::new();
        Refusal { has_body: false, ..Refusal::new(Status::NOT_FOUND) }.write(&mut out);
        let text = String::from_utf8(out).unwrap();
        assert!(text.ends_with("Connection: close\r\nContent-Length: 10\r\n\r\n"), "{text}");
    }
}
