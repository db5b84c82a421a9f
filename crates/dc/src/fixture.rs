//! A cloud in memory with a few people in it, for tests of handlers.
//!
//! Every test has a world of its own: a store driven by hand, a clock that stands until it is moved,
//! and randomness from a seed.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use heliogram_crypto::{Random, SeededRandom};
use heliogram_ids::{
    AccessHash, AuthKeyId, DcId, Layer, MsgId, Peer, SessionId, Timestamp, UserId,
};
use heliogram_net::Entropy;
use heliogram_store::blobs::MemoryBlobs;
use heliogram_store::{Read as _, Store, StoreError, Txn};
use heliogram_tl as tl;
use heliogram_tl::{Decode as _, Function};

use crate::config::{CodeDelivery, Config, Mode};
use crate::cx::Caller;
use crate::domain::access::{AccessSecret, Target};
use crate::domain::users;
use crate::error::Rpc;
use crate::fanout::Outbox;
use crate::limits::Limits;
use crate::record::{AuthKeyRow, BotProfile, UserRow};
use crate::rpc::call::Call;
use crate::rpc::dispatch;
use crate::rpc::route::Answer;
use crate::tables::{AuthKeys, Users};
use crate::world::World;

/// A cloud in memory.
pub(crate) struct Fixture {
    pub(crate) world: Arc<World>,
    pub(crate) store: Store,
    pub(crate) now: Timestamp,
    rng: SeededRandom,
    /// What the last call left to be done after its commit.
    pub(crate) outbox: Outbox,
    /// The key of the next calls; tests of logins switch it.
    pub(crate) auth_key: AuthKeyId,
    /// The temporary key that they come on, if it is another.
    pub(crate) link_key: Option<AuthKeyId>,
    /// The data centre that they dial; none is near to all.
    pub(crate) dc: Option<DcId>,
}

impl Fixture {
    /// An empty cloud at a fixed moment.
    pub(crate) fn new() -> Self {
        let config = Config {
            dc_id: DcId::new(2).expect("2 is a data centre"),
            further: Vec::new(),
            mode: Mode::Development,
            addresses: vec![([127, 0, 0, 1], 7700).into()],
            code_delivery: CodeDelivery::LogOnly,
            limits: Limits::DEFAULT,
        };
        let world = World {
            config,
            access: AccessSecret::new(1, [7; 32]),
            blobs: Box::new(MemoryBlobs::new(heliogram_store::Limits::DEFAULT)),
            uploads: Default::default(),
            presence: Default::default(),
            challenges: Default::default(),
            callbacks: Default::default(),
            entropy: Entropy::seeded(1),
        };
        Self {
            world: Arc::new(world),
            store: Store::inline(),
            now: Timestamp::from_secs(1_800_000_000),
            rng: SeededRandom::new(42),
            outbox: Outbox::default(),
            auth_key: AuthKeyId(1),
            link_key: None,
            dc: None,
        }
    }

    /// A person whose phone number and name follow from `name`.
    pub(crate) fn person(&mut self, name: &str) -> UserId {
        let phone = format!("99966{:05}", name.bytes().map(u32::from).sum::<u32>());
        self.account(UserRow {
            first_name: name.to_owned(),
            phone: Some(phone),
            ..UserRow::default()
        })
    }

    /// A bot with a username.
    pub(crate) fn bot(&mut self, username: &str, owner: UserId) -> UserId {
        let bot = BotProfile {
            owner: Some(owner),
            secret: "A".repeat(35),
            description: String::new(),
            info_version: 1,
            inline_placeholder: None,
            sees_all: false,
            nochats: false,
        };
        self.account(UserRow {
            first_name: username.to_owned(),
            username: Some(username.to_owned()),
            bot: Some(bot),
            ..UserRow::default()
        })
    }

    fn account(&mut self, row: UserRow) -> UserId {
        let seed = self.rng.u64();
        self.write(move |txn| users::create(txn, &mut SeededRandom::new(seed), &row))
            .expect("a fresh account")
    }

    /// A permanent key without a login, whose bytes follow from `seed`; the next calls come on it.
    pub(crate) fn key(&mut self, seed: u8) -> AuthKeyId {
        let bytes = [seed; 256];
        let key = AuthKeyId(heliogram_crypto::AuthKey::new(bytes).id());
        let row = AuthKeyRow {
            key: bytes.to_vec(),
            created: self.now.unix(),
            user: None,
            password_pending: None,
            layer: Layer::new(tl::LAYER),
            client: None,
            hash: 0,
            logged_in: 0,
            active: 0,
            ip: String::new(),
            salt_seed: 0,
            dc: None,
        };
        self.write(move |txn| txn.put::<AuthKeys>(&key, &row)).expect("a fresh key");
        self.auth_key = key;
        key
    }

