//! The WebSocket around a stream: its control frames are answered here, and its end is seen.

use crate::transport::{Piece, Violation, WebSocket, write_close, write_pong};

/// One connection's WebSocket, from its upgrade on.
#[derive(Debug, Default)]
pub(super) struct Socket {
    decoder: WebSocket,
    /// The last frame was written; what comes after it is not read.
    is_closed: bool,
}

impl Socket {
    /// The next bytes of the stream inside, from the front of `input`. Answers are appended to
    /// `out`.
    pub(super) fn next<'a>(
        &mut self,
        input: &mut &'a mut [u8],
        out: &mut Vec<u8>,
    ) -> Option<&'a mut [u8]> {
        while !self.is_closed {
            match self.decoder.next(input) {
                Ok(Some(Piece::Data(data))) => return Some(data),
                Ok(Some(Piece::Ping(content))) => write_pong(out, &content),
                Ok(Some(Piece::Close)) => self.close(NORMAL, out),
                Err(Violation(code)) => self.close(code, out),
                Ok(None) => return None,
            }
        }
        None
    }

    /// Whether the connection ends here.
    pub(super) const fn is_closing(&self) -> bool {
        self.is_closed
    }

    fn close(&mut self, code: u16, out: &mut Vec<u8>) {
        write_close(out, code);
        self.is_closed = true;
    }
}

/// The code of an end that nobody minds.
const NORMAL: u16 = 1000;
