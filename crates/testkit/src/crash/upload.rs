//! A file that goes up in parts, over several lives of the server.

use heliogram_crypto::{Random as _, SeededRandom};

/// A file whose bytes follow from its number, so that nobody has to remember them.
#[derive(Clone, Copy, Debug)]
pub(super) struct Upload {
    pub(super) file: i64,
    /// How many parts it has.
    pub(super) parts: i32,
    /// How many of them are acknowledged.
    pub(super) done: i32,
}

impl Upload {
    pub(super) fn draw(rng: &mut SeededRandom) -> Self {
        let file = rng.i64() | 1;
        Self { file, parts: 1 + rng.below(PARTS_MAX) as i32, done: 0 }
    }

    /// One part; the last is shorter than the others.
    pub(super) fn part(self, number: i32) -> Vec<u8> {
        let len = if number + 1 == self.parts { LAST_BYTES } else { PART_BYTES };
        let mut bytes = vec![0; len];
        SeededRandom::new(self.file as u64 ^ number as u64).fill(&mut bytes);
        bytes
    }

    pub(super) fn bytes(self) -> Vec<u8> {
        (0..self.parts).flat_map(|number| self.part(number)).collect()
    }
}

const PARTS_MAX: u64 = 5;
const PART_BYTES: usize = 8 << 10;
const LAST_BYTES: usize = 777;
