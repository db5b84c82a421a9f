//! HTTP and WebSocket without a link around them.

use heliogram_ids::Timestamp;

use crate::Fault;
use crate::transport::{HttpEvent, HttpServer, Piece, Received, Violation, WebSocket};

/// The server's end of an HTTP connection.
#[derive(Debug)]
pub struct HttpPort(HttpServer);

/// What a stream of requests says.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Asked {
    /// A long body begins.
    Announced(usize),
    /// A message.
    Message(Vec<u8>),
    /// The rest is a WebSocket's.
    Upgraded,
}

impl HttpPort {
    /// A connection on which nothing was said.
    pub fn new(bytes_max: usize, unannounced_bytes_max: usize) -> Self {
        Self(HttpServer::new(bytes_max, unannounced_bytes_max))
    }

    /// Takes bytes from the front of `input` until something is complete.
    ///
    /// # Errors
    /// Too much is unanswered.
    pub fn next(
        &mut self,
        now: Timestamp,
        input: &mut &[u8],
        out: &mut Vec<u8>,
    ) -> Result<Option<Asked>, Fault> {
        Ok(self.0.next(now, input, out)?.map(|event| match event {
            HttpEvent::Upgraded => Asked::Upgraded,
            HttpEvent::Received(Received::Announced { len, .. }) => Asked::Announced(len),
            HttpEvent::Received(Received::Payload { payload, .. }) => Asked::Message(payload),
            HttpEvent::Received(received) => unreachable!("no request is {received:?}"),
        }))
    }

    /// Answers the oldest request that waits; false if none does.
    pub fn respond(&mut self, out: &mut Vec<u8>, body: &[u8]) -> bool {
        self.0.respond(out, body.len(), |out| out.extend_from_slice(body))
    }

    /// Answers the newest request.
    pub fn reply(&mut self, out: &mut Vec<u8>, body: &[u8]) {
        self.0.reply(out, body);
    }

    /// Answers the newest request with a transport error.
    pub fn reply_error(&mut self, out: &mut Vec<u8>, code: i32) {
        self.0.reply_error(out, code);
    }

    /// Drops the body that was just announced.
    pub fn discard(&mut self) {
        self.0.discard();
    }

    /// Whether the connection is to end.
    pub fn is_closing(&self) -> bool {
        self.0.is_closing()
    }

    /// Bytes held back because their request is incomplete.
    pub fn buffered(&self) -> usize {
        self.0.buffered()
    }
}

/// The receiving half of a WebSocket.
#[derive(Debug, Default)]
pub struct WebSocketReader(WebSocket);

/// What a WebSocket says besides the stream that lies in it.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Control {
    /// A ping, and what it wants back.
    Ping(Vec<u8>),
    /// The end.
    Close,
}

impl WebSocketReader {
    /// Takes bytes; appends those of the stream to `stream` and everything else to `controls`.
    ///
    /// # Errors
    /// The code that closes the connection.
    pub fn read(
        &mut self,
        bytes: &mut [u8],
        stream: &mut Vec<u8>,
        controls: &mut Vec<Control>,
    ) -> Result<(), u16> {
        let mut input = bytes;
        while let Some(piece) = self.0.next(&mut input).map_err(|Violation(code)| code)? {
            match piece {
                Piece::Data(data) => stream.extend_from_slice(data),
                Piece::Ping(content) => controls.push(Control::Ping(content)),
                Piece::Close => controls.push(Control::Close),
            }
        }
        Ok(())
    }
}
