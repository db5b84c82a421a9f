//! Clients, strangers and players of recordings at a proxy's door.

use std::time::Duration;

use heliogram_crypto::SeededRandom;
use heliogram_ids::{DcId, Timestamp};
use proptest::prelude::*;

use super::*;
use crate::Fault;
use crate::transport::fake_tls::FakeTlsClient;
use crate::transport::obfuscated::{Obfuscation, PREAMBLE_BYTES};
use crate::transport::{Framing, ProxySecret};

const NOW: Timestamp = Timestamp::from_secs(1_700_000_000);
const SECRET: ProxySecret = ProxySecret([9; 16]);
const DOMAIN: &str = "site.example";

fn key(guise: ProxyGuise) -> ProxyKey {
    ProxyKey { secret: SECRET, guise }
}

fn tls() -> ProxyGuise {
    ProxyGuise::Tls { domain: DOMAIN.to_owned() }
}

fn door(guises: &[ProxyGuise]) -> ProxyDoor {
    // A key before it that nobody knows, so that the first is never the right one by chance.
    let other =
        |guise: &ProxyGuise| ProxyKey { secret: ProxySecret([1; 16]), guise: guise.clone() };
    let keys = guises.iter().flat_map(|guise| [other(guise), key(guise.clone())]).collect();
    let dc_ids = [2, 4].map(|id| DcId::new(id).unwrap()).to_vec();
    ProxyDoor::new(keys, dc_ids, ProxyLimits { openings_max: 100, ..ProxyLimits::DEFAULT })
}

/// Brings bytes to the door in pieces, until it has made up its mind.
fn bring(
    greeting: &mut ProxyGreeting,
    door: &mut ProxyDoor,
    bytes: &[u8],
    chunk: usize,
) -> (Result<ProxyStep, Fault>, Vec<u8>) {
    let (mut rng, mut out) = (SeededRandom::new(3), Vec::new());
    for piece in bytes.to_vec().chunks_mut(chunk) {
        let step = greeting.handle_bytes(NOW, piece, door, &mut rng, &mut out);
        if !matches!(step, Ok(ProxyStep::More)) {
            return (step, out);
        }
    }
    (Ok(ProxyStep::More), out)
}

fn first_word(door: &mut ProxyDoor, bytes: &[u8]) -> ProxyStep {
    bring(&mut ProxyGreeting::default(), door, bytes, usize::MAX).0.unwrap()
}

/// A client's stream, and its key streams.
fn preamble(framing: Framing, dc: i16, seed: u64) -> (Obfuscation, [u8; PREAMBLE_BYTES]) {
    let mut rng = SeededRandom::new(seed);
    Obfuscation::start(framing.tag().unwrap(), dc, Some(&SECRET), &mut rng)
}

fn said(mut streams: Obfuscation, preamble: &[u8], text: &[u8]) -> (Obfuscation, Vec<u8>) {
    let mut text = text.to_vec();
    streams.disguise(&mut text);
    (streams, [preamble, &text].concat())
}

#[track_caller]
fn check_bare(guise: ProxyGuise, framing: Framing, dc: i16, expected: Option<i32>) {
    for chunk in [1, 63, 64, 65, 4096] {
        let mut door = door(&[tls(), guise.clone()]);
        let (streams, preamble) = preamble(framing, dc, 1);
        let (mut streams, bytes) = said(streams, &preamble, b"hello");
        let mut greeting = ProxyGreeting::default();
        let (step, out) = bring(&mut greeting, &mut door, &bytes, chunk);
        let welcome = match (step.unwrap(), expected) {
            (ProxyStep::Welcome(welcome), Some(_)) => welcome,
            (ProxyStep::Stranger, None) => continue,
            (step, _) => panic!("{step:?}"),
        };
        assert_eq!(Some(welcome.dc.get()), expected);
        assert!(welcome.first.starts_with(framing.preamble()));
        assert!(b"hello".starts_with(&welcome.first[framing.preamble().len()..]));
        assert!(out.is_empty());
        let mut lane = welcome.lane;
        let mut answer = Vec::new();
        assert_eq!(lane.disguise(b"answer", &mut answer), 6);
        streams.reveal(&mut answer);
        assert_eq!(answer, b"answer");
    }
}

