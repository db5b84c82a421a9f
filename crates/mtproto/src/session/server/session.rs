//! One session of one key, as the server sees it.

use std::collections::BTreeSet;
use std::sync::Arc;

use bytes::Bytes;
use heliogram_ids::{MsgId, SessionId, Timestamp};

use super::early::Early;
use super::kept::Kept;
use super::{ServerLimits, SessionEvent};
use crate::queue::Queue;
use crate::session::acks::Acks;
use crate::session::msg_id::{MsgIds, Origin};
use crate::session::received::Received;
use crate::session::salts::SaltWindow;
use crate::session::seq_no::{Content, SeqNos};

/// The server's end of one session.
///
/// After [`handle_message`](Self::handle_message) or any call that queues something, drain
/// [`poll_event`](Self::poll_event), then [`poll_transmit`](Self::poll_transmit) into the newest
/// link of the session, then re-arm [`poll_timeout`](Self::poll_timeout). Keep the session for
/// some minutes after its last link has gone: a client that comes back finds its answers, and is
/// spared the difference that a new session costs.
#[derive(Debug)]
pub struct ServerSession {
    pub(super) id: SessionId,
    pub(super) limits: Arc<ServerLimits>,
    pub(super) created: Option<Created>,
    pub(super) link: LinkNumber,
    pub(super) ids: MsgIds,
    pub(super) seq_nos: SeqNos,
    pub(super) salts: SaltWindow,
    pub(super) received: Received<Fate>,
    /// What was refused because its time had not come.
    pub(super) early: Early,
    pub(super) running: usize,
    pub(super) acks: Acks,
    pub(super) notices: Queue<Notice>,
    pub(super) answers: Queue<QueuedAnswer>,
    pub(super) answer_bytes: usize,
    pub(super) pushes: Queue<Bytes>,
    pub(super) push_bytes: usize,
    pub(super) kept: Kept,
    pub(super) repeats: BTreeSet<MsgId>,
    pub(super) events: Queue<SessionEvent>,
    /// What the message at hand has unpacked to so far.
    pub(super) unpacked_bytes: usize,
    pub(super) is_strangers: bool,
}

/// What was announced with `new_session_created`.
#[derive(Clone, Copy, Debug)]
pub(super) struct Created {
    pub(super) first_msg_id: MsgId,
    pub(super) unique_id: i64,
}

/// Counts the links a session has had: nothing is repeated twice on one.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct LinkNumber {
    pub(super) current: u32,
    /// The last link that has been given what was unacknowledged.
    pub(super) caught_up: u32,
}

/// What became of a message of the client's.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Fate {
    /// Handled when it came; nothing is owed but perhaps an acknowledgement.
    Done,
    /// A request that is being worked on.
    Running,
    /// The same, but its answer was dropped by the client.
    Dropped,
    /// Answered; the answer is queued and has no id yet.
    Queued,
    /// The answer was sent under this id. If it is no longer kept, it was acknowledged.
    Answered(MsgId),
    /// The answer was too large to keep. Repeated, the request runs again.
    NotKept,
    /// The answer was given up unacknowledged. Repeated, the request is refused.
    Lost,
}

/// A service message that waits to be sent.
#[derive(Debug)]
pub(super) struct Notice {
    pub(super) body: Bytes,
    pub(super) origin: Origin,
    pub(super) content: Content,
}

/// An `rpc_result` that waits to be sent.
#[derive(Debug)]
pub(super) struct QueuedAnswer {
    pub(super) request: MsgId,
    pub(super) body: Bytes,
}

impl ServerSession {
    /// A session that no message has come for yet.
    pub fn new(id: SessionId, limits: Arc<ServerLimits>) -> Self {
        let received = Received::new(limits.received_max);
        Self {
            id,
            limits,
            created: None,
            link: LinkNumber::default(),
            ids: MsgIds::default(),
            seq_nos: SeqNos::default(),
            salts: SaltWindow::default(),
            received,
            early: Early::default(),
            running: 0,
            acks: Acks::default(),
            notices: Queue::new(),
            answers: Queue::new(),
            answer_bytes: 0,
            pushes: Queue::new(),
            push_bytes: 0,
            kept: Kept::default(),
            repeats: BTreeSet::new(),
            events: Queue::new(),
            unpacked_bytes: 0,
            is_strangers: false,
        }
    }

    /// The number that the client chose for it.
    pub fn id(&self) -> SessionId {
        self.id
    }

    /// Whether nobody is logged in behind it, so that less is done for it. It may change.
    pub fn set_strangers(&mut self, is_strangers: bool) {
        self.is_strangers = is_strangers;
    }

    /// The session has moved to a new link. What is unacknowledged will be sent there once, as
    /// soon as the link has brought an acceptable message.
    pub fn on_link(&mut self) {
        self.link.current = self.link.current.wrapping_add(1);
    }

    /// The next thing to be done above.
    pub fn poll_event(&mut self) -> Option<SessionEvent> {
        self.events.pop_front()
    }

    /// When [`handle_timeout`](Self::handle_timeout) should be called.
    pub fn poll_timeout(&self) -> Option<Timestamp> {
        let stale = self.kept.oldest().map(|sent| sent + self.limits.kept_age_max);
        self.acks.due().into_iter().chain(stale).min()
    }

    /// Forgets what is too old to repeat; acknowledgements that are due are sent by the next
    /// [`poll_transmit`](Self::poll_transmit).
    pub fn handle_timeout(&mut self, now: Timestamp) {
        self.forget_stale(now);
    }

    pub(super) fn notify(&mut self, body: Vec<u8>, origin: Origin, content: Content) {
        self.notices.push_back(Notice { body: body.into(), origin, content });
    }

    /// Queues a reply of the service schema. These are never acknowledged.
    pub(super) fn reply(&mut self, body: Vec<u8>) {
        self.notify(body, Origin::Reply, Content::Service);
    }
}