    /// Changes rows behind the back of the methods.
    pub(crate) fn write<R: Send + 'static, E: From<StoreError> + Send + 'static>(
        &mut self,
        change: impl FnMut(&mut Txn) -> Result<R, E> + Send + 'static,
    ) -> Result<R, E> {
        let ticket = self.store.write(change);
        self.store.run_writer_once();
        ticket.wait()
    }

    /// Moves the clock.
    pub(crate) fn wait(&mut self, span: Duration) {
        self.now = self.now + span;
    }

    /// A fresh `random_id`.
    pub(crate) fn random_id(&mut self) -> i64 {
        self.rng.i64()
    }

    /// The input by which `viewer` names `user`.
    pub(crate) fn input_peer(&self, viewer: UserId, user: UserId) -> tl::InputPeer {
        let access_hash = self.hash(viewer, user);
        tl::types::InputPeerUser { user_id: user.get(), access_hash }.into()
    }

    /// The same as an `InputUser`.
    pub(crate) fn input_user(&self, viewer: UserId, user: UserId) -> tl::InputUser {
        let access_hash = self.hash(viewer, user);
        tl::types::InputUser { user_id: user.get(), access_hash }.into()
    }

    fn hash(&self, viewer: UserId, user: UserId) -> i64 {
        let AccessHash(hash) = self.world.access.hash(viewer, Target::Peer(Peer::User(user)));
        hash
    }

    /// Calls a method as `me`, through the route table and the codec like a request from outside.
    pub(crate) fn call<F: Function>(&mut self, me: UserId, request: F) -> Rpc<F::Return> {
        self.call_as(Some(me), request)
    }

    /// Calls a method without being logged in.
    pub(crate) fn call_stranger<F: Function>(&mut self, request: F) -> Rpc<F::Return> {
        self.call_as(None, request)
    }

    /// What a call answered, where the answer may be open still.
    pub(crate) fn call_parked<F: Function>(
        &mut self,
        me: UserId,
        request: F,
    ) -> Rpc<Answer<F::Return>> {
        match self.dispatch(Some(me), F::ID, request.to_bytes().into())? {
            Answer::Parked(key) => Ok(Answer::Parked(key)),
            Answer::Now(bytes) => {
                Ok(Answer::Now(F::Return::from_bytes(&bytes.into()).expect("an answer decodes")))
            }
        }
    }

    fn call_as<F: Function>(&mut self, me: Option<UserId>, request: F) -> Rpc<F::Return> {
        match self.dispatch(me, F::ID, request.to_bytes().into())? {
            Answer::Now(bytes) => {
                Ok(F::Return::from_bytes(&bytes.into()).expect("an answer decodes"))
            }
            Answer::Parked(_) => panic!("{} parked its answer", F::NAME),
        }
    }

    /// Calls a method whose arguments are bytes.
    pub(crate) fn dispatch(
        &mut self,
        me: Option<UserId>,
        id: u32,
        body: Bytes,
    ) -> Rpc<Answer<Vec<u8>>> {
        let is_bot = match me {
            Some(me) => self.store.read(|db| db.get::<Users>(&me))?.is_some_and(|row| row.is_bot()),
            None => false,
        };
        let caller = Caller {
            auth_key: self.auth_key,
            link_key: self.link_key.unwrap_or(self.auth_key),
            session: SessionId(1),
            msg_id: MsgId(4),
            ip: None,
            local: None,
            dc: self.dc,
            is_bot,
        };
        let route = dispatch::find(id)?;
        dispatch::admit(route, me, is_bot)?;
        let mut call = Call {
            route,
            me,
            caller,
            now: self.now,
            body,
            ready: Vec::new(),
            proven: None,
            span: tracing::Span::none(),
        };

        let world = Arc::clone(&self.world);
        let done = if call.writes() {
            call.prepare(&world, &self.store)?;
            let ticket = self.store.write(move |txn| call.write(&world, txn));
            self.store.run_writer_once();
            ticket.wait()?
        } else {
            call.read(&world, &mut self.store.snapshot()?)?
        };
        self.outbox = done.outbox;
        done.answer
    }
}
