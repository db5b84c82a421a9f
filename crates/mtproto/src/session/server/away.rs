//! What a session holds, and what it lets go of when its client goes away.
//!
//! A client can ask for much and not stay to hear it, and can do so in many sessions. What is
//! cheap to make again is therefore not kept for those who are away.

use heliogram_ids::MsgId;

use super::ServerSession;
use super::session::Fate;

impl ServerSession {
    /// Bytes of answers and updates that wait to be sent.
    pub fn queued_bytes(&self) -> usize {
        self.answer_bytes + self.push_bytes
    }

    /// About how many bytes the session holds because of what its client did or did not do.
    pub fn held_bytes(&self) -> usize {
        self.queued_bytes()
            + self.kept.bytes()
            + (self.received.len() + self.early.len()) * RECEIVED_BYTES
    }

    /// The last link is gone. Large answers that were not sent are let go: their requests,
    /// repeated, are run again, as after an answer that was sent and got lost. Of small ones as
    /// many stay as are kept unacknowledged, the newest.
    pub fn on_away(&mut self) {
        let each_max = self.limits.kept_each_bytes_max;
        for _ in 0..self.answers.len() {
            let Some(answer) = self.answers.pop_front() else { break };
            if answer.body.len() <= each_max {
                self.answers.push_back(answer);
            } else {
                self.answer_bytes -= answer.body.len();
                self.set_fate(answer.request, Fate::NotKept);
            }
        }
        while self.answer_bytes > self.limits.kept_bytes_max
            && let Some(answer) = self.answers.pop_front()
        {
            self.answer_bytes -= answer.body.len();
            self.set_fate(answer.request, Fate::Lost);
        }
    }

    /// A request that was reported is not run after all: repeated, it is reported again.
    pub fn put_back(&mut self, request: MsgId) {
        if let Some(fate @ (Fate::Running | Fate::Dropped)) = self.received.fate_mut(request) {
            *fate = Fate::NotKept;
            self.running = self.running.saturating_sub(1);
        }
    }
}

/// What a remembered id takes.
const RECEIVED_BYTES: usize = 32;
