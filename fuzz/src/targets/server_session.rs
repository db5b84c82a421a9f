//! A server's session, whose client may be out of its mind: what it sends, the answers, the pushes, cuts
//! and the time, in any order, under bounds so small that all of them are met.
//!
//! Ids that leave ascend and are a server's; what leaves is no larger than it may be; a request is handed
//! up once, unless its answer was too large to keep; every answer leaves; no bound is exceeded.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use arbitrary::{Arbitrary, Unstructured};
use bytes::Bytes;
use heliogram_crypto::{AuthKey, SeededRandom};
use heliogram_ids::{MsgId, Salt, SessionId, Timestamp};
use heliogram_mtproto::message::container::{self, Message};
use heliogram_mtproto::message::{Opened, Outgoing, gzip};
use heliogram_mtproto::session::{
    Answer, KeyDestruction, Packing, SaltSchedule, ServerLimits, ServerSession, SessionEvent,
    Verdict,
};
use heliogram_tl::{Encode as _, mtproto as tl};

use super::script;

/// Something that happens to the session.
#[derive(Arbitrary, Debug)]
enum Step {
    Receive { number: Number, seq_no: u8, salt: Option<i8>, what: What },
    Together { number: Number, members: Vec<(Number, u8, What)> },
    Answer { which: u8, words: u16, is_error: bool, is_packable: bool },
    Push { words: u8 },
    Transmit,
    TransmitNow,
    Link,
    Wait { millis: u16, times: u8 },
    Destroyed { is_key: bool, existed: bool },
}

/// A message id: mostly the next, now and then one that was, or none of a client's.
#[derive(Arbitrary, Debug, Clone, Copy)]
enum Number {
    Next,
    Skip(u8),
    Again(u8),
    Before(u8),
    Raw(i64),
}

/// What a client says.
#[derive(Arbitrary, Debug)]
enum What {
    Request,
    Packed(u8),
    Ping(i64),
    PingDelay(i32),
    Acks(Vec<u8>),
    State(Vec<u8>),
    Resend(Vec<u8>),
    ResendAnswers(Vec<u8>),
    Drop(u8),
    Salts(i32),
    DestroySession(i64),
    DestroyKey,
    HttpWait(i32, i32, i32),
    Anything(Vec<u8>),
    Container,
}

pub(super) fn check(input: &[u8]) {
    let mut input = Unstructured::new(input);
    let mut world = World::new();
    for step in script::<Step>(&mut input) {
        if !world.step(step) {
            return;
        }
    }
    world.settle();
}

struct World {
    session: ServerSession,
    salts: SaltSchedule,
    key: Arc<AuthKey>,
    now: Timestamp,
    rng: SeededRandom,
    /// Ids that the client has used, and that the server has.
    sent: Vec<i64>,
    heard: Vec<i64>,
    last_heard: i64,
    requests: BTreeMap<MsgId, Fate>,
}

#[derive(Clone, Copy, Debug, Default)]
struct Fate {
    is_running: bool,
    /// An answer that was given and has not left.
    is_owed: bool,
    was_large: bool,
}

impl World {
    fn new() -> Self {
        let key = Arc::new(AuthKey::new([7; 256]));
        let mut session = ServerSession::new(SESSION, Arc::new(LIMITS));
        session.on_link();
        Self {
            session,
            salts: SaltSchedule::of(&key),
            key,
            now: Timestamp::from_secs(1_700_000_000),
            rng: SeededRandom::new(1),
            sent: Vec::new(),
            heard: Vec::new(),
            last_heard: 0,
            requests: BTreeMap::new(),
        }
    }

    /// Does a step; false once the link is over.
    fn step(&mut self, step: Step) -> bool {
        match step {
            Step::Receive { number, seq_no, salt, what } => {
                let id = self.number(number);
                let body = self.body(&what);
                return self.receive(id, seq_no, salt, body);
            }
            Step::Together { number, members } => {
                let members = members.iter().take(12).map(|(number, seq_no, what)| Message {
                    msg_id: self.number(*number),
                    seq_no: (*seq_no).into(),
                    body: self.body(what),
                });
                let mut body = Vec::new();
                container::encode(&members.collect::<Vec<_>>(), &mut body);
                let id = self.number(number);
                return self.receive(id, 0, None, body.into());
            }
            Step::Answer { which, words, is_error, is_packable } => {
                self.answer(which, words, is_error, is_packable);
            }
            Step::Push { words } => {
                let _ = self.session.push(vec![3; 4 + 4 * usize::from(words)].into());
            }
            Step::Transmit => drop(self.transmit()),
            Step::TransmitNow => {
                let outgoing = self.session.transmit_now(self.now, &self.salts);
                self.check_outgoing(&outgoing);
            }
            Step::Link => self.session.on_link(),
            Step::Wait { millis, times } => {
                let span = Duration::from_millis(u64::from(millis) * (1 + u64::from(times)));
                self.now = self.now + span;
                self.session.handle_timeout(self.now);
            }
            Step::Destroyed { is_key: true, .. } => {
                self.session.key_destroyed(KeyDestruction::Done)
            }
            Step::Destroyed { existed, .. } => {
                self.session.session_destroyed(SessionId(9), existed)
            }
        }
        true
    }

