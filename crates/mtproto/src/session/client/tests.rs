//! The two ends against each other, over links that lose what they are told to lose.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use heliogram_crypto::{AuthKey, SeededRandom};
use heliogram_ids::{MsgId, Salt, SessionId, Timestamp};
use heliogram_tl::{Encode as _, mtproto as tl};

use super::{
    ClientEvent, ClientLimits, ClientSession, Failure, Priority, RequestId, RequestOptions,
};
use crate::message::container;
use crate::message::{Opened, Outgoing};
use crate::session::{
    Answer, Packing, SaltSchedule, ServerLimits, ServerSession, SessionEvent, Verdict,
};

const START: Timestamp = Timestamp::from_secs(1_700_000_000);
const QUERY: Bytes = Bytes::from_static(&[0x6b, 0x18, 0xf9, 0xc4]);

struct World {
    client: ClientSession,
    server: ServerSession,
    salts: SaltSchedule,
    key: Arc<AuthKey>,
    /// The server's clock; the client's is behind or ahead of it.
    now: Timestamp,
    client_behind: Duration,
    client_ahead: Duration,
    rng: SeededRandom,
    /// Requests that reached the API, in order.
    ran: Vec<MsgId>,
    answering: bool,
    events: Vec<ClientEvent>,
}

impl World {
    fn new() -> Self {
        let key = Arc::new(AuthKey::new([7; 256]));
        let salts = SaltSchedule::of(&key);
        let (id, salt) = (SessionId(7), salts.current(START));
        let mut world = Self {
            client: ClientSession::new(START, id, salt, ClientLimits::DEFAULT),
            server: ServerSession::new(id, Arc::new(ServerLimits::DEFAULT)),
            salts,
            key,
            now: START,
            client_behind: Duration::ZERO,
            client_ahead: Duration::ZERO,
            rng: SeededRandom::new(3),
            ran: Vec::new(),
            answering: true,
            events: Vec::new(),
        };
        world.reconnect();
        world
    }

    fn client_now(&self) -> Timestamp {
        self.now + self.client_ahead - self.client_behind
    }

    fn reconnect(&mut self) {
        let now = self.client_now();
        self.client.on_link(now);
        self.server.on_link();
    }

    /// The server process starts again and has forgotten all sessions.
    fn restart_server(&mut self) {
        self.wait(Duration::from_secs(1));
        self.server = ServerSession::new(self.client.id(), Arc::new(ServerLimits::DEFAULT));
        self.reconnect();
    }

    fn request(&mut self) -> RequestId {
        self.request_with(RequestOptions::default())
    }

    fn request_with(&mut self, options: RequestOptions) -> RequestId {
        self.client.request(self.client_now(), QUERY, options).unwrap()
    }

    fn opened(&self, outgoing: Outgoing) -> Opened {
        let Outgoing { salt, session_id, msg_id, seq_no, body } = outgoing;
        let auth_key = Arc::clone(&self.key);
        Opened { auth_key, salt, session_id, msg_id, seq_no, body, quick_ack: None }
    }

    fn client_sends(&mut self) -> Option<Outgoing> {
        self.client.poll_transmit(self.client_now())
    }

    fn server_receives(&mut self, outgoing: Outgoing) -> Verdict {
        if outgoing.session_id != self.server.id() {
            let limits = Arc::new(ServerLimits::DEFAULT);
            self.server = ServerSession::new(outgoing.session_id, limits);
            self.server.on_link();
        }
        let opened = self.opened(outgoing);
        let verdict = self.server.handle_message(self.now, &mut self.rng, &self.salts, &opened);
        while let Some(event) = self.server.poll_event() {
            if let SessionEvent::Request { msg_id, .. } = event {
                self.ran.push(msg_id);
                if self.answering {
                    self.answer(msg_id);
                }
            }
        }
        verdict.unwrap()
    }

    fn answer(&mut self, request: MsgId) {
        let answer = Answer::Object(Bytes::from_static(b"okay"));
        self.server.answer(request, &answer, Packing::Auto);
    }

    fn client_receives(&mut self, outgoing: Outgoing) {
        let (now, opened) = (self.client_now(), self.opened(outgoing));
        self.client.handle_message(now, &mut self.rng, &opened).unwrap();
        self.events.extend(std::iter::from_fn(|| self.client.poll_event()));
    }

    /// Carries everything both ways until nobody has anything to say.
    fn run(&mut self) {
        for _ in 0..100 {
            let mut quiet = true;
            while let Some(outgoing) = self.client_sends() {
                quiet = false;
                let _ = self.server_receives(outgoing);
            }
            while let Some(outgoing) = self.server.poll_transmit(self.now, &self.salts) {
                quiet = false;
                self.client_receives(outgoing);
            }
            if quiet {
                return;
            }
        }
        panic!("the two never come to rest");
    }

