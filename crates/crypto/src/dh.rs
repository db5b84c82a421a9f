//! Diffie–Hellman modulo a safe prime: the group, the secret exponents, and what a peer may send.

use std::fmt;
use std::sync::LazyLock;

use crypto_bigint::{Odd, U2048};
use crypto_primes::Flavor;
use zeroize::Zeroize;

use crate::Random;
use crate::bignum::{self, Modulus};
use crate::random::fill_array;

/// The prime that Telegram's servers have always used.
///
/// Any safe prime of 2048 bits would do by the protocol.
// Seen: Pyrogram 2.0 refuses every other prime; Telegram Desktop, TDLib and mtcute skip the costly
// checks for this one.
#[rustfmt::skip]
pub const PRIME: &[u8; 256] = &[
    0xc7, 0x1c, 0xae, 0xb9, 0xc6, 0xb1, 0xc9, 0x04, 0x8e, 0x6c, 0x52, 0x2f, 0x70, 0xf1, 0x3f, 0x73,
    0x98, 0x0d, 0x40, 0x23, 0x8e, 0x3e, 0x21, 0xc1, 0x49, 0x34, 0xd0, 0x37, 0x56, 0x3d, 0x93, 0x0f,
    0x48, 0x19, 0x8a, 0x0a, 0xa7, 0xc1, 0x40, 0x58, 0x22, 0x94, 0x93, 0xd2, 0x25, 0x30, 0xf4, 0xdb,
    0xfa, 0x33, 0x6f, 0x6e, 0x0a, 0xc9, 0x25, 0x13, 0x95, 0x43, 0xae, 0xd4, 0x4c, 0xce, 0x7c, 0x37,
    0x20, 0xfd, 0x51, 0xf6, 0x94, 0x58, 0x70, 0x5a, 0xc6, 0x8c, 0xd4, 0xfe, 0x6b, 0x6b, 0x13, 0xab,
    0xdc, 0x97, 0x46, 0x51, 0x29, 0x69, 0x32, 0x84, 0x54, 0xf1, 0x8f, 0xaf, 0x8c, 0x59, 0x5f, 0x64,
    0x24, 0x77, 0xfe, 0x96, 0xbb, 0x2a, 0x94, 0x1d, 0x5b, 0xcd, 0x1d, 0x4a, 0xc8, 0xcc, 0x49, 0x88,
    0x07, 0x08, 0xfa, 0x9b, 0x37, 0x8e, 0x3c, 0x4f, 0x3a, 0x90, 0x60, 0xbe, 0xe6, 0x7c, 0xf9, 0xa4,
    0xa4, 0xa6, 0x95, 0x81, 0x10, 0x51, 0x90, 0x7e, 0x16, 0x27, 0x53, 0xb5, 0x6b, 0x0f, 0x6b, 0x41,
    0x0d, 0xba, 0x74, 0xd8, 0xa8, 0x4b, 0x2a, 0x14, 0xb3, 0x14, 0x4e, 0x0e, 0xf1, 0x28, 0x47, 0x54,
    0xfd, 0x17, 0xed, 0x95, 0x0d, 0x59, 0x65, 0xb4, 0xb9, 0xdd, 0x46, 0x58, 0x2d, 0xb1, 0x17, 0x8d,
    0x16, 0x9c, 0x6b, 0xc4, 0x65, 0xb0, 0xd6, 0xff, 0x9c, 0xa3, 0x92, 0x8f, 0xef, 0x5b, 0x9a, 0xe4,
    0xe4, 0x18, 0xfc, 0x15, 0xe8, 0x3e, 0xbe, 0xa0, 0xf8, 0x7f, 0xa9, 0xff, 0x5e, 0xed, 0x70, 0x05,
    0x0d, 0xed, 0x28, 0x49, 0xf4, 0x7b, 0xf9, 0x59, 0xd9, 0x56, 0x85, 0x0c, 0xe9, 0x29, 0x85, 0x1f,
    0x0d, 0x81, 0x15, 0xf6, 0x35, 0xb1, 0x05, 0xee, 0x2e, 0x4e, 0x15, 0xd0, 0x4b, 0x24, 0x54, 0xbf,
    0x6f, 0x4f, 0xad, 0xf0, 0x34, 0xb1, 0x04, 0x03, 0x11, 0x9c, 0xd8, 0xe3, 0xb9, 0x2f, 0xcc, 0x5b,
];

/// The generator that goes with [`PRIME`].
pub const G: u32 = 3;

/// Why numbers of the peer are not fit for an exchange.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refused {
    /// The modulus is not a safe prime of exactly 2048 bits.
    #[error("dh prime is not a safe prime of 2048 bits")]
    Prime,
    /// The generator is none of 2 to 7, or does not generate the subgroup of prime order.
    #[error("dh generator {0} does not fit the prime")]
    Generator(i32),
    /// A public value lies outside of, or too near to the ends of, the group.
    #[error("dh public value is out of range")]
    PublicValue,
}

