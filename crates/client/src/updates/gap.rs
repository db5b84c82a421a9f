//! The gap engine: decides what to deliver, what to fetch, and until when to wait.
//!
//! Sans-IO. Feed it what arrives and the time; drain [`poll_event`](GapEngine::poll_event) and
//! re-arm [`poll_timeout`](GapEngine::poll_timeout) after each call. Whatever is lost, doubled or
//! reordered on the way, each update of a sequence comes out once and in order.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::Arc;
use std::time::Duration;

use heliogram_ids::{ChannelId, Timestamp, UserId};
use heliogram_tl as tl;

use super::entities::Entities;
use super::place::{Mark, Place};
use super::sequence::{Offer, Sequence};
use super::short;
use crate::session::UpdateState;

/// Puts the updates of one account in order and finds what is missing.
#[derive(Debug)]
pub struct GapEngine {
    me: UserId,
    /// False until the server or the session has told where we are.
    placed: bool,
    pts: Sequence<Piece>,
    qts: Sequence<Piece>,
    seq: Sequence<Container>,
    date: i32,
    fetch: Fetch,
    channels: BTreeMap<ChannelId, Channel>,
    /// Channels that wait for something: the only ones a timeout has to look at.
    restless: BTreeSet<ChannelId>,
    fetches: usize,
    events: VecDeque<GapEvent>,
    heard: Timestamp,
}

/// What the engine wants done, in this order.
#[derive(Clone, Debug)]
pub enum GapEvent {
    /// Hand this to the handlers.
    Deliver {
        /// The update.
        update: Box<tl::Update>,
        /// The users and chats of its batch.
        entities: Arc<Entities>,
    },
    /// Once everything delivered so far is handled, this much is known to be handled.
    Handled(Mark),
    /// Updates are gone: more was missed than the server keeps or gives.
    Lost {
        /// The channel they were in, or the common box.
        channel: Option<ChannelId>,
        /// The position before the loss.
        from: i32,
        /// The position after it.
        to: i32,
    },
    /// Ask `updates.getState`, answer with [`GapEngine::handle_state`].
    FetchState,
    /// Ask `updates.getDifference`, answer with [`GapEngine::handle_difference`].
    FetchDifference(UpdateState),
    /// Ask `updates.getChannelDifference`, answer with [`GapEngine::handle_channel_difference`].
    FetchChannelDifference {
        /// The channel.
        id: ChannelId,
        /// From where.
        pts: i32,
    },
}

/// Which fetch failed.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Fetched {
    Common,
    Channel(ChannelId),
}

/// An update on its way; none where only a position was told.
#[derive(Debug)]
struct Piece {
    update: Option<Box<tl::Update>>,
    entities: Arc<Entities>,
}

#[derive(Debug)]
struct Container {
    updates: Vec<tl::Update>,
    entities: Arc<Entities>,
    date: i32,
}

#[derive(Debug)]
struct Channel {
    pts: Sequence<Piece>,
    fetch: Fetch,
}

/// State of a fetch of one box.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Fetch {
    Idle,
    Wanted,
    /// Under way; with a second one to follow, if something came that the first may miss.
    Asked {
        again: bool,
    },
    RetryAt(Timestamp),
}

/// Which of the two common boxes.
#[derive(Clone, Copy, Debug)]
enum Common {
    Pts,
    Qts,
}

impl GapEngine {
    /// An engine that begins at `state`, or asks the server where to begin.
    ///
    /// With a state it first fetches what happened since.
    pub fn new(
        now: Timestamp,
        me: UserId,
        state: Option<UpdateState>,
        channels: impl IntoIterator<Item = (ChannelId, i32)>,
    ) -> Self {
        let start = state.unwrap_or_default();
        let boxed = |(id, pts)| (id, Channel { pts: Sequence::new(pts), fetch: Fetch::Idle });
        Self {
            me,
            placed: state.is_some(),
            pts: Sequence::new(start.pts),
            qts: Sequence::new(start.qts),
            seq: Sequence::new(start.seq),
            date: start.date,
            fetch: Fetch::Wanted,
            channels: channels.into_iter().map(boxed).collect(),
            restless: BTreeSet::new(),
            fetches: 0,
            events: VecDeque::new(),
            heard: now,
        }
    }

