//! Requests of people and bots to a whole data centre in memory, as they come off the wire.
//!
//! The input is a row of requests: who asks, how long the request is, and its bytes. Handlers answer or
//! refuse, and what they answer is a result of the function that was called, as an independent reader
//! of the schema sees it; and afterwards everybody can still be told what has happened.

use std::sync::LazyLock;
use std::time::Duration;

use heliogram_dc::fuzzing::{Cloud, Outcome};
use heliogram_testkit::strict::{Known, Sampler, Schema, Value, object};
use heliogram_tl::layer::function_name;
use heliogram_tl::{Encode as _, Function, LAYER, updates};

static NEWEST: LazyLock<Schema> =
    LazyLock::new(|| Schema::of_layer(u32::try_from(LAYER).expect("layers count upwards")));

pub(super) fn check(input: &[u8]) {
    let mut cloud = Cloud::new();
    let mut rest = input;
    for _ in 0..REQUESTS_MAX {
        let Some((&[who, low, high], behind)) = rest.split_first_chunk() else { break };
        let len = usize::from(u16::from_le_bytes([low, high & 15]));
        let (request, behind) = behind.split_at(len.min(behind.len()));
        rest = behind;
        let asks = match who & 3 {
            3 => None,
            who => Some(usize::from(who)),
        };
        let request = introduced(&cloud, asks.unwrap_or(0), request);
        check_outcome(cloud.ask(asks, &request.into()));
        cloud.wait(Duration::from_millis(u64::from(who >> 2) * 100));
    }
    for who in 0..3 {
        check_outcome(must_answer(cloud.ask(Some(who), &difference().into())));
    }
}

fn difference() -> Vec<u8> {
    let all = updates::GetDifference { pts: 1, date: 1, qts: 1, ..Default::default() };
    all.to_bytes()
}

fn must_answer(outcome: Outcome) -> Outcome {
    let id = updates::GetDifference::ID;
    assert!(matches!(outcome, Outcome::Answer(answered, _) if answered == id), "{outcome:?}");
    outcome
}

fn check_outcome(outcome: Outcome) {
    match outcome {
        Outcome::Parked => {}
        Outcome::Error(code, text) => {
            // Telegram counts this one among the server's faults.
            let is_refusal = (303..=420).contains(&code) || text == "RANDOM_ID_DUPLICATE";
            assert!(is_refusal, "{code} {text}");
            let is_spelt =
                |byte: u8| byte.is_ascii_uppercase() || byte.is_ascii_digit() || byte == b'_';
            assert!(!text.is_empty() && text.bytes().all(is_spelt), "{text}");
        }
        Outcome::Answer(id, answer) => {
            let name = function_name(id).expect("a function that was called");
            let read = NEWEST.read_result(name, &answer.into());
            assert!(read.is_ok(), "{name}: {}", read.unwrap_err());
        }
    }
}

/// The request with the hashes by which its sender may name people, which nobody could guess.
fn introduced(cloud: &Cloud, who: usize, request: &[u8]) -> Vec<u8> {
    let mut request = request.to_vec();
    for at in (0..request.len().saturating_sub(19)).step_by(4) {
        let word =
            |at: usize| request[at..at + 4].first_chunk().map(|word| u32::from_le_bytes(*word));
        if !word(at).is_some_and(|id| NAMES_SOMEBODY.contains(&id)) {
            continue;
        }
        let user_id = request[at + 4..at + 12].first_chunk().map(|id| i64::from_le_bytes(*id));
        // Few people are here: any number means one of them.
        let accounts = cloud.accounts();
        let user_id = accounts[(user_id.unwrap_or(0).unsigned_abs() % 3) as usize];
        if let Some(hash) = cloud.hash(who, user_id) {
            request[at + 4..at + 12].copy_from_slice(&user_id.to_le_bytes());
            request[at + 12..at + 20].copy_from_slice(&hash.to_le_bytes());
        }
    }
    request
}

pub(super) fn seeds() -> Vec<Vec<u8>> {
    let user =
        |n: i64| object("inputPeerUser", [("user_id", n.into()), ("access_hash", 1_i64.into())]);
    let mut known = Known::default();
    let peers = vec![object("inputPeerSelf", []), user(0), user(1), user(2)];
    known.of_type.insert("InputPeer", peers);
    let person =
        |n: i64| object("inputUser", [("user_id", n.into()), ("access_hash", 1_i64.into())]);
    known.of_type.insert("InputUser", vec![object("inputUserSelf", []), person(0), person(2)]);
    known.of_field.insert("id", vec![1.into(), 2.into(), Value::from(3)]);
    known.of_field.insert("msg_id", vec![1.into(), 2.into()]);
    let mut seeds = Vec::new();
    for (seed, (function, _)) in (0..).zip(heliogram_dc::coverage()) {
        let mut sampler = Sampler::new(&NEWEST, &known, seed);
        let mut input = Vec::new();
        // Something to be asked about, then the request in two forms, by two people.
        let hello = [("peer", user(1)), ("message", "hello".into()), ("random_id", 7_i64.into())];
        push(&mut input, 0, &NEWEST.call("messages.sendMessage", &hello));
        for who in [0, 1] {
            push(&mut input, who, &sampler.call(function));
        }
        seeds.push(input);
    }
    seeds
}

fn push(input: &mut Vec<u8>, who: u8, request: &[u8]) {
    let len = u16::try_from(request.len().min(4095)).unwrap_or(0);
    input.push(who);
    input.extend_from_slice(&len.to_le_bytes());
    input.extend_from_slice(&request[..usize::from(len)]);
}

const REQUESTS_MAX: usize = 12;

/// `inputPeerUser` and `inputUser`: an id and a hash follow.
const NAMES_SOMEBODY: [u32; 2] = [0xdde8_a54c, 0xf211_58c6];