/// Checks a prime and generator that were received.
///
/// [`PRIME`] is recognised at once; an unknown prime costs many milliseconds.
pub fn check_params(prime: &[u8], g: i32) -> Result<(), Refused> {
    Group::parse(prime, g).map(drop)
}

/// A prime and generator that passed the checks.
#[derive(Clone)]
pub struct Group {
    modulus: Modulus,
    g: u32,
}

impl Group {
    /// The group of [`PRIME`] and [`G`].
    pub fn known() -> &'static Self {
        static KNOWN: LazyLock<Group> = LazyLock::new(|| {
            let prime = Odd::new(U2048::from_be_slice(PRIME)).into_option();
            let prime = prime.expect("the known prime is odd");
            Group { modulus: Modulus::new_vartime(prime), g: G }
        });
        &KNOWN
    }

    /// Accepts what a server proposes if it is sound.
    pub fn parse(prime: &[u8], g: i32) -> Result<Self, Refused> {
        if prime == PRIME {
            let modulus = Self::known().modulus;
            let g = check_generator(modulus.modulus(), g)?;
            return Ok(Self { modulus, g });
        }
        let prime = bignum::parse(prime).filter(|prime| prime.bits_vartime() == U2048::BITS);
        let prime = Odd::new(prime.ok_or(Refused::Prime)?).into_option().ok_or(Refused::Prime)?;
        // The cheap check first: it refuses most junk before the search for factors.
        let g = check_generator(&prime, g)?;
        if !crypto_primes::is_prime(Flavor::Safe, prime.as_ref()) {
            return Err(Refused::Prime);
        }
        Ok(Self { modulus: Modulus::new_vartime(prime), g })
    }

    /// Draws a secret exponent.
    pub fn exponent(&self, rng: &mut dyn Random) -> Exponent {
        let mut bytes: [u8; 256] = fill_array(rng);
        let secret = U2048::from_be_slice(&bytes);
        bytes.zeroize();
        let public = bignum::pow(&self.generator(), &secret, &self.modulus);
        Exponent { group: self.clone(), secret, public }
    }

    /// Reads a peer's public value, which may come without its leading zeros.
    ///
    /// Values near the ends are refused: nobody draws them by chance, and some of them force the
    /// shared number.
    // Spec: core.telegram.org/mtproto/auth_key, "g_a and g_b validation".
    pub(crate) fn parse_public(&self, bytes: &[u8]) -> Result<U2048, Refused> {
        let value = bignum::parse(bytes).ok_or(Refused::PublicValue)?;
        let margin = U2048::ONE.shl_vartime(2048 - 64);
        let top = self.prime().wrapping_sub(&margin);
        if value < margin || value > top { Err(Refused::PublicValue) } else { Ok(value) }
    }

    pub(crate) fn prime(&self) -> &U2048 {
        self.modulus.modulus().as_ref()
    }

    pub(crate) fn modulus(&self) -> &Modulus {
        &self.modulus
    }

    pub(crate) fn generator(&self) -> U2048 {
        U2048::from(self.g)
    }
}

impl fmt::Debug for Group {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Group").field("g", &self.g).finish_non_exhaustive()
    }
}

/// One side's secret number of one exchange; wiped when dropped.
pub struct Exponent {
    group: Group,
    secret: U2048,
    public: U2048,
}

impl Exponent {
    /// Draws an exponent for the known group, as servers do.
    pub fn random(rng: &mut dyn Random) -> Self {
        Group::known().exponent(rng)
    }

    /// `g^x mod p`, the number to send, with its leading zeros.
    pub fn public(&self) -> [u8; 256] {
        bignum::render(&self.public)
    }

    /// The number both sides share, from the other's public value.
    pub fn shared(&self, other: &[u8]) -> Result<[u8; 256], Refused> {
        let other = self.group.parse_public(other)?;
        Ok(bignum::render(&bignum::pow(&other, &self.secret, &self.group.modulus)))
    }

    pub(crate) fn secret(&self) -> &U2048 {
        &self.secret
    }
}

impl Drop for Exponent {
    fn drop(&mut self) {
        self.secret.zeroize();
    }
}

impl fmt::Debug for Exponent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Exponent(…)")
    }
}

/// Whether `g` generates the subgroup of prime order, by quadratic reciprocity.
// Spec: core.telegram.org/mtproto/auth_key, "Presenting proof of work; server authentication".
fn check_generator(prime: &Odd<U2048>, g: i32) -> Result<u32, Refused> {
    let fits = match g {
        2 => remainder(prime, 8) == 7,
        3 => remainder(prime, 3) == 2,
        4 => true,
        5 => matches!(remainder(prime, 5), 1 | 4),
        6 => matches!(remainder(prime, 24), 19 | 23),
        7 => matches!(remainder(prime, 7), 3 | 5 | 6),
        _ => false,
    };
    if fits { Ok(g.unsigned_abs()) } else { Err(Refused::Generator(g)) }
}

