//! Client and server against each other, and the server against everything else.

use std::cell::Cell;
use std::sync::{Arc, LazyLock};
use std::time::Duration;

use bytes::Bytes;
use heliogram_crypto::{AuthKey, Random, SeededRandom, dh, rsa};
use heliogram_ids::{AuthKeyId, DcId, Timestamp};
use heliogram_tl::mtproto::{ReqDhParams, ReqPq, SetClientDhParams, types};
use heliogram_tl::{Constructor as _, Decode as _, Encode as _, Reader};
use proptest::prelude::*;

use super::client::{HandshakeConfig, HandshakeError, Progress, Ready, RsaPadding, begin};
use super::envelope::Envelope;
use super::server::boxed;
use super::{Answered, Context, Created, Exchanges, InnerData, Labour, Refusal};
use crate::link::{AuthKeys, LinkLimits, ServerConfig};

static RSA_KEY: LazyLock<rsa::PrivateKey> =
    LazyLock::new(|| rsa::PrivateKey::generate(&mut SeededRandom::new(30)));

/// The first so many keys that are asked for exist already.
struct Taken(Cell<u32>);

impl AuthKeys for Taken {
    fn auth_key(&self, _: AuthKeyId) -> Option<Arc<AuthKey>> {
        let left = self.0.get();
        self.0.set(left.saturating_sub(1));
        (left > 0).then(|| Arc::new(AuthKey::new([1; 256])))
    }
}

/// A server's exchanges and all they need.
struct Server {
    exchanges: Exchanges,
    config: ServerConfig,
    keys: Taken,
    now: Timestamp,
    rng: SeededRandom,
}

impl Server {
    fn new() -> Self {
        let now = Timestamp::from_secs(1_700_000_000);
        Self {
            exchanges: Exchanges::new(now),
            config: ServerConfig {
                rsa_keys: vec![RSA_KEY.clone()],
                dc_ids: vec![DcId::new(2).unwrap()],
                secret: None,
                limits: LinkLimits::DEFAULT,
            },
            keys: Taken(Cell::new(0)),
            now,
            rng: SeededRandom::new(31),
        }
    }

    fn ask(&mut self, question: &[u8]) -> Result<(Bytes, Option<Created>), Refusal> {
        let cx = Context { now: self.now, config: &self.config, keys: &self.keys };
        let question = Bytes::copy_from_slice(question);
        let reply = match self.exchanges.handle_question(&question, &cx, &mut self.rng)? {
            Answered::Now(reply) => reply,
            Answered::Work(labour) => {
                let outcome = labour.run(self.now, &self.config, &self.keys, &mut self.rng);
                self.exchanges.finish(outcome)?
            }
            Answered::Awaited => panic!("nothing is left undone"),
        };
        Ok((reply.body, reply.created))
    }

    /// The work that a question makes, undone.
    fn hand_out(&mut self, question: &[u8]) -> Result<Labour, Refusal> {
        let cx = Context { now: self.now, config: &self.config, keys: &self.keys };
        let question = Bytes::copy_from_slice(question);
        match self.exchanges.handle_question(&question, &cx, &mut self.rng)? {
            Answered::Work(labour) => Ok(*labour),
            Answered::Now(_) | Answered::Awaited => panic!("this question makes work"),
        }
    }

    #[track_caller]
    fn check_refused(&mut self, question: &[u8], refusal: Refusal) {
        assert_eq!(self.ask(question).map(|_| ()), Err(refusal));
    }

    /// Begins an exchange by hand.
    fn begin(&mut self) -> Scratch {
        let nonce = self.rng.bytes();
        let (answer, _) = self.ask(&ReqPq { nonce }.to_bytes()).unwrap();
        Scratch::new(&answer, self.rng.bytes())
    }
}

/// An exchange driven by hand, so that each field can be wrong.
struct Scratch {
    inner: InnerData,
}

