//! A gateway without sockets, for tests of what happens between a link and a handler.
//!
//! Messages are handed to sessions as if a link had opened them; the writer and the fan-out take
//! their turns by hand.

use std::sync::Arc;

use bytes::Bytes;
use heliogram_crypto::{AuthKey, SeededRandom};
use heliogram_ids::{AuthKeyId, MsgId, SessionId, UserId};
use heliogram_mtproto::link::{LinkLimits, ServerConfig};
use heliogram_mtproto::message::{Opened, container};
use heliogram_mtproto::session::{SessionEvent, Verdict};
use heliogram_net::Clock;
use heliogram_store::Read as _;
use heliogram_tl as tl;
use heliogram_tl::{Decode as _, Function, Reader};

use super::run::Origin;
use super::service::Gateway;
use super::session::Session;
use crate::fixture::Fixture;
use crate::tables::AuthKeys;
use crate::workers::Workers;

/// A cloud, its gateway, and the numbers of its clients' messages.
pub(crate) struct Desk {
    pub(crate) cloud: Fixture,
    pub(crate) gateway: Arc<Gateway>,
    /// Where the next requests come from.
    pub(super) origin: Origin,
    rng: SeededRandom,
    messages: i32,
}

/// What a session has to say to its client.
#[derive(Debug, Default)]
pub(crate) struct Heard {
    /// Answers in their order: the request, and its result or an error's name.
    pub(crate) answers: Vec<(MsgId, Result<Bytes, String>)>,
    /// Everything that was pushed, as it was encoded.
    pub(crate) pushes: Vec<Bytes>,
}

impl Desk {
    pub(crate) fn new() -> Self {
        Self::with(|_| {})
    }

    /// One whose operator has decided about something.
    pub(crate) fn with(decide: impl FnOnce(&mut crate::config::Config)) -> Self {
        let mut cloud = Fixture::new();
        decide(&mut Arc::get_mut(&mut cloud.world).expect("the only holder").config);
        Self::over(cloud)
    }

    /// One over a cloud that somebody has laid.
    pub(crate) fn over(cloud: Fixture) -> Self {
        let config = ServerConfig {
            rsa_keys: Vec::new(),
            dc_ids: Vec::new(),
            secret: None,
            limits: LinkLimits::DEFAULT,
        };
        let clock = Clock::starting_at(cloud.now);
        let world = Arc::clone(&cloud.world);
        let store = cloud.store.clone();
        let gateway = Arc::new(Gateway::new(world, store, clock, config, Workers::Threads));
        Self { cloud, gateway, origin: Origin::default(), rng: SeededRandom::new(9), messages: 0 }
    }

    /// A session on a key of its own, on which `me` is logged in.
    pub(crate) fn log_in(&mut self, seed: u8, me: UserId) -> Arc<Session> {
        let id = self.cloud.key(seed);
        let change = self.cloud.write(move |txn| {
            let mut row = txn.get::<AuthKeys>(&id)?.expect("the key was made above");
            row.user = Some(me);
            txn.put::<AuthKeys>(&id, &row)
        });
        change.expect("a login");
        self.open(id, 1)
    }

    /// A session on a key that the gateway knows or finds.
    pub(crate) fn open(&self, key: AuthKeyId, session: i64) -> Arc<Session> {
        let key = self.gateway.keys.find(key, self.cloud.now).expect("the key is known");
        let session = self.gateway.session(&key, SessionId(session));
        session.state.lock().machine.on_link();
        session
    }

    /// The id of the message that will be sent next.
    pub(crate) fn next_id(&self) -> MsgId {
        MsgId((i64::from(self.cloud.now.unix()) << 32) + i64::from(4 * self.messages))
    }

    /// Sends a request as a client would. Its answer may need [`Self::write`].
    pub(crate) fn ask(&mut self, session: &Arc<Session>, request: &impl Function) -> MsgId {
        let (now, msg_id) = (self.cloud.now, self.next_id());
        self.messages += 1;
        let auth_key: &AuthKey = session.key.key();
        let opened = Opened {
            auth_key: Arc::new(AuthKey::new(*auth_key.bytes())),
            salt: session.key.salts().current(now),
            session_id: session.id,
            msg_id,
            seq_no: 2 * self.messages - 1,
            body: request.to_bytes().into(),
            quick_ack: None,
        };
        let events: Vec<SessionEvent> = {
            let machine = &mut session.state.lock().machine;
            let salts = session.key.salts();
            let verdict = machine.handle_message(now, &mut self.rng, salts, &opened);
            assert_eq!(verdict, Ok(Verdict::Accepted));
            std::iter::from_fn(|| machine.poll_event()).collect()
        };
        for event in events {
            if let SessionEvent::Request { msg_id, body } = event {
                self.gateway.on_request(session, now, msg_id, &body, self.origin);
            }
        }
        msg_id
    }

    /// The writer's turn, then the fan-out's.
    pub(crate) fn write(&self) {
        while self.cloud.store.run_writer_once() > 0 {}
        self.gateway.fanout.run_once();
    }

    /// Takes everything that waits to be sent to the client of a session.
    pub(crate) fn hear(&self, session: &Session) -> Heard {
        let mut heard = Heard::default();
        let mut state = session.state.lock();
        while let Some(sent) = state.machine.poll_transmit(self.cloud.now, session.key.salts()) {
            match container::parse(&sent.body) {
                Ok(messages) => messages.iter().for_each(|message| heard.note(&message.body)),
                Err(_) => heard.note(&sent.body),
            }
        }
        heard
    }
}

impl Heard {
    fn note(&mut self, body: &Bytes) {
        const RPC_RESULT: u32 = 0xf35c_6d01;
        let mut reader = Reader::of(body);
        if reader.u32() == Ok(RPC_RESULT) {
            let request = MsgId(reader.i64().expect("an answer names its request"));
            let object = body.slice(12..);
            let answer = match tl::mtproto::types::RpcError::from_bytes(&object) {
                Ok(error) => Err(error.error_message.to_string()),
                Err(_) => Ok(object),
            };
            self.answers.push((request, answer));
        } else if tl::mtproto::types::NewSessionCreated::from_bytes(body).is_err() {
            self.pushes.push(body.clone());
        }
    }

    /// The updates that were pushed to a client of the newest layer.
    pub(crate) fn updates(&self) -> Vec<tl::Update> {
        let mut all = Vec::new();
        for push in &self.pushes {
            match tl::Updates::from_bytes(push) {
                Ok(tl::Updates::Updates(envelope)) => all.extend(envelope.updates),
                other => panic!("{other:?}"),
            }
        }
        all
    }
}
