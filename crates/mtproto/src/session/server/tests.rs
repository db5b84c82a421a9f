//! One end at a time: a client whose every message is made by hand.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use heliogram_crypto::{AuthKey, SeededRandom};
use heliogram_ids::{MsgId, Salt, SessionId, Timestamp};
use heliogram_tl::{Constructor as _, Decode as _, Encode, mtproto as tl};

use super::{
    HttpWait, KeyDestruction, Offline, ServerLimits, ServerSession, SessionEvent, Verdict,
};
use crate::Fault;
use crate::message::container::{self, Message};
use crate::message::{Opened, Outgoing, gzip};
use crate::session::{Answer, Packing, SaltSchedule};

const START: Timestamp = Timestamp::from_secs(1_700_000_000);
const SESSION: SessionId = SessionId(7);
const QUERY: &[u8] = &[0x6b, 0x18, 0xf9, 0xc4];

/// A session, and a client that makes its messages by hand.
struct Fixture {
    session: ServerSession,
    salts: SaltSchedule,
    key: Arc<AuthKey>,
    now: Timestamp,
    rng: SeededRandom,
}

impl Fixture {
    fn new() -> Self {
        Self::with_limits(ServerLimits::DEFAULT)
    }

    fn with_limits(limits: ServerLimits) -> Self {
        let key = Arc::new(AuthKey::new([7; 256]));
        let mut session = ServerSession::new(SESSION, Arc::new(limits));
        session.on_link();
        let (salts, rng) = (SaltSchedule::of(&key), SeededRandom::new(1));
        Self { session, salts, key, now: START, rng }
    }

    /// A session that has been announced, and has nothing to send.
    fn settled() -> Self {
        let mut fixture = Self::new();
        fixture.send(id(0), 0, tl::types::MsgsAck::default().to_bytes());
        let created = fixture.sent();
        fixture.acknowledge(1, &created);
        assert_eq!(fixture.sent(), []);
        fixture.events();
        fixture
    }

    fn opened(&self, msg_id: MsgId, seq_no: i32, body: impl Into<Bytes>) -> Opened {
        Opened {
            auth_key: Arc::clone(&self.key),
            salt: self.salts.current(self.now),
            session_id: SESSION,
            msg_id,
            seq_no,
            body: body.into(),
            quick_ack: None,
        }
    }

    fn receive(&mut self, opened: &Opened) -> Result<Verdict, Fault> {
        self.session.handle_message(self.now, &mut self.rng, &self.salts, opened)
    }

    #[track_caller]
    fn send(&mut self, msg_id: MsgId, seq_no: i32, body: impl Into<Bytes>) {
        let opened = self.opened(msg_id, seq_no, body);
        assert_eq!(self.receive(&opened), Ok(Verdict::Accepted));
    }

    #[track_caller]
    fn send_together(&mut self, outer: MsgId, messages: &[Message]) {
        let mut body = Vec::new();
        container::encode(messages, &mut body);
        self.send(outer, 2, body);
    }

    #[track_caller]
    fn acknowledge(&mut self, at: i64, messages: &[Message]) {
        let msg_ids = messages.iter().map(|message| message.msg_id.get()).collect();
        self.send(id(at), 0, tl::types::MsgsAck { msg_ids }.to_bytes());
    }

    fn transmit(&mut self) -> Option<Outgoing> {
        self.session.poll_transmit(self.now, &self.salts)
    }

    /// Everything that leaves, containers unpacked.
    fn sent(&mut self) -> Vec<Message> {
        let mut sent = Vec::new();
        while let Some(Outgoing { msg_id, seq_no, body, .. }) = self.transmit() {
            match container::parse(&body) {
                Ok(members) => sent.extend(members),
                Err(_) => sent.push(Message { msg_id, seq_no, body }),
            }
        }
        sent
    }

    fn events(&mut self) -> Vec<SessionEvent> {
        std::iter::from_fn(|| self.session.poll_event()).collect()
    }

    /// The one message of this type that leaves now.
    #[track_caller]
    fn sent_one<T: heliogram_tl::Decode>(&mut self) -> T {
        let sent = self.sent();
        assert_eq!(sent.len(), 1, "{sent:?}");
        T::from_bytes(&sent[0].body).unwrap()
    }

    fn ok(&mut self, request: MsgId, body: &'static [u8]) {
        let answer = Answer::Object(Bytes::from_static(body));
        self.session.answer(request, &answer, Packing::Auto);
    }
}