impl Scratch {
    fn new(res_pq: &Bytes, new_nonce: [u8; 32]) -> Self {
        let res_pq: types::ResPq = read(res_pq);
        let number = super::inner_data::parse_number(&res_pq.pq).unwrap();
        let (p, q) = heliogram_crypto::pq::factor(number).unwrap();
        Self {
            inner: InnerData {
                pq: res_pq.pq,
                p: super::inner_data::encode_number(p),
                q: super::inner_data::encode_number(q),
                nonce: res_pq.nonce,
                server_nonce: res_pq.server_nonce,
                new_nonce,
                dc: None,
                expires_in: None,
            },
        }
    }

    fn req_dh_params(&self) -> ReqDhParams {
        self.req_dh_params_with(&self.inner)
    }

    fn req_dh_params_with(&self, inner: &InnerData) -> ReqDhParams {
        let mut rng = SeededRandom::new(32);
        let encrypted = RSA_KEY.public().encrypt_pad(&inner.encode(), &mut rng);
        ReqDhParams {
            nonce: self.inner.nonce,
            server_nonce: self.inner.server_nonce,
            p: self.inner.p.clone(),
            q: self.inner.q.clone(),
            public_key_fingerprint: RSA_KEY.public().fingerprint(),
            encrypted_data: Bytes::copy_from_slice(&encrypted),
        }
    }

    fn set_client_dh_params(&self, retry_id: i64, g_b: &[u8]) -> Vec<u8> {
        self.set_client_dh_params_with(&types::ClientDhInnerData {
            nonce: self.inner.nonce,
            server_nonce: self.inner.server_nonce,
            retry_id,
            g_b: Bytes::copy_from_slice(g_b),
        })
    }

    fn set_client_dh_params_with(&self, inner: &types::ClientDhInnerData) -> Vec<u8> {
        let envelope = Envelope::new(&self.inner.new_nonce, &self.inner.server_nonce);
        SetClientDhParams {
            nonce: self.inner.nonce,
            server_nonce: self.inner.server_nonce,
            encrypted_data: envelope.seal(&boxed(inner), &mut SeededRandom::new(33)).into(),
        }
        .to_bytes()
    }
}

fn read<T: heliogram_tl::Constructor>(body: &Bytes) -> T {
    let mut reader = Reader::of(body);
    reader.expect(T::ID, T::NAME).unwrap();
    T::decode_bare(&mut reader).unwrap()
}

fn config(dc: Option<i32>, expires_in: Option<Duration>, padding: RsaPadding) -> HandshakeConfig {
    HandshakeConfig { rsa_keys: [RSA_KEY.public()].into(), dc, expires_in, padding }
}

/// Runs a whole exchange.
fn run(server: &mut Server, config: HandshakeConfig) -> Result<(Ready, Created), HandshakeError> {
    let mut rng = SeededRandom::new(34);
    let (mut question, mut handshake) = begin(config, &mut rng);
    let mut created = None;
    loop {
        let (answer, key) = match server.ask(&question) {
            Ok(answered) => answered,
            Err(refusal) => return Err(HandshakeError::Refused(refusal.code())),
        };
        created = key.or(created);
        match handshake.on_answer(&answer, server.now, &mut rng)? {
            Progress::Ask(next, state) => (question, handshake) = (next, state),
            Progress::Done(ready) => return Ok((ready, created.expect("created before told"))),
        }
    }
}

#[test]
fn both_sides_agree_in_every_form() {
    let day = Duration::from_secs(86_400);
    for padding in [RsaPadding::Pad, RsaPadding::Legacy] {
        for (dc, expires_in) in
            [(None, None), (Some(2), None), (None, Some(day)), (Some(-10_002), Some(day))]
        {
            let (ready, created) =
                run(&mut Server::new(), config(dc, expires_in, padding)).unwrap();
            assert_eq!(ready.auth_key, created.auth_key);
            assert_eq!(ready.salt, created.salt);
            assert_eq!(ready.expires_in, expires_in);
            assert_eq!((created.dc, created.expires_in), (dc, expires_in));
            assert_eq!(ready.time_offset_secs, 0);
        }
    }
}

