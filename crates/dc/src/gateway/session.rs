//! One MTProto session: its machine, its links, and what its requests wait for.

use std::sync::{Arc, LazyLock};

use bytes::Bytes;
use heliogram_ids::{AuthKeyId, MsgId, SessionId, Timestamp, UserId};
use heliogram_mtproto::session::{Answer, Packing, ServerLimits, ServerSession, SessionEvent};
use heliogram_tl as tl;
use heliogram_tl::Encode as _;
use parking_lot::Mutex;

use super::after::After;
use super::ears::Shown;
use super::keys::LinkKey;
use super::outlets::Outlets;
use crate::error::RpcError;

/// A session, shared between its links, the writer and the fan-out.
pub(crate) struct Session {
    pub(crate) key: LinkKey,
    pub(crate) id: SessionId,
    /// Its place among all sessions by when they were begun.
    pub(super) number: u64,
    pub(super) state: Mutex<State>,
}

pub(super) struct State {
    pub(super) machine: ServerSession,
    /// Its links; none while the client is away.
    pub(super) outlets: Outlets,
    /// Since when it has been away.
    pub(super) idle_since: Option<Timestamp>,
    /// Whose updates it receives.
    pub(super) subscribed: Option<UserId>,
    /// Whether it receives them only because no other session of its key does.
    pub(super) stands_in: bool,
    pub(super) shown: Shown,
    pub(super) after: After,
    /// What a link of its left undone when it closed, for another that is there.
    pub(super) orphans: Vec<SessionEvent>,
}

/// What names a session: ids are only unique below their key.
pub(crate) type SessionKey = (AuthKeyId, SessionId);

impl Session {
    pub(super) fn new(key: LinkKey, id: SessionId, number: u64, limits: Arc<ServerLimits>) -> Self {
        let state = State {
            machine: ServerSession::new(id, limits),
            outlets: Outlets::default(),
            idle_since: None,
            subscribed: None,
            stands_in: false,
            shown: Shown::default(),
            after: After::default(),
            orphans: Vec::new(),
        };
        Self { key, id, number, state: Mutex::new(state) }
    }

    /// Whether somebody is logged in on its key.
    pub(super) fn is_somebodys(&self) -> bool {
        self.key.permanent().is_some_and(|key| key.identity().user.is_some())
    }

    pub(crate) fn name(&self) -> SessionKey {
        (self.key.id(), self.id)
    }

    /// Queues the answer to a request and wakes the link.
    pub(super) fn answer(&self, request: MsgId, answer: Result<Bytes, RpcError>, packing: Packing) {
        let answer = match answer {
            Ok(object) => Answer::Object(object),
            Err(error) => Answer::Error { code: error.code(), text: error.text().into_owned() },
        };
        let mut state = self.state.lock();
        state.machine.answer(request, &answer, packing);
        state.wake();
    }

    /// Queues an update and wakes the link. A session that is away keeps a bounded number; one
    /// that lost some is told to ask for a difference.
    pub(crate) fn push(&self, updates: Bytes) {
        let mut state = self.state.lock();
        if state.machine.push(updates).is_err() {
            return;
        }
        while let Some(event) = state.machine.poll_event() {
            if event == SessionEvent::PushesLost && state.machine.push(TOO_LONG.clone()).is_err() {
                break;
            }
        }
        state.wake();
    }

    /// Tells the client to ask for a difference: something that was pushed is lost.
    pub(super) fn push_too_long(&self) {
        self.push(TOO_LONG.clone());
    }

    /// Closes the session's links.
    pub(crate) fn cut(&self) {
        self.state.lock().outlets.cut();
    }
}

/// `updatesTooLong`.
static TOO_LONG: LazyLock<Bytes> = LazyLock::new(|| tl::Updates::UpdatesTooLong.to_bytes().into());

impl State {
    /// Whether it receives the updates of `user`, or nobody's, in its own right.
    pub(super) fn is_subscribed(&self, user: Option<UserId>) -> bool {
        self.subscribed == user && !self.stands_in
    }

    pub(super) fn wake(&self) {
        self.outlets.wake();
    }
}
