//! A client's session against a server's, over links that lose what they are told to lose.
//!
//! In the end every request has one answer, or one reason why not; as long as the server remembers, none
//! has run twice; and the two come to rest.

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;
use std::time::Duration;

use arbitrary::{Arbitrary, Unstructured};
use bytes::Bytes;
use heliogram_crypto::{AuthKey, SeededRandom};
use heliogram_ids::{MsgId, Salt, SessionId, Timestamp};
use heliogram_mtproto::message::{Opened, Outgoing};
use heliogram_mtproto::session::{
    Answer, ClientEvent, ClientLimits, ClientSession, Packing, Priority, RequestId, RequestOptions,
    SaltSchedule, ServerLimits, ServerSession, SessionEvent,
};

use super::script;

/// Something that happens to the two.
#[derive(Arbitrary, Debug)]
enum Step {
    Request {
        words: u8,
        priority: u8,
        deadline_secs: Option<u8>,
    },
    Cancel {
        which: u8,
    },
    ToServer,
    ToClient,
    LoseToServer,
    LoseToClient,
    /// Somebody plays a message to the server again.
    Replay {
        which: u8,
    },
    Answer {
        which: u8,
        words: u16,
    },
    Push {
        words: u8,
    },
    Cut,
    Restart,
    Wait {
        millis: u16,
    },
    WaitLong {
        secs: u8,
    },
}

pub(super) fn check(input: &[u8]) {
    let mut input = Unstructured::new(input);
    let skew: i16 = input.arbitrary().unwrap_or_default();
    let mut world = World::new(skew);
    for step in script::<Step>(&mut input) {
        world.step(step);
    }
    world.settle();
}

struct World {
    client: ClientSession,
    server: ServerSession,
    salts: SaltSchedule,
    key: Arc<AuthKey>,
    /// The server's clock, and by how many seconds the client's is ahead of it.
    now: Timestamp,
    skew_secs: i16,
    rng: SeededRandom,
    to_server: VecDeque<Outgoing>,
    to_client: VecDeque<Outgoing>,
    recorded: Vec<Outgoing>,
    /// How often each request, by its number, ran.
    ran: BTreeMap<u32, u32>,
    running: Vec<MsgId>,
    /// Requests that have no end yet.
    open: BTreeMap<RequestId, u32>,
    numbered: u32,
    /// The server has forgotten something, so a request may run again.
    has_forgotten: bool,
    begun: Timestamp,
}

impl World {
    fn new(skew_secs: i16) -> Self {
        let key = Arc::new(AuthKey::new([7; 256]));
        let (salts, now) = (SaltSchedule::of(&key), Timestamp::from_secs(1_700_000_000));
        let client =
            ClientSession::new(shifted(now, skew_secs), SESSION, Salt(0), ClientLimits::DEFAULT);
        let mut world = Self {
            client,
            server: ServerSession::new(SESSION, Arc::new(ServerLimits::DEFAULT)),
            salts,
            key,
            now,
            skew_secs,
            rng: SeededRandom::new(3),
            to_server: VecDeque::new(),
            to_client: VecDeque::new(),
            recorded: Vec::new(),
            ran: BTreeMap::new(),
            running: Vec::new(),
            open: BTreeMap::new(),
            numbered: 0,
            has_forgotten: false,
            begun: now,
        };
        world.cut();
        world
    }

    fn client_now(&self) -> Timestamp {
        shifted(self.now, self.skew_secs)
    }

    fn step(&mut self, step: Step) {
        match step {
            Step::Request { words, priority, deadline_secs } => {
                self.request(words, priority, deadline_secs);
            }
            Step::Cancel { which } => {
                let count = self.open.len().max(1);
                let id = self.open.keys().nth(usize::from(which) % count).copied();
                if let Some(id) = id {
                    self.client.cancel(id);
                    self.open.remove(&id);
                }
            }
            Step::ToServer => drop(self.carry_to_server()),
            Step::ToClient => drop(self.carry_to_client()),
            // TCP loses nothing in the middle: what is lost is lost with all that follows.
            Step::LoseToServer => {
                self.to_server.clear();
                self.cut();
            }
            Step::LoseToClient => {
                self.to_client.clear();
                self.cut();
            }
            Step::Replay { which } => {
                let count = self.recorded.len().max(1);
                if let Some(outgoing) = self.recorded.get(usize::from(which) % count).cloned() {
                    self.server_receives(outgoing);
                }
            }
            Step::Answer { which, words } => self.answer(which, words),
            Step::Push { words } => {
                let _ = self.server.push(vec![3; 4 + 4 * usize::from(words)].into());
            }
            Step::Cut => self.cut(),
            Step::Restart => {
                self.wait(Duration::from_secs(1));
                self.has_forgotten = true;
                self.running.clear();
                self.server = ServerSession::new(self.client.id(), Arc::new(ServerLimits::DEFAULT));
                self.cut();
            }
            Step::Wait { millis } => self.wait(Duration::from_millis(millis.into())),
            Step::WaitLong { secs } => self.wait(Duration::from_secs(u64::from(secs) * 4)),
        }
        self.watch();
    }