fn remainder(number: &Odd<U2048>, divisor: u32) -> u32 {
    let remainder =
        number.as_ref().to_be_bytes().as_ref().iter().fold(0_u64, |remainder, byte| {
            (remainder << 8 | u64::from(*byte)) % u64::from(divisor)
        });
    u32::try_from(remainder).expect("a remainder is less than its divisor")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::SeededRandom;

    #[test]
    fn both_sides_reach_the_same_number() {
        let mut rng = SeededRandom::new(4);
        let server = Exponent::random(&mut rng);
        let client = Group::parse(PRIME, 3).unwrap().exponent(&mut rng);
        let shared = server.shared(&client.public()).unwrap();
        assert_eq!(shared, client.shared(&server.public()).unwrap());
        assert_ne!(shared, Exponent::random(&mut rng).shared(&server.public()).unwrap());
    }

    #[test]
    fn leading_zeros_of_a_public_value_do_not_matter() {
        let exponent = Exponent::random(&mut SeededRandom::new(5));
        let mut value = [0xab; 256];
        value[..3].fill(0);
        assert_eq!(exponent.shared(&value), exponent.shared(&value[3..]));
        assert!(exponent.shared(&value).is_ok());
    }

    #[test]
    fn public_values_near_the_ends_are_refused() {
        let prime = U2048::from_be_slice(PRIME);
        let margin = U2048::ONE.shl_vartime(2048 - 64);
        let top = prime.wrapping_sub(&margin);
        let one = U2048::ONE;
        check_public(U2048::ZERO, false);
        check_public(one, false);
        check_public(margin.wrapping_sub(&one), false);
        check_public(margin, true);
        check_public(top, true);
        check_public(top.wrapping_add(&one), false);
        check_public(prime.wrapping_sub(&one), false);
        check_public(prime, false);
        check_public(U2048::MAX, false);
        assert!(Group::known().parse_public(&[1; 257]).is_err());
        assert!(Group::known().parse_public(&[]).is_err());
    }

    fn check_public(value: U2048, fits: bool) {
        assert_eq!(Group::known().parse_public(&bignum::render(&value)).is_ok(), fits, "{value}");
    }

    #[test]
    fn known_prime_takes_the_generators_of_its_subgroup() {
        let squares = (1..=8).filter(|&g| check_params(PRIME, g).is_ok()).collect::<Vec<_>>();
        assert_eq!(squares, [3, 4, 7]);
        // Euler's criterion says the same without reciprocity: g^((p-1)/2) = 1.
        let half = U2048::from_be_slice(PRIME).shr_vartime(1);
        for g in 2..=7_u32 {
            let power = bignum::pow(&U2048::from(g), &half, Group::known().modulus());
            assert_eq!(power == U2048::ONE, squares.contains(&g.cast_signed()), "g = {g}");
        }
    }

    #[test]
    fn the_known_prime_is_safe_indeed() {
        assert!(crypto_primes::is_prime(Flavor::Safe, &U2048::from_be_slice(PRIME)));
    }

    #[test]
    fn unknown_moduli_must_prove_themselves() {
        // Spec: RFC 3526, group 14: a safe prime of 2048 bits with the generator 2.
        let other = hex::decode(concat!(
            "ffffffffffffffffc90fdaa22168c234c4c6628b80dc1cd129024e088a67cc74",
            "020bbea63b139b22514a08798e3404ddef9519b3cd3a431b302b0a6df25f1437",
            "4fe1356d6d51c245e485b576625e7ec6f44c42e9a637ed6b0bff5cb6f406b7ed",
            "ee386bfb5a899fa5ae9f24117c4b1fe649286651ece45b3dc2007cb8a163bf05",
            "98da48361c55d39a69163fa8fd24cf5f83655d23dca3ad961c62f356208552bb",
            "9ed529077096966d670c354e4abc9804f1746c08ca18217c32905e462e36ce3b",
            "e39e772c180e86039b2783a2ec07a28fb5c55df06f4c52c9de2bcbf695581718",
            "3995497cea956ae515d2261898fa051015728e5a8aacaa68ffffffffffffffff",
        ))
        .unwrap();
        assert_eq!(check_params(&other, 2), Ok(()));
        assert_eq!(check_params(&other, 1), Err(Refused::Generator(1)));
        assert_eq!(check_params(&other[1..], 4), Err(Refused::Prime));

        let mut composite = *PRIME;
        composite[255] += 2;
        assert_eq!(check_params(&composite, 4), Err(Refused::Prime));
        composite[255] -= 1;
        assert_eq!(check_params(&composite, 4), Err(Refused::Prime));
        assert_eq!(check_params(&[], 3), Err(Refused::Prime));
    }
}
