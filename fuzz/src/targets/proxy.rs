//! A proxy's door: greetings in the open and within fake TLS, from strangers and from clients, and the
//! client's own end of fake TLS.
//!
//! The first byte says who comes, the second how what is said is cut. A stranger learns nothing and
//! loses nothing; a client is let in once, with everything that it has said; and all of it does not
//! depend on how it is cut.

use heliogram_crypto::SeededRandom;
use heliogram_ids::{DcId, Timestamp};
use heliogram_mtproto::link::{ClientConfig, ClientLink, ClientTransport, Disguise, LinkLimits};
use heliogram_mtproto::transport::{
    FakeTlsClient, Framing, ProxyDoor, ProxyGreeting, ProxyGuise, ProxyKey, ProxyLimits,
    ProxySecret, ProxyStep,
};

use crate::chunks::chunks;

pub(super) fn check(input: &[u8]) {
    let Some((&[who, pattern], rest)) = input.split_first_chunk() else { return };
    match who & 3 {
        0 => check_stranger(rest, pattern),
        1 => check_client(rest, pattern, who),
        2 => check_hello(rest, pattern, who),
        _ => check_answer(rest, pattern),
    }
}

/// How the door took somebody.
#[derive(Debug, Eq, PartialEq)]
enum Taken {
    Waiting,
    Welcome { dc: i32, said: Vec<u8> },
    Refused,
    Stranger,
    Fault,
}

fn door() -> ProxyDoor {
    let tls = ProxyGuise::Tls { domain: "site.example".to_owned() };
    let keys = [ProxyGuise::Bare, ProxyGuise::Padded, tls];
    let keys = keys.map(|guise| ProxyKey { secret: SECRET, guise }).to_vec();
    let dc_ids = [2, 4].into_iter().filter_map(DcId::new).collect();
    ProxyDoor::new(keys, dc_ids, ProxyLimits { openings_max: 16, ..ProxyLimits::DEFAULT })
}

/// Brings what is said to the door; everything that was said in the clear, if somebody is let in.
fn bring(door: &mut ProxyDoor, said: &[u8], pattern: u8) -> (Taken, Vec<u8>) {
    let mut greeting = ProxyGreeting::default();
    let (mut rng, mut out) = (SeededRandom::new(3), Vec::new());
    let mut pieces = chunks(said, pattern);
    let mut come = 0;
    while let Some(piece) = pieces.next() {
        come += piece.len();
        let mut bytes = piece.to_vec();
        match greeting.handle_bytes(NOW, &mut bytes, door, &mut rng, &mut out) {
            Ok(ProxyStep::More) => {}
            Ok(ProxyStep::Welcome(welcome)) => {
                let (mut lane, mut said) = (welcome.lane, welcome.first);
                for piece in pieces {
                    let mut bytes = piece.to_vec();
                    let Ok(len) = lane.reveal(&mut bytes) else { return (Taken::Fault, out) };
                    said.extend_from_slice(&bytes[..len]);
                }
                return (Taken::Welcome { dc: welcome.dc.get(), said }, out);
            }
            Ok(ProxyStep::Refused) => return (Taken::Refused, out),
            Ok(ProxyStep::Stranger) => {
                assert!(out.is_empty() && !greeting.is_answered(), "a stranger was answered");
                assert_eq!(greeting.into_first(), said[..come], "a stranger lost something");
                return (Taken::Stranger, out);
            }
            Err(_) => {
                assert!(greeting.is_answered(), "a fault before a word was said");
                return (Taken::Fault, out);
            }
        }
    }
    (Taken::Waiting, out)
}

/// Nobody gets in by chance, and everybody is taken the same however he stammers.
fn check_stranger(said: &[u8], pattern: u8) {
    let whole = bring(&mut door(), said, 0);
    assert!(matches!(whole.0, Taken::Stranger | Taken::Waiting), "let in: {whole:?}");
    let cut = bring(&mut door(), said, pattern);
    // What is noise as a whole may have been judged noise by its beginning.
    assert_eq!(cut.0, whole.0, "cut otherwise");
}

fn client(framing: Framing, dc: i16, said: &[u8]) -> Vec<u8> {
    let disguise =
        Disguise::new(framing, dc, Some(SECRET)).expect("framings that can be obfuscated");
    let limits = LinkLimits::DEFAULT;
    let config = ClientConfig { transport: ClientTransport::Obfuscated(disguise), limits };
    let mut rng = SeededRandom::new(said.len() as u64);
    let mut link = ClientLink::new(&config, &mut rng);
    let mut out = Vec::new();
    link.poll_transmit(&mut out);
    out
}

