//! The sequences of the account: containers, the common box, the secondary box.

use std::sync::Arc;
use std::time::Duration;

use heliogram_ids::Timestamp;

use super::engine::GapEngine;
use super::event::{Common, Container, Fetch, GapEvent, Piece};
use crate::session::UpdateState;
use crate::updates::place::Mark;
use crate::updates::sequence::{Offer, Sequence};

impl GapEngine {
    /// Takes a position of the common box that a request of ours moved, as
    /// `messages.affectedMessages` tells it.
    pub fn handle_affected(&mut self, now: Timestamp, pts: i32, count: i32) {
        let piece = Piece { update: None, entities: Arc::default() };
        self.offer_common(now, Common::Pts, pts, count, piece);
    }

    /// Takes the answer to [`GapEvent::FetchState`].
    pub fn handle_state(&mut self, now: Timestamp, state: UpdateState) {
        self.placed = true;
        self.place_common(now, state);
        self.finish_common(now);
    }

    // Also looks after an account that has gone quiet: its pushes may be lost.
    pub(super) fn common_deadline(&self) -> Option<Timestamp> {
        let deadlines = [self.pts.deadline(), self.qts.deadline(), self.seq.deadline()];
        deadlines.into_iter().flatten().chain([self.heard + QUIET_MAX]).min()
    }

    pub(super) fn want_common(&mut self) {
        self.fetch.want();
    }

    pub(super) fn offer_container(
        &mut self,
        now: Timestamp,
        first: i32,
        last: i32,
        container: Container,
    ) {
        // Spec: api/updates. Zero says that the container is in no order.
        if last == 0 {
            return self.open_container(now, container);
        }
        let count = last.saturating_sub(first).saturating_add(1);
        let offer = match self.blocked() {
            true => self.seq.postpone(now, last, count, container),
            false => self.seq.offer(now, last, count, container),
        };
        match offer {
            Offer::Next(container) => {
                self.close_container(now, last, container);
                self.drain_containers(now);
            }
            Offer::Known | Offer::Early => {}
            Offer::Broken => {
                self.seq.forget_early();
                self.want_common();
            }
        }
    }

    pub(super) fn drain_containers(&mut self, now: Timestamp) {
        while let Some((seq, container)) = self.seq.next_early() {
            self.close_container(now, seq, container);
        }
    }

    pub(super) fn close_container(&mut self, now: Timestamp, seq: i32, container: Container) {
        let date = container.date;
        self.open_container(now, container);
        self.date = self.date.max(date);
        self.events.push_back(GapEvent::Handled(Mark::Container { seq, date }));
    }

    pub(super) fn open_container(&mut self, now: Timestamp, container: Container) {
        for update in container.updates {
            self.offer(now, Piece::new(update, &container.entities));
        }
    }

    // Until the position is known, or while the difference is on its way, everything waits:
    // what is told twice is recognised afterwards.
    pub(super) fn blocked(&self) -> bool {
        !self.placed || matches!(self.fetch, Fetch::Asked { .. })
    }

    pub(super) fn offer_common(
        &mut self,
        now: Timestamp,
        common: Common,
        end: i32,
        count: i32,
        piece: Piece,
    ) {
        let blocked = self.blocked();
        let sequence = self.sequence(common);
        let offer = match blocked {
            true => sequence.postpone(now, end, count, piece),
            false => sequence.offer(now, end, count, piece),
        };
        match offer {
            Offer::Next(piece) => {
                self.deliver(piece);
                self.events.push_back(GapEvent::Handled(common.mark(end)));
                self.drain_common(common);
            }
            Offer::Known | Offer::Early => {}
            Offer::Broken => {
                sequence.forget_early();
                self.want_common();
            }
        }
    }

    pub(super) fn drain_common(&mut self, common: Common) {
        while let Some((end, piece)) = self.sequence(common).next_early() {
            self.deliver(piece);
            self.events.push_back(GapEvent::Handled(common.mark(end)));
        }
    }

    pub(super) fn sequence(&mut self, common: Common) -> &mut Sequence<Piece> {
        match common {
            Common::Pts => &mut self.pts,
            Common::Qts => &mut self.qts,
        }
    }

    pub(super) fn place_common(&mut self, now: Timestamp, state: UpdateState) {
        self.pts.jump(now, state.pts);
        self.qts.jump(now, state.qts);
        self.seq.jump(now, state.seq);
        self.date = state.date;
        self.events.push_back(GapEvent::Handled(Mark::State(state)));
    }

    pub(super) fn finish_common(&mut self, now: Timestamp) {
        self.continue_common(now, false);
    }

    pub(super) fn continue_common(&mut self, now: Timestamp, more: bool) {
        self.fetches = self.fetches.saturating_sub(1);
        let again = more || self.fetch == Fetch::Asked { again: true };
        self.fetch = if again { Fetch::Wanted } else { Fetch::Idle };
        if !again {
            self.drain_common(Common::Pts);
            self.drain_common(Common::Qts);
            self.drain_containers(now);
        }
    }
}

/// After this long without an update the server is asked.
// Spec: api/updates#recovering-gaps.
const QUIET_MAX: Duration = Duration::from_secs(15 * 60);
