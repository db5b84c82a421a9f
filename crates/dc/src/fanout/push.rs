//! Tells live sessions what was committed.
//!
//! One worker renders everything in commit order, so every session hears of each log in order. It
//! reads the same rows through the same renderer as a difference; a session that is slower than its
//! queue gets `updatesTooLong` and asks.

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use bytes::Bytes;
use heliogram_ids::{Layer, Pts, Timestamp, UserId};
use heliogram_net::Clock;
use heliogram_store::{Snapshot, Store};
use heliogram_tl as tl;
use heliogram_tl::Encode as _;
use parking_lot::{Condvar, Mutex};

use super::{Outbox, Told, difference};
use crate::error::Rpc;
use crate::gateway::online::Online;
use crate::gateway::session::{Session, SessionKey};
use crate::meters::PushMeters;
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
    meters: PushMeters,
    queue: Mutex<Queue>,
    changed: Condvar,
}

#[derive(Default)]
struct Queue {
    /// What was committed, and when.
    waiting: VecDeque<(Timestamp, Committed)>,
    /// When the oldest of what is told now was committed.
    telling: Option<Timestamp>,
    closed: bool,
    /// Who does the work by hand and waits for some.
    idler: Option<Waker>,
}

impl Fanout {
    pub(crate) fn new(world: Arc<World>, store: Store, clock: Clock, online: Arc<Online>) -> Self {
        let (meters, queue, changed) = Default::default();
        Self { world, store, clock, online, meters, queue, changed }
    }

    /// What is measured here.
    pub(crate) fn meters(&self) -> &PushMeters {
        &self.meters
    }

    /// How many commits wait to be told, and how long the oldest that is not yet told has waited.
    pub(crate) fn backlog(&self) -> (usize, Duration) {
        let queue = self.queue.lock();
        let oldest = queue.telling.or_else(|| queue.waiting.front().map(|(at, _)| *at));
        let waits = oldest.map_or(Duration::ZERO, |at| self.clock.now().saturating_since(at));
        (queue.waiting.len(), waits)
    }

