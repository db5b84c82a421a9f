//! Updates of the server's own accord. Bounded: a client that does not read is told to fetch.

use bytes::Bytes;

use super::{Offline, ServerSession, SessionEvent};

impl ServerSession {
    /// Queues one boxed `Updates`.
    ///
    /// When too much is queued, all of it is dropped and [`SessionEvent::PushesLost`] asks for an
    /// `updatesTooLong` instead: a difference costs less than a replay.
    ///
    /// # Errors
    /// [`Offline`] if no message has come for this session yet.
    pub fn push(&mut self, body: Bytes) -> Result<(), Offline> {
        if self.created.is_none() {
            return Err(Offline);
        }
        self.push_bytes += body.len();
        self.pushes.push_back(body);
        let limits = &self.limits;
        if self.pushes.len() > limits.pushes_max || self.push_bytes > limits.push_bytes_max {
            self.pushes.clear();
            self.push_bytes = 0;
            self.events.push_back(SessionEvent::PushesLost);
        }
        Ok(())
    }
}
