//! Everything that happens without input: acknowledgements, heartbeats, doubts, deadlines.

use heliogram_ids::{MsgId, Timestamp};

use super::session::Service;
use super::{ClientEvent, ClientSession, Failure};

impl ClientSession {
    /// When [`handle_timeout`](Self::handle_timeout) should be called.
    pub fn poll_timeout(&self) -> Option<Timestamp> {
        let deadline = self.requests.next_deadline();
        if !self.online {
            return deadline;
        }
        let silence = self.ping.unheard_since.map(|since| since + self.limits.pong_max);
        [self.acks.due(), self.ping.due, silence, self.check_due, deadline]
            .into_iter()
            .flatten()
            .min()
    }

    /// Does what is due; what is to be sent is in the next
    /// [`poll_transmit`](Self::poll_transmit).
    pub fn handle_timeout(&mut self, now: Timestamp) {
        self.end_expired(now);
        self.check(now);
        if self.ping.unheard_since.is_some_and(|since| since + self.limits.pong_max <= now) {
            self.ping.unheard_since = None;
            self.events.push_back(ClientEvent::LinkDead);
        }
    }

    fn end_expired(&mut self, now: Timestamp) {
        while let Some(id) = self.requests.expired(now) {
            self.cancel(id);
            self.events.push_back(ClientEvent::Failed { id, why: Failure::TimedOut });
        }
    }

    /// Asks about requests that have waited long for an answer.
    fn check(&mut self, now: Timestamp) {
        if self.check_due.is_none_or(|due| now < due) {
            return;
        }
        let patience = self.limits.check_after;
        let long: Vec<MsgId> = self
            .requests
            .under_way()
            .filter(|(_, sent)| sent.at + patience <= now)
            .map(|(_, sent)| sent.msg_id)
            .collect();
        let idle = self.requests.is_empty();
        self.check_due = (!idle).then(|| now + patience);
        if !long.is_empty() && self.online {
            self.services.push_back(Service::StateReq(long));
        }
    }
}
