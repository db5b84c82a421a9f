//! The exchange that the protocol's documentation prints in full, replayed.
//!
//! Spec: mtproto/samples-auth_key

use bytes::Bytes;
use heliogram_crypto::{Random, SeededRandom, dh, kdf, rsa, sha1, sha256};
use heliogram_ids::{Salt, Timestamp};
use heliogram_tl::Reader;
use heliogram_tl::mtproto::types;

use super::client::{HandshakeConfig, Progress, RsaPadding, begin};
use super::envelope::Envelope;
use super::server::boxed;
use super::{Handshake, InnerData};

const NONCE: &str = "15a084b3b9ca2a17f03925f44b78fe68";
const SERVER_NONCE: &str = "d6701fcd212ceb87c966e5318f5564a8";
const NEW_NONCE: &str = "845fad32d10a4c7967da49a89fbe508ad24aa3150992b499b3b2c72cdc0f364c";
const PQ: &str = "1460e7d3fa727791";
const P: &str = "3c2357cf";
const Q: &str = "56bfb29f";
const SERVER_TIME: i32 = 1_705_754_877;
const G_A: &str = "9828b2e4caec188bb94216f5e2db632a17630a21fd00c67465e741d26137c8e2\
                   b757f349d8dd1b62b601642acb9e3b390abf153d3a11615a128ed1d79379d763\
                   c14d2df5cef99c96945c51290c1fd82c4b482078863b2bc7022c7886c21c0f1d\
                   24814c768321c05934303e50ae22cbc83f2a3994bbc3c72e77bf10cdb695cbd8\
                   6655d1bc0a083551e59d0fbfcfa13825a182105a78da35af5a15c064275b6e67\
                   29049c84209b898675c9110adcd1cbb2aab333c05d3e9f70d05fee7c54efce92\
                   7e1b40a719d04d15c7e950eb885e60aaae990231719dbddd84c65b2f3a606fe1\
                   f78dea7c8fad25c1cd7876eb6f5a46270b82d549e31edd3c2dc2f82970a4999c";
const B: &str = "a521c97b9d210812c56055c62fe8c3ce7fc97a75e51d4428f78f7d5f7325fce0\
                 3ff70d99039502fb75059dc40e36cf4f4d7a073937cc6dbc86ab864e7b3f26ef\
                 e833f766856033931bc41f031507dd571fcfebb28f1b3df1577a90c25b95c568\
                 94aab64c681961ac68afa9aadf03752d0e26eadd645a02d7895b64846eb83b3d\
                 dd458d856870cd8c0765b985c1ed50d5d802dde67b159c899898a9b738d1780\
                 2f3d50b83a868738d8502bbe33b8d7fbc3348e3e444352816fd84d300a2a8e21\
                 17cac0eaec654235183187d85548791bf25abfd1ac97eab7fa685f67a57e7bbe\
                 47b96a99b8f34b8eb523c18aee074eabacb6fa9a28a41f4f961f41d86b19f4ec1";

/// A source that yields what it was given, then anything: RSA draws again until a number fits.
struct Scripted(Vec<u8>, SeededRandom);

impl Scripted {
    fn hex(parts: &[&str]) -> Self {
        Self(parts.iter().flat_map(|part| hex(part)).collect(), SeededRandom::new(40))
    }
}

impl Random for Scripted {
    fn fill(&mut self, out: &mut [u8]) {
        self.1.fill(out);
        let len = out.len().min(self.0.len());
        for (byte, scripted) in out.iter_mut().zip(self.0.drain(..len)) {
            *byte = scripted;
        }
    }
}

fn hex(digits: &str) -> Vec<u8> {
    (0..digits.len())
        .step_by(2)
        .map(|at| u8::from_str_radix(&digits[at..at + 2], 16).unwrap())
        .collect()
}

fn array<const N: usize>(digits: &str) -> [u8; N] {
    hex(digits).try_into().unwrap()
}

fn digest(bytes: &[u8]) -> String {
    sha256(&[bytes]).iter().map(|byte| format!("{byte:02x}")).collect()
}

fn server_answer() -> Bytes {
    boxed(&types::ServerDhInnerData {
        nonce: array(NONCE),
        server_nonce: array(SERVER_NONCE),
        g: 3,
        dh_prime: Bytes::from_static(dh::PRIME),
        g_a: hex(G_A).into(),
        server_time: SERVER_TIME,
    })
}

fn envelope() -> Envelope {
    Envelope::new(&array(NEW_NONCE), &array(SERVER_NONCE))
}

#[test]
fn the_proof_has_the_printed_bytes() {
    let inner = InnerData {
        pq: hex(PQ).into(),
        p: hex(P).into(),
        q: hex(Q).into(),
        nonce: array(NONCE),
        server_nonce: array(SERVER_NONCE),
        new_nonce: array(NEW_NONCE),
        dc: Some(2),
        expires_in: None,
    };
    let printed = [
        "955ff5a9081460e7d3fa727791000000043c2357cf0000000456bfb29f000000",
        NONCE,
        SERVER_NONCE,
        NEW_NONCE,
        "02000000",
    ];
    assert_eq!(inner.encode(), hex(&printed.concat()));
}

