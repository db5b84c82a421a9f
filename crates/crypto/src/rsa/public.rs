//! The half of a server key that is compiled into clients.

use std::fmt;

use crypto_bigint::{Odd, U64, U2048};

use super::pem::{self, KeyError};
use super::{der, padding};
use crate::bignum::{self, Modulus, Residue};
use crate::hash::slice_array;
use crate::{Random, sha1};

/// A public key of 2048 bits.
#[derive(Clone, Copy)]
pub struct PublicKey {
    modulus: Modulus,
    exponent: u64,
}

impl PublicKey {
    /// Reads `RSA PUBLIC KEY` (PKCS#1) or `PUBLIC KEY` (SPKI) armour.
    pub fn from_pem(text: &str) -> Result<Self, KeyError> {
        let armour = pem::parse(text)?;
        let pkcs1 = match armour.label {
            "RSA PUBLIC KEY" => &*armour.body,
            "PUBLIC KEY" => der::parse_spki(&armour.body)?,
            label => return Err(KeyError::Label(label.to_owned())),
        };
        let [modulus, exponent] = der::parse_integers(pkcs1)?;
        Self::from_parts(modulus, exponent)
    }

    /// The key in the armour that clients compile in: PKCS#1.
    pub fn to_pem(&self) -> String {
        pem::render("RSA PUBLIC KEY", &der::render_integers(&[self.n_bytes(), self.e_bytes()]))
    }

    /// By what number a client names the key: the low 64 bits of the SHA-1 of its bare TL object.
    // Spec: core.telegram.org/mtproto/auth_key, step 2.
    pub fn fingerprint(&self) -> i64 {
        let hash = sha1(&[&tl_string(&self.n_bytes()), &tl_string(&self.e_bytes())]);
        i64::from_le_bytes(slice_array(&hash, 12))
    }

    /// Encrypts `data` with `RSA_PAD`.
    ///
    /// # Panics
    /// If `data` is longer than 144 bytes.
    pub fn encrypt_pad(&self, data: &[u8], rng: &mut dyn Random) -> [u8; 256] {
        let padded = padding::pad(data, rng);
        loop {
            let message = U2048::from_be_slice(&padding::mask(&padded, rng));
            // The mask is drawn anew until the number fits: at most every other one does not.
            if message < *self.n() {
                return self.encrypt(&message);
            }
        }
    }

    /// Encrypts `data` with the padding of older clients: SHA-1, data, random bytes.
    ///
    /// # Panics
    /// If `data` is longer than 235 bytes.
    pub fn encrypt_legacy(&self, data: &[u8], rng: &mut dyn Random) -> [u8; 256] {
        loop {
            let message = U2048::from_be_slice(&padding::pad_legacy(data, rng));
            // The number has 2040 bits at most, the modulus 2041 at least.
            if message < *self.n() {
                return self.encrypt(&message);
            }
        }
    }

    pub(super) fn from_parts(modulus: &[u8], exponent: &[u8]) -> Result<Self, KeyError> {
        let modulus = bignum::parse(modulus).ok_or(KeyError::Size)?;
        if modulus.bits_vartime() < 2041 {
            return Err(KeyError::Size);
        }
        let modulus = Odd::new(modulus).into_option().ok_or(KeyError::Inconsistent)?;
        let exponent = bignum::parse(exponent).filter(|exponent| exponent.bits_vartime() <= 64);
        let exponent = exponent.ok_or(KeyError::Exponent)?;
        let exponent = exponent.as_limbs().first().map_or(0, |limb| u64::from(*limb));
        if exponent < 3 || exponent.is_multiple_of(2) {
            return Err(KeyError::Exponent);
        }
        Ok(Self { modulus: Modulus::new_vartime(modulus), exponent })
    }

    /// The bare operation; `message` is less than the modulus.
    pub(super) fn raise(&self, message: &U2048) -> U2048 {
        let power = Residue::new(message, &self.modulus).pow_vartime(&U64::from(self.exponent));
        power.retrieve()
    }

    pub(super) fn modulus(&self) -> &Modulus {
        &self.modulus
    }

    pub(super) fn n(&self) -> &U2048 {
        self.modulus.modulus().as_ref()
    }

    pub(super) fn e(&self) -> u64 {
        self.exponent
    }

    pub(super) fn n_bytes(&self) -> Vec<u8> {
        der::minimal(&bignum::render(self.n())).to_vec()
    }

    pub(super) fn e_bytes(&self) -> Vec<u8> {
        der::minimal(&self.exponent.to_be_bytes()).to_vec()
    }

    fn encrypt(&self, message: &U2048) -> [u8; 256] {
        bignum::render(&self.raise(message))
    }
}

impl PartialEq for PublicKey {
    fn eq(&self, other: &Self) -> bool {
        self.n() == other.n() && self.exponent == other.exponent
    }
}

impl Eq for PublicKey {}

impl fmt::Debug for PublicKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "PublicKey({:016x})", self.fingerprint())
    }
}