/// The `n`-th id of a client, all within the first second.
fn id(n: i64) -> MsgId {
    MsgId((1_700_000_000 << 32) + 4 * n)
}

fn message(n: i64, seq_no: i32, body: &[u8]) -> Message {
    Message { msg_id: id(n), seq_no, body: Bytes::copy_from_slice(body) }
}

fn constructor(message: &Message) -> u32 {
    heliogram_tl::Reader::of(&message.body).u32().unwrap()
}

fn ping(ping_id: i64) -> Vec<u8> {
    tl::Ping { ping_id }.to_bytes()
}

#[track_caller]
fn check_bad(fixture: &mut Fixture, opened: &Opened, error_code: i32) {
    assert_eq!(fixture.receive(opened), Ok(Verdict::Refused));
    let bad: tl::types::BadMsgNotification = fixture.sent_one();
    let expected = (opened.msg_id.get(), opened.seq_no, error_code);
    assert_eq!((bad.bad_msg_id, bad.bad_msg_seqno, bad.error_code), expected);
    assert_eq!(fixture.events(), []);
}

#[test]
fn a_wrong_salt_is_answered_with_the_right_one_before_the_session_exists() {
    let mut fixture = Fixture::new();
    let opened = Opened { salt: Salt(0), ..fixture.opened(id(1), 0, ping(0)) };
    assert_eq!(fixture.receive(&opened), Ok(Verdict::Refused));
    let expected = fixture.salts.current(START);
    let bad: tl::types::BadServerSalt = fixture.sent_one();
    assert_eq!((bad.bad_msg_id, bad.error_code), (id(1).get(), 48));
    assert_eq!(bad.new_server_salt, expected.get());
    // The same message under the right salt is not a duplicate.
    fixture.send(id(1), 0, ping(0));
    let sent: Vec<u32> = fixture.sent().iter().map(constructor).collect();
    assert_eq!(sent, [tl::types::NewSessionCreated::ID, tl::types::Pong::ID]);
}

#[test]
fn ids_of_another_time_or_sender_are_refused() {
    let mut fixture = Fixture::new();
    let mut check = |raw: i64, code: i32| {
        let opened = fixture.opened(MsgId(raw), 1, QUERY);
        check_bad(&mut fixture, &opened, code);
    };
    check((1_700_000_000 - 301) << 32, 16);
    check((1_700_000_000 + 31) << 32, 17);
    check((1_700_000_000 << 32) + 1, 18);
}

#[test]
fn what_was_refused_as_too_early_is_not_run_when_its_time_has_come() {
    let mut fixture = Fixture::settled();
    let ahead = MsgId((1_700_000_000 + 35) << 32);
    let opened = fixture.opened(ahead, 1, QUERY);
    check_bad(&mut fixture, &opened, 17);
    fixture.now = START + Duration::from_secs(10);
    check_bad(&mut fixture, &opened, 17);
    let body = Bytes::from_static(QUERY);
    let outer = MsgId(ahead.get() + 4);
    fixture.send_together(outer, &[Message { msg_id: ahead, seq_no: 1, body }]);
    let bad: tl::types::BadMsgNotification = fixture.sent_one();
    assert_eq!((bad.bad_msg_id, bad.error_code), (ahead.get(), 20));
    assert_eq!(fixture.events(), []);
}

#[test]
fn a_wrong_clock_is_corrected_before_a_wrong_salt() {
    let mut fixture = Fixture::new();
    let old = MsgId((1_700_000_000 - 4000) << 32);
    let opened = Opened { salt: Salt(0), ..fixture.opened(old, 1, QUERY) };
    check_bad(&mut fixture, &opened, 16);
}

#[test]
fn malformed_containers_are_refused_by_their_own_id() {
    let mut fixture = Fixture::settled();
    let mut body = Vec::new();
    container::encode(&[message(50, 1, QUERY)], &mut body);
    // A member younger than its container, a shape that is wrong, an id used before.
    let young = fixture.opened(id(40), 0, body.clone());
    check_bad(&mut fixture, &young, 64);
    let short = fixture.opened(id(60), 0, body[..body.len() - 4].to_vec());
    check_bad(&mut fixture, &short, 64);
    fixture.send(id(70), 0, body.clone());
    let again = fixture.opened(id(70), 0, body);
    fixture.events();
    check_bad(&mut fixture, &again, 19);
}

