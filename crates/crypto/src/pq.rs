//! The proof of work of the handshake: the server multiplies two primes, the client takes the
//! product apart.

use std::mem;

use crate::Random;

/// Splits `pq` into two factors, the smaller one first.
///
/// `None` if there are none, that is if `pq` is prime or less than 4. For a product of more than
/// two primes the factors are not prime themselves; a caller that cares compares what it gets.
pub fn factor(pq: u64) -> Option<(u64, u64)> {
    if pq < 4 || is_prime(pq) {
        return None;
    }
    let divisor = small_divisor(pq).or_else(|| rho(pq))?;
    let cofactor = pq / divisor;
    Some((divisor.min(cofactor), divisor.max(cofactor)))
}

/// Draws two primes of 31 bits and returns their product, the smaller and the larger one.
///
/// The product fits a positive `long` and each prime is four bytes without leading zeros.
// Seen: Pyrogram 2.0 encodes both factors in exactly four bytes.
pub fn generate(rng: &mut dyn Random) -> (u64, u32, u32) {
    let first = random_prime(rng);
    let mut second = random_prime(rng);
    while second == first {
        second = random_prime(rng);
    }
    let (p, q) = (first.min(second), first.max(second));
    (u64::from(p) * u64::from(q), p, q)
}

fn random_prime(rng: &mut dyn Random) -> u32 {
    const LOW: u64 = 1 << 30;
    loop {
        // One candidate in eleven is prime.
        let candidate = (LOW + rng.below(LOW)) | 1;
        if is_prime(candidate) {
            return u32::try_from(candidate).expect("the candidate is less than 2^31");
        }
    }
}

const SMALL_PRIMES: [u64; 12] = [2, 3, 5, 7, 11, 13, 17, 19, 23, 29, 31, 37];

fn small_divisor(number: u64) -> Option<u64> {
    SMALL_PRIMES.into_iter().find(|prime| number.is_multiple_of(*prime))
}

/// The Miller–Rabin test, exact for 64 bits: no composite passes with the first twelve primes.
// Spec: Sorenson and Webster, "Strong pseudoprimes to twelve prime bases", 2015.
fn is_prime(number: u64) -> bool {
    if let Some(divisor) = small_divisor(number) {
        return number == divisor;
    }
    if number < 2 {
        return false;
    }
    let field = Montgomery::new(number);
    let twos = (number - 1).trailing_zeros();
    let odd_part = (number - 1) >> twos;
    SMALL_PRIMES.into_iter().all(|base| {
        let mut power = field.pow(base, odd_part);
        if power == field.one || power == field.minus_one() {
            return true;
        }
        (1..twos).any(|_| {
            power = field.mul(power, power);
            power == field.minus_one()
        })
    })
}

/// Steps between two greatest common divisors: they cost as much as a hundred multiplications.
const BATCH: u64 = 256;

/// Steps of one walk, sixteen times what the least factor of a 64-bit number needs on average.
const STEPS_MAX: u64 = 1 << 21;

/// Finds a factor of an odd composite by Brent's variant of Pollard's rho.
///
/// A walk fails when it closes on all factors at once; another constant then walks another way.
fn rho(number: u64) -> Option<u64> {
    let field = Montgomery::new(number);
    (1..=32).find_map(|constant| walk(&field, constant))
}

fn walk(field: &Montgomery, constant: u64) -> Option<u64> {
    let step = |x| field.add(field.mul(x, x), constant);
    let mut hare = 2;
    let mut length = 1;
    while length < STEPS_MAX {
        let tortoise = hare;
        let mut done = 0;
        while done < length {
            let start = hare;
            let mut product = field.one;
            for _ in 0..BATCH.min(length - done) {
                hare = step(hare);
                product = field.mul(product, tortoise.abs_diff(hare));
            }
            match gcd(product, field.modulus) {
                1 => {}
                divisor if divisor < field.modulus => return Some(divisor),
                // Several factors fell into one batch: walk it again step by step.
                _ => return retrace(field, step, tortoise, start),
            }
            done += BATCH;
        }
        length *= 2;
    }
    None
}

fn retrace(
    field: &Montgomery,
    step: impl Fn(u64) -> u64,
    tortoise: u64,
    mut hare: u64,
) -> Option<u64> {
    let divisors = (0..BATCH).map(|_| {
        hare = step(hare);
        gcd(tortoise.abs_diff(hare), field.modulus)
    });
    divisors.into_iter().find(|&divisor| divisor > 1).filter(|&divisor| divisor < field.modulus)
}

fn gcd(mut a: u64, mut b: u64) -> u64 {
    while a != 0 {
        b %= a;
        mem::swap(&mut a, &mut b);
    }
    b
}

