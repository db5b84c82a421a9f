//! Drawing a new server key.

use crypto_bigint::{NonZero, Odd, U1024, U2048};
use crypto_primes::hazmat::{SetBits, SmallFactorsSieveFactory};
use crypto_primes::{Flavor, is_prime, sieve_and_find};
use zeroize::Zeroize;

use super::private::PrivateKey;
use super::public::PublicKey;
use crate::Random;
use crate::bignum;
use crate::random::Adapter;

/// The usual public exponent: large enough, with two bits set.
const EXPONENT: u32 = 65_537;

pub(super) fn generate(rng: &mut dyn Random) -> PrivateKey {
    loop {
        // Rarely the primes do not fit each other or the exponent, and one time in sixteen the
        // fingerprint has too few digits.
        let key = combine(random_prime(rng), random_prime(rng));
        if let Some(key) = key.filter(|key| key.public().fingerprint().cast_unsigned() >> 60 != 0) {
            return key;
        }
    }
}

/// A prime of 1024 bits with the two highest set, so that the product of two has 2048.
fn random_prime(rng: &mut dyn Random) -> Odd<U1024> {
    let sieve = SmallFactorsSieveFactory::new(Flavor::Any, U1024::BITS, SetBits::TwoMsb)
        .expect("1024 bits are enough for a prime and fit the type");
    let prime =
        sieve_and_find(&mut Adapter(rng), sieve, |_, candidate| is_prime(Flavor::Any, candidate))
            .expect("1024 bits fit the type")
            .expect("the sieve is endless");
    Odd::new(prime).into_option().expect("a prime of 1024 bits is odd")
}

fn combine(p: Odd<U1024>, q: Odd<U1024>) -> Option<PrivateKey> {
    // Factors near each other are found from the square root of the product.
    // Spec: FIPS 186-5, A.1.3, step 5.4.
    let distance = p.as_ref().max(q.as_ref()).wrapping_sub(p.as_ref().min(q.as_ref()));
    if distance.bits() <= U1024::BITS - 100 {
        return None;
    }
    let n: U2048 = p.as_ref().concatenating_mul(q.as_ref());
    let public = PublicKey::from_parts(&bignum::render(&n), &EXPONENT.to_be_bytes()).ok()?;

    let orders = [p, q].map(|prime| prime.as_ref().wrapping_sub(&U1024::ONE));
    let mut order: U2048 = orders[0].concatenating_mul(&orders[1]);
    let modulus = NonZero::new(order).into_option()?;
    let d = U2048::from(EXPONENT).invert_mod(&modulus).into_option()?;
    order.zeroize();
    PrivateKey::from_parts(public, d, p, q).ok()
}