#[test]
fn a_new_session_names_the_lowest_id_it_received() {
    let mut fixture = Fixture::new();
    fixture.send_together(id(9), &[message(5, 1, QUERY), message(3, 0, &ping(1))]);
    let sent = fixture.sent();
    let created = tl::types::NewSessionCreated::from_bytes(&sent[0].body).unwrap();
    assert_eq!(created.first_msg_id, id(3).get());
    assert_eq!(created.server_salt, fixture.salts.current(START).get());
    assert_eq!(fixture.events()[0], SessionEvent::Created);
    // Announced once; again only for something older still, and then as the same session.
    fixture.send(id(10), 0, ping(2));
    assert_eq!(fixture.sent().iter().map(constructor).collect::<Vec<_>>(), [tl::types::Pong::ID]);
    fixture.send(id(1), 0, ping(3));
    let older = tl::types::NewSessionCreated::from_bytes(&fixture.sent()[0].body).unwrap();
    assert_eq!((older.first_msg_id, older.unique_id), (id(1).get(), created.unique_id));
}

#[test]
fn inner_messages_may_be_old() {
    let mut fixture = Fixture::settled();
    fixture.now = START + Duration::from_secs(3600);
    let outer = MsgId((1_700_000_000 + 3600) << 32);
    fixture.send_together(outer, &[message(5, 1, QUERY)]);
    let body = Bytes::from_static(QUERY);
    assert_eq!(fixture.events(), [SessionEvent::Request { msg_id: id(5), body }]);
}

#[test]
fn an_answer_is_an_odd_message_that_names_its_request() {
    let mut fixture = Fixture::settled();
    fixture.send(id(5), 1, QUERY);
    fixture.ok(id(5), b"okay");
    let sent = fixture.sent();
    assert_eq!(sent.len(), 1, "the result acknowledges: {sent:?}");
    assert_eq!((sent[0].seq_no & 1, sent[0].msg_id.get() & 3), (1, 1));
    let expected = (id(5), Answer::Object(Bytes::from_static(b"okay")));
    assert_eq!(Answer::decode(&sent[0].body, 1024), Ok(expected));
    fixture.ok(id(5), b"more");
    assert_eq!(fixture.sent(), [], "a second answer is ignored");
}

#[test]
fn a_repeated_request_is_answered_again_and_not_run_again() {
    let mut fixture = Fixture::settled();
    fixture.send(id(5), 1, QUERY);
    assert_eq!(fixture.events().len(), 1);
    fixture.send(id(5), 1, QUERY);
    let ack: tl::types::MsgsAck = fixture.sent_one();
    assert_eq!(ack.msg_ids, [id(5).get()]);
    fixture.ok(id(5), b"okay");
    let first = fixture.sent();
    fixture.send(id(5), 1, QUERY);
    assert_eq!(fixture.sent(), first, "same id, same number, same body");
    fixture.acknowledge(6, &first);
    fixture.send(id(5), 1, QUERY);
    let ack: tl::types::MsgsAck = fixture.sent_one();
    assert_eq!(ack.msg_ids, [id(5).get()]);
    assert_eq!(fixture.events(), []);
}

#[test]
fn a_large_answer_is_not_kept_but_computed_again() {
    let mut fixture = Fixture::settled();
    fixture.send(id(5), 1, QUERY);
    fixture.events();
    let large = Answer::Object(vec![1; 64 << 10].into());
    fixture.session.answer(id(5), &large, Packing::Plain);
    assert_eq!(fixture.sent().len(), 1);
    fixture.session.on_link();
    fixture.send(id(6), 0, ping(1));
    assert_eq!(fixture.sent().len(), 1, "only the pong");
    fixture.send(id(5), 1, QUERY);
    let body = Bytes::from_static(QUERY);
    assert_eq!(fixture.events(), [SessionEvent::Request { msg_id: id(5), body }]);
}

#[test]
fn requests_that_run_again_count_against_the_bound_too() {
    let limits = ServerLimits { requests_max: 2, ..ServerLimits::DEFAULT };
    let mut fixture = Fixture::with_limits(limits);
    let large = Answer::Object(vec![1; 64 << 10].into());
    for n in 1..=4 {
        fixture.send(id(n), 1, QUERY);
        fixture.session.answer(id(n), &large, Packing::Plain);
        fixture.sent();
    }
    fixture.events();
    for n in 1..=4 {
        fixture.send(id(n), 1, QUERY);
    }
    assert_eq!(fixture.events().len(), 2);
    assert_eq!(fixture.session.running(), 2);
    assert_eq!(fixture.session.pending(), 2, "the others are told that too much is going on");
}