#[test]
fn a_taken_key_id_makes_the_client_choose_again() {
    for taken in 1..=4 {
        let mut server = Server::new();
        server.keys = Taken(Cell::new(taken));
        let (ready, created) = run(&mut server, config(None, None, RsaPadding::Pad)).unwrap();
        assert_eq!(ready.auth_key, created.auth_key);
    }
    let mut server = Server::new();
    server.keys = Taken(Cell::new(5));
    let failed = run(&mut server, config(None, None, RsaPadding::Pad));
    assert_eq!(failed.unwrap_err(), HandshakeError::Failed);
}

#[test]
fn a_repeated_question_gets_the_same_answer() {
    let mut server = Server::new();
    let mut rng = SeededRandom::new(35);
    let (mut question, mut handshake) = begin(config(None, None, RsaPadding::Pad), &mut rng);
    let mut keys = 0;
    loop {
        let (answer, created) = server.ask(&question).unwrap();
        keys += u32::from(created.is_some());
        // A client's random tail differs each time and is no part of the question.
        let again = [&question[..], &server.rng.bytes::<8>()].concat();
        let (repeated, created) = server.ask(&again).unwrap();
        assert_eq!(repeated, answer);
        assert!(created.is_none());
        match handshake.on_answer(&answer, server.now, &mut rng).unwrap() {
            Progress::Ask(next, state) => (question, handshake) = (next, state),
            Progress::Done(_) => break,
        }
    }
    assert_eq!(keys, 1);
}

#[test]
fn exchanges_do_not_disturb_each_other() {
    let mut server = Server::new();
    let probe = server.begin();
    let mut exchanges = [server.begin(), server.begin()];
    for scratch in &exchanges {
        server.ask(&scratch.req_dh_params().to_bytes()).unwrap();
    }
    exchanges.reverse();
    for scratch in &exchanges {
        let g_b = dh::Exponent::random(&mut server.rng).public();
        let (_, created) = server.ask(&scratch.set_client_dh_params(0, &g_b)).unwrap();
        assert!(created.is_some());
    }
    server.ask(&probe.req_dh_params().to_bytes()).unwrap();
}

#[test]
fn too_many_exchanges_displace_the_oldest() {
    let mut server = Server::new();
    let oldest = server.begin();
    let kept: Vec<_> = (0..server.config.limits.exchanges_max).map(|_| server.begin()).collect();
    server.check_refused(&oldest.req_dh_params().to_bytes(), Refusal::NotFound);
    for scratch in kept {
        server.ask(&scratch.req_dh_params().to_bytes()).unwrap();
    }
}

#[test]
fn an_exchange_ends_after_its_lifetime() {
    let mut server = Server::new();
    let scratch = server.begin();
    assert_eq!(server.exchanges.poll_timeout(), Some(server.now + Duration::from_secs(600)));
    server.now = server.now + Duration::from_secs(600);
    server.check_refused(&scratch.req_dh_params().to_bytes(), Refusal::NotFound);
    assert!(server.exchanges.is_empty() && server.exchanges.poll_timeout().is_none());
}

#[test]
fn work_is_rationed() {
    let mut server = Server::new();
    let mut questions = 0;
    let refusal = loop {
        let scratch = server.begin();
        match server.ask(&scratch.req_dh_params().to_bytes()) {
            Ok(_) => questions += 1,
            Err(refusal) => break refusal,
        }
    };
    assert_eq!((refusal, questions), (Refusal::Flood, 16));
    server.now = server.now + Duration::from_secs(30);
    let scratch = server.begin();
    server.ask(&scratch.req_dh_params().to_bytes()).unwrap();
}

#[test]
fn a_question_is_worked_on_once() {
    let mut server = Server::new();
    let question = server.begin().req_dh_params().to_bytes();
    let labour = server.hand_out(&question).unwrap();
    let cx = Context { now: server.now, config: &server.config, keys: &server.keys };
    let again = Bytes::copy_from_slice(&question);
    let asked = server.exchanges.handle_question(&again, &cx, &mut server.rng);
    assert!(matches!(asked, Ok(Answered::Awaited)));
    let outcome = labour.run(server.now, &server.config, &server.keys, &mut server.rng);
    let answer = server.exchanges.finish(outcome).unwrap().body;
    assert_eq!(server.ask(&question).unwrap().0, answer);
}

