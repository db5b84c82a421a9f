//! What the server tells when asked what was missed.

use std::sync::Arc;

use heliogram_ids::Timestamp;
use heliogram_tl as tl;

use super::engine::GapEngine;
use super::event::{GapEvent, Piece};
use crate::session::UpdateState;
use crate::updates::entities::Entities;
use crate::updates::place::Place;

impl GapEngine {
    /// Takes the answer to [`GapEvent::FetchDifference`].
    pub fn handle_difference(&mut self, now: Timestamp, difference: tl::updates::Difference) {
        use tl::updates::Difference;
        self.heard = now;
        match difference {
            Difference::DifferenceEmpty(empty) => {
                let state = UpdateState { date: empty.date, seq: empty.seq, ..self.state() };
                self.place_common(now, state);
                self.finish_common(now);
            }
            Difference::Difference(d) => {
                let entities = Arc::new(Entities::new(d.users, d.chats));
                self.deliver_messages(d.new_messages, &entities);
                self.deliver_encrypted(d.new_encrypted_messages, &entities);
                self.deliver_others(now, d.other_updates, &entities);
                self.place_common(now, state_of(&d.state));
                self.finish_common(now);
            }
            Difference::DifferenceSlice(d) => {
                let entities = Arc::new(Entities::new(d.users, d.chats));
                self.deliver_messages(d.new_messages, &entities);
                self.deliver_encrypted(d.new_encrypted_messages, &entities);
                self.deliver_others(now, d.other_updates, &entities);
                let before = self.state();
                self.place_common(now, state_of(&d.intermediate_state));
                // A slice that leads nowhere would be asked for for ever.
                self.continue_common(now, self.state() != before);
            }
            Difference::DifferenceTooLong(d) => {
                let from = self.pts.at();
                self.events.push_back(GapEvent::Lost { channel: None, from, to: d.pts });
                self.place_common(now, UpdateState { pts: d.pts, ..self.state() });
                self.continue_common(now, d.pts != from);
            }
        }
    }

    // A difference gives messages without their positions; the state at its end covers them.
    pub(super) fn deliver_messages(
        &mut self,
        messages: Vec<tl::Message>,
        entities: &Arc<Entities>,
    ) {
        for message in messages {
            let update = tl::types::UpdateNewMessage { message, pts: 0, pts_count: 0 };
            self.deliver(Piece::new(update.into(), entities));
        }
    }

    pub(super) fn deliver_encrypted(
        &mut self,
        all: Vec<tl::EncryptedMessage>,
        entities: &Arc<Entities>,
    ) {
        for message in all {
            let update = tl::types::UpdateNewEncryptedMessage { message, qts: 0 };
            self.deliver(Piece::new(update.into(), entities));
        }
    }

    pub(super) fn deliver_others(
        &mut self,
        now: Timestamp,
        all: Vec<tl::Update>,
        entities: &Arc<Entities>,
    ) {
        for update in all {
            let piece = Piece::new(update, entities);
            match piece.update.as_deref().map(Place::of) {
                // Channels keep their own count: what a push has told already is not told again.
                Some(Place::Channel { id, pts, count }) => {
                    self.offer_channel(now, id, pts, count, piece);
                }
                Some(Place::ChannelMoved { id, pts }) => self.channel_moved(id, pts),
                Some(Place::CommonMoved) => {}
                _ => self.deliver(piece),
            }
        }
    }
}

/// The plain numbers of a state.
pub(crate) fn state_of(state: &tl::updates::State) -> UpdateState {
    let tl::updates::State::State(state) = state;
    UpdateState { pts: state.pts, qts: state.qts, date: state.date, seq: state.seq }
}