#[test]
fn a_slow_answer_is_preceded_by_an_acknowledgement() {
    let mut fixture = Fixture::settled();
    fixture.send(id(5), 1, QUERY);
    assert_eq!(fixture.sent(), []);
    assert_eq!(fixture.session.poll_timeout(), Some(START + Duration::from_millis(500)));
    fixture.now = START + Duration::from_millis(500);
    let ack: tl::types::MsgsAck = fixture.sent_one();
    assert_eq!(ack.msg_ids, [id(5).get()]);
    assert_eq!(fixture.session.poll_timeout(), None);
}

#[test]
fn what_is_unacknowledged_is_repeated_once_per_link_before_anything_new() {
    let mut fixture = Fixture::settled();
    fixture.session.push(Bytes::from_static(b"one ")).unwrap();
    fixture.session.push(Bytes::from_static(b"two ")).unwrap();
    let pushed = fixture.sent();
    fixture.session.on_link();
    assert_eq!(fixture.sent(), [], "not before the link has shown itself");
    fixture.send(id(5), 0, ping(1));
    let outgoing = fixture.transmit().unwrap();
    let members = container::parse(&outgoing.body).unwrap();
    assert_eq!(members[..2], pushed[..]);
    assert_eq!(constructor(&members[2]), tl::types::Pong::ID);
    assert!(members.is_sorted_by_key(|message| message.msg_id));
    assert!(members.iter().all(|message| message.msg_id < outgoing.msg_id));
    fixture.send(id(6), 0, ping(2));
    assert_eq!(fixture.sent().len(), 1, "only the pong");
}

#[test]
fn a_lone_repeat_travels_in_a_fresh_container() {
    let mut fixture = Fixture::settled();
    fixture.session.push(Bytes::from_static(b"one ")).unwrap();
    let pushed = fixture.sent();
    fixture.session.on_link();
    fixture.now = START + Duration::from_secs(200);
    fixture.send(MsgId((1_700_000_000 + 200) << 32), 0, tl::types::MsgsAck::default().to_bytes());
    let outgoing = fixture.transmit().unwrap();
    assert_eq!(container::parse(&outgoing.body), Ok(pushed));
    assert_eq!(outgoing.msg_id.get() >> 32, 1_700_000_200);
    assert_eq!(outgoing.seq_no & 1, 0);
}

#[test]
fn what_is_older_than_five_minutes_is_not_repeated_but_fetched() {
    let mut fixture = Fixture::settled();
    fixture.session.push(Bytes::from_static(b"one ")).unwrap();
    fixture.sent();
    fixture.now = START + Duration::from_secs(290);
    fixture.session.on_link();
    fixture.send(MsgId((1_700_000_000 + 290) << 32), 0, ping(1));
    assert_eq!(fixture.sent().len(), 1, "only the pong");
    assert_eq!(fixture.events(), [SessionEvent::PushesLost]);
}

#[test]
fn too_many_pushes_become_one_difference() {
    let limits = ServerLimits { pushes_max: 3, ..ServerLimits::DEFAULT };
    let mut fixture = Fixture::with_limits(limits);
    assert_eq!(fixture.session.push(Bytes::from_static(b"push")), Err(Offline));
    fixture.send(id(1), 0, ping(1));
    fixture.sent();
    fixture.events();
    for _ in 0..4 {
        fixture.session.push(Bytes::from_static(b"push")).unwrap();
    }
    assert_eq!(fixture.events(), [SessionEvent::PushesLost]);
    assert_eq!(fixture.sent(), []);
}

#[test]
fn a_pong_and_small_pushes_overtake_a_large_answer() {
    let mut fixture = Fixture::settled();
    fixture.send(id(5), 1, QUERY);
    fixture.session.push(Bytes::from_static(b"push")).unwrap();
    fixture.session.answer(id(5), &Answer::Object(vec![1; 1 << 20].into()), Packing::Plain);
    fixture.send(id(6), 0, ping(9));
    let first = container::parse(&fixture.transmit().unwrap().body).unwrap();
    let pong = tl::types::Pong::from_bytes(&first[0].body).unwrap();
    assert_eq!((pong.msg_id, pong.ping_id), (id(6).get(), 9));
    assert_eq!(first[1..].iter().map(|message| &message.body[..]).collect::<Vec<_>>(), [b"push"]);
    assert!(fixture.transmit().unwrap().body.len() > 1 << 20);
}