#[test]
fn a_wrong_factor_makes_no_work() {
    let mut server = Server::new();
    let scratch = server.begin();
    let wrong = ReqDhParams { p: Bytes::from_static(&[3]), ..scratch.req_dh_params() };
    assert_eq!(server.hand_out(&wrong.to_bytes()).unwrap_err(), Refusal::NotFound);
}

#[test]
fn work_that_is_left_undone_ends_the_exchange() {
    let mut server = Server::new();
    let question = server.begin().req_dh_params().to_bytes();
    let labour = server.hand_out(&question).unwrap();
    assert_eq!(server.exchanges.finish(labour.refuse()).unwrap_err(), Refusal::Flood);
    server.check_refused(&question, Refusal::NotFound);
    assert!(server.exchanges.is_empty());
}

#[test]
fn work_for_an_exchange_that_is_gone_comes_to_nothing() {
    let mut server = Server::new();
    let question = server.begin().req_dh_params().to_bytes();
    let labour = server.hand_out(&question).unwrap();
    for _ in 0..server.config.limits.exchanges_max {
        server.begin();
    }
    let outcome = labour.run(server.now, &server.config, &server.keys, &mut server.rng);
    assert_eq!(server.exchanges.finish(outcome).unwrap_err(), Refusal::NotFound);
}

/// A wrong proof is refused, and the right one after it too: the exchange is gone.
#[track_caller]
fn check_proof(refusal: Refusal, change: impl FnOnce(&Scratch) -> ReqDhParams) {
    let mut server = Server::new();
    let scratch = server.begin();
    server.check_refused(&change(&scratch).to_bytes(), refusal);
    server.check_refused(&scratch.req_dh_params().to_bytes(), Refusal::NotFound);
}

#[test]
fn a_wrong_proof_ends_the_exchange() {
    let not_found = Refusal::NotFound;
    check_proof(not_found, |one| ReqDhParams { p: Bytes::new(), ..one.req_dh_params() });
    check_proof(not_found, |one| {
        let (p, q) = (one.inner.q.clone(), one.inner.p.clone());
        ReqDhParams { p, q, ..one.req_dh_params() }
    });
    check_proof(not_found, |one| ReqDhParams { public_key_fingerprint: 1, ..one.req_dh_params() });
    check_proof(not_found, |one| ReqDhParams {
        encrypted_data: Bytes::new(),
        ..one.req_dh_params()
    });
    check_proof(not_found, |one| ReqDhParams {
        encrypted_data: vec![0xff; 256].into(),
        ..one.req_dh_params()
    });
    check_proof(not_found, |one| {
        let mut encrypted_data = one.req_dh_params().encrypted_data.to_vec();
        encrypted_data[100] ^= 1;
        ReqDhParams { encrypted_data: encrypted_data.into(), ..one.req_dh_params() }
    });
}

#[test]
fn a_proof_of_something_else_ends_the_exchange() {
    let with = |change: fn(&mut InnerData)| {
        move |one: &Scratch| {
            let mut inner = one.inner.clone();
            change(&mut inner);
            one.req_dh_params_with(&inner)
        }
    };
    check_proof(Refusal::NotFound, with(|inner| inner.nonce[0] ^= 1));
    check_proof(Refusal::NotFound, with(|inner| inner.server_nonce[0] ^= 1));
    check_proof(Refusal::NotFound, with(|inner| inner.pq = Bytes::from_static(&[15])));
    check_proof(Refusal::NotFound, with(|inner| inner.p = Bytes::from_static(&[3])));
    check_proof(Refusal::NotFound, with(|inner| inner.q = Bytes::from_static(&[5])));
    check_proof(Refusal::NotFound, with(|inner| inner.expires_in = Some(0)));
    check_proof(Refusal::NotFound, with(|inner| inner.expires_in = Some(-1)));
    check_proof(Refusal::Dc, with(|inner| inner.dc = Some(3)));
}

