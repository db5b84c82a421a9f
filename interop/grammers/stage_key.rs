//! The key of the cloud on stage, which no client can have compiled in.
//!
//! This file is no part of the actor: the launcher adds it to a copy of `grammers-mtproto`, which
//! looks here for fingerprints that it does not know. Nothing else of the library is touched.

use grammers_crypto::rsa;
use grammers_tl_types::Serializable as _;
use num_bigint::BigUint;
use sha1::{Digest as _, Sha1};

/// The key in the file that `STAGE_KEY` names, if it has the fingerprint.
pub(crate) fn find(fingerprint: i64) -> Option<rsa::Key> {
    let pem = std::fs::read_to_string(std::env::var_os("STAGE_KEY")?).ok()?;
    let der = decode(&pem);
    let (modulus, exponent) = numbers(&der)?;
    if fingerprint_of(modulus, exponent) != fingerprint {
        return None;
    }
    let decimal = |number| BigUint::from_bytes_be(number).to_string();
    rsa::Key::new(&decimal(modulus), &decimal(exponent))
}

/// The bytes between the lines that begin with dashes.
fn decode(pem: &str) -> Vec<u8> {
    const ALPHABET: &str = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut bytes = Vec::new();
    let (mut held, mut bits) = (0_u32, 0);
    for character in pem.lines().filter(|line| !line.starts_with('-')).flat_map(str::chars) {
        let Some(digit) = ALPHABET.find(character) else { continue };
        held = held << 6 | digit as u32;
        bits += 6;
        if bits >= 8 {
            bits -= 8;
            bytes.push((held >> bits) as u8);
        }
    }
    bytes
}

/// PKCS#1: a sequence of two integers.
fn numbers(der: &[u8]) -> Option<(&[u8], &[u8])> {
    let (sequence, _) = element(der, 0x30)?;
    let (modulus, rest) = element(sequence, 0x02)?;
    let (exponent, _) = element(rest, 0x02)?;
    Some((unsigned(modulus), unsigned(exponent)))
}

/// One element with a tag: what is in it, and what comes after it.
fn element(der: &[u8], tag: u8) -> Option<(&[u8], &[u8])> {
    let (&[found, first], rest) = der.split_first_chunk()?;
    let long = if first < 0x80 { 0 } else { usize::from(first & 0x7f) };
    let (length, rest) = rest.split_at_checked(long)?;
    let length = match long {
        0 => usize::from(first),
        _ => length.iter().fold(0, |length, &byte| length << 8 | usize::from(byte)),
    };
    (found == tag).then(|| rest.split_at_checked(length)).flatten()
}

fn unsigned(integer: &[u8]) -> &[u8] {
    integer.strip_prefix(&[0]).unwrap_or(integer)
}

/// The lower half of the hash of both numbers, each as a TL string.
fn fingerprint_of(modulus: &[u8], exponent: &[u8]) -> i64 {
    let strings = [modulus.to_bytes(), exponent.to_bytes()].concat();
    let hash = Sha1::digest(strings);
    i64::from_le_bytes(hash[12..].try_into().expect("a SHA-1 hash has 20 bytes"))
}