#[test]
fn an_error_is_the_last_of_its_container_each_time_it_is_sent() {
    let mut fixture = Fixture::settled();
    let error = Answer::Error { code: 401, text: "AUTH_KEY_UNREGISTERED".to_owned() };
    for (n, failed) in [(5, false), (6, true), (7, true), (8, false)] {
        fixture.send(id(n), 2 * i32::try_from(n).unwrap() - 9, QUERY);
        let answer = if failed { error.clone() } else { Answer::Object(QUERY.into()) };
        fixture.session.answer(id(n), &answer, Packing::Auto);
    }
    fixture.session.push(Bytes::from_static(b"push")).unwrap();
    let sizes = |fixture: &mut Fixture| -> Vec<usize> {
        let sent = std::iter::from_fn(|| fixture.transmit());
        sent.map(|one| container::parse(&one.body).map_or(1, |members| members.len())).collect()
    };
    assert_eq!(sizes(&mut fixture), [2, 1, 2]);
    fixture.session.on_link();
    fixture.send(id(9), 0, tl::types::MsgsAck::default().to_bytes());
    assert_eq!(sizes(&mut fixture), [2, 1, 2]);
}

#[test]
fn a_refusal_of_time_or_salt_travels_alone() {
    let mut fixture = Fixture::settled();
    fixture.session.push(Bytes::from_static(b"push")).unwrap();
    let late = fixture.opened(MsgId(id(4).get() - (400 << 32)), 1, QUERY);
    let mut stale = fixture.opened(id(5), 1, QUERY);
    stale.salt = Salt(1);
    for refused in [&late, &late, &stale] {
        assert_eq!(fixture.receive(refused), Ok(Verdict::Refused));
    }
    let refusals = [
        tl::types::BadMsgNotification::ID,
        tl::types::BadMsgNotification::ID,
        tl::types::BadServerSalt::ID,
    ];
    for refusal in refusals {
        assert!(fixture.transmit().unwrap().body.starts_with(&refusal.to_le_bytes()));
    }
    assert_eq!(fixture.transmit().unwrap().body, b"push"[..]);
    assert!(fixture.transmit().is_none());
}

#[test]
fn every_id_and_number_is_greater_than_those_before() {
    let mut fixture = Fixture::new();
    let mut last = MsgId(0);
    for round in 0..50 {
        fixture.send(id(2 * round), 1, QUERY);
        fixture.ok(id(2 * round), b"okay");
        fixture.send(id(2 * round + 1), 0, ping(round));
        fixture.session.push(Bytes::from_static(b"push")).unwrap();
        while let Some(outgoing) = fixture.transmit() {
            assert!(outgoing.msg_id > last);
            last = outgoing.msg_id;
        }
    }
}

#[test]
fn the_state_of_each_id_is_told_in_one_byte() {
    let mut fixture = Fixture::settled();
    for n in [5, 7, 9] {
        fixture.send(id(n), 1, QUERY);
    }
    fixture.ok(id(7), b"okay");
    fixture.ok(id(9), b"okay");
    let answers = fixture.sent();
    fixture.acknowledge(11, &answers[1..]);
    let late = MsgId((1_700_000_000 + 100) << 32);
    let asked = [id(-9), id(5), id(7), id(9), id(8), id(11), late];
    let msg_ids = asked.iter().map(|id| id.get()).collect();
    fixture.send(id(12), 0, tl::types::MsgsStateReq { msg_ids }.to_bytes());
    let info: tl::types::MsgsStateInfo = fixture.sent_one();
    assert_eq!(info.req_msg_id, id(12).get());
    assert_eq!(info.info[..], [1, 4 + 32, 4 + 64, 4 + 64 + 128, 2, 4, 3]);
}

#[test]
fn what_is_asked_for_is_sent_again() {
    let mut fixture = Fixture::settled();
    fixture.session.push(Bytes::from_static(b"push")).unwrap();
    let pushed = fixture.sent();
    let wanted = pushed[0].msg_id.get();
    fixture.send(id(5), 0, tl::types::MsgResendReq { msg_ids: vec![wanted] }.to_bytes());
    assert_eq!(fixture.sent(), pushed);
    fixture.send(id(6), 0, tl::types::MsgResendReq { msg_ids: vec![wanted, 99] }.to_bytes());
    let sent = fixture.sent();
    assert_eq!(sent[..1], pushed[..]);
    let info = tl::types::MsgsStateInfo::from_bytes(&sent[1].body).unwrap();
    assert_eq!((info.req_msg_id, &info.info[..]), (id(6).get(), &[4, 1][..]));
}

