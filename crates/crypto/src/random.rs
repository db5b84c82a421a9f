//! Where random bytes come from, as a trait: machines never own an entropy source, so a seeded one
//! makes a whole simulation repeatable.

use crate::AesCtr;
use crate::sha256;

/// A source of random bytes that is handed in by whoever drives the protocol.
///
/// For keys and nonces the source must be cryptographically secure; [`SeededRandom`] is not.
pub trait Random: Send {
    /// Overwrites all of `out` with random bytes.
    fn fill(&mut self, out: &mut [u8]);

    /// An array of random bytes.
    fn bytes<const N: usize>(&mut self) -> [u8; N]
    where
        Self: Sized,
    {
        fill_array(self)
    }

    /// A uniform 64-bit number.
    fn u64(&mut self) -> u64 {
        let mut bytes = [0; 8];
        self.fill(&mut bytes);
        u64::from_le_bytes(bytes)
    }

    /// A uniform number in the shape of the wire's `long`.
    fn i64(&mut self) -> i64 {
        self.u64().cast_signed()
    }

    /// A uniform number in `0..bound`, without the bias of a plain remainder; zero if `bound` is 0.
    fn below(&mut self, bound: u64) -> u64 {
        if bound == 0 {
            return 0;
        }
        // The lowest `2^64 mod bound` values would make the small remainders more likely. At most
        // half of all draws fall there, so the loop ends quickly unless the source is broken.
        let biased = bound.wrapping_neg() % bound;
        loop {
            let draw = self.u64();
            if draw >= biased {
                return draw % bound;
            }
        }
    }
}

impl<R: Random + ?Sized> Random for &mut R {
    fn fill(&mut self, out: &mut [u8]) {
        (**self).fill(out);
    }
}

impl<R: Random + ?Sized> Random for Box<R> {
    fn fill(&mut self, out: &mut [u8]) {
        (**self).fill(out);
    }
}

/// [`Random::bytes`] for a source whose type is not known.
pub(crate) fn fill_array<const N: usize>(rng: &mut (impl Random + ?Sized)) -> [u8; N] {
    let mut bytes = [0; N];
    rng.fill(&mut bytes);
    bytes
}

/// A repeatable stream of bytes for tests and simulations.
///
/// Whoever knows the 64-bit seed knows every byte, so nothing secret may come from it.
#[derive(Debug)]
pub struct SeededRandom(AesCtr);

impl SeededRandom {
    /// The stream that belongs to `seed`, from its beginning.
    pub fn new(seed: u64) -> Self {
        Self(AesCtr::new(&sha256(&[&seed.to_le_bytes()]), &[0; 16]))
    }
}

impl Random for SeededRandom {
    fn fill(&mut self, out: &mut [u8]) {
        out.fill(0);
        self.0.apply(out);
    }
}

/// Lets the prime search, which speaks `rand_core`, draw from a [`Random`].
pub(crate) struct Adapter<'a>(pub(crate) &'a mut dyn Random);

impl rand_core::TryRng for Adapter<'_> {
    type Error = std::convert::Infallible;

    fn try_next_u32(&mut self) -> Result<u32, Self::Error> {
        Ok(u32::from_le_bytes(fill_array(self.0)))
    }

    fn try_next_u64(&mut self) -> Result<u64, Self::Error> {
        Ok(self.0.u64())
    }

    fn try_fill_bytes(&mut self, out: &mut [u8]) -> Result<(), Self::Error> {
        self.0.fill(out);
        Ok(())
    }
}

impl rand_core::TryCryptoRng for Adapter<'_> {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_seed_gives_one_stream_however_it_is_cut() {
        let whole: [u8; 100] = SeededRandom::new(7).bytes();
        let mut rng = SeededRandom::new(7);
        let mut cut = [0; 100];
        let (head, tail) = cut.split_at_mut(33);
        rng.fill(head);
        rng.fill(tail);
        assert_eq!(whole, cut);
        assert_ne!(whole, SeededRandom::new(8).bytes());
    }

    #[test]
    fn below_reaches_every_value_and_no_other() {
        let mut rng = SeededRandom::new(1);
        let mut seen = [0_u32; 6];
        for _ in 0..6_000 {
            seen[usize::try_from(rng.below(6)).unwrap()] += 1;
        }
        assert!(seen.iter().all(|&count| (800..1_200).contains(&count)), "{seen:?}");
        assert_eq!(rng.below(1), 0);
        assert_eq!(rng.below(0), 0);
    }

    /// Yields 64-bit numbers from a list.
    struct Listed(Vec<u64>);

    impl Random for Listed {
        fn fill(&mut self, out: &mut [u8]) {
            out.copy_from_slice(&self.0.remove(0).to_le_bytes());
        }
    }

    #[test]
    fn below_draws_again_where_a_remainder_would_be_biased() {
        // 2^64 mod 3 = 1, so the draw 0 is refused and the draw 1 is the first good one.
        assert_eq!(Listed(vec![0, 1]).below(3), 1);
        assert_eq!(Listed(vec![u64::MAX, 1]).below(3), 0);
    }
}
