//! The requests that wait on one HTTP connection, and when each is answered.

use std::collections::VecDeque;
use std::sync::Arc;

use heliogram_ids::Timestamp;
use heliogram_mtproto::session::{Hold, HttpWait, Outlook};

use super::session::{Session, State};

/// Requests in the order in which they must be answered.
#[derive(Default)]
pub(super) struct Polls(VecDeque<Poll>);

struct Poll {
    session: Arc<Session>,
    hold: Hold,
}

/// Whether those who wait should wait any longer.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Patience {
    /// As long as their clients want them to.
    Usual,
    /// Something behind them needs its turn.
    None,
}

impl Polls {
    /// Lets a request wait behind the others.
    pub(super) fn push(&mut self, now: Timestamp, session: &Arc<Session>, wait: Option<HttpWait>) {
        let hold = Hold::new(now, wait);
        self.0.push_back(Poll { session: Arc::clone(session), hold });
    }

    /// The session of the oldest request.
    pub(super) fn first(&self) -> Option<Arc<Session>> {
        self.0.front().map(|poll| Arc::clone(&poll.session))
    }

    /// Whether a request of that session waits.
    pub(super) fn wait_for(&self, session: &Arc<Session>) -> bool {
        self.0.iter().any(|poll| Arc::ptr_eq(&poll.session, session))
    }

    /// Whether the oldest request is to be answered. Over any link but the preferred one, `is_outlet`
    /// says, it waits for its own sake only.
    pub(super) fn is_due(
        &mut self,
        now: Timestamp,
        state: &State,
        is_outlet: bool,
        patience: Patience,
    ) -> bool {
        // Responses keep the order of requests, so the first must not hold up others.
        let is_in_the_way = patience == Patience::None || self.is_in_the_way(now);
        let Some(first) = self.0.front_mut() else { return false };
        let outlook = Outlook {
            pending: if is_outlet { state.machine.pending() } else { 0 },
            running: state.machine.running(),
            waiting: state.outlets.waiting(),
        };
        first.hold.look(now, outlook) || is_in_the_way
    }

    /// The oldest request is answered.
    pub(super) fn pop(&mut self) {
        self.0.pop_front();
    }

    /// When the next of them should not wait any longer.
    pub(super) fn poll_timeout(&self) -> Option<Timestamp> {
        self.0.iter().map(|poll| poll.hold.due()).min()
    }

    /// Whether a later request is another session's, or should not wait any longer.
    fn is_in_the_way(&self, now: Timestamp) -> bool {
        let Some(first) = self.0.front() else { return false };
        self.0.len() > WAITING_MAX
            || self
                .0
                .iter()
                .skip(1)
                .any(|poll| poll.hold.due() <= now || !Arc::ptr_eq(&poll.session, &first.session))
    }
}

/// Requests that may wait on one connection; of more, the oldest is answered at once.
const WAITING_MAX: usize = 64;