    fn wait(&mut self, span: Duration) {
        self.now = self.now + span;
        let now = self.client_now();
        self.client.handle_timeout(now);
        self.events.extend(std::iter::from_fn(|| self.client.poll_event()));
        self.server.handle_timeout(self.now);
    }

    /// How often a request was answered.
    fn answers(&self, id: RequestId) -> usize {
        let expected = ClientEvent::Result { id, body: Bytes::from_static(b"okay") };
        self.events.iter().filter(|event| **event == expected).count()
    }

    #[track_caller]
    fn check_once(&self, ids: &[RequestId]) {
        for id in ids {
            assert_eq!(self.answers(*id), 1, "{:?}", self.events);
        }
        assert_eq!(self.ran.len(), ids.len(), "each ran once");
    }
}

#[test]
fn requests_are_answered() {
    let mut world = World::new();
    let ids = [world.request(), world.request()];
    world.run();
    world.check_once(&ids);
    assert!(matches!(world.events[0], ClientEvent::NewSession { .. }));
}

#[test]
fn a_wrong_salt_costs_one_round_trip() {
    let mut world = World::new();
    world.client.adopt_salt(Salt(99));
    let ids = [world.request(), world.request()];
    world.run();
    world.check_once(&ids);
    assert_eq!(world.client.salt(), world.salts.current(START));
}

#[test]
fn a_clock_that_is_wrong_is_set_right() {
    for (behind, ahead) in [(5000, 0), (0, 5000), (100, 0), (0, 100)] {
        let mut world = World::new();
        world.client_behind = Duration::from_secs(behind);
        world.client_ahead = Duration::from_secs(ahead);
        let ids = [world.request(), world.request()];
        world.run();
        world.check_once(&ids);
        // And stays right, whatever the salts and ids that follow.
        let third = world.request();
        world.run();
        assert_eq!(world.answers(third), 1);
        assert_eq!(world.client.server_time(world.client_now()).unix(), world.now.unix());
    }
}

#[test]
fn an_id_from_the_future_does_not_take_the_others_with_it() {
    let mut world = World::new();
    world.client_ahead = Duration::from_secs(100);
    let first = world.request();
    let outgoing = world.client_sends().unwrap();
    assert_eq!(world.server_receives(outgoing), Verdict::Refused);
    let complaint = world.server.poll_transmit(world.now, &world.salts).unwrap();
    let second = world.request();
    assert!(world.client_sends().is_some(), "and it is lost");
    world.client_receives(complaint);
    // The clock is right now, and one more runs while the second still has the id that it had.
    world.answering = false;
    let third = world.request();
    let outgoing = world.client_sends().unwrap();
    assert_eq!(world.server_receives(outgoing), Verdict::Accepted);
    world.reconnect();
    world.answering = true;
    world.run();
    world.ran.clone().into_iter().for_each(|id| world.answer(id));
    world.run();
    assert_eq!([first, second, third].map(|id| world.answers(id)), [1, 1, 1]);
    assert_eq!(world.ran.len(), 3, "each ran once");
}

#[test]
fn an_id_from_the_future_is_not_given_out_again_when_it_has_come() {
    let mut world = World::new();
    world.client_ahead = Duration::from_secs(100);
    let mut ids = vec![world.request()];
    let outgoing = world.client_sends().unwrap();
    assert_eq!(world.server_receives(outgoing), Verdict::Refused);
    let complaint = world.server.poll_transmit(world.now, &world.salts).unwrap();
    ids.push(world.request());
    assert!(world.client_sends().is_some(), "and it is lost");
    world.client_receives(complaint);
    world.run();
    world.client_ahead = Duration::ZERO;
    world.client.set_server_time(world.now, world.now);
    world.now = world.now + Duration::from_secs(100);
    ids.extend((0..5).map(|_| world.request()));
    world.run();
    world.reconnect();
    world.run();
    world.check_once(&ids);
}

#[test]
fn complaints_about_earlier_containers_change_nothing() {
    let mut world = World::new();
    world.client_behind = Duration::from_secs(5000);
    let id = world.request();
    let mut complaints = Vec::new();
    for _ in 0..5 {
        let outgoing = world.client_sends().unwrap();
        assert_eq!(world.server_receives(outgoing), Verdict::Refused);
        complaints.extend(world.server.poll_transmit(world.now, &world.salts));
        world.reconnect();
    }
    world.answering = false;
    // The first is about the request by itself, which was not in a container yet, and is lost.
    for complaint in complaints.split_off(1) {
        world.client_receives(complaint);
        if let Some(outgoing) = world.client_sends() {
            let _ = world.server_receives(outgoing);
        }
    }
    world.ran.clone().into_iter().for_each(|id| world.answer(id));
    world.run();
    world.check_once(&[id]);
}