#[test]
fn a_client_with_the_secret_is_let_in() {
    for framing in [Framing::Abridged, Framing::Intermediate, Framing::Padded] {
        check_bare(ProxyGuise::Bare, framing, 2, Some(2));
    }
    check_bare(ProxyGuise::Padded, Framing::Padded, -4, Some(4));
    check_bare(ProxyGuise::Padded, Framing::Padded, 10_002, Some(2));
}

#[test]
fn a_padded_secret_wants_padded_frames() {
    check_bare(ProxyGuise::Padded, Framing::Abridged, 2, None);
    check_bare(ProxyGuise::Padded, Framing::Intermediate, 2, None);
}

#[test]
fn an_unknown_data_centre_is_an_error_that_the_client_understands() {
    for dc in [0, 1, 3, -3, 10_003, i16::MIN, i16::MAX] {
        let (mut streams, preamble) = preamble(Framing::Padded, dc, 2);
        let mut door = door(&[ProxyGuise::Padded]);
        let (step, mut out) = bring(&mut ProxyGreeting::default(), &mut door, &preamble, 64);
        assert!(matches!(step, Ok(ProxyStep::Refused)), "{step:?}");
        streams.reveal(&mut out);
        assert_eq!(out, [&[4, 0, 0, 0][..], &(-444_i32).to_le_bytes()].concat());
    }
}

#[test]
fn a_recording_is_a_stranger() {
    let mut door = door(&[ProxyGuise::Padded, tls()]);
    let (_, preamble) = preamble(Framing::Padded, 2, 3);
    assert!(matches!(first_word(&mut door, &preamble), ProxyStep::Welcome(_)));
    assert!(matches!(first_word(&mut door, &preamble), ProxyStep::Stranger));
    let hello = hello(SECRET, NOW);
    assert!(matches!(first_word(&mut door, &hello), ProxyStep::More));
    assert!(matches!(first_word(&mut door, &hello), ProxyStep::Stranger));
}

#[test]
fn strangers_are_known_as_early_as_can_be() {
    let (mut both, mut only_tls) = (door(&[ProxyGuise::Bare, tls()]), door(&[tls()]));
    for first in
        [&b"GET / HTTP/1.1\r\n\r\n"[..], b"POST", b"\xef", &[0xee; 4], &[7, 0, 0, 1, 0, 0, 0, 0]]
    {
        assert!(matches!(first_word(&mut both, first), ProxyStep::Stranger), "{first:?}");
    }
    assert!(matches!(first_word(&mut both, b"SSH-2.0-x\r\n"), ProxyStep::More));
    assert!(matches!(first_word(&mut only_tls, b"SSH-2.0-x\r\n"), ProxyStep::Stranger));
    assert!(matches!(first_word(&mut only_tls, &[0x16, 3]), ProxyStep::More));
    assert!(matches!(first_word(&mut only_tls, &[0x16, 3, 3]), ProxyStep::Stranger));
    assert!(matches!(first_word(&mut only_tls, &[0x16, 3, 1, 0, 4]), ProxyStep::Stranger));
    assert!(matches!(first_word(&mut only_tls, &[0x16, 3, 1, 0xff, 0]), ProxyStep::Stranger));
}

#[test]
fn what_a_stranger_said_is_kept() {
    let mut greeting = ProxyGreeting::default();
    let (step, _) = bring(&mut greeting, &mut door(&[tls()]), b"GET / HTTP/1.1\r\n", 3);
    assert!(matches!(step, Ok(ProxyStep::Stranger)));
    assert_eq!(greeting.into_first(), b"GET");
}

fn hello(secret: ProxySecret, at: Timestamp) -> Vec<u8> {
    let mut hello = Vec::new();
    let mut rng = SeededRandom::new(at.nanos());
    let _ = FakeTlsClient::start(secret, DOMAIN, at, &mut rng, &mut hello);
    hello
}