#[test]
fn dropping_an_answer_says_how_far_it_had_come() {
    let drop = |n| tl::RpcDropAnswerRequest { req_msg_id: id(n).get() }.to_bytes();
    let outcome = |message: &Message| {
        let Ok((_, Answer::Object(body))) = Answer::decode(&message.body, 1024) else { panic!() };
        tl::RpcDropAnswer::from_bytes(&body).unwrap()
    };
    let mut fixture = Fixture::settled();
    fixture.send(id(5), 1, drop(99));
    assert_eq!(outcome(&fixture.sent()[0]), tl::RpcDropAnswer::RpcAnswerUnknown);
    fixture.send(id(7), 1, QUERY);
    fixture.events();
    fixture.send(id(9), 1, drop(7));
    assert_eq!(outcome(&fixture.sent()[0]), tl::RpcDropAnswer::RpcAnswerDroppedRunning);
    assert_eq!(fixture.events(), [SessionEvent::DropAnswer { msg_id: id(7) }]);
    fixture.ok(id(7), b"okay");
    assert_eq!(outcome(&fixture.sent()[0]), tl::RpcDropAnswer::RpcAnswerDroppedRunning);
    fixture.send(id(11), 1, QUERY);
    fixture.ok(id(11), b"okay");
    let answer = fixture.sent();
    fixture.send(id(13), 1, drop(11));
    let tl::RpcDropAnswer::RpcAnswerDropped(dropped) = outcome(&fixture.sent()[0]) else {
        panic!()
    };
    assert_eq!((dropped.msg_id, dropped.seq_no), (answer[0].msg_id.get(), answer[0].seq_no));
}

#[test]
fn future_salts_name_the_question() {
    let mut fixture = Fixture::settled();
    fixture.send(id(5), 0, tl::GetFutureSalts { num: 64 }.to_bytes());
    let salts: tl::types::FutureSalts = fixture.sent_one();
    assert_eq!((salts.req_msg_id, salts.salts.len()), (id(5).get(), 64));
}

/// In each of so many minutes a ping, a request, and acknowledgements of all that came.
fn live(fixture: &mut Fixture, minutes: i64) {
    for minute in 1..=minutes {
        fixture.now = fixture.now + Duration::from_secs(60);
        let first = i64::from(fixture.now.unix()) << 32;
        fixture.send(MsgId(first), 0, ping(minute));
        let pong: tl::types::Pong = fixture.sent_one();
        assert_eq!(pong.ping_id, minute);
        fixture.send(MsgId(first + 4), 1, QUERY);
        fixture.events();
        fixture.ok(MsgId(first + 4), b"okay");
        let msg_ids = fixture.sent().iter().map(|message| message.msg_id.get()).collect();
        let acks = tl::types::MsgsAck { msg_ids };
        fixture.send(MsgId(first + 8), 2, acks.to_bytes());
    }
}

#[test]
fn a_day_of_pings_and_requests_leaves_a_session_small() {
    let mut fixture = Fixture::settled();
    let before = fixture.session.held_bytes();
    live(&mut fixture, 24 * 60);
    let grown = fixture.session.held_bytes() - before;
    assert!(grown <= 2048, "{grown} bytes");
}

#[test]
fn a_request_that_was_forgotten_because_it_was_answered_is_not_run_again() {
    let mut fixture = Fixture::settled();
    live(&mut fixture, 60);
    let now = i64::from(fixture.now.unix()) << 32;
    let first_request = MsgId(((1_700_000_000 + 60) << 32) + 4);
    let body = Bytes::from_static(QUERY);
    fixture.send_together(MsgId(now + 16), &[Message { msg_id: first_request, seq_no: 1, body }]);
    assert_eq!(fixture.events(), []);
    let bad: tl::types::BadMsgNotification = fixture.sent_one();
    assert_eq!((bad.bad_msg_id, bad.error_code), (first_request.get(), 20));

    let msg_ids = vec![first_request.get()];
    fixture.send(MsgId(now + 20), 0, tl::types::MsgsStateReq { msg_ids }.to_bytes());
    let info: tl::types::MsgsStateInfo = fixture.sent_one();
    assert_eq!(info.info[..], [1], "nobody can tell any more");
}

