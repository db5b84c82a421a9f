//! From a password to the two numbers of SRP, and the hashes both roles compute.

use crypto_bigint::{U256, U2048};
use sha2::Sha512;
use zeroize::Zeroizing;

use crate::bignum::{self, Modulus, Residue};
use crate::dh::{Group, Refused};
use crate::sha256;

/// The constants of one password: `passwordKdfAlgoSHA256SHA256PBKDF2HMACSHA512iter100000SHA256ModPow`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Params {
    /// The salt that the client lengthens when it sets a password.
    pub salt1: Vec<u8>,
    /// The salt that is the server's alone.
    pub salt2: Vec<u8>,
    /// The generator.
    pub g: i32,
    /// The safe prime, big-endian.
    pub p: [u8; 256],
}

impl Params {
    pub(super) fn group(&self) -> Result<Group, Refused> {
        Group::parse(&self.p, self.g)
    }
}

/// The secret exponent `x`: a slow hash of the password and both salts.
// Spec: core.telegram.org/api/srp, "Checking the password with SRP": PH2.
pub fn password_hash(password: &str, params: &Params) -> [u8; 32] {
    let Params { salt1, salt2, .. } = params;
    let quick = Zeroizing::new(salted(&*Zeroizing::new(salted(password.as_bytes(), salt1)), salt2));
    let mut slow = Zeroizing::new([0; 64]);
    pbkdf2::pbkdf2_hmac::<Sha512>(&*quick, salt1, ITERATIONS, &mut *slow);
    salted(&*slow, salt2)
}

/// The number the server keeps in place of the password: `g^x mod p`.
///
/// It is also the `new_password_hash` of `account.updatePasswordSettings`.
pub fn verifier(password: &str, params: &Params) -> Result<[u8; 256], Refused> {
    let group = params.group()?;
    let x = Zeroizing::new(password_hash(password, params));
    let power = Residue::new(&group.generator(), group.modulus()).pow(&U256::from_be_slice(&*x));
    Ok(bignum::render(&power.retrieve()))
}

/// The multiplier `k` that ties the server's public value to the group.
pub(super) fn multiplier(group: &Group) -> Residue {
    let hash = sha256(&[&bignum::render(group.prime()), &bignum::render(&group.generator())]);
    residue(&hash, group.modulus())
}

/// The scrambler `u`, which both public values decide.
pub(super) fn scrambler(a: &[u8; 256], b: &[u8; 256]) -> U256 {
    U256::from_be_slice(&sha256(&[a, b]))
}

/// `M1`: shows that the sender knows the shared number.
pub(super) fn evidence(params: &Params, a: &[u8; 256], b: &[u8; 256], shared: &U2048) -> [u8; 32] {
    let generator = bignum::render(&U2048::from(params.g.unsigned_abs()));
    let (hash_p, hash_g) = (sha256(&[&params.p]), sha256(&[&generator]));
    let group: [u8; 32] = std::array::from_fn(|i| hash_p[i] ^ hash_g[i]);
    let shared = Zeroizing::new(bignum::render(shared));
    let key = Zeroizing::new(sha256(&[&*shared]));
    sha256(&[&group, &sha256(&[&params.salt1]), &sha256(&[&params.salt2]), a, b, &*key])
}

const ITERATIONS: u32 = 100_000;

fn salted(data: &[u8], salt: &[u8]) -> [u8; 32] {
    sha256(&[salt, data, salt])
}

fn residue(hash: &[u8; 32], modulus: &Modulus) -> Residue {
    Residue::new(&U256::from_be_slice(hash).resize(), modulus)
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use crate::dh;

    #[test]
    fn password_gives_the_recorded_numbers() {
        let params = params();
        assert_eq!(
            hex::encode(password_hash("qwe123", &params)),
            "750f1fe282965e63ce17b98427b35549fb864465211840f6a7c1f2fb657cc33b",
        );
        assert_eq!(
            hex::encode(sha256(&[&verifier("qwe123", &params).unwrap()])),
            "cfdb5638bf607302d0f63998a1abbbeedbbf354fcddcdc30d31624a437f11b5d",
        );
    }

    #[test]
    fn unsound_groups_are_refused() {
        assert_eq!(verifier("a", &Params { g: 2, ..params() }), Err(Refused::Generator(2)));
        assert_eq!(verifier("a", &Params { p: [0; 256], ..params() }), Err(Refused::Prime));
    }

    pub(in crate::srp) fn params() -> Params {
        let salt1 =
            "9b3accc457c0d5288e8cff31eb21094048bc11902f6614dbb9afb839ee7641c37619537d8ebe749e";
        Params {
            salt1: hex::decode(salt1).unwrap(),
            salt2: hex::decode("6c619bb0786dc4ed1bf211d23f6e4065").unwrap(),
            g: 3,
            p: *dh::PRIME,
        }
    }
}
