//! What all connections share, and the work that follows commits.

use std::net::IpAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use bytes::Bytes;
use heliogram_ids::{AuthKeyId, SessionId, Timestamp, UserId};
use heliogram_mtproto::handshake::Lobby;
use heliogram_mtproto::link::ServerConfig;
use heliogram_mtproto::session::ServerLimits;
use heliogram_net::{Clock, PeerInfo, Service, Waker};
use heliogram_store::{Store, StoreError, Witness};
use heliogram_tl as tl;
use heliogram_tl::Encode as _;
use parking_lot::Mutex;
use prometheus_client::registry::Registry;

use super::ears::Introduced;
use super::flood::Flood;
use super::health::Pulse;
use super::keys::{Keys, LinkKey};
use super::link::Link;
use super::online::Online;
use super::parked::Parked;
use super::session::{Session, SessionKey};
use super::sessions::{Sessions, SessionsLimits};
use super::workshop::{Fate, Workshop, WorkshopLimits};
use crate::config::CodeDelivery;
use crate::domain::leftovers::{Cursor, Leftovers};
use crate::domain::{bot_father, logins};
use crate::effects;
use crate::error::RpcError;
use crate::fanout::{Committed, Effect, Fanout};
use crate::meters::{CallMeters, Census, CommitMeters};
use crate::tables::AuthKeys;
use crate::workers::Workers;
use crate::world::World;

/// Logins that one round of housekeeping ends; the next goes on.
const IDLE_LOGINS_MAX: usize = 1000;

/// Rows of each table that one look for leftovers takes in; the next goes on.
const LOOK_ROWS_MAX: usize = 50_000;
/// Whose work housekeeping is.
const NOBODY: AuthKeyId = AuthKeyId(0);

/// Everything between the sockets and the handlers.
pub(crate) struct Gateway {
    pub(crate) world: Arc<World>,
    pub(crate) store: Store,
    pub(crate) clock: Clock,
    pub(crate) keys: Keys,
    pub(crate) sessions: Sessions,
    pub(crate) online: Arc<Online>,
    pub(crate) parked: Parked,
    pub(crate) fanout: Arc<Fanout>,
    pub(super) link_config: Arc<ServerConfig>,
    pub(super) lobby: Arc<Lobby>,
    /// Private-key work for strangers, by their address.
    pub(crate) handshakes: Workshop<Option<IpAddr>>,
    /// Slow work for accounts, and for keys that wait for a password.
    pub(crate) workshop: Workshop<AuthKeyId>,
    /// Login codes on their way, if a command carries them.
    post: Option<Workshop<()>>,
    pub(super) flood: Flood,
    pub(super) introduced: Introduced,
    pub(super) calls: CallMeters,
    commits: Arc<CommitMeters>,
    pub(super) pulse: Pulse,
    /// Where the next look for leftovers begins.
    cursor: Mutex<Cursor>,
    links: AtomicU64,
}

impl Gateway {
    pub(crate) fn new(
        world: Arc<World>,
        store: Store,
        clock: Clock,
        link_config: ServerConfig,
        workers: Workers,
    ) -> Self {
        let (handshakes, workshop) = match workers {
            Workers::Threads => (
                Workshop::start("handshake", WorkshopLimits::HANDSHAKES),
                Workshop::start("workshop", WorkshopLimits::SLOW),
            ),
            Workers::ByHand => (
                Workshop::by_hand(WorkshopLimits::HANDSHAKES),
                Workshop::by_hand(WorkshopLimits::SLOW),
            ),
        };
        let post = matches!(world.config.code_delivery, CodeDelivery::Hook(_))
            .then(|| Workshop::start("code-hook", WorkshopLimits::CODES));
        let online = Arc::new(Online::default());
        let fanout = Arc::new(Fanout::new(
            Arc::clone(&world),
            store.clone(),
            clock.clone(),
            Arc::clone(&online),
        ));
        let commits = Arc::new(CommitMeters::new(clock.clone()));
        store.watch(Arc::clone(&commits) as Arc<dyn Witness>);
        Self {
            flood: Flood::new(world.config.mode),
            world,
            keys: Keys::new(store.clone()),
            store,
            clock,
            sessions: Sessions::new(ServerLimits::DEFAULT, SessionsLimits::DEFAULT),
            online,
            parked: Parked::default(),
            fanout,
            link_config: Arc::new(link_config),
            lobby: Arc::default(),
            handshakes,
            workshop,
            post,
            introduced: Introduced::default(),
            calls: CallMeters::default(),
            commits,
            pulse: Pulse::default(),
            cursor: Mutex::default(),
            links: AtomicU64::new(1),
        }
    }