#[test]
fn what_concerns_the_key_is_left_to_the_gateway() {
    let mut fixture = Fixture::settled();
    let ping = tl::PingDelayDisconnect { ping_id: 3, disconnect_delay: 75 };
    fixture.send(id(5), 0, ping.to_bytes());
    fixture.send(id(6), 1, tl::DestroySession { session_id: 8 }.to_bytes());
    fixture.send(id(7), 0, tl::DestroyAuthKey {}.to_bytes());
    let wait = tl::types::HttpWait { max_delay: 0, wait_after: 10, max_wait: 25_000 };
    fixture.send(id(8), 0, wait.to_bytes());
    let expected = [
        SessionEvent::DisconnectAfter(Duration::from_secs(75)),
        SessionEvent::DestroySession { session_id: SessionId(8) },
        SessionEvent::DestroyAuthKey,
        SessionEvent::HttpWait(HttpWait {
            max_wait: Duration::from_secs(25),
            wait_after: Duration::from_millis(10),
            max_delay: Duration::ZERO,
        }),
    ];
    assert_eq!(fixture.events(), expected);
    fixture.sent();
    fixture.session.session_destroyed(SessionId(8), true);
    let answer: tl::types::DestroySessionOk = fixture.sent_one();
    assert_eq!(answer.session_id, 8);
    fixture.session.key_destroyed(KeyDestruction::Done);
    let answer: tl::DestroyAuthKeyRes = fixture.sent_one();
    assert_eq!(answer, tl::DestroyAuthKeyRes::DestroyAuthKeyOk);
}

#[test]
fn a_packed_request_is_unpacked() {
    let mut fixture = Fixture::settled();
    let query = [QUERY, &[0; 4096]].concat();
    fixture.send(id(5), 1, gzip::pack(&query).unwrap());
    let expected = SessionEvent::Request { msg_id: id(5), body: query.into() };
    assert_eq!(fixture.events(), [expected]);
}

/// The names of the errors that requests were answered with.
fn refusals(sent: &[Message]) -> Vec<(MsgId, String)> {
    let refusal = |message: &Message| match Answer::decode(&message.body, 1024) {
        Ok((request, Answer::Error { text, .. })) => Some((request, text)),
        _ => None,
    };
    sent.iter().filter_map(refusal).collect()
}

#[test]
fn a_container_of_bombs_unpacks_to_no_more_than_one_request() {
    let limits = ServerLimits { unpacked_bytes_max: 10_000, ..ServerLimits::DEFAULT };
    let mut fixture = Fixture::with_limits(limits);
    let bomb = gzip::pack(&[QUERY, &[0; 4092]].concat()).unwrap();
    let bombs: Vec<Message> =
        (1..=100).map(|n| Message { msg_id: id(n), seq_no: 1, body: bomb.clone() }).collect();
    fixture.send_together(id(101), &bombs);
    let unpacked: Vec<MsgId> = fixture
        .events()
        .into_iter()
        .filter_map(|event| match event {
            SessionEvent::Request { msg_id, body } => {
                assert_eq!(body.len(), 4096);
                Some(msg_id)
            }
            _ => None,
        })
        .collect();
    assert_eq!(unpacked, [id(1), id(2)]);
    let refused = refusals(&fixture.sent());
    assert_eq!(refused.len(), 98);
    assert!(refused.iter().all(|(_, text)| text == "WORKER_BUSY_TOO_LONG_RETRY"));
    // Sent again by themselves, they fit.
    fixture.send(id(102), 1, bomb);
    assert_eq!(fixture.events().len(), 1);
}

#[test]
fn less_is_unpacked_for_strangers() {
    let limits = ServerLimits { stranger_unpacked_bytes_max: 4000, ..ServerLimits::DEFAULT };
    let mut fixture = Fixture::with_limits(limits);
    let packed = gzip::pack(&[QUERY, &[0; 4092]].concat()).unwrap();
    let bytes_of_request = |fixture: &mut Fixture| {
        let request = |event| match event {
            SessionEvent::Request { body, .. } => Some(body.len()),
            _ => None,
        };
        fixture.events().into_iter().find_map(request)
    };
    fixture.session.set_strangers(true);
    fixture.send(id(1), 1, packed.clone());
    assert_eq!(bytes_of_request(&mut fixture), Some(packed.len()), "it is passed on as it is");
    fixture.session.set_strangers(false);
    fixture.send(id(2), 3, packed);
    assert_eq!(bytes_of_request(&mut fixture), Some(4096));
}