    /// Takes a container: pushed by the server, or the result of a request.
    pub fn handle_updates(&mut self, now: Timestamp, updates: tl::Updates) {
        self.heard = now;
        match updates {
            tl::Updates::UpdatesTooLong => self.want_common(),
            tl::Updates::UpdateShort(short) => {
                self.offer(now, Piece::new(short.update, &Arc::default()));
            }
            tl::Updates::UpdateShortMessage(short) => {
                let update = short::private_message(self.me, *short);
                self.offer(now, Piece::new(update, &Arc::default()));
            }
            tl::Updates::UpdateShortChatMessage(short) => {
                self.offer(now, Piece::new(short::group_message(*short), &Arc::default()));
            }
            tl::Updates::UpdateShortSentMessage(sent) => {
                self.handle_affected(now, sent.pts, sent.pts_count);
            }
            tl::Updates::Updates(u) => {
                let entities = Arc::new(Entities::new(u.users, u.chats));
                let container = Container { updates: u.updates, entities, date: u.date };
                self.offer_container(now, u.seq, u.seq, container);
            }
            tl::Updates::UpdatesCombined(u) => {
                let entities = Arc::new(Entities::new(u.users, u.chats));
                let container = Container { updates: u.updates, entities, date: u.date };
                self.offer_container(now, u.seq_start, u.seq, container);
            }
        }
    }

    /// Takes a position of the common box that a request of ours moved, as
    /// `messages.affectedMessages` tells it.
    pub fn handle_affected(&mut self, now: Timestamp, pts: i32, count: i32) {
        let piece = Piece { update: None, entities: Arc::default() };
        self.offer_common(now, Common::Pts, pts, count, piece);
    }

    /// Something may have been missed: a new session, a new connection, a queue that overflowed.
    pub fn handle_interruption(&mut self) {
        self.want_common();
    }

    /// Takes the answer to [`GapEvent::FetchState`].
    pub fn handle_state(&mut self, now: Timestamp, state: UpdateState) {
        self.placed = true;
        self.place_common(now, state);
        self.finish_common(now);
    }

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