#[test]
fn the_temporary_key_has_the_printed_bytes() {
    let (key, iv) = kdf::handshake(&array(NEW_NONCE), &array(SERVER_NONCE));
    assert_eq!(
        (key, iv),
        (
            array("d32e4a7f18252ae2b0406b84633e1117833ed75bda40011d1e1700e3e08a8ae7"),
            array("4ffc40d969d49934ed3740ff66d9179947a5e1d85c4c7f15555920c1845fad32"),
        )
    );
}

#[test]
fn the_offer_has_the_printed_bytes() {
    let answer = server_answer();
    assert_eq!(answer.len(), 564);
    assert_eq!(sha1(&[&answer]), array::<20>("adddf2feb5e14f93ee8d3a5181f9d89a39e4439c"));
    let sealed = envelope().seal(&answer, &mut Scripted::hex(&["7607b7374780e1c0"]));
    assert_eq!(sealed.len(), 592);
    assert_eq!(digest(&sealed), "65bcf017b3ac1fb94433812dc74402e481d8cf2311ac06967a65157703ae2bdc");
    let hashed = envelope().open(&sealed).unwrap();
    assert!(hashed.is_whole(answer.len()));
    assert!(!hashed.is_whole(answer.len() - 4) && !hashed.is_whole(answer.len() + 8));
}

/// Asserts that the answer led to a question.
#[track_caller]
fn ask(progress: Progress) -> (Bytes, Handshake) {
    match progress {
        Progress::Ask(question, next) => (question, next),
        Progress::Done(_) => panic!("the exchange is not over"),
    }
}

#[test]
fn a_client_with_the_printed_secrets_makes_the_printed_key() {
    let rsa_key = rsa::PrivateKey::generate(&mut SeededRandom::new(11)).public();
    let config = HandshakeConfig {
        rsa_keys: [rsa_key].into(),
        dc: Some(2),
        expires_in: None,
        padding: RsaPadding::Pad,
    };
    let now = Timestamp::from_secs(1_705_754_870);

    let (question, handshake) = begin(config, &mut Scripted::hex(&[NONCE]));
    assert_eq!(question, [hex("f18e7ebe"), hex(NONCE)].concat());

    // Real servers count random bytes behind the object into the message.
    let mut res_pq = boxed(&types::ResPq {
        nonce: array(NONCE),
        server_nonce: array(SERVER_NONCE),
        pq: hex(PQ).into(),
        server_public_key_fingerprints: vec![1, rsa_key.fingerprint()],
    })
    .to_vec();
    res_pq.resize(0xb8, 0x77);
    let progress = handshake.on_answer(&res_pq.into(), now, &mut Scripted::hex(&[NEW_NONCE]));
    let (question, handshake) = ask(progress.unwrap());
    let printed = [NONCE, SERVER_NONCE, "04", P, "000000", "04", Q, "000000"];
    assert_eq!(question[4..52], hex(&printed.concat()));

    let offer = boxed(&types::ServerDhParamsOk {
        nonce: array(NONCE),
        server_nonce: array(SERVER_NONCE),
        encrypted_answer: envelope()
            .seal(&server_answer(), &mut Scripted::hex(&["7607b7374780e1c0"]))
            .into(),
    });
    let mut rng = Scripted::hex(&[B, "c320374a97c7bb863cff9f97"]);
    let (question, handshake) = ask(handshake.on_answer(&offer, now, &mut rng).unwrap());
    let mut reader = Reader::of(&question);
    reader.take(36).unwrap();
    let encrypted_data = reader.bytes().unwrap();
    assert_eq!(encrypted_data.len(), 336);
    assert_eq!(
        digest(&encrypted_data),
        "adfd9fdd162efeefc52bd6f00e81cd262b1c42485cfd68ee65b1472a5a664077"
    );

    let confirmation = boxed(&types::DhGenOk {
        nonce: array(NONCE),
        server_nonce: array(SERVER_NONCE),
        new_nonce_hash1: array("677f483bb89fd206b244a2d1ac38cb31"),
    });
    match handshake.on_answer(&confirmation, now, &mut rng).unwrap() {
        Progress::Ask(..) => panic!("the exchange is over"),
        Progress::Done(ready) => {
            assert_eq!(ready.auth_key.id().to_le_bytes(), array::<8>("8ae7a271969a9b1f"));
            assert_eq!(
                digest(ready.auth_key.bytes()),
                "deb2631ccf3612ce6aec7e164aa1f06c69f4475891fc409e37de66bc489fd077"
            );
            assert_eq!(ready.salt, Salt(i64::from_le_bytes(array("522fb2fff026a7fe"))));
            assert_eq!(ready.time_offset_secs, 7);
        }
    }
}
