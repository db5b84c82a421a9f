//! What the engine wants done, and what it keeps in between.

use std::sync::Arc;

use heliogram_ids::{ChannelId, Timestamp};
use heliogram_tl as tl;

use crate::session::UpdateState;
use crate::updates::entities::Entities;
use crate::updates::place::Mark;

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
    /// Ask `updates.getState`, answer with [`handle_state`](super::GapEngine::handle_state).
    FetchState,
    /// Ask `updates.getDifference`, answer with [`handle_difference`](super::GapEngine::handle_difference).
    FetchDifference(UpdateState),
    /// Ask `updates.getChannelDifference`, answer with [`handle_channel_difference`](super::GapEngine::handle_channel_difference).
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
pub(super) struct Piece {
    pub(super) update: Option<Box<tl::Update>>,
    pub(super) entities: Arc<Entities>,
}

#[derive(Debug)]
pub(super) struct Container {
    pub(super) updates: Vec<tl::Update>,
    pub(super) entities: Arc<Entities>,
    pub(super) date: i32,
}

/// State of a fetch of one box.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Fetch {
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
pub(super) enum Common {
    Pts,
    Qts,
}

impl Piece {
    pub(super) fn new(update: tl::Update, entities: &Arc<Entities>) -> Self {
        Self { update: Some(Box::new(update)), entities: Arc::clone(entities) }
    }

    /// Whether it tells of a message that was not there before.
    pub(super) fn is_new_message(&self) -> bool {
        matches!(self.update.as_deref(), Some(tl::Update::UpdateNewMessage(_)))
    }
}

impl Fetch {
    pub(super) fn is_idle(self) -> bool {
        self == Self::Idle
    }

    pub(super) fn retry_at(self) -> Option<Timestamp> {
        match self {
            Self::RetryAt(at) => Some(at),
            Self::Idle | Self::Wanted | Self::Asked { .. } => None,
        }
    }

    pub(super) fn want(&mut self) {
        match self {
            Self::Asked { again } => *again = true,
            // The server asked for patience, or failed; neither changes by asking at once.
            Self::RetryAt(_) => {}
            Self::Idle | Self::Wanted => *self = Self::Wanted,
        }
    }
}

impl Common {
    pub(super) fn mark(self, end: i32) -> Mark {
        match self {
            Self::Pts => Mark::Common(end),
            Self::Qts => Mark::Secondary(end),
        }
    }
}
