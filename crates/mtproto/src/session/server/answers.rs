//! Answers to requests: each once, in the order they are ready.

use heliogram_ids::MsgId;
use heliogram_tl::{Encode as _, mtproto as tl};

use super::ServerSession;
use super::session::{Fate, QueuedAnswer};
use crate::session::{Answer, Packing};

impl ServerSession {
    /// Answers a request that was reported as an event. A second answer is ignored.
    pub fn answer(&mut self, request: MsgId, answer: &Answer, packing: Packing) {
        match self.received.fate(request).copied() {
            Some(Fate::Running) | None => self.finish(request, answer, packing),
            Some(Fate::Dropped) => {
                let dropped = tl::RpcDropAnswer::RpcAnswerDroppedRunning.to_bytes();
                self.finish(request, &Answer::Object(dropped.into()), Packing::Plain);
            }
            Some(_) => {}
        }
    }

    /// Requests that were reported and are not answered yet.
    pub fn running(&self) -> usize {
        self.running
    }

    /// Refuses a request because too much is going on; every stock client tries again later.
    pub(super) fn answer_busy(&mut self, request: MsgId) {
        let text = "WORKER_BUSY_TOO_LONG_RETRY".to_owned();
        self.finish(request, &Answer::Error { code: 500, text }, Packing::Plain);
    }

    pub(super) fn queue_answer(&mut self, request: MsgId, answer: &Answer, packing: Packing) {
        let body = answer.encode(request, packing, self.limits.packed_bytes_min);
        self.answer_bytes += body.len();
        self.set_fate(request, Fate::Queued);
        self.acks.settle(request);
        self.answers.push_back(QueuedAnswer { request, body });
    }

    fn finish(&mut self, request: MsgId, answer: &Answer, packing: Packing) {
        if self.received.fate(request).is_some() {
            self.running = self.running.saturating_sub(1);
        }
        self.queue_answer(request, answer, packing);
    }
}
