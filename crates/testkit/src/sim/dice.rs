//! Chance: a stream of decisions for each purpose, so that one does not disturb another.

use heliogram_crypto::{Random as _, SeededRandom, sha256};

/// Decisions that follow from a seed and what they are for.
#[derive(Debug)]
pub(super) struct Dice(SeededRandom);

impl Dice {
    /// The dice of one purpose; `number` tells its instances apart.
    pub(super) fn new(seed: u64, purpose: &str, number: u64) -> Self {
        Self(SeededRandom::new(seed_of(seed, purpose, number)))
    }

    /// A number in `0..bound`; zero if that is nothing.
    pub(super) fn below(&mut self, bound: u64) -> u64 {
        self.0.below(bound)
    }

    /// A number between two bounds, both included.
    pub(super) fn between(&mut self, least: u64, most: u64) -> u64 {
        least + self.below(most.saturating_sub(least) + 1)
    }

    /// True so many times in a thousand.
    pub(super) fn permille(&mut self, chance: u64) -> bool {
        self.below(1000) < chance
    }

    /// A place in a list of that length.
    pub(super) fn place(&mut self, len: usize) -> usize {
        usize::try_from(self.below(len as u64)).unwrap_or(0)
    }

    /// Random bytes.
    pub(super) fn bytes(&mut self, len: usize) -> Vec<u8> {
        let mut bytes = vec![0; len];
        self.0.fill(&mut bytes);
        bytes
    }

    /// A number that is not used twice, for all practical purposes.
    pub(super) fn unique(&mut self) -> i64 {
        self.0.i64()
    }
}

/// A seed for everything of one purpose.
pub(super) fn seed_of(seed: u64, purpose: &str, number: u64) -> u64 {
    let digest = sha256(&[&seed.to_le_bytes(), purpose.as_bytes(), &number.to_le_bytes()]);
    u64::from_le_bytes(*digest.first_chunk().expect("a SHA-256 has more than eight bytes"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn purposes_do_not_share_their_luck() {
        let draws = |purpose, number| {
            let mut dice = Dice::new(1, purpose, number);
            [dice.below(1 << 40), dice.below(1 << 40)]
        };
        assert_eq!(draws("net", 1), draws("net", 1));
        assert_ne!(draws("net", 1), draws("net", 2));
        assert_ne!(draws("net", 1), draws("disk", 1));
    }
}