#[test]
fn a_hello_proves_the_secret_and_the_time() {
    let skew = ProxyLimits::DEFAULT.clock_skew_max;
    let mut door = door(&[tls()]);
    for (at, is_known) in [
        (NOW, true),
        (NOW + skew, true),
        (NOW - skew, true),
        (NOW + skew + Duration::from_secs(1), false),
        (NOW - skew - Duration::from_secs(1), false),
    ] {
        let step = first_word(&mut door, &hello(SECRET, at));
        assert_eq!(matches!(step, ProxyStep::More), is_known, "{step:?}");
        assert_eq!(matches!(step, ProxyStep::Stranger), !is_known, "{step:?}");
    }
    let foreign = hello(ProxySecret([8; 16]), NOW);
    assert!(matches!(first_word(&mut door, &foreign), ProxyStep::Stranger));
    let mut damaged = hello(SECRET, NOW + Duration::from_secs(2));
    let last = damaged.len() - 1;
    damaged[last] ^= 1;
    assert!(matches!(first_word(&mut door, &damaged), ProxyStep::Stranger));
}

#[test]
fn a_whole_session_passes_through_fake_tls() {
    for chunk in [1, 5, 64, 4096] {
        let mut rng = SeededRandom::new(5);
        let mut door = door(&[tls()]);
        let mut greeting = ProxyGreeting::default();
        let mut hello = Vec::new();
        let mut client = FakeTlsClient::start(SECRET, DOMAIN, NOW, &mut rng, &mut hello);
        let (step, mut answer) = bring(&mut greeting, &mut door, &hello, chunk);
        assert!(matches!(step, Ok(ProxyStep::More)), "{step:?}");
        for piece in answer.chunks_mut(chunk) {
            assert_eq!(client.open(piece), Ok(0));
        }
        assert!(client.is_open());

        let (mut streams, preamble) = preamble(Framing::Padded, 4, 6);
        let mut bytes = Vec::new();
        assert_eq!(client.seal(&preamble, &mut bytes), 64);
        let (step, out) = bring(&mut greeting, &mut door, &bytes, chunk);
        let Ok(ProxyStep::Welcome(Welcome { dc, first, mut lane })) = step else {
            panic!("{step:?}")
        };
        assert_eq!((dc.get(), first.as_slice(), out.len()), (4, Framing::Padded.preamble(), 0));

        let (mut said, mut bytes) = (vec![7; 20_000], Vec::new());
        streams.disguise(&mut said);
        let mut rest = &said[..];
        while !rest.is_empty() {
            rest = &rest[client.seal(rest, &mut bytes)..];
        }
        let mut heard = Vec::new();
        for piece in bytes.chunks_mut(chunk) {
            let len = lane.reveal(piece).unwrap();
            heard.extend_from_slice(&piece[..len]);
        }
        assert_eq!(heard, vec![7; 20_000]);

        let mut back = Vec::new();
        assert_eq!(lane.disguise(b"answer", &mut back), 6);
        let mut heard = Vec::new();
        for piece in back.chunks_mut(chunk) {
            let len = client.open(piece).unwrap();
            heard.extend_from_slice(&piece[..len]);
        }
        streams.reveal(&mut heard);
        assert_eq!(heard, b"answer");
    }
}