    /// Takes the answer to [`GapEvent::FetchChannelDifference`].
    pub fn handle_channel_difference(
        &mut self,
        now: Timestamp,
        id: ChannelId,
        difference: tl::updates::ChannelDifference,
    ) {
        use tl::updates::ChannelDifference;
        let Some(from) = self.channels.get(&id).map(|channel| channel.pts.at()) else {
            return;
        };
        let (last, to) = match difference {
            ChannelDifference::ChannelDifferenceEmpty(empty) => (true, empty.pts),
            ChannelDifference::ChannelDifference(d) => {
                let entities = Arc::new(Entities::new(d.users, d.chats));
                for message in d.new_messages {
                    let update =
                        tl::types::UpdateNewChannelMessage { message, pts: 0, pts_count: 0 };
                    self.deliver(Piece::new(update.into(), &entities));
                }
                for update in d.other_updates {
                    self.deliver(Piece::new(update, &entities));
                }
                (d.r#final, d.pts)
            }
            ChannelDifference::ChannelDifferenceTooLong(d) => {
                let to = match &d.dialog {
                    tl::Dialog::Dialog(dialog) => dialog.pts.unwrap_or(from),
                    _ => from,
                };
                self.events.push_back(GapEvent::Lost { channel: Some(id), from, to });
                (true, to)
            }
        };
        self.place_channel(now, id, to);
        self.finish_channel(now, id, !last && to != from);
    }

    /// The server does not know our position: it is asked for one.
    pub(crate) fn handle_lost_place(&mut self) {
        self.placed = false;
    }

    /// A fetch has failed in a way that may pass.
    pub(crate) fn handle_failure(&mut self, now: Timestamp, what: Fetched, wait: Duration) {
        let retry = Fetch::RetryAt(now + wait.max(RETRY_WAIT_MIN));
        self.fetches = self.fetches.saturating_sub(1);
        match what {
            Fetched::Common => self.fetch = retry,
            Fetched::Channel(id) => {
                if let Some(channel) = self.channels.get_mut(&id) {
                    channel.fetch = retry;
                    self.restless.insert(id);
                }
            }
        }
    }

    /// A channel is not ours to read any more: it is forgotten.
    pub(crate) fn handle_left(&mut self, id: ChannelId) {
        if let Some(channel) = self.channels.remove(&id) {
            self.restless.remove(&id);
            if matches!(channel.fetch, Fetch::Asked { .. }) {
                self.fetches = self.fetches.saturating_sub(1);
            }
            self.events.push_back(GapEvent::Handled(Mark::Left(id)));
        }
    }

    /// The moment named by [`poll_timeout`](Self::poll_timeout) has come.
    pub fn handle_timeout(&mut self, now: Timestamp) {
        let due = |at: Option<Timestamp>| at.is_some_and(|at| at <= now);
        if self.fetch.is_idle() && due(self.common_deadline()) || due(self.fetch.retry_at()) {
            self.fetch = Fetch::Wanted;
        }
        for id in self.restless.clone() {
            let Some(channel) = self.channels.get_mut(&id) else { continue };
            if channel.fetch.is_idle() && due(channel.pts.deadline())
                || due(channel.fetch.retry_at())
            {
                channel.fetch = Fetch::Wanted;
            }
        }
    }

    /// What is to be done next.
    pub fn poll_event(&mut self) -> Option<GapEvent> {
        if let Some(event) = self.events.pop_front() {
            return Some(event);
        }
        if self.fetch == Fetch::Wanted {
            self.fetch = Fetch::Asked { again: false };
            self.fetches += 1;
            return Some(match self.placed {
                true => GapEvent::FetchDifference(self.state()),
                false => GapEvent::FetchState,
            });
        }
        self.poll_channel()
    }

    /// When [`handle_timeout`](Self::handle_timeout) wants to be called.
    pub fn poll_timeout(&self) -> Option<Timestamp> {
        let common = if self.fetch.is_idle() { self.common_deadline() } else { None };
        let channels = self.restless.iter().filter_map(|id| self.channels.get(id));
        let channels = channels.filter_map(|channel| match channel.fetch {
            Fetch::Idle => channel.pts.deadline(),
            other => other.retry_at(),
        });
        channels.chain(common).chain(self.fetch.retry_at()).min()
    }

    /// How far the common sequences have come.
    pub fn state(&self) -> UpdateState {
        UpdateState { pts: self.pts.at(), qts: self.qts.at(), date: self.date, seq: self.seq.at() }
    }

    fn poll_channel(&mut self) -> Option<GapEvent> {
        if self.fetches >= FETCHES_MAX {
            return None;
        }
        let wanted = |id: &&ChannelId| {
            self.channels.get(id).is_some_and(|channel| channel.fetch == Fetch::Wanted)
        };
        let id = *self.restless.iter().find(wanted)?;
        let channel = self.channels.get_mut(&id)?;
        channel.fetch = Fetch::Asked { again: false };
        self.fetches += 1;
        Some(GapEvent::FetchChannelDifference { id, pts: channel.pts.at() })
    }

    // Also looks after an account that has gone quiet: its pushes may be lost.
    fn common_deadline(&self) -> Option<Timestamp> {
        let deadlines = [self.pts.deadline(), self.qts.deadline(), self.seq.deadline()];
        deadlines.into_iter().flatten().chain([self.heard + QUIET_MAX]).min()
    }

    fn want_common(&mut self) {
        self.fetch.want();
    }

    fn offer_container(&mut self, now: Timestamp, first: i32, last: i32, container: Container) {
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

    fn drain_containers(&mut self, now: Timestamp) {
        while let Some((seq, container)) = self.seq.next_early() {
            self.close_container(now, seq, container);
        }
    }

    fn close_container(&mut self, now: Timestamp, seq: i32, container: Container) {
        let date = container.date;
        self.open_container(now, container);
        self.date = self.date.max(date);
        self.events.push_back(GapEvent::Handled(Mark::Container { seq, date }));
    }

    fn open_container(&mut self, now: Timestamp, container: Container) {
        for update in container.updates {
            self.offer(now, Piece::new(update, &container.entities));
        }
    }

    fn offer(&mut self, now: Timestamp, piece: Piece) {
        let place = piece.update.as_deref().map_or(Place::Free, Place::of);
        match place {
            Place::Free => self.deliver(piece),
            Place::Common { pts, count } => self.offer_common(now, Common::Pts, pts, count, piece),
            Place::Secondary { qts } => self.offer_common(now, Common::Qts, qts, 1, piece),
            Place::Channel { id, pts, count } => self.offer_channel(now, id, pts, count, piece),
            Place::ChannelMoved { id, pts } => self.channel_moved(id, pts),
            Place::CommonMoved => self.want_common(),
        }
    }

    // Until the position is known, or while the difference is on its way, everything waits:
    // what is told twice is recognised afterwards.
    fn blocked(&self) -> bool {
        !self.placed || matches!(self.fetch, Fetch::Asked { .. })
    }

    fn offer_common(&mut self, now: Timestamp, common: Common, end: i32, count: i32, piece: Piece) {
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

    fn drain_common(&mut self, common: Common) {
        while let Some((end, piece)) = self.sequence(common).next_early() {
            self.deliver(piece);
            self.events.push_back(GapEvent::Handled(common.mark(end)));
        }
    }

    fn sequence(&mut self, common: Common) -> &mut Sequence<Piece> {
        match common {
            Common::Pts => &mut self.pts,
            Common::Qts => &mut self.qts,
        }
    }

    fn offer_channel(&mut self, now: Timestamp, id: ChannelId, end: i32, count: i32, piece: Piece) {
        if !self.channels.contains_key(&id) && self.channels.len() >= CHANNELS_MAX {
            return self.deliver(piece);
        }
        let channel = self.channels.entry(id).or_insert_with(|| Channel {
            pts: Sequence::new(end.saturating_sub(count)),
            fetch: Fetch::Idle,
        });
        let offer = match channel.fetch {
            Fetch::Asked { .. } => channel.pts.postpone(now, end, count, piece),
            _ => channel.pts.offer(now, end, count, piece),
        };
        match offer {
            Offer::Next(piece) => {
                self.deliver(piece);
                self.events.push_back(GapEvent::Handled(Mark::Channel(id, end)));
                self.drain_channel(id);
            }
            Offer::Known => {}
            Offer::Early => drop(self.restless.insert(id)),
            Offer::Broken => {
                channel.pts.forget_early();
                channel.fetch.want();
                self.restless.insert(id);
            }
        }
    }

    fn drain_channel(&mut self, id: ChannelId) {
        while let Some((end, piece)) =
            self.channels.get_mut(&id).and_then(|channel| channel.pts.next_early())
        {
            self.deliver(piece);
            self.events.push_back(GapEvent::Handled(Mark::Channel(id, end)));
        }
        if let Some(channel) = self.channels.get(&id)
            && channel.fetch.is_idle()
            && !channel.pts.has_gap()
        {
            self.restless.remove(&id);
        }
    }

    fn channel_moved(&mut self, id: ChannelId, pts: Option<i32>) {
        if let Some(channel) = self.channels.get_mut(&id) {
            if pts.is_none_or(|pts| pts > channel.pts.at()) {
                channel.fetch.want();
                self.restless.insert(id);
            }
            return;
        }
        // Nothing of it was ever delivered: there is no place from which to catch up.
        if let Some(pts) = pts
            && self.channels.len() < CHANNELS_MAX
        {
            let channel = Channel { pts: Sequence::new(pts), fetch: Fetch::Idle };
            self.channels.insert(id, channel);
            self.events.push_back(GapEvent::Handled(Mark::Channel(id, pts)));
        }
    }

    fn place_common(&mut self, now: Timestamp, state: UpdateState) {
        self.pts.jump(now, state.pts);
        self.qts.jump(now, state.qts);
        self.seq.jump(now, state.seq);
        self.date = state.date;
        self.events.push_back(GapEvent::Handled(Mark::State(state)));
    }

    fn finish_common(&mut self, now: Timestamp) {
        self.continue_common(now, false);
    }

    fn continue_common(&mut self, now: Timestamp, more: bool) {
        self.fetches = self.fetches.saturating_sub(1);
        let again = more || self.fetch == Fetch::Asked { again: true };
        self.fetch = if again { Fetch::Wanted } else { Fetch::Idle };
        if !again {
            self.drain_common(Common::Pts);
            self.drain_common(Common::Qts);
            self.drain_containers(now);
        }
    }

    fn place_channel(&mut self, now: Timestamp, id: ChannelId, pts: i32) {
        if let Some(channel) = self.channels.get_mut(&id) {
            channel.pts.jump(now, pts);
            self.events.push_back(GapEvent::Handled(Mark::Channel(id, pts)));
        }
    }

    fn finish_channel(&mut self, now: Timestamp, id: ChannelId, more: bool) {
        self.heard = now;
        self.fetches = self.fetches.saturating_sub(1);
        let Some(channel) = self.channels.get_mut(&id) else { return };
        let again = more || channel.fetch == Fetch::Asked { again: true };
        channel.fetch = if again { Fetch::Wanted } else { Fetch::Idle };
        if !again {
            self.drain_channel(id);
        }
    }

    // A difference gives messages without their positions; the state at its end covers them.
    fn deliver_messages(&mut self, messages: Vec<tl::Message>, entities: &Arc<Entities>) {
        for message in messages {
            let update = tl::types::UpdateNewMessage { message, pts: 0, pts_count: 0 };
            self.deliver(Piece::new(update.into(), entities));
        }
    }

    fn deliver_encrypted(&mut self, all: Vec<tl::EncryptedMessage>, entities: &Arc<Entities>) {
        for message in all {
            let update = tl::types::UpdateNewEncryptedMessage { message, qts: 0 };
            self.deliver(Piece::new(update.into(), entities));
        }
    }

    fn deliver_others(&mut self, now: Timestamp, all: Vec<tl::Update>, entities: &Arc<Entities>) {
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

    fn deliver(&mut self, piece: Piece) {
        let Piece { update: Some(update), entities } = piece else { return };
        self.events.push_back(GapEvent::Deliver { update, entities });
    }
}

impl Piece {
    fn new(update: tl::Update, entities: &Arc<Entities>) -> Self {
        Self { update: Some(Box::new(update)), entities: Arc::clone(entities) }
    }
}

impl Fetch {
    fn is_idle(self) -> bool {
        self == Self::Idle
    }

    fn retry_at(self) -> Option<Timestamp> {
        match self {
            Self::RetryAt(at) => Some(at),
            Self::Idle | Self::Wanted | Self::Asked { .. } => None,
        }
    }

    fn want(&mut self) {
        match self {
            Self::Asked { again } => *again = true,
            // The server asked for patience, or failed; neither changes by asking at once.
            Self::RetryAt(_) => {}
            Self::Idle | Self::Wanted => *self = Self::Wanted,
        }
    }
}

impl Common {
    fn mark(self, end: i32) -> Mark {
        match self {
            Self::Pts => Mark::Common(end),
            Self::Qts => Mark::Secondary(end),
        }
    }
}

/// The plain numbers of a state.
pub(crate) fn state_of(state: &tl::updates::State) -> UpdateState {
    let tl::updates::State::State(state) = state;
    UpdateState { pts: state.pts, qts: state.qts, date: state.date, seq: state.seq }
}

/// After this long without an update the server is asked.
// Spec: api/updates#recovering-gaps.
const QUIET_MAX: Duration = Duration::from_secs(15 * 60);
/// The shortest pause before a failed fetch is repeated.
const RETRY_WAIT_MIN: Duration = Duration::from_secs(1);
/// Channels with a position of their own; more are delivered as they come.
const CHANNELS_MAX: usize = 50_000;
/// Fetches under way at a time.
const FETCHES_MAX: usize = 4;

#[cfg(test)]
#[path = "gap_tests.rs"]
mod tests;
