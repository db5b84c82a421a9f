//! Tells live sessions what was committed.
//!
//! One worker renders everything in commit order, so every session hears of each log in order. It
//! reads the same rows through the same renderer as a difference; a session that is slower than its
//! queue gets `updatesTooLong` and asks.

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;

use bytes::Bytes;
use heliogram_ids::{Layer, Pts, UserId};
use heliogram_net::Clock;
use heliogram_store::{Snapshot, Store};
use heliogram_tl as tl;
use heliogram_tl::Encode as _;
use parking_lot::{Condvar, Mutex};

use super::{Outbox, Told, difference};
use crate::error::Rpc;
use crate::gateway::online::Online;
use crate::gateway::session::{Session, SessionKey};
use crate::render::{self, Peers, Viewer};
use crate::world::World;

/// Commits that may wait for the worker before the writer has to.
const QUEUE_MAX: usize = 65_536;

/// What one request committed, and the session that need not be told.
pub(crate) struct Committed {
    pub(crate) outbox: Outbox,
    pub(crate) origin: Option<SessionKey>,
}

/// The way from commits to sessions.
pub(crate) struct Fanout {
    world: Arc<World>,
    store: Store,
    clock: Clock,
    online: Arc<Online>,
    queue: Mutex<Queue>,
    changed: Condvar,
}

#[derive(Default)]
struct Queue {
    waiting: VecDeque<Committed>,
    closed: bool,
}

impl Fanout {
    pub(crate) fn new(world: Arc<World>, store: Store, clock: Clock, online: Arc<Online>) -> Self {
        Self { world, store, clock, online, queue: Mutex::default(), changed: Condvar::new() }
    }

    /// Queues what was committed. Waits when the worker is far behind, and so slows the writer.
    pub(crate) fn send(&self, committed: Committed) {
        let mut queue = self.queue.lock();
        while queue.waiting.len() >= QUEUE_MAX && !queue.closed {
            self.changed.wait(&mut queue);
        }
        queue.waiting.push_back(committed);
        self.changed.notify_all();
    }

    /// Works until closed. Runs on a thread of its own.
    pub(crate) fn work(&self) {
        loop {
            let mut queue = self.queue.lock();
            while queue.waiting.is_empty() && !queue.closed {
                self.changed.wait(&mut queue);
            }
            if queue.waiting.is_empty() {
                return;
            }
            drop(queue);
            self.run_once();
        }
    }

    /// Tells of everything that waits now; returns how many commits that were.
    pub(crate) fn run_once(&self) -> usize {
        let waiting = std::mem::take(&mut self.queue.lock().waiting);
        self.changed.notify_all();
        if waiting.is_empty() {
            return 0;
        }
        let snapshot = match self.store.snapshot() {
            Ok(snapshot) => snapshot,
            Err(error) => {
                tracing::error!(%error, "cannot read what to push");
                return waiting.len();
            }
        };
        for committed in &waiting {
            if let Err(error) = self.tell(&snapshot, committed) {
                tracing::error!(%error, "cannot render a push");
            }
        }
        waiting.len()
    }

    /// Ends the worker once the queue is empty.
    pub(crate) fn close(&self) {
        self.queue.lock().closed = true;
        self.changed.notify_all();
    }

    fn tell(&self, snapshot: &Snapshot, committed: &Committed) -> Rpc<()> {
        let Committed { outbox, origin } = committed;
        let mut ranges: BTreeMap<UserId, (Pts, Pts)> = BTreeMap::new();
        for (owner, pts) in &outbox.logged {
            ranges.entry(*owner).and_modify(|(_, last)| *last = *pts).or_insert((*pts, *pts));
        }
        for (owner, (first, last)) in ranges {
            if self.online.is_heard(owner) {
                self.tell_logged(snapshot, owner, first, last, *origin)?;
            }
        }
        for told in &outbox.notices {
            if self.online.is_heard(told.to) {
                self.tell_notice(snapshot, told, *origin)?;
            }
        }
        Ok(())
    }

    fn tell_logged(
        &self,
        snapshot: &Snapshot,
        owner: UserId,
        first: Pts,
        last: Pts,
        origin: Option<SessionKey>,
    ) -> Rpc<()> {
        let Some(before) = Pts::new(first.get() - 1) else { return Ok(()) };
        let count = usize::try_from(last.get() - before.get()).unwrap_or(0);
        let rows = difference::since(snapshot, owner, before, count)?.rows;
        let viewer = self.viewer(snapshot, owner);
        let mut peers = Peers::default();
        let updates = render::log(viewer, &rows, &mut peers)?.into_updates();
        if updates.is_empty() {
            return Ok(());
        }
        let envelope = render::updates(viewer, updates, &peers)?;
        self.push(owner, &envelope, origin);
        Ok(())
    }

    fn tell_notice(&self, snapshot: &Snapshot, told: &Told, origin: Option<SessionKey>) -> Rpc<()> {
        let viewer = self.viewer(snapshot, told.to);
        let mut peers = Peers::default();
        let Some(update) = render::notice(viewer, &told.notice, &mut peers)? else { return Ok(()) };
        let envelope = render::updates(viewer, vec![update], &peers)?;
        self.push(told.to, &envelope, origin.filter(|_| !told.caller_too));
        Ok(())
    }

    /// Gives an envelope to all of a user's sessions, each in its own layer.
    fn push(&self, owner: UserId, envelope: &tl::Updates, origin: Option<SessionKey>) {
        let newest = Bytes::from(envelope.to_bytes());
        let mut by_layer: BTreeMap<Layer, Option<Bytes>> = BTreeMap::new();
        for session in self.online.sessions(owner) {
            if origin == Some(session.name()) {
                continue;
            }
            let Some(layer) = layer_of(&session) else { continue };
            let bytes = by_layer.entry(layer).or_insert_with(|| lowered(&newest, layer));
            if let Some(bytes) = bytes {
                session.push(bytes.clone());
            }
        }
    }

    fn viewer<'a>(&'a self, snapshot: &'a Snapshot, me: UserId) -> Viewer<'a> {
        Viewer { db: snapshot, me, now: self.clock.now(), world: &self.world }
    }
}

fn layer_of(session: &Session) -> Option<Layer> {
    session.key.permanent()?.identity().layer
}

fn lowered(newest: &Bytes, layer: Layer) -> Option<Bytes> {
    match tl::layer::downgrade_object(layer.get(), newest) {
        Ok(std::borrow::Cow::Borrowed(_)) => Some(newest.clone()),
        Ok(std::borrow::Cow::Owned(lowered)) => Some(Bytes::from(lowered)),
        Err(error) => {
            tracing::warn!(layer = layer.get(), %error, "push cannot be said in this layer");
            None
        }
    }
}