#[test]
fn a_request_that_came_after_all_is_not_lost_with_what_was_before_the_session() {
    let mut world = World::new();
    world.client.adopt_salt(Salt(99));
    let first = world.request();
    let outgoing = world.client_sends().unwrap();
    assert_eq!(world.server_receives(outgoing), Verdict::Refused);
    drop(world.server.poll_transmit(world.now, &world.salts));
    world.wait(Duration::from_secs(1));
    // The session begins with the second one; then the first comes again, and runs.
    world.client.adopt_salt(world.salts.current(START));
    let second = world.request();
    let outgoing = world.client_sends().unwrap();
    assert_eq!(world.server_receives(outgoing), Verdict::Accepted);
    let announced = world.server.poll_transmit(world.now, &world.salts).unwrap();
    world.reconnect();
    let outgoing = world.client_sends().unwrap();
    assert_eq!(world.server_receives(outgoing), Verdict::Accepted);
    assert_eq!(world.ran.len(), 2);
    world.client_receives(announced);
    world.run();
    world.check_once(&[first, second]);
}

#[test]
fn a_request_that_runs_keeps_its_id_when_its_repetition_is_refused() {
    let mut world = World::new();
    world.answering = false;
    let id = world.request();
    let outgoing = world.client_sends().unwrap();
    assert_eq!(world.server_receives(outgoing), Verdict::Accepted);
    world.reconnect();
    world.client.adopt_salt(Salt(99));
    world.run();
    world.answer(world.ran[0]);
    world.run();
    world.check_once(&[id]);
}

#[test]
fn a_request_lost_with_its_link_is_sent_again() {
    let mut world = World::new();
    let id = world.request();
    drop(world.client_sends());
    world.reconnect();
    world.run();
    world.check_once(&[id]);
}

#[test]
fn an_answer_lost_with_its_link_is_not_computed_twice() {
    let mut world = World::new();
    let id = world.request();
    let outgoing = world.client_sends().unwrap();
    assert_eq!(world.server_receives(outgoing), Verdict::Accepted);
    drop(world.server.poll_transmit(world.now, &world.salts));
    world.reconnect();
    world.run();
    world.check_once(&[id]);
}

#[test]
fn a_request_the_server_has_is_asked_about_and_waited_for() {
    let mut world = World::new();
    world.answering = false;
    let id = world.request();
    world.run();
    world.wait(Duration::from_secs(1));
    world.run();
    world.reconnect();
    world.run();
    assert_eq!(world.ran.len(), 1);
    world.answer(world.ran[0]);
    world.run();
    world.check_once(&[id]);
}

#[test]
fn a_server_that_forgot_everything_is_told_again() {
    let mut world = World::new();
    world.answering = false;
    let id = world.request();
    world.run();
    world.wait(Duration::from_secs(1));
    world.run();
    world.answering = true;
    world.restart_server();
    let second = world.request();
    world.run();
    assert_eq!((world.answers(id), world.answers(second)), (1, 1));
    let sessions =
        world.events.iter().filter(|event| matches!(event, ClientEvent::NewSession { .. }));
    assert_eq!(sessions.count(), 2);
}

#[test]
fn pushes_arrive_once_and_are_acknowledged() {
    let mut world = World::new();
    world.request();
    world.run();
    world.server.push(Bytes::from_static(b"push")).unwrap();
    world.run();
    world.reconnect();
    world.run();
    let update = ClientEvent::Update(Bytes::from_static(b"push"));
    assert_eq!(world.events.iter().filter(|event| **event == update).count(), 1);
    world.wait(ClientLimits::DEFAULT.ack_delay);
    world.run();
    assert_eq!(world.server.poll_timeout(), None, "nothing is kept any more");
}

#[test]
fn the_urgent_goes_first() {
    let mut world = World::new();
    world.answering = false;
    let with = |priority| RequestOptions { priority, ..RequestOptions::default() };
    let low = world.request_with(with(Priority::Low));
    let normal = world.request_with(with(Priority::Normal));
    let high = world.request_with(with(Priority::High));
    world.run();
    let order: Vec<_> = world.ran.iter().map(|id| world.client.requests.by_msg_id(*id)).collect();
    assert_eq!(order, [Some(high), Some(normal), Some(low)]);
}

#[test]
fn a_deadline_ends_a_request_and_the_late_answer_is_ignored() {
    let mut world = World::new();
    world.answering = false;
    let deadline = Some(START + Duration::from_secs(3));
    let id = world.request_with(RequestOptions { deadline, ..RequestOptions::default() });
    world.run();
    world.wait(Duration::from_secs(3));
    assert!(world.events.contains(&ClientEvent::Failed { id, why: Failure::TimedOut }));
    world.run();
    world.answer(world.ran[0]);
    world.run();
    assert_eq!(world.answers(id), 0);
}

