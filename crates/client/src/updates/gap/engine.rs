//! The engine's face: what it is told, what it wants, and when.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::Arc;
use std::time::Duration;

use heliogram_ids::{ChannelId, Timestamp, UserId};
use heliogram_tl as tl;

use super::channel::Channel;
use super::event::{Common, Container, Fetch, Fetched, GapEvent, Piece};
use crate::session::UpdateState;
use crate::updates::entities::Entities;
use crate::updates::place::Place;
use crate::updates::sequence::Sequence;
use crate::updates::short;

/// Puts the updates of one account in order and finds what is missing.
#[derive(Debug)]
pub struct GapEngine {
    pub(super) me: UserId,
    /// False until the server or the session has told where we are.
    pub(super) placed: bool,
    pub(super) pts: Sequence<Piece>,
    pub(super) qts: Sequence<Piece>,
    pub(super) seq: Sequence<Container>,
    pub(super) date: i32,
    pub(super) fetch: Fetch,
    pub(super) channels: BTreeMap<ChannelId, Channel>,
    /// Channels that wait for something: the only ones a timeout has to look at.
    pub(super) restless: BTreeSet<ChannelId>,
    pub(super) fetches: usize,
    pub(super) events: VecDeque<GapEvent>,
    pub(super) heard: Timestamp,
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

    /// Something may have been missed: a new session, a new connection, a queue that overflowed.
    pub fn handle_interruption(&mut self) {
        self.want_common();
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

    pub(super) fn offer(&mut self, now: Timestamp, piece: Piece) {
        let place = piece.update.as_deref().map_or(Place::Free, Place::of);
        match place {
            Place::Free => self.deliver(piece),
            Place::Common { pts, count: 0 } if piece.is_new_message() => {
                // The answer to a message that was sent again: it has its position already.
                self.handle_affected(now, pts, 0);
            }
            Place::Common { pts, count } => self.offer_common(now, Common::Pts, pts, count, piece),
            Place::Secondary { qts } => self.offer_common(now, Common::Qts, qts, 1, piece),
            Place::Channel { id, pts, count } => self.offer_channel(now, id, pts, count, piece),
            Place::ChannelMoved { id, pts } => self.channel_moved(id, pts),
            Place::CommonMoved => self.want_common(),
        }
    }

    pub(super) fn deliver(&mut self, piece: Piece) {
        let Piece { update: Some(update), entities } = piece else { return };
        self.events.push_back(GapEvent::Deliver { update, entities });
    }
}

/// The shortest pause before a failed fetch is repeated.
const RETRY_WAIT_MIN: Duration = Duration::from_secs(1);
