//! What came over a connection and has not had its turn. Nearly always nothing, which takes no
//! memory.

use std::collections::VecDeque;
use std::sync::Arc;

use heliogram_ids::Timestamp;
use heliogram_mtproto::session::SessionEvent;

use super::session::Session;

/// Events of sessions in the order in which they came.
#[derive(Default)]
pub(super) struct Backlog(Option<Box<Waiting>>);

#[derive(Default)]
struct Waiting {
    events: VecDeque<(Arc<Session>, SessionEvent)>,
    /// When to look again in any case.
    again_at: Option<Timestamp>,
}

impl Backlog {
    pub(super) const fn is_empty(&self) -> bool {
        self.0.is_none()
    }

    pub(super) fn push(&mut self, session: &Arc<Session>, event: SessionEvent) {
        let waiting = self.0.get_or_insert_default();
        waiting.events.push_back((Arc::clone(session), event));
    }

    /// The oldest.
    pub(super) fn pop(&mut self) -> Option<(Arc<Session>, SessionEvent)> {
        let waiting = self.0.as_mut()?;
        let oldest = waiting.events.pop_front();
        if waiting.events.is_empty() {
            self.0 = None;
        }
        oldest
    }

    /// Sets when to look again; what is empty is not looked at.
    pub(super) fn look_again(&mut self, at: Option<Timestamp>) {
        if let Some(waiting) = &mut self.0 {
            waiting.again_at = at;
        }
    }

    /// When to look again.
    pub(super) fn again_at(&self) -> Option<Timestamp> {
        self.0.as_ref().and_then(|waiting| waiting.again_at)
    }
}