#[test]
fn a_request_cancelled_in_the_queue_never_leaves() {
    let mut world = World::new();
    let id = world.request();
    world.client.cancel(id);
    world.run();
    assert_eq!(world.ran, []);
}

#[test]
fn a_reserved_id_is_kept_through_a_wrong_salt() {
    let mut world = World::new();
    world.client.adopt_salt(Salt(99));
    let msg_id = world.client.reserve_msg_id(START);
    let options = RequestOptions { msg_id: Some(msg_id), ..RequestOptions::default() };
    let id = world.request_with(options);
    world.run();
    world.check_once(&[id]);
    assert_eq!(world.ran, [msg_id]);
}

#[test]
fn refused_numbers_lead_to_a_new_session() {
    let mut world = World::new();
    let id = world.request();
    let outgoing = world.client_sends().unwrap();
    refuse_numbers(&mut world, &outgoing);
    world.run();
    world.check_once(&[id]);
}

#[test]
fn an_id_of_an_earlier_session_is_not_taken_for_that_of_a_later_one() {
    let mut world = World::new();
    let first = world.request();
    world.client_sends().unwrap();
    let options = RequestOptions { priority: Priority::High, ..RequestOptions::default() };
    let second = world.request_with(options);
    let outgoing = world.client_sends().unwrap();
    // At the same moment the third gets the id that the second had, and is answered behind it.
    let third = world.request();
    refuse_numbers(&mut world, &outgoing);
    world.run();
    world.check_once(&[second, first, third]);
}

/// The server does not want to go on counting with the client.
fn refuse_numbers(world: &mut World, outgoing: &Outgoing) {
    let session_id = world.client.id();
    complain(world, outgoing.msg_id, outgoing.seq_no, 32);
    assert_ne!(world.client.id(), session_id);
}

/// The client hears that one of its messages is bad.
fn complain(world: &mut World, bad: MsgId, bad_msg_seqno: i32, error_code: i32) {
    let bad_msg_id = bad.get();
    let bad = tl::types::BadMsgNotification { bad_msg_id, bad_msg_seqno, error_code };
    let msg_id = MsgId((1_700_000_000 << 32) + 4001);
    let body = bad.to_bytes().into();
    let (salt, session_id) = (world.client.salt(), world.client.id());
    world.client_receives(Outgoing { salt, session_id, msg_id, seq_no: 0, body });
}

#[test]
fn an_id_that_is_forgotten_is_replaced_whatever_it_came_in() {
    let mut world = World::new();
    world.run();
    let id = world.request();
    assert!(world.client_sends().is_some(), "and it is lost");
    world.reconnect();
    assert!(world.client_sends().is_some(), "and again, in a container");
    let (_, sent) = world.client.requests.under_way().next().unwrap();
    assert_ne!(sent.carrier, sent.msg_id);
    complain(&mut world, sent.msg_id, sent.seq_no, 20);
    world.run();
    world.check_once(&[id]);
    assert_ne!(world.ran[0], sent.msg_id);
}

#[test]
fn silence_after_a_ping_means_the_link_is_dead() {
    let mut world = World::new();
    world.run();
    world.wait(Duration::from_secs(60));
    let ping = world.client_sends().unwrap();
    drop(ping);
    world.wait(Duration::from_secs(14));
    assert!(!world.events.contains(&ClientEvent::LinkDead));
    world.wait(Duration::from_secs(1));
    assert!(world.events.contains(&ClientEvent::LinkDead));
}

#[test]
fn salts_are_known_before_they_are_needed() {
    let mut world = World::new();
    world.run();
    world.wait(Duration::from_secs(6 * 3600));
    let id = world.request();
    let outgoing = world.client_sends().unwrap();
    assert_eq!(outgoing.salt, world.salts.current(world.now));
    assert_eq!(world.server_receives(outgoing), Verdict::Accepted);
    world.run();
    world.check_once(&[id]);
}

#[test]
fn a_message_received_twice_counts_once() {
    let mut world = World::new();
    let id = world.request();
    let outgoing = world.client_sends().unwrap();
    let _ = world.server_receives(outgoing);
    let answer = world.server.poll_transmit(world.now, &world.salts).unwrap();
    world.client_receives(answer.clone());
    world.client_receives(answer);
    world.check_once(&[id]);
}

#[test]
fn every_message_of_the_client_is_in_order() {
    let mut world = World::new();
    let mut last = MsgId(0);
    for _ in 0..20 {
        world.request();
        world.request();
        while let Some(outgoing) = world.client_sends() {
            for message in container::parse(&outgoing.body).unwrap_or_default() {
                assert!(message.msg_id > last && message.msg_id < outgoing.msg_id);
                last = message.msg_id;
            }
            last = outgoing.msg_id;
            let _ = world.server_receives(outgoing);
        }
    }
}
