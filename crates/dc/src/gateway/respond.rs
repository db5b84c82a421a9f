//! Answering over HTTP: one message for each request that waits, whatever session it is of.

use heliogram_crypto::Random;
use heliogram_ids::Timestamp;

use super::link::{Link, OUTPUT_BYTES};
use super::polls::Patience;

impl Link {
    /// Answers the requests whose time has come, the oldest first.
    pub(super) fn respond(&mut self, now: Timestamp, rng: &mut dyn Random, out: &mut Vec<u8>) {
        let start = out.len();
        while out.len() - start < OUTPUT_BYTES
            && let Some(session) = self.polls.first()
        {
            let hurry = self.draining || self.machine.is_blocked();
            let patience = if hurry { Patience::None } else { Patience::Usual };
            let mut state = session.state.lock();
            let is_outlet = state.outlets.prefers(self.number);
            if !self.polls.is_due(now, &state, is_outlet, patience) {
                return;
            }
            state.machine.handle_timeout(now);
            let outgoing = state.machine.transmit_now(now, session.key.salts());
            self.machine.send(rng, session.key.key(), &outgoing);
            self.machine.poll_transmit(out);
            self.polls.pop();
            state.outlets.answered(self.number);
            if state.machine.pending() > 0 {
                // What is left may leave by another connection.
                state.wake();
            }
        }
    }
}