/// A client that knows the secret, and then says anything.
fn check_client(noise: &[u8], pattern: u8, who: u8) {
    let framing = Framing::ALL[usize::from(who >> 2) % 3];
    let dc = [2, -4, 10_002, 7][usize::from(who >> 4) & 3];
    let said = [client(framing, dc, noise), noise.to_vec()].concat();
    let mut door = door();
    let (taken, out) = bring(&mut door, &said, pattern);
    match (&taken, dc) {
        (Taken::Refused, 7) => assert!(!out.is_empty(), "refused without a word"),
        (Taken::Welcome { dc: named, said: heard }, _) => {
            assert_eq!(*named, i32::from(dc.unsigned_abs() % 10_000));
            let preamble = if framing == Framing::Abridged { 1 } else { 4 };
            assert_eq!(heard.len(), preamble + noise.len(), "something was lost");
        }
        (taken, _) => panic!("{taken:?}"),
    }
    assert_eq!(bring(&mut door, &said, 0).0, Taken::Stranger, "a recording was let in");
    assert_eq!(bring(&mut self::door(), &said, 0), (taken, out), "cut otherwise");
}

/// A client that says hello as it should, is answered, and goes on with anything.
fn check_hello(noise: &[u8], pattern: u8, who: u8) {
    let mut said = Vec::new();
    let mut rng = SeededRandom::new(5);
    let mut tls = FakeTlsClient::start(SECRET, "site.example", NOW, &mut rng, &mut said);
    let hello_len = said.len();
    if who & 4 != 0 {
        said.extend_from_slice(noise);
    } else {
        let inner = [client(Framing::Padded, 2, noise), noise.to_vec()].concat();
        let mut rest = &inner[..];
        // The answer is not waited for, since it is the same whatever follows.
        while !rest.is_empty() {
            rest = &rest[tls.seal(rest, &mut said)..];
        }
    }
    let (taken, mut out) = bring(&mut door(), &said, pattern);
    match &taken {
        Taken::Welcome { dc, said } => {
            assert_eq!(*dc, 2);
            assert!(who & 4 != 0 || said.len() == 4 + noise.len(), "something was lost");
        }
        taken => assert!(who & 4 != 0, "{taken:?}"),
    }
    assert_eq!(bring(&mut door(), &said, 0).0, taken, "cut otherwise");
    let opened = tls.open(&mut out);
    assert!(opened.is_ok() && tls.is_open(), "the answer to {hello_len} bytes: {opened:?}");
}

/// A server that knows no secret and answers with anything is not taken for the proxy.
fn check_answer(answer: &[u8], pattern: u8) {
    let mut ends = [0, pattern, 1].into_iter().map(|pattern| {
        let mut rng = SeededRandom::new(5);
        let mut tls = FakeTlsClient::start(SECRET, "a", NOW, &mut rng, &mut Vec::new());
        let mut pieces = chunks(answer, pattern);
        let is_fault = pieces.any(|piece| tls.open(&mut piece.to_vec()).is_err());
        assert!(!tls.is_open(), "an answer was forged");
        is_fault
    });
    let whole = ends.next();
    assert!(ends.all(|end| Some(end) == whole), "cut otherwise");
}

pub(super) fn seeds() -> Vec<Vec<u8>> {
    let mut hello = vec![0, 3];
    let mut rng = SeededRandom::new(6);
    let other = ProxySecret([1; 16]);
    FakeTlsClient::start(other, "site.example", NOW, &mut rng, &mut hello);
    let mut answer =
        vec![3, 9, 0x16, 3, 3, 0, 4, 1, 2, 3, 4, 0x14, 3, 3, 0, 1, 1, 0x17, 3, 3, 0, 40];
    answer.resize(answer.len() + 40, 1);
    let bare = [&[0, 9][..], &[0x55; 70]].concat();
    let records = [&[2 | 4, 9][..], &[0x14, 3, 3, 0, 1, 1, 0x17, 3, 3, 0, 64], &[7; 64]].concat();
    let said = |who: u8| [&[who, 7][..], b"anything at all"].concat();
    vec![hello, answer, bare, records, said(1), said(1 | 8 | 48), said(1 | 4 | 16), said(2)]
}

const NOW: Timestamp = Timestamp::from_secs(1_700_000_000);
const SECRET: ProxySecret = ProxySecret([9; 16]);