    /// Has everything shown that is counted and measured here.
    pub(crate) fn register(self: &Arc<Self>, registry: &mut Registry) {
        self.calls.register(registry);
        self.fanout.meters().register(registry);
        self.commits.register(registry);
        registry.register_collector(Box::new(Census::of(self)));
    }

    /// The session of a key, made if it is new.
    pub(super) fn session(&self, key: &LinkKey, id: SessionId) -> Arc<Session> {
        let (session, displaced) = self.sessions.of(key, id);
        for displaced in displaced {
            self.online.subscribe(&displaced, None);
            displaced.cut();
        }
        session
    }

    /// Forgets a session; whether there was one.
    pub(super) fn end_session(&self, name: SessionKey) -> bool {
        let Some(session) = self.sessions.remove(name) else { return false };
        self.online.subscribe(&session, None);
        session.cut();
        true
    }

    /// Forgets a key and all that rests on it, as its owner asked.
    pub(super) fn destroy_key(&self, key: &LinkKey) {
        let id = key.id();
        self.keys.forget(id);
        if let LinkKey::Permanent(_) = key {
            let ticket = self.store.write(move |txn| {
                use heliogram_store::Read as _;
                if let Some(row) = txn.get::<AuthKeys>(&id)? {
                    if let Some(user) = row.user {
                        txn.delete::<crate::tables::Logins>(&(user, id))?;
                    }
                    txn.delete::<AuthKeys>(&id)?;
                }
                Ok(())
            });
            ticket.on_complete(|stored: Result<(), StoreError>| {
                if let Err(error) = stored {
                    tracing::error!(%error, "a destroyed key is still stored");
                }
            });
        }
        for session in self.sessions.of_key(id) {
            self.online.subscribe(&session, None);
        }
    }

    /// Does what a request left to be done after its commit.
    pub(crate) fn carry_out(self: &Arc<Self>, effect: Effect, now: Timestamp) {
        match effect {
            Effect::DeliverCode { phone, code } => self.deliver_code(phone, code),
            Effect::LoginChanged(key) => self.login_changed(key),
            Effect::LoginEnded(key) => {
                self.login_changed(key);
                self.sessions.acting_for(key).iter().for_each(|session| session.cut());
            }
            Effect::LoginTokenAccepted(key) => self.tell_of_token(key, now),
            Effect::Seen { user, seen } => self.world.presence.set(user, seen),
            Effect::BindTempKey { temp, perm, expires_at } => {
                let expires = Timestamp::from_secs(u64::try_from(expires_at).unwrap_or(0));
                if let Some(displaced) = self.keys.bind(temp, perm, expires) {
                    self.sessions.of_key(displaced).iter().for_each(|session| session.cut());
                }
            }
            Effect::DropTempKeys { perm, except } => {
                for key in self.keys.drop_temporary(perm, &except) {
                    self.sessions.of_key(key).iter().for_each(|session| session.cut());
                }
            }
            Effect::AskBotFather { person, text } => self.ask_bot_father(person, text, now),
            Effect::Answer { query, answer } => {
                if let Some(question) = self.parked.close(query) {
                    self.unpark(&question, Ok(answer), now);
                }
            }
        }
    }

    /// Sends a login code on its way. Each is a process for some time, so few are sent at once.
    fn deliver_code(self: &Arc<Self>, phone: String, code: String) {
        effects::log_code(&phone, &code);
        let CodeDelivery::Hook(command) = self.world.config.code_delivery.clone() else { return };
        let Some(post) = &self.post else { return };
        post.run((), move |fate| match fate {
            Fate::Do => effects::run_hook(&command, &phone, &code),
            Fate::TurnedAway => tracing::warn!("too many login codes wait for the code hook"),
        });
    }

    /// Tells the sessions of a key without a login that its token was accepted: the only update
    /// that reaches a stranger.
    fn tell_of_token(&self, key: AuthKeyId, now: Timestamp) {
        let short =
            tl::types::UpdateShort { update: tl::Update::UpdateLoginToken, date: now.unix() };
        let push = Bytes::from(tl::Updates::from(short).to_bytes());
        for session in self.sessions.acting_for(key) {
            session.push(push.clone());
        }
    }

