//! The context of one request: who asks, when, over which rows, and what happens after the commit.

use heliogram_crypto::Random;
use heliogram_ids::{AuthKeyId, DcId, SessionId, Timestamp, UserId};
use heliogram_store::engine::View;
use heliogram_store::{Snapshot, Txn};

use crate::fanout::Outbox;
use crate::render::Viewer;
use crate::world::World;

/// What a handler works with. `D` is what it may touch: a [`Snapshot`] to read, a [`Txn`] to write.
///
/// Handlers are plain functions of this and the request. They may be run again, so nothing outside
/// of `db` and `outbox` may change.
pub(crate) struct Cx<'a, D, M = UserId> {
    /// Who is logged in; `Option<UserId>` in the handlers that strangers may call.
    pub(crate) me: M,
    /// Rows, at one moment.
    pub(crate) db: &'a mut D,
    /// What to do after the commit.
    pub(crate) outbox: &'a mut Outbox,
    /// The link to the caller.
    pub(crate) caller: &'a Caller,
    pub(crate) now: Timestamp,
    pub(crate) rng: &'a mut dyn Random,
    pub(crate) world: &'a World,
}

/// Reads a snapshot.
pub(crate) type Reading<'a> = Cx<'a, Snapshot>;
/// Writes within one transaction.
pub(crate) type Writing<'a> = Cx<'a, Txn>;
/// Reads, logged in or not.
pub(crate) type StrangerReading<'a> = Cx<'a, Snapshot, Option<UserId>>;
/// Writes, logged in or not.
pub(crate) type StrangerWriting<'a> = Cx<'a, Txn, Option<UserId>>;

/// Where a request came from.
#[derive(Clone, Debug)]
pub(crate) struct Caller {
    /// The permanent key, also when a temporary one was used.
    pub(crate) auth_key: AuthKeyId,
    /// The key of the link: the permanent one or a temporary one bound to it.
    pub(crate) link_key: AuthKeyId,
    pub(crate) session: SessionId,
    /// The MTProto message that carries the request.
    pub(crate) msg_id: heliogram_ids::MsgId,
    pub(crate) ip: Option<std::net::IpAddr>,
    /// Our address, as the caller dialled it; none within this process.
    pub(crate) local: Option<std::net::IpAddr>,
    /// The data centre that the caller dialled; none within this process, where all are at hand.
    pub(crate) dc: Option<DcId>,
    /// The caller is logged in as a bot.
    pub(crate) is_bot: bool,
}

impl<D: View, M> Cx<'_, D, M> {
    /// The rows, seen by `viewer`.
    pub(crate) fn viewer(&self, viewer: UserId) -> Viewer<'_> {
        Viewer { db: &*self.db, me: viewer, now: self.now, world: self.world }
    }
}

impl<D: View> Cx<'_, D> {
    /// The rows, seen by the caller.
    pub(crate) fn mine(&self) -> Viewer<'_> {
        self.viewer(self.me)
    }
}

impl<D> Cx<'_, D, Option<UserId>> {
    /// The same context for someone who is logged in now.
    pub(crate) fn logged_in(&mut self, me: UserId) -> Cx<'_, D> {
        self.speaking_as(me)
    }
}

impl<D, M> Cx<'_, D, M> {
    /// The same context in the name of another account: of one that is being logged in, or of the
    /// cloud's own.
    pub(crate) fn speaking_as(&mut self, me: UserId) -> Cx<'_, D> {
        Cx {
            me,
            db: self.db,
            outbox: self.outbox,
            caller: self.caller,
            now: self.now,
            rng: self.rng,
            world: self.world,
        }
    }
}
