//! P3 to P6: whole messages, from the message key to the last block.

use std::convert::Infallible;
use std::hint::black_box;

use aes::Aes256;
use aes::cipher::{Array, BlockCipherEncrypt as _, KeyInit as _};
use heliogram_crypto::batch::{self, Unsealed};
use heliogram_crypto::{AuthKey, Random as _, SeededRandom, Side, aes_ige, constant_time_eq, kdf};
use sha2::{Digest as _, Sha256};

use super::letter::{Sealing, middle};
use super::tdlib::{self, Openssl};
use crate::Trouble;
use crate::rounds::race;
use crate::row::{Bar, Outcome, Row, Unit};

const LARGE: usize = 16 << 10;
const SMALL: usize = 256;
const BATCH: usize = 16;
const CRATES: &str = "sha2 and aes crates";

pub(super) fn rows() -> Result<Vec<Row>, Trouble> {
    let mut rng = SeededRandom::new(3);
    let key = AuthKey::new(rng.bytes());
    let openssl = Openssl::fetch()?;
    agree(&openssl, &key, &mut rng)?;
    let mut rows = vec![opening(&key)];
    rows.extend(many(&openssl, &key));
    rows.extend(small(&openssl, &key));
    Ok(rows)
}

/// P3. Decrypting goes on with bytes that were decrypted before: they cost the same, and a copy of
/// sealed ones would be measured along.
fn opening(key: &AuthKey) -> Row {
    let (mut data, mut alone) = (vec![0; LARGE], vec![0; LARGE]);
    let msg_key = [7; 16];
    let (aes_key, aes_iv) = kdf::v2(key, &msg_key, Side::Client);
    let times = race(&mut [
        &mut || {
            black_box(open(key, &msg_key, black_box(&mut data)));
        },
        &mut || aes_ige::decrypt(black_box(&mut alone), &aes_key, &aes_iv),
    ]);
    Row {
        target: "P3",
        what: "decrypt and verify 16 KB",
        outcome: Outcome::Measured {
            ours: Unit::Nanos.of(times.nanos(0)),
            partner: "our IGE alone",
            theirs: Unit::Nanos.of(times.nanos(1)),
            figure: Unit::Times.of(times.ratio(0, 1)),
            bar: Bar::AtMost(1.25),
        },
    }
}

/// P4 and P5.
fn many(openssl: &Openssl, key: &AuthKey) -> [Row; 3] {
    let mut ours = vec![vec![0; LARGE]; BATCH];
    let (mut serial, mut theirs, mut tdlibs) = (ours.clone(), ours.clone(), ours.clone());
    let times = race(&mut [
        &mut || seal_together(key, &mut ours),
        &mut || tdlibs.iter_mut().for_each(|data| keep(seal_like_tdlib(openssl, key, data))),
        &mut || theirs.iter_mut().for_each(|data| keep(seal_with_crates(key, data))),
        &mut || serial.iter_mut().for_each(|data| keep(seal(key, data))),
    ]);
    let what = "16 messages of 16 KB, hash and encrypt";
    let alone = Row {
        target: "P4",
        what,
        outcome: Outcome::Measured {
            ours: Unit::Nanos.of(times.nanos(0)),
            partner: "ours, one by one",
            theirs: Unit::Nanos.of(times.nanos(3)),
            figure: Unit::Times.of(times.ratio(3, 0)),
            bar: Bar::AtLeast(2.5),
        },
    };
    let [tdlib, crates] = against_others("P5", what, &times, [3.5, 4.5]);
    [alone, tdlib, crates]
}

fn seal_together(key: &AuthKey, messages: &mut [Vec<u8>]) {
    let mut messages: Vec<Unsealed<'_>> =
        messages.iter_mut().map(|data| Unsealed { key, from: Side::Client, data }).collect();
    black_box(batch::seal_v2(&mut messages));
}

fn small(openssl: &Openssl, key: &AuthKey) -> [Row; 2] {
    let [mut ours, mut tdlibs, mut theirs] = [(); 3].map(|()| vec![0; SMALL]);
    let times = race(&mut [
        &mut || keep(seal(key, black_box(&mut ours))),
        &mut || keep(seal_like_tdlib(openssl, key, black_box(&mut tdlibs))),
        &mut || keep(seal_with_crates(key, black_box(&mut theirs))),
    ]);
    against_others("P6", "256-byte message, hash and encrypt", &times, [3.0, 1.5])
}