#[test]
fn nothing_is_unpacked_for_who_has_too_much_under_way() {
    let limits = ServerLimits { requests_max: 1, ..ServerLimits::DEFAULT };
    let mut fixture = Fixture::with_limits(limits);
    fixture.send(id(1), 1, QUERY);
    fixture.send(id(2), 1, gzip::pack(&[QUERY, &[0; 4092]].concat()).unwrap());
    assert_eq!(fixture.session.unpacked_bytes, 0);
    assert_eq!(refusals(&fixture.sent()).len(), 1);
}

#[test]
fn large_answers_are_made_again_for_who_goes_away() {
    let mut fixture = Fixture::settled();
    for n in 11..=13 {
        fixture.send(id(n), 1, QUERY);
    }
    fixture.events();
    let large = Answer::Object(vec![7; 1 << 20].into());
    fixture.session.answer(id(11), &large, Packing::Plain);
    fixture.session.answer(id(12), &Answer::Object(vec![7; 64].into()), Packing::Plain);
    assert!(fixture.session.queued_bytes() > 1 << 20);
    fixture.session.on_away();
    assert!(fixture.session.queued_bytes() < 1 << 10);

    fixture.session.on_link();
    fixture.send(id(14), 0, ping(0));
    assert!(fixture.sent().iter().any(|message| message.body.len() == 64 + 12), "the small one");
    fixture.send(id(11), 1, QUERY);
    let again = SessionEvent::Request { msg_id: id(11), body: QUERY.into() };
    assert_eq!(fixture.events(), [again]);
}

#[test]
fn who_goes_away_leaves_no_more_small_answers_than_are_kept() {
    let mut fixture = Fixture::settled();
    for n in 11..=110 {
        fixture.send(id(n), 1, QUERY);
        fixture.session.answer(id(n), &Answer::Object(vec![7; 8 << 10].into()), Packing::Plain);
    }
    fixture.session.on_away();
    assert!(fixture.session.queued_bytes() <= ServerLimits::DEFAULT.kept_bytes_max);
    assert_eq!(fixture.session.running(), 0);
}

#[test]
fn a_request_that_was_put_back_is_run_when_it_is_repeated() {
    let mut fixture = Fixture::settled();
    fixture.send(id(11), 1, QUERY);
    fixture.events();
    fixture.session.put_back(id(11));
    assert_eq!(fixture.session.running(), 0);
    fixture.send(id(11), 1, QUERY);
    assert_eq!((fixture.events().len(), fixture.session.running()), (1, 1));
}

#[test]
fn a_flood_of_requests_is_put_off() {
    let limits = ServerLimits { requests_max: 2, ..ServerLimits::DEFAULT };
    let mut fixture = Fixture::with_limits(limits);
    for n in 0..3 {
        fixture.send(id(n), 1, QUERY);
    }
    let running = fixture.events().len() - 1;
    assert_eq!((running, fixture.session.running()), (2, 2));
    let sent = fixture.sent();
    let (request, answer) = Answer::decode(&sent[1].body, 1024).unwrap();
    let text = "WORKER_BUSY_TOO_LONG_RETRY".to_owned();
    assert_eq!((request, answer), (id(2), Answer::Error { code: 500, text }));
}

#[test]
fn faults_are_what_no_answer_can_mend() {
    let mut fixture = Fixture::new();
    let foreign = Opened { session_id: SessionId(8), ..fixture.opened(id(1), 0, ping(0)) };
    assert_eq!(fixture.receive(&foreign), Err(Fault::Session));
    let broken = fixture.opened(id(1), 0, ping(0)[..8].to_vec());
    assert!(matches!(fixture.receive(&broken), Err(Fault::Decode(_))));
    let acks = tl::types::MsgsAck { msg_ids: vec![0; 8193] }.to_bytes();
    let long = fixture.opened(id(2), 0, acks);
    assert!(matches!(fixture.receive(&long), Err(Fault::Limit { .. })));
}

#[test]
fn ids_below_memory_are_refused_as_forgotten() {
    let limits = ServerLimits { received_max: 4, requests_max: 2, ..ServerLimits::DEFAULT };
    let mut fixture = Fixture::with_limits(limits);
    for n in 10..20 {
        fixture.send(id(n), 0, ping(n));
    }
    fixture.sent();
    fixture.send(id(10), 0, ping(10));
    let sent = fixture.sent();
    let bad = tl::types::BadMsgNotification::from_bytes(&sent[0].body).unwrap();
    assert_eq!((bad.bad_msg_id, bad.error_code), (id(10).get(), 20));
}

#[test]
fn an_idle_session_is_small() {
    assert!(size_of::<ServerSession>() <= 640, "{}", size_of::<ServerSession>());
}