    fn receive(&mut self, msg_id: MsgId, seq_no: u8, salt: Option<i8>, body: Bytes) -> bool {
        let opened = Opened {
            auth_key: Arc::clone(&self.key),
            salt: salt.map_or(self.salts.current(self.now), |salt| Salt(salt.into())),
            session_id: SESSION,
            msg_id,
            seq_no: seq_no.into(),
            body,
            quick_ack: None,
        };
        let verdict = self.session.handle_message(self.now, &mut self.rng, &self.salts, &opened);
        let mut is_heard = false;
        while let Some(event) = self.session.poll_event() {
            match event {
                // Of an earlier push.
                SessionEvent::PushesLost => continue,
                SessionEvent::Request { msg_id, body } => self.handed_up(msg_id, &body),
                SessionEvent::DropAnswer { msg_id } => {
                    assert!(self.requests.contains_key(&msg_id), "dropped what was never asked");
                }
                _ => {}
            }
            is_heard = true;
        }
        assert!(
            !is_heard || verdict != Ok(Verdict::Refused),
            "something came of a refused message"
        );
        let (running, max) = (self.session.running(), LIMITS.requests_max);
        assert!(running <= max, "{running} requests are running, of {max}");
        verdict.is_ok()
    }

    fn handed_up(&mut self, msg_id: MsgId, body: &Bytes) {
        assert!(body.len() <= BODY_BYTES_MAX.max(LIMITS.unpacked_bytes_max));
        if let Some(before) = self.requests.get(&msg_id) {
            assert!(
                !before.is_running && before.was_large,
                "{msg_id:?} is handed up twice: {before:?}"
            );
        }
        self.requests.insert(msg_id, Fate { is_running: true, ..Fate::default() });
    }

    fn answer(&mut self, which: u8, words: u16, is_error: bool, is_packable: bool) {
        let running = self.requests.iter_mut().filter(|(_, fate)| fate.is_running);
        let running: Vec<_> = running.collect();
        let count = running.len();
        let Some((id, fate)) = running.into_iter().nth(usize::from(which) % count.max(1)) else {
            return;
        };
        let words = 1 + usize::from(words) % (ANSWER_BYTES_MAX / 4);
        let object: Vec<u8> = match is_packable {
            true => vec![5; 4 * words],
            false => (0..4 * words).map(|at| (at * at / 7 + at) as u8).collect(),
        };
        let answer = match is_error {
            true => Answer::Error { code: 400, text: "X".repeat(words.min(40)) },
            false => Answer::Object(object.into()),
        };
        let was_large = !is_error && 4 * words + 12 > LIMITS.kept_each_bytes_max;
        *fate = Fate { is_running: false, is_owed: true, was_large };
        let id = *id;
        self.session.answer(id, &answer, Packing::Auto);
        // Only the first answer counts.
        self.session.answer(id, &Answer::Error { code: 500, text: "TWICE".into() }, Packing::Plain);
    }

    fn transmit(&mut self) -> Option<Outgoing> {
        let outgoing = self.session.poll_transmit(self.now, &self.salts)?;
        self.check_outgoing(&outgoing);
        Some(outgoing)
    }

    fn check_outgoing(&mut self, outgoing: &Outgoing) {
        assert_eq!(outgoing.session_id, SESSION);
        assert!(outgoing.msg_id.get() > self.last_heard, "ids descend");
        self.last_heard = outgoing.msg_id.get();
        let members = match container::is_container(&outgoing.body) {
            true => container::parse(&outgoing.body).expect("our own containers are sound"),
            false => {
                let (msg_id, seq_no, body) =
                    (outgoing.msg_id, outgoing.seq_no, outgoing.body.clone());
                vec![Message { msg_id, seq_no, body }]
            }
        };
        let bytes: usize = members.iter().map(|member| member.body.len()).sum();
        let bound = LIMITS.kept_bytes_max + LIMITS.container_bytes_max + ANSWER_BYTES_MAX + 64;
        assert!(bytes <= bound, "a container of {bytes} bytes");
        assert!(members.len() <= LIMITS.kept_max + LIMITS.container_messages_max);
        for member in members {
            assert!(matches!(member.msg_id.get() & 3, 1 | 3), "an id that is no server's");
            assert!(member.msg_id <= outgoing.msg_id);
            self.heard.push(member.msg_id.get());
            self.note_answer(&member.body);
        }
    }

    /// The answer to a request has left.
    fn note_answer(&mut self, body: &Bytes) {
        if body.first_chunk() != Some(&RESULT_ID.to_le_bytes()) {
            return;
        }
        let request = body.get(4..12).and_then(|id| id.first_chunk()).expect("an answer names one");
        if let Some(fate) = self.requests.get_mut(&MsgId(i64::from_le_bytes(*request))) {
            fate.is_owed = false;
        }
    }