    fn request(&mut self, words: u8, priority: u8, deadline_secs: Option<u8>) {
        let number = self.numbered;
        self.numbered += 1;
        let mut body = QUERY.to_vec();
        body.extend_from_slice(&number.to_le_bytes());
        body.resize(body.len() + 4 * usize::from(words), 1);
        let options = RequestOptions {
            priority: [Priority::High, Priority::Normal, Priority::Low][usize::from(priority % 3)],
            deadline: deadline_secs
                .map(|secs| self.client_now() + Duration::from_secs(1 + u64::from(secs))),
            ..RequestOptions::default()
        };
        let id = self.client.request(self.client_now(), body.into(), options);
        self.open.insert(id.expect("few are under way"), number);
    }

    /// The link is replaced; what was on its way is lost.
    fn cut(&mut self) {
        self.to_server.clear();
        self.to_client.clear();
        self.client.on_link(self.client_now());
        self.server.on_link();
    }

    fn answer(&mut self, which: u8, words: u16) {
        if self.running.is_empty() {
            return;
        }
        let id = self.running.remove(usize::from(which) % self.running.len());
        let object = vec![9; 4 + 4 * (usize::from(words) % 2000)];
        self.server.answer(id, &Answer::Object(object.into()), Packing::Auto);
    }

    fn wait(&mut self, span: Duration) {
        self.now = self.now + span;
        self.client.handle_timeout(self.client_now());
        self.server.handle_timeout(self.now);
    }

    fn carry_to_server(&mut self) -> bool {
        while let Some(outgoing) = self.client.poll_transmit(self.client_now()) {
            self.to_server.push_back(outgoing);
        }
        let Some(outgoing) = self.to_server.pop_front() else { return false };
        if self.recorded.len() < 64 {
            self.recorded.push(outgoing.clone());
        }
        self.server_receives(outgoing);
        true
    }

    fn server_receives(&mut self, outgoing: Outgoing) {
        if outgoing.session_id != self.server.id() {
            if outgoing.session_id != self.client.id() {
                return;
            }
            self.has_forgotten = true;
            self.running.clear();
            self.server = ServerSession::new(outgoing.session_id, Arc::new(ServerLimits::DEFAULT));
            self.server.on_link();
        }
        let opened = self.opened(outgoing);
        let verdict = self.server.handle_message(self.now, &mut self.rng, &self.salts, &opened);
        let _ = verdict.expect("our own client is sound");
        while let Some(event) = self.server.poll_event() {
            if let SessionEvent::Request { msg_id, body } = event {
                self.run(msg_id, &body);
            }
        }
    }

    fn run(&mut self, msg_id: MsgId, body: &Bytes) {
        let number = body.get(4..8).and_then(|number| number.first_chunk());
        let number = u32::from_le_bytes(*number.expect("requests are numbered"));
        let times = self.ran.entry(number).or_default();
        *times += 1;
        // Answers older than that are given up, and their requests run again when repeated.
        let is_remembered =
            self.now.saturating_since(self.begun) < ServerLimits::DEFAULT.kept_age_max;
        assert!(*times == 1 || self.has_forgotten || !is_remembered, "{number} ran twice");
        self.running.push(msg_id);
    }

    fn carry_to_client(&mut self) -> bool {
        while let Some(outgoing) = self.server.poll_transmit(self.now, &self.salts) {
            self.to_client.push_back(outgoing);
        }
        let Some(outgoing) = self.to_client.pop_front() else { return false };
        let opened = self.opened(outgoing);
        let now = self.client_now();
        self.client.handle_message(now, &mut self.rng, &opened).expect("our own server is sound");
        self.watch();
        true
    }

    /// Takes what the client reports: each request ends once.
    fn watch(&mut self) {
        while let Some(event) = self.client.poll_event() {
            let id = match event {
                ClientEvent::Result { id, .. } | ClientEvent::Error { id, .. } => id,
                ClientEvent::Failed { id, .. } => id,
                ClientEvent::LinkDead => {
                    self.cut();
                    continue;
                }
                _ => continue,
            };
            assert!(self.open.remove(&id).is_some(), "a request ended twice");
        }
    }

    fn opened(&self, outgoing: Outgoing) -> Opened {
        let Outgoing { salt, session_id, msg_id, seq_no, body } = outgoing;
        let auth_key = Arc::clone(&self.key);
        Opened { auth_key, salt, session_id, msg_id, seq_no, body, quick_ack: None }
    }

    /// A good network at last: everything ends.
    fn settle(&mut self) {
        self.cut();
        for _ in 0..ROUNDS_MAX {
            for _ in 0..ROUNDS_MAX {
                let is_moving = self.carry_to_server() | self.carry_to_client();
                while !self.running.is_empty() {
                    self.answer(0, 1);
                }
                if !is_moving && self.running.is_empty() {
                    break;
                }
            }
            if self.open.is_empty() {
                return;
            }
            self.wait(Duration::from_secs(5));
            self.watch();
        }
        panic!("requests without an end: {:?}", self.open);
    }
}

fn shifted(now: Timestamp, secs: i16) -> Timestamp {
    let span = Duration::from_secs(u64::from(secs.unsigned_abs()));
    if secs < 0 { now - span } else { now + span }
}

pub(super) fn seeds() -> Vec<Vec<u8>> {
    super::noise(12, 400)
}

const SESSION: SessionId = SessionId(7);
const QUERY: [u8; 4] = [0x6b, 0x18, 0xf9, 0xc4];
const ROUNDS_MAX: usize = 300;