    /// Queues what was committed. Waits when the worker is far behind, and so slows the writer.
    pub(crate) fn send(&self, committed: Committed) {
        let now = self.clock.now();
        let mut queue = self.queue.lock();
        while queue.waiting.len() >= QUEUE_MAX && !queue.closed {
            self.changed.wait(&mut queue);
        }
        queue.waiting.push_back((now, committed));
        self.changed.notify_all();
        if let Some(idler) = queue.idler.take() {
            idler.wake();
        }
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

    /// Ready once a commit waits.
    pub(crate) fn poll_queued(&self, cx: &Context<'_>) -> Poll<()> {
        let mut queue = self.queue.lock();
        if queue.waiting.is_empty() {
            queue.idler = Some(cx.waker().clone());
            return Poll::Pending;
        }
        Poll::Ready(())
    }

    /// Tells of everything that waits now; returns how many commits that were.
    pub(crate) fn run_once(&self) -> usize {
        let waiting = {
            let mut queue = self.queue.lock();
            queue.telling = queue.waiting.front().map(|(at, _)| *at);
            std::mem::take(&mut queue.waiting)
        };
        self.changed.notify_all();
        if waiting.is_empty() {
            return 0;
        }
        self.tell_all(&waiting);
        self.queue.lock().telling = None;
        waiting.len()
    }

    fn tell_all(&self, waiting: &VecDeque<(Timestamp, Committed)>) {
        let snapshot = match self.store.snapshot() {
            Ok(snapshot) => snapshot,
            Err(error) => {
                return tracing::error!(%error, "cannot read what to push");
            }
        };
        for (at, committed) in waiting {
            if let Err(error) = self.tell(&snapshot, committed) {
                tracing::error!(%error, "cannot render a push");
            }
            self.meters.note_told(self.clock.now().saturating_since(*at));
        }
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
        self.push(told.to, &envelope, origin);
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
                self.meters.note_push();
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

#[cfg(test)]
mod tests {
    use heliogram_tl::{Function, Raw};

    use super::*;
    use crate::gateway::fixture::Desk;

    /// Two sessions of Alice and one of Bob, who all listen.
    struct Stage {
        desk: Desk,
        alice: [Arc<Session>; 2],
        bob: Arc<Session>,
        /// Bob, as Alice names him.
        peer: tl::InputPeer,
    }

    impl Stage {
        fn new() -> Self {
            let mut desk = Desk::new();
            let (alice, bob) = (desk.cloud.person("Alice"), desk.cloud.person("Bob"));
            let peer = desk.cloud.input_peer(alice, bob);
            let alice = [desk.log_in(1, alice), desk.log_in(2, alice)];
            let bob = desk.log_in(3, bob);
            let mut stage = Self { desk, alice, bob, peer };
            for session in [&stage.alice[0], &stage.alice[1], &stage.bob].map(Arc::clone) {
                stage.ask(&session, &tl::updates::GetState {});
                stage.desk.hear(&session);
            }
            stage
        }

        fn ask(&mut self, session: &Arc<Session>, request: &impl Function) {
            self.desk.ask(session, request);
            self.desk.write();
        }

        /// Alice writes to Bob from her first session.
        fn say(&mut self, message: &str, random_id: i64) {
            let (peer, message) = (self.peer.clone(), message.into());
            let send = tl::messages::SendMessage { peer, message, random_id, ..Default::default() };
            let session = Arc::clone(&self.alice[0]);
            self.ask(&session, &send);
        }

        /// The updates that a session was sent since it was last asked, by their texts or types.
        fn heard(&self, session: &Session) -> Vec<String> {
            self.desk.hear(session).updates().iter().map(text).collect()
        }
    }

    fn text(update: &tl::Update) -> String {
        match update {
            tl::Update::UpdateNewMessage(new) => match &new.message {
                tl::Message::Message(message) => message.message.to_string(),
                other => panic!("{other:?}"),
            },
            tl::Update::UpdateUserTyping(_) => "typing".to_owned(),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn everybody_is_told_but_the_session_that_asked() {
        let mut stage = Stage::new();
        stage.say("one", 1);
        stage.say("two", 2);
        assert_eq!(stage.heard(&stage.alice[0]), [""; 0]);
        assert_eq!(stage.heard(&stage.alice[1]), ["one", "two"]);
        assert_eq!(stage.heard(&stage.bob), ["one", "two"]);
    }

    #[test]
    fn a_notice_reaches_the_other_side_alone() {
        let mut stage = Stage::new();
        let action = tl::SendMessageAction::SendMessageTypingAction;
        let typing = tl::messages::SetTyping { peer: stage.peer.clone(), top_msg_id: None, action };
        let session = Arc::clone(&stage.alice[0]);
        stage.ask(&session, &typing);
        assert_eq!(stage.heard(&stage.bob), ["typing"]);
        assert_eq!(stage.heard(&stage.alice[0]), [""; 0]);
        assert_eq!(stage.heard(&stage.alice[1]), [""; 0]);
    }

    #[test]
    fn a_refused_request_is_told_to_nobody() {
        let mut stage = Stage::new();
        stage.say("", 1);
        assert_eq!(stage.heard(&stage.bob), [""; 0]);
        assert_eq!(stage.heard(&stage.alice[1]), [""; 0]);
    }

    #[test]
    fn a_session_for_files_hears_no_updates() {
        let mut stage = Stage::new();
        let pipe = stage.desk.open(stage.bob.key.id(), 2);
        stage.ask(&pipe, &tl::help::GetConfig {});
        stage.desk.hear(&pipe);
        stage.say("one", 1);
        assert_eq!(stage.heard(&pipe), [""; 0]);
        assert_eq!(stage.heard(&stage.bob), ["one"]);
    }

    #[test]
    fn each_session_is_told_in_its_layer() {
        let mut stage = Stage::new();
        let bob = stage.bob.key.permanent().and_then(|key| key.identity().user).expect("a login");
        let old = stage.desk.log_in(4, bob);
        let query = Raw(tl::updates::GetState {}.to_bytes().into());
        stage.ask(&old, &tl::InvokeWithLayer { layer: 158, query });
        stage.desk.hear(&old);
        stage.say("one", 1);
        let (newest, lower) = (stage.desk.hear(&stage.bob).pushes, stage.desk.hear(&old).pushes);
        let [newest] = &newest[..] else { panic!("{newest:?}") };
        let expected = tl::layer::downgrade_object(158, newest).expect("a message is an old thing");
        assert_ne!(expected[..], newest[..]);
        assert_eq!(lower, [expected.into_owned()]);
    }

    #[test]
    fn a_commit_waits_for_its_turn_and_a_closed_worker_ends() {
        let stage = Stage::new();
        let fanout = &stage.desk.gateway.fanout;
        assert_eq!(fanout.run_once(), 0);
        for _ in 0..3 {
            fanout.send(Committed { outbox: Outbox::default(), origin: None });
        }
        fanout.close();
        fanout.work();
        assert_eq!(fanout.run_once(), 0, "what was queued is told before the worker ends");
    }
}
