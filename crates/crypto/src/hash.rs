//! The two hashes of the protocol over scattered input, and the comparison that goes with them.

use hmac::{Hmac, KeyInit as _, Mac as _};
use sha1::{Digest, Sha1};
use sha2::Sha256;
use subtle::ConstantTimeEq;

/// SHA-1 of the concatenation of `parts`.
///
/// MTProto still identifies keys and seals the handshake with it; no signature depends on it.
pub fn sha1(parts: &[&[u8]]) -> [u8; 20] {
    digest::<Sha1>(parts).into()
}

/// SHA-256 of the concatenation of `parts`.
pub fn sha256(parts: &[&[u8]]) -> [u8; 32] {
    digest::<Sha256>(parts).into()
}

/// The SHA-256 of each of two short messages.
pub(crate) fn sha256_pair<const N: usize>(a: &[u8; N], b: &[u8; N]) -> [[u8; 32]; 2] {
    #[cfg(target_arch = "x86_64")]
    if let Some(sha_ni) = crate::sha_ni::ShaNi::detect() {
        return sha_ni.pair(a, b);
    }
    [sha256(&[a]), sha256(&[b])]
}

/// HMAC-SHA-256 of the concatenation of `parts`.
pub fn hmac_sha256(key: &[u8], parts: &[&[u8]]) -> [u8; 32] {
    let mut mac = Hmac::<Sha256>::new_from_slice(key).expect("HMAC takes keys of any length");
    parts.iter().for_each(|part| mac.update(part));
    mac.finalize().into_bytes().into()
}

/// Compares two byte strings in a time that depends on their lengths alone.
///
/// Strings of different length are unequal at once: lengths are never secret here.
pub fn constant_time_eq(a: &[u8], b: &[u8]) -> bool {
    a.ct_eq(b).into()
}

/// The sub-array of `bytes` that starts at `offset`; the callers' offsets are constants.
pub(crate) fn slice_array<const N: usize>(bytes: &[u8], offset: usize) -> [u8; N] {
    bytes[offset..offset + N].try_into().expect("the range has N bytes")
}

fn digest<D: Digest>(parts: &[&[u8]]) -> sha1::digest::Output<D> {
    let mut hash = D::new();
    for part in parts {
        hash.update(part);
    }
    hash.finalize()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Random as _, SeededRandom};

    #[test]
    fn hashes_see_only_the_concatenation() {
        // Spec: FIPS 180-4, the example message "abc".
        let sha1_abc = "a9993e364706816aba3e25717850c26c9cd0d89d";
        let sha256_abc = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
        for parts in [&[b"abc".as_slice()][..], &[b"a", b"", b"bc"]] {
            assert_eq!(hex::encode(sha1(parts)), sha1_abc);
            assert_eq!(hex::encode(sha256(parts)), sha256_abc);
        }
    }

    #[test]
    fn a_pair_is_two_hashes() {
        check_pair::<0>();
        check_pair::<1>();
        check_pair::<52>();
        check_pair::<55>();
    }

    fn check_pair<const N: usize>() {
        let mut rng = SeededRandom::new(8);
        for _ in 0..50 {
            let (a, b) = (rng.bytes::<N>(), rng.bytes::<N>());
            assert_eq!(sha256_pair(&a, &b), [sha256(&[&a]), sha256(&[&b])]);
        }
    }

    #[test]
    fn a_mac_sees_the_key_and_the_concatenation() {
        // Spec: RFC 4231, test case 2.
        let expected = "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843";
        let parts: [&[u8]; 3] = [b"what do ya want ", b"", b"for nothing?"];
        assert_eq!(hex::encode(hmac_sha256(b"Jefe", &parts)), expected);
    }

    #[test]
    fn comparison_notices_every_bit_and_the_length() {
        assert!(constant_time_eq(b"", b""));
        assert!(constant_time_eq(b"salt", b"salt"));
        assert!(!constant_time_eq(b"salt", b"sal"));
        for bit in 0..32 {
            let mut other = *b"salt";
            other[bit / 8] ^= 1 << (bit % 8);
            assert!(!constant_time_eq(b"salt", &other), "bit {bit}");
        }
    }
}