/// Arithmetic modulo an odd number on values scaled by 2^64, so that no step divides.
struct Montgomery {
    modulus: u64,
    /// `-1 / modulus` modulo 2^64.
    inverse: u64,
    one: u64,
}

impl Montgomery {
    fn new(modulus: u64) -> Self {
        // Newton's iteration doubles the correct low bits: 5, 10, 20, 40, 80.
        let mut inverse = modulus.wrapping_mul(3) ^ 2;
        for _ in 0..4 {
            inverse = inverse.wrapping_mul(2_u64.wrapping_sub(modulus.wrapping_mul(inverse)));
        }
        let one = (u64::MAX % modulus + 1) % modulus;
        Self { modulus, inverse: inverse.wrapping_neg(), one }
    }

    /// `a * b / 2^64`; one factor is less than the modulus.
    fn mul(&self, a: u64, b: u64) -> u64 {
        let product = u128::from(a) * u128::from(b);
        let low = product as u64;
        let quotient = low.wrapping_mul(self.inverse);
        let carry = u128::from(quotient) * u128::from(self.modulus);
        // The low halves cancel; they carry unless both are zero.
        let high = (product >> 64) + (carry >> 64) + u128::from(low != 0);
        let modulus = u128::from(self.modulus);
        (if high >= modulus { high - modulus } else { high }) as u64
    }

    /// `a + b`, both less than the modulus.
    fn add(&self, a: u64, b: u64) -> u64 {
        let (sum, carry) = a.overflowing_add(b);
        if carry || sum >= self.modulus { sum.wrapping_sub(self.modulus) } else { sum }
    }

    fn minus_one(&self) -> u64 {
        self.modulus - self.one
    }

    /// `base^exponent`, scaled; `base` is not.
    fn pow(&self, base: u64, mut exponent: u64) -> u64 {
        let modulus = u128::from(self.modulus);
        let mut square = ((u128::from(base) << 64) % modulus) as u64;
        let mut power = self.one;
        while exponent != 0 {
            if exponent & 1 == 1 {
                power = self.mul(power, square);
            }
            square = self.mul(square, square);
            exponent >>= 1;
        }
        power
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::SeededRandom;

    #[test]
    fn recorded_products_fall_apart() {
        check(1_468_428_376_148_703_121, Some((1_008_949_199, 1_455_403_679)));
        check(1_470_626_929_934_143_021, Some((1_206_429_347, 1_218_991_343)));
        check(2_363_612_107_535_801_713, Some((1_518_968_219, 1_556_064_227)));
    }

    #[test]
    fn odd_cases_end() {
        for prime in [0, 1, 2, 3, 5, 37, 41, 2_147_483_647, 18_446_744_073_709_551_557] {
            check(prime, None);
        }
        check(4, Some((2, 2)));
        check(6, Some((2, 3)));
        check(2_147_483_647 * 2_147_483_647, Some((2_147_483_647, 2_147_483_647)));
        check(4_294_967_291 * 4_294_967_279, Some((4_294_967_279, 4_294_967_291)));
        check(41 * 41, Some((41, 41)));
        check(u64::MAX, Some((3, u64::MAX / 3)));
    }

    fn check(pq: u64, expected: Option<(u64, u64)>) {
        assert_eq!(factor(pq), expected, "{pq}");
    }

    #[test]
    fn small_numbers_agree_with_a_sieve() {
        const LIMIT: usize = 20_000;
        let mut composite = vec![false; LIMIT];
        for divisor in 2..LIMIT {
            for multiple in (2 * divisor..LIMIT).step_by(divisor) {
                composite[multiple] = true;
            }
        }
        for (number, &composite) in composite.iter().enumerate().skip(2) {
            let number = number as u64;
            assert_eq!(is_prime(number), !composite, "{number}");
            match factor(number) {
                Some((p, q)) => assert!(1 < p && p <= q && p * q == number, "{number}"),
                None => assert!(!composite, "{number}"),
            }
        }
    }

    #[test]
    fn strong_pseudoprimes_are_found_out() {
        // Spec: OEIS A014233: least numbers that pass for the first 4, 8 and 9 prime bases.
        for number in [3_215_031_751, 341_550_071_728_321, 3_825_123_056_546_413_051] {
            assert!(!is_prime(number), "{number}");
        }
    }

    #[test]
    fn generated_products_have_two_primes_of_four_bytes() {
        let mut rng = SeededRandom::new(6);
        for _ in 0..50 {
            let (pq, p, q) = generate(&mut rng);
            assert!(1 << 30 < p && p < q && q < 1 << 31);
            assert_eq!(factor(pq), Some((p.into(), q.into())));
        }
    }
}