    /// Everything that is owed leaves, and then there is nothing more.
    fn settle(&mut self) {
        self.now = self.now + Duration::from_secs(1);
        for _ in 0..ROUNDS_MAX {
            if self.transmit().is_none() {
                let owed = self.requests.iter().find(|(_, fate)| fate.is_owed);
                assert!(owed.is_none(), "an answer was lost: {owed:?}");
                assert_eq!(self.session.pending(), 0);
                return;
            }
        }
        panic!("there is no end of it");
    }

    fn number(&mut self, number: Number) -> MsgId {
        let base = (i64::from(self.now.unix()) << 32) & !3;
        let next = self.sent.iter().max().map_or(base, |last| (last + 4).max(base));
        let id = match number {
            Number::Next => next,
            Number::Skip(count) => next + 4 * i64::from(count),
            Number::Again(which) => match self.sent.len() {
                0 => next,
                count => self.sent[usize::from(which) % count],
            },
            Number::Before(count) => base - (i64::from(count) << 31),
            Number::Raw(raw) => return MsgId(raw),
        };
        self.sent.push(id);
        MsgId(id)
    }

    fn body(&self, what: &What) -> Bytes {
        let pick = |from: &[i64], which: &u8| match from.len() {
            0 => i64::from(*which),
            count => from[usize::from(*which) % count],
        };
        let heard = |which: &Vec<u8>| which.iter().map(|which| pick(&self.heard, which)).collect();
        let sent = |which: &Vec<u8>| which.iter().map(|which| pick(&self.sent, which)).collect();
        match what {
            What::Request => QUERY.to_vec(),
            What::Packed(words) => {
                let object = QUERY.repeat(30 + usize::from(*words));
                gzip::pack(&object).map_or(QUERY.to_vec(), |packed| packed.to_vec())
            }
            What::Ping(ping_id) => tl::Ping { ping_id: *ping_id }.to_bytes(),
            What::PingDelay(disconnect_delay) => {
                tl::PingDelayDisconnect { ping_id: 1, disconnect_delay: *disconnect_delay }
                    .to_bytes()
            }
            What::Acks(which) => tl::types::MsgsAck { msg_ids: heard(which) }.to_bytes(),
            What::State(which) => tl::types::MsgsStateReq { msg_ids: sent(which) }.to_bytes(),
            What::Resend(which) => tl::types::MsgResendReq { msg_ids: heard(which) }.to_bytes(),
            What::ResendAnswers(which) => {
                tl::types::MsgResendAnsReq { msg_ids: sent(which) }.to_bytes()
            }
            What::Drop(which) => {
                tl::RpcDropAnswerRequest { req_msg_id: pick(&self.sent, which) }.to_bytes()
            }
            What::Salts(num) => tl::GetFutureSalts { num: *num }.to_bytes(),
            What::DestroySession(session_id) => {
                tl::DestroySession { session_id: *session_id }.to_bytes()
            }
            What::DestroyKey => tl::DestroyAuthKey {}.to_bytes(),
            What::HttpWait(max_delay, wait_after, max_wait) => tl::types::HttpWait {
                max_delay: *max_delay,
                wait_after: *wait_after,
                max_wait: *max_wait,
            }
            .to_bytes(),
            What::Anything(bytes) => {
                let mut bytes = bytes.clone();
                bytes.truncate(BODY_BYTES_MAX - 4);
                bytes.resize(bytes.len().next_multiple_of(4).max(4), 0);
                bytes
            }
            What::Container => [&container::ID.to_le_bytes()[..], &[0; 4]].concat(),
        }
        .into()
    }
}

pub(super) fn seeds() -> Vec<Vec<u8>> {
    super::noise(12, 600)
}

const SESSION: SessionId = SessionId(7);
const QUERY: &[u8] = &[0x6b, 0x18, 0xf9, 0xc4];
const RESULT_ID: u32 = 0xf35c_6d01;
const BODY_BYTES_MAX: usize = 400;
const ANSWER_BYTES_MAX: usize = 1600;
const ROUNDS_MAX: usize = 10_000;

/// As small as they make sense.
const LIMITS: ServerLimits = ServerLimits {
    received_max: 16,
    requests_max: 5,
    notices_max: 12,
    answer_bytes_max: 3000,
    pushes_max: 4,
    push_bytes_max: 1200,
    kept_max: 6,
    kept_bytes_max: 1400,
    kept_each_bytes_max: 500,
    kept_age_max: Duration::from_secs(270),
    container_messages_max: 5,
    container_bytes_max: 900,
    unpacked_bytes_max: 800,
    stranger_unpacked_bytes_max: 400,
    packed_bytes_min: 200,
    ack_delay: Duration::from_millis(500),
};