#[test]
fn numbers_may_come_with_zeros_in_front() {
    let mut server = Server::new();
    let scratch = server.begin();
    let mut padded = scratch.inner.clone();
    padded.p = [&[0; 3][..], &padded.p].concat().into();
    let req = ReqDhParams { p: padded.p.clone(), ..scratch.req_dh_params_with(&padded) };
    server.ask(&req.to_bytes()).unwrap();
}

/// A wrong number of the client ends the exchange.
#[track_caller]
fn check_number(change: impl FnOnce(&Scratch, [u8; 256]) -> Vec<u8>) {
    let mut server = Server::new();
    let scratch = server.begin();
    server.ask(&scratch.req_dh_params().to_bytes()).unwrap();
    let g_b = dh::Exponent::random(&mut server.rng).public();
    server.check_refused(&change(&scratch, g_b), Refusal::NotFound);
    server.check_refused(&scratch.set_client_dh_params(0, &g_b), Refusal::NotFound);
}

#[test]
fn a_wrong_number_ends_the_exchange() {
    check_number(|one, _| one.set_client_dh_params(0, &[]));
    check_number(|one, _| one.set_client_dh_params(0, &[1]));
    check_number(|one, _| one.set_client_dh_params(0, dh::PRIME));
    check_number(|one, g_b| one.set_client_dh_params(7, &g_b));
    check_number(|one, g_b| {
        let foreign = types::ClientDhInnerData {
            nonce: [0; 16],
            server_nonce: one.inner.server_nonce,
            retry_id: 0,
            g_b: Bytes::copy_from_slice(&g_b),
        };
        one.set_client_dh_params_with(&foreign)
    });
    check_number(|one, g_b| {
        let mut forged = one.set_client_dh_params(0, &g_b);
        forged[100] ^= 1;
        forged
    });
}

#[test]
fn a_retry_must_name_the_key_that_was_refused() {
    let mut server = Server::new();
    server.keys = Taken(Cell::new(1));
    let scratch = server.begin();
    server.ask(&scratch.req_dh_params().to_bytes()).unwrap();
    let g_b = dh::Exponent::random(&mut server.rng).public();
    let (answer, _) = server.ask(&scratch.set_client_dh_params(0, &g_b)).unwrap();
    assert_eq!(Reader::of(&answer).u32(), Ok(types::DhGenRetry::ID));
    let g_b = dh::Exponent::random(&mut server.rng).public();
    server.check_refused(&scratch.set_client_dh_params(0, &g_b), Refusal::NotFound);
}

#[test]
fn questions_out_of_turn_are_refused() {
    let mut server = Server::new();
    let scratch = server.begin();
    let g_b = dh::Exponent::random(&mut server.rng).public();
    server.check_refused(&scratch.set_client_dh_params(0, &g_b), Refusal::NotFound);
    let scratch = server.begin();
    server.ask(&scratch.req_dh_params().to_bytes()).unwrap();
    let mut other = scratch.req_dh_params();
    other.encrypted_data = vec![1; 256].into();
    server.check_refused(&other.to_bytes(), Refusal::NotFound);
    server.check_refused(b"ping", Refusal::NotFound);
    server.check_refused(b"", Refusal::NotFound);
}

#[test]
fn every_truncation_is_refused_and_harms_nothing() {
    let mut server = Server::new();
    let scratch = server.begin();
    let question = scratch.req_dh_params().to_bytes();
    for len in 0..question.len() {
        server.check_refused(&question[..len], Refusal::NotFound);
    }
    server.ask(&question).unwrap();
}

/// Tells what a client makes of an answer at some step.
#[track_caller]
fn check_client(step: usize, expected: HandshakeError, change: impl FnOnce(Bytes) -> Bytes) {
    let mut server = Server::new();
    let mut rng = SeededRandom::new(36);
    let (mut question, mut handshake) = begin(config(None, None, RsaPadding::Pad), &mut rng);
    for _ in 0..step {
        let (answer, _) = server.ask(&question).unwrap();
        match handshake.on_answer(&answer, server.now, &mut rng).unwrap() {
            Progress::Ask(next, state) => (question, handshake) = (next, state),
            Progress::Done(_) => panic!("the exchange has three steps"),
        }
    }
    let (answer, _) = server.ask(&question).unwrap();
    match handshake.on_answer(&change(answer), server.now, &mut rng) {
        Err(error) => assert_eq!(error, expected),
        Ok(_) => panic!("the client was content"),
    }
}

