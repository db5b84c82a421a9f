//! What a proxy answers to a hello it recognised: the opening of a TLS 1.3 server, in one piece.

use heliogram_crypto::{Random, sha256, x25519_public_key};

use super::{APPLICATION_DATA, CHANGE_CIPHER_SPEC, ClientHello, digest, random_of_mut};
use crate::transport::ProxySecret;

/// Appends the answer: a hello, "change cipher spec", and noise in place of a certificate.
// Seen: tdlib 2026-07, tdesktop 2025-09 and mtcute 0.30.3 know these three records by their heads
// and check the random of the first against an HMAC over all of them.
pub(crate) fn write_answer(
    hello: &ClientHello<'_>,
    secret: &ProxySecret,
    domain: &str,
    rng: &mut dyn Random,
    out: &mut Vec<u8>,
) {
    let start = out.len();
    out.extend_from_slice(&HELLO_HEAD);
    out.extend_from_slice(&[0; 32]);
    out.push(32);
    out.extend_from_slice(hello.session_id());
    out.extend_from_slice(&CHOICES);
    let mut private = [0; 32];
    rng.fill(&mut private);
    out.extend_from_slice(&x25519_public_key(private));
    debug_assert_eq!(out.len() - start, HELLO_BYTES, "the heads announced the length");
    out.extend_from_slice(&CHANGE_CIPHER_SPEC);
    let flight_len = flight_len(secret, domain, rng);
    out.extend_from_slice(&APPLICATION_DATA);
    out.extend_from_slice(&flight_len.to_be_bytes());
    push_random(out, usize::from(flight_len), rng);

    let answer = out.get_mut(start..).unwrap_or_default();
    let proof = digest(secret, hello.random(), answer);
    if let Some(random) = random_of_mut(answer) {
        *random = proof;
    }
}

/// Length of the encrypted flight: a site always shows the same certificate, under a signature
/// whose length varies by a byte or two.
fn flight_len(secret: &ProxySecret, domain: &str, rng: &mut dyn Random) -> u16 {
    let [a, b, ..] = sha256(&[&secret.0, domain.as_bytes()]);
    let certificate = u16::from_le_bytes([a, b]) % FLIGHT_BYTES_SPREAD;
    let signature = u16::try_from(rng.below(3)).unwrap_or(0);
    FLIGHT_BYTES_MIN + certificate + signature
}

fn push_random(out: &mut Vec<u8>, len: usize, rng: &mut dyn Random) {
    let start = out.len();
    out.resize(start + len, 0);
    rng.fill(out.get_mut(start..).unwrap_or_default());
}

/// Length of the first record of the answer.
const HELLO_BYTES: usize = 127;

/// Heads of the record and of the message in it, and the version.
const HELLO_HEAD: [u8; super::RANDOM_FROM] = [0x16, 3, 3, 0, 0x7a, 2, 0, 0, 0x76, 3, 3];

/// AES-128-GCM, which everybody offers, no compression, and two extensions: TLS 1.3, and a public
/// key on curve 25519, which follows.
const CHOICES: [u8; 19] = [0x13, 1, 0, 0, 46, 0, 43, 0, 2, 3, 4, 0, 51, 0, 36, 0, 29, 0, 32];

/// What the certificates of large sites come to.
const FLIGHT_BYTES_MIN: u16 = 2200;
const FLIGHT_BYTES_SPREAD: u16 = 2000;