    /// Ends the logins that nobody uses any more.
    pub(crate) fn end_idle_logins(self: &Arc<Self>, now: Timestamp) {
        let idle = self.store.read(|db| logins::idle(db, now, IDLE_LOGINS_MAX));
        let idle = idle.unwrap_or_else(|error| {
            tracing::error!(%error, "cannot look for idle logins");
            Vec::new()
        });
        for (user, key) in idle {
            let gateway = Arc::clone(self);
            let ticket = self.store.write(move |txn| logins::end_idle(txn, user, key, now));
            ticket.on_complete(move |ended| match ended {
                Ok(true) => gateway.carry_out(Effect::LoginEnded(key), now),
                Ok(false) => {}
                Err(error) => tracing::error!(%error, "an idle login was not ended"),
            });
        }
    }

    /// Clears away what strangers have left behind, a part of it each time.
    pub(crate) fn clear_leftovers(self: &Arc<Self>, now: Timestamp) {
        let gateway = Arc::clone(self);
        // Many rows are looked at, for which no connection should wait.
        self.workshop.run(NOBODY, move |fate| {
            if fate == Fate::Do
                && let Err(error) = gateway.delete_leftovers(now)
            {
                tracing::error!(%error, "cannot clear away what strangers left");
            }
        });
    }

    fn delete_leftovers(self: &Arc<Self>, now: Timestamp) -> Result<(), StoreError> {
        let limits = *self.world.limits();
        let mut cursor = self.cursor.lock();
        let found =
            self.store.read(|db| Leftovers::find(db, now, &limits, &mut cursor, LOOK_ROWS_MAX));
        drop(cursor);
        let mut found = found?;
        found.keys.retain(|key| !self.keys.is_in_use(*key));
        if found.is_empty() {
            return Ok(());
        }
        let gateway = Arc::clone(self);
        let ticket = self.store.write(move |txn| found.delete(txn, now, &limits));
        ticket.on_complete(move |gone| match gone {
            Ok(keys) => keys.into_iter().for_each(|key| gateway.keys.forget(key)),
            Err(error) => tracing::error!(%error, "leftovers of strangers stay"),
        });
        Ok(())
    }

    fn ask_bot_father(self: &Arc<Self>, person: UserId, text: String, now: Timestamp) {
        let world = Arc::clone(&self.world);
        let ticket =
            self.store.write(move |txn| bot_father::on_message(&world, txn, now, person, &text));
        let gateway = Arc::clone(self);
        ticket.on_complete(move |answered| match answered {
            Ok(mut outbox) => {
                for effect in std::mem::take(&mut outbox.effects) {
                    gateway.carry_out(effect, now);
                }
                gateway.fanout.send(Committed { outbox, origin: None });
            }
            Err(error) => tracing::error!(%error, "BotFather could not answer"),
        });
    }

    fn login_changed(&self, key: AuthKeyId) {
        self.keys.refresh(key);
        let user = self.keys.permanent(key).and_then(|key| key.identity().user);
        for session in self.sessions.acting_for(key) {
            let stale =
                session.state.lock().subscribed.is_some_and(|subscribed| Some(subscribed) != user);
            if stale {
                self.online.subscribe(&session, None);
            }
        }
    }

    /// Regular housekeeping: about once a second.
    pub(crate) fn tick(self: &Arc<Self>, now: Timestamp) {
        for question in self.parked.expire(now) {
            self.unpark(&question, Err(RpcError::BOT_RESPONSE_TIMEOUT), now);
        }
        for session in self.sessions.sweep(now) {
            self.online.subscribe(&session, None);
        }
        self.lend_ears(now);
        // A client may have changed to another key on the same link, so the link stays.
        for key in self.keys.sweep(now) {
            for session in self.sessions.of_key(key) {
                self.sessions.remove(session.name());
                self.online.subscribe(&session, None);
            }
        }
    }
}

impl Service for Gateway {
    type Connection = Link;

    fn connect(self: &Arc<Self>, peer: PeerInfo, waker: Waker) -> Link {
        let number = self.links.fetch_add(1, Ordering::Relaxed);
        Link::new(Arc::clone(self), number, peer, waker)
    }
}