/// A TL `string`: one length byte, or 0xfe and three, then the bytes, then zeros up to a word.
fn tl_string(bytes: &[u8]) -> Vec<u8> {
    let len = u32::try_from(bytes.len()).expect("key parts have at most 256 bytes").to_le_bytes();
    let mut string =
        if bytes.len() < 254 { vec![len[0]] } else { vec![0xfe, len[0], len[1], len[2]] };
    string.extend_from_slice(bytes);
    string.resize(string.len().next_multiple_of(4), 0);
    string
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sha256;

    // Seen: grammers-mtproto 0.8.0 compiles in these two keys of the real servers.
    const PRODUCTION: &str = "-----BEGIN RSA PUBLIC KEY-----
MIIBCgKCAQEA6LszBcC1LGzyr992NzE0ieY+BSaOW622Aa9Bd4ZHLl+TuFQ4lo4g
5nKaMBwK/BIb9xUfg0Q29/2mgIR6Zr9krM7HjuIcCzFvDtr+L0GQjae9H0pRB2OO
62cECs5HKhT5DZ98K33vmWiLowc621dQuwKWSQKjWf50XYFw42h21P2KXUGyp2y/
+aEyZ+uVgLLQbRA1dEjSDZ2iGRy12Mk5gpYc397aYp438fsJoHIgJ2lgMv5h7WY9
t6N/byY9Nw9p21Og3AoXSL2q/2IJ1WRUhebgAdGVMlV1fkuOQoEzR7EdpqtQD9Cs
5+bfo3Nhmcyvk5ftB0WkJ9z6bNZ7yxrP8wIDAQAB
-----END RSA PUBLIC KEY-----
";
    const TEST: &str = "-----BEGIN RSA PUBLIC KEY-----
MIIBCgKCAQEAyMEdY1aR+sCR3ZSJrtztKTKqigvO/vBfqACJLZtS7QMgCGXJ6XIR
yy7mx66W0/sOFa7/1mAZtEoIokDP3ShoqF4fVNb6XeqgQfaUHd8wJpDWHcR2OFwv
plUUI1PLTktZ9uW2WE23b+ixNwJjJGwBDJPQEQFBE+vfmH0JP503wr5INS1poWg/
j25sIWeYPHYeOrFp/eXaqhISP6G+q2IeTaWTXpwZj4LzXq5YOpk4bYEQ6mvRq7D1
aHWfYmlEGepfaYR8Q0YqvvhYtMte3ITnuSJs171+GDqpdKcSwHnd6FudwGO4pcCO
j4WcDuXc2CTHgH8gFTNhp/Y8/SpDOhvn9QIDAQAB
-----END RSA PUBLIC KEY-----
";

    /// Zeros, for transcripts whose random bytes were all zero.
    struct Zeros;

    impl Random for Zeros {
        fn fill(&mut self, out: &mut [u8]) {
            out.fill(0);
        }
    }

    #[test]
    fn fingerprints_match_the_real_servers() {
        check(PRODUCTION, -3_414_540_481_677_951_611);
        check(TEST, -5_595_554_452_916_591_101);
    }

    fn check(pem: &str, fingerprint: i64) {
        let key = PublicKey::from_pem(pem).unwrap();
        assert_eq!(key.fingerprint(), fingerprint);
        assert_eq!(key.to_pem(), pem);
    }

    #[test]
    fn rsa_pad_matches_a_recorded_block() {
        let key = PublicKey::from_pem(PRODUCTION).unwrap();
        let sealed = key.encrypt_pad(&[b'a'; 144], &mut Zeros);
        assert_eq!(hex::encode(&sealed[..16]), "bf68719e836806b040cd261ecaf66eb3");
        assert_eq!(hex::encode(&sealed[240..]), "ecab8711bd269e441b6084f385726ff0");
        assert_eq!(
            hex::encode(sha256(&[&sealed])),
            "e7f8903bc62da5a0fd544abd09f2ea52a8af7034d30ae3151c1329a451671321",
        );
    }

    #[test]
    fn both_armours_give_the_same_key() {
        // The same key in the wrapper that carries an algorithm identifier.
        let key = PublicKey::from_pem(TEST).unwrap();
        let pkcs1 = der::render_integers(&[key.n_bytes(), key.e_bytes()]);
        let spki = pem::render("PUBLIC KEY", &der::render_spki(&pkcs1));
        assert!(spki.starts_with("-----BEGIN PUBLIC KEY-----\nMIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8A"));
        assert_eq!(PublicKey::from_pem(&spki), Ok(key));
    }

    #[test]
    fn unusable_keys_are_refused() {
        assert_eq!(PublicKey::from_pem(""), Err(KeyError::Armour));
        let other = PRODUCTION.replace("RSA PUBLIC", "EC PUBLIC");
        assert_eq!(PublicKey::from_pem(&other), Err(KeyError::Label("EC PUBLIC KEY".to_owned())));
        let n = [0xff; 256];
        check_parts(&n[..255], &[3], KeyError::Size);
        check_parts(&[0xff; 257], &[3], KeyError::Size);
        check_parts(&[&n[..255], &[0xfe]].concat(), &[3], KeyError::Inconsistent);
        check_parts(&n, &[1], KeyError::Exponent);
        check_parts(&n, &[4], KeyError::Exponent);
        check_parts(&n, &[0xff; 9], KeyError::Exponent);
    }

    fn check_parts(n: &[u8], e: &[u8], error: KeyError) {
        assert_eq!(PublicKey::from_parts(n, e), Err(error));
    }
}