/// Ours came first, then TDLib's pattern, then the crates.
fn against_others(
    target: &'static str,
    what: &'static str,
    times: &crate::rounds::Times,
    bars: [f64; 2],
) -> [Row; 2] {
    let row = |partner, at: usize| Row {
        target,
        what,
        outcome: Outcome::Measured {
            ours: Unit::Nanos.of(times.nanos(0)),
            partner,
            theirs: Unit::Nanos.of(times.nanos(at)),
            figure: Unit::Times.of(times.ratio(at, 0)),
            bar: Bar::AtLeast(bars[at - 1]),
        },
    };
    [row(tdlib::NAME, 1), row(CRATES, 2)]
}

/// Lets the compiler believe that somebody looks at the message key.
fn keep(msg_key: [u8; 16]) {
    black_box(msg_key);
}

/// All ways of sealing must agree, and what is sealed must open, before anybody is timed.
fn agree(openssl: &Openssl, key: &AuthKey, rng: &mut SeededRandom) -> Result<(), Trouble> {
    for len in [SMALL, LARGE] {
        let mut plain = vec![0; len];
        rng.fill(&mut plain);
        let (mut ours, mut theirs, mut tdlibs) = (plain.clone(), plain.clone(), plain.clone());
        let msg_key = seal(key, &mut ours);
        if seal_with_crates(key, &mut theirs) != msg_key || ours != theirs {
            return Err("sealing: the crates seal differently".into());
        }
        if openssl.seal(key, &mut tdlibs)? != msg_key || ours != tdlibs {
            return Err("sealing: TDLib's pattern seals differently".into());
        }
        if !open(key, &msg_key, &mut ours) || ours != plain {
            return Err("sealing: what was sealed does not open".into());
        }
        let mut together = vec![plain.clone(); BATCH];
        seal_together(key, &mut together);
        if together.iter().any(|data| *data != theirs) {
            return Err("sealing: many at once differ from one".into());
        }
    }
    Ok(())
}

/// What the data centre does to every message that it sends; the sender is a client here.
fn seal(key: &AuthKey, plaintext: &mut [u8]) -> [u8; 16] {
    let msg_key = middle(&kdf::msg_key_large(key, plaintext, Side::Client));
    let (aes_key, aes_iv) = kdf::v2(key, &msg_key, Side::Client);
    aes_ige::encrypt(plaintext, &aes_key, &aes_iv);
    msg_key
}

/// And to every message that it receives.
fn open(key: &AuthKey, msg_key: &[u8; 16], data: &mut [u8]) -> bool {
    constant_time_eq(&middle(&kdf::decrypt_v2(key, msg_key, data, Side::Client)), msg_key)
}

/// The same by the letter of the specification, with the usual crates and block by block.
fn seal_with_crates(key: &AuthKey, plaintext: &mut [u8]) -> [u8; 16] {
    let Ok(Sealing { msg_key, aes_key, aes_iv }) = Sealing::new(key, plaintext, sha256);
    let cipher = Aes256::new(&Array::from(aes_key));
    let (mut output, mut input) = ([0; 16], [0; 16]);
    output.copy_from_slice(&aes_iv[..16]);
    input.copy_from_slice(&aes_iv[16..]);
    for block in plaintext.as_chunks_mut::<16>().0 {
        let plain = *block;
        let mut state = Array::from(xor(plain, output));
        cipher.encrypt_block(&mut state);
        output = xor(state.into(), input);
        input = plain;
        *block = output;
    }
    msg_key
}

fn seal_like_tdlib(openssl: &Openssl, key: &AuthKey, plaintext: &mut [u8]) -> [u8; 16] {
    openssl.seal(key, plaintext).expect("it did before")
}

fn sha256(first: &[u8], second: &[u8]) -> Result<[u8; 32], Infallible> {
    Ok(Sha256::new().chain_update(first).chain_update(second).finalize().into())
}

fn xor(a: [u8; 16], b: [u8; 16]) -> [u8; 16] {
    std::array::from_fn(|at| a[at] ^ b[at])
}