#[test]
fn the_answer_has_the_form_of_a_tls_server_that_took_the_clients_offer() {
    let hello = hello(SECRET, NOW);
    let (_, answer) = bring(&mut ProxyGreeting::default(), &mut door(&[tls()]), &hello, 4096);
    let (server_hello, rest) = answer.split_at(127);
    assert_eq!(server_hello[..11], [0x16, 3, 3, 0, 122, 2, 0, 0, 118, 3, 3]);
    assert_eq!(server_hello[43..76], hello[43..76], "the session id is repeated");
    assert_eq!(server_hello[76..79], [0x13, 1, 0]);
    assert!(hello.windows(2).any(|suite| suite == [0x13, 1]), "the client offered the suite");
    assert_eq!(server_hello[127 - 36..][..4], [0, 29, 0, 32], "a key of 32 bytes on curve 25519");
    assert_eq!(rest[..9], [0x14, 3, 3, 0, 1, 1, 0x17, 3, 3]);
    let flight_len = u16::from_be_bytes([rest[9], rest[10]]);
    assert_eq!(usize::from(flight_len), rest.len() - 11);
    assert!((2200..4300).contains(&flight_len), "{flight_len}");
}

#[test]
fn a_client_knows_a_proxy_by_its_answer() {
    let (mut rng, mut hello) = (SeededRandom::new(7), Vec::new());
    let mut client = FakeTlsClient::start(SECRET, DOMAIN, NOW, &mut rng, &mut hello);
    let (_, answer) = bring(&mut ProxyGreeting::default(), &mut door(&[tls()]), &hello, 4096);
    let mut forged = answer.clone();
    let last = forged.len() - 1;
    forged[last] ^= 1;
    assert!(client.open(&mut forged).is_err());
    let mut client = FakeTlsClient::start(SECRET, DOMAIN, NOW, &mut rng, &mut Vec::new());
    assert!(client.open(&mut answer.clone()).is_err(), "an answer to somebody else");
}

#[test]
fn a_session_without_a_client_in_it_is_closed() {
    let mut greeting = ProxyGreeting::default();
    let mut door = door(&[tls()]);
    let (_, out) = bring(&mut greeting, &mut door, &hello(SECRET, NOW), 4096);
    assert!(!out.is_empty());
    let nonsense = [&[0x17, 3, 3, 0, 64][..], &[7; 64]].concat();
    assert!(bring(&mut greeting, &mut door, &nonsense, 7).0.is_err());
}

#[test]
fn a_client_that_goes_on_in_nonsense_is_answered_however_its_words_are_cut() {
    let mut said = Vec::new();
    FakeTlsClient::start(SECRET, DOMAIN, NOW, &mut SeededRandom::new(4), &mut said);
    let hello_len = said.len();
    said.extend_from_slice(b"no record of TLS");
    for chunk in [said.len(), hello_len, 7] {
        let mut greeting = ProxyGreeting::default();
        let (step, out) = bring(&mut greeting, &mut door(&[tls()]), &said, chunk);
        assert!(step.is_err() && greeting.is_answered(), "in pieces of {chunk}: {step:?}");
        assert!(!out.is_empty());
    }
}

proptest! {
    #[test]
    fn nothing_a_stranger_says_is_answered(
        head in prop_oneof![Just(vec![]), Just(vec![0x16, 3, 1, 2, 0]), Just(vec![0x16, 3, 1, 0, 90, 1, 0, 0, 86, 3, 3])],
        tail in proptest::collection::vec(any::<u8>(), 0..700),
        chunk in 1_usize..100,
    ) {
        let bytes = [head, tail].concat();
        let mut door = door(&[ProxyGuise::Padded, tls()]);
        let (step, out) = bring(&mut ProxyGreeting::default(), &mut door, &bytes, chunk);
        prop_assert!(matches!(step, Ok(ProxyStep::More | ProxyStep::Stranger)));
        prop_assert!(out.is_empty());
    }

    #[test]
    fn a_damaged_hello_is_no_proof(at in 0_usize..517, flip in 1_u8..) {
        let mut bytes = hello(SECRET, NOW);
        bytes[at] ^= flip;
        let mut door = door(&[tls()]);
        let (step, out) = bring(&mut ProxyGreeting::default(), &mut door, &bytes, 4096);
        // The last bytes of the random hold the time, of which the lowest bits may be off.
        let is_clock = (39..43).contains(&at);
        prop_assert!(is_clock || matches!(step, Ok(ProxyStep::More | ProxyStep::Stranger)));
        prop_assert!(is_clock || out.is_empty());
    }
}