fn flip(at: usize) -> impl FnOnce(Bytes) -> Bytes {
    move |answer| {
        let mut answer = answer.to_vec();
        answer[at] ^= 1;
        answer.into()
    }
}

#[test]
fn a_client_believes_only_what_is_proven() {
    use HandshakeError::{Factors, Forged, Malformed, UnknownKey};
    for step in 0..3 {
        check_client(step, Malformed, flip(0));
        check_client(step, Malformed, flip(4));
        check_client(step, Malformed, |answer| answer.slice(..20));
    }
    check_client(0, UnknownKey, |answer| {
        let res_pq: types::ResPq = read(&answer);
        boxed(&types::ResPq { server_public_key_fingerprints: vec![1, 2], ..res_pq })
    });
    for pq in [&[][..], &[0], &[1], &[7], &[1; 9]] {
        check_client(0, Factors, |answer| {
            let res_pq: types::ResPq = read(&answer);
            boxed(&types::ResPq { pq: Bytes::copy_from_slice(pq), ..res_pq })
        });
    }
    check_client(1, Malformed, flip(20));
    check_client(1, Forged, flip(100));
    check_client(2, Forged, flip(40));
}

#[test]
fn a_client_refuses_weak_numbers() {
    let mut rng = SeededRandom::new(37);
    for g_a in [&[][..], &[1], dh::PRIME] {
        let (question, handshake) = begin(config(None, None, RsaPadding::Pad), &mut rng);
        let mut server = Server::new();
        let (answer, _) = server.ask(&question).unwrap();
        // The secret that the client is about to draw.
        let mut new_nonce = [0; 32];
        let mut scripted = SeededRandom::new(38);
        scripted.fill(&mut new_nonce);
        let progress = handshake.on_answer(&answer, server.now, &mut SeededRandom::new(38));
        let Ok(Progress::Ask(question, handshake)) = progress else { panic!("no question") };
        let req = ReqDhParams::from_bytes(&question).unwrap();
        let offer = boxed(&types::ServerDhInnerData {
            nonce: req.nonce,
            server_nonce: req.server_nonce,
            g: 3,
            dh_prime: Bytes::from_static(dh::PRIME),
            g_a: Bytes::copy_from_slice(g_a),
            server_time: 0,
        });
        let envelope = Envelope::new(&new_nonce, &req.server_nonce);
        let answer = boxed(&types::ServerDhParamsOk {
            nonce: req.nonce,
            server_nonce: req.server_nonce,
            encrypted_answer: envelope.seal(&offer, &mut rng).into(),
        });
        let refused = handshake.on_answer(&answer, server.now, &mut rng).map(|_| ());
        assert_eq!(refused, Err(HandshakeError::Unsafe(dh::Refused::PublicValue)));
    }
}

proptest! {
    #[test]
    fn no_bytes_make_a_side_panic(
        id in prop::sample::select(vec![
            0x6046_9778_u32, 0xbe7e_8ef1, 0xd712_e4be, 0xf504_5f1f, 0x0516_2463, 0xd0e8_075c,
        ]),
        tail in prop::collection::vec(any::<u8>(), 0..400),
    ) {
        let body = Bytes::from([&id.to_le_bytes()[..], &tail].concat());
        let mut server = Server::new();
        let _ = server.ask(&body);
        let mut rng = SeededRandom::new(39);
        let (_, handshake) = begin(config(None, None, RsaPadding::Pad), &mut rng);
        prop_assert!(handshake.on_answer(&body, server.now, &mut rng).is_err());
        let _ = InnerData::parse(&mut Reader::of(&body));
    }
}
