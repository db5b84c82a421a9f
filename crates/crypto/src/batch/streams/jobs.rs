//! Which messages are encrypted abreast, and for how long.
//!
//! All lanes run as far as the shortest of their messages; whoever is done makes room for another.
//! The longest go first, so that few are left over at the end. Too few for wide registers are left to narrow ones, and the last is encrypted alone.

use super::narrow::{self, Narrow};
use super::wide::{self, Wide};
use crate::aes_ige;

pub(super) type Block = [u8; 16];

/// A message on its way.
#[derive(Debug)]
pub(in crate::batch) struct Stream<'a> {
    /// What is still in the clear.
    blocks: &'a mut [Block],
    key: &'a [u8; 32],
    /// The blocks of ciphertext and of plaintext before that.
    before: [Block; 2],
}

/// A piece of a message, as long as those beside it.
pub(super) struct Lane<'a> {
    pub(super) blocks: &'a mut [Block],
    pub(super) key: &'a [u8; 32],
    pub(super) before: &'a mut [Block; 2],
}

/// The fastest way to encrypt several messages that this processor knows.
#[derive(Clone, Copy, Debug)]
pub(in crate::batch) enum Streams {
    Wide(Wide),
    Narrow(Narrow),
}

impl<'a> Stream<'a> {
    /// # Panics
    /// If the length of `data` is not a multiple of 16.
    pub(in crate::batch) fn new(data: &'a mut [u8], key: &'a [u8; 32], iv: &[u8; 32]) -> Self {
        let before = [*aes_ige::halves(iv).0, *aes_ige::halves(iv).1];
        Self { blocks: aes_ige::blocks(data), key, before }
    }

    /// Encrypts all that is left.
    pub(in crate::batch) fn encrypt(self) {
        let iv = self.before.as_flattened().try_into().expect("two blocks have 32 bytes");
        aes_ige::encrypt(self.blocks.as_flattened_mut(), self.key, iv);
    }

    /// Cuts off the next `len` blocks.
    fn lane(&mut self, len: usize) -> Lane<'_> {
        let (now, later) = std::mem::take(&mut self.blocks).split_at_mut(len);
        self.blocks = later;
        Lane { blocks: now, key: self.key, before: &mut self.before }
    }
}

impl Streams {
    /// Asks the processor once; later calls read a cached answer.
    #[inline]
    pub(in crate::batch) fn detect() -> Option<Self> {
        Wide::detect().map(Self::Wide).or_else(|| Narrow::detect().map(Self::Narrow))
    }

    /// Encrypts each message in place.
    pub(in crate::batch) fn encrypt(self, mut waiting: Vec<Stream<'_>>) {
        waiting.retain(|stream| !stream.blocks.is_empty());
        waiting.sort_unstable_by_key(|stream| stream.blocks.len());
        let mut running = Vec::with_capacity(self.lanes_max());
        loop {
            let lanes = self.lanes(running.len() + waiting.len());
            while running.len() < lanes
                && let Some(longest) = waiting.pop()
            {
                running.push(longest);
            }
            if running.len() < self.worthwhile() {
                break;
            }
            self.run(&mut running);
            running.retain(|stream| !stream.blocks.is_empty());
        }
        let narrow = matches!(self, Self::Wide(_)).then(Narrow::detect).flatten();
        match narrow.map(Self::Narrow) {
            Some(narrow) => narrow.encrypt(running),
            None => running.into_iter().for_each(Stream::encrypt),
        }
    }

    /// Goes on with all of them, as far as the shortest.
    fn run(self, streams: &mut [Stream<'_>]) {
        let shortest = streams.iter().map(|stream| stream.blocks.len()).min().unwrap_or(0);
        let lanes = streams.iter_mut().map(|stream| stream.lane(shortest));
        match self {
            Self::Wide(wide) => wide.encrypt(lanes, shortest),
            Self::Narrow(narrow) => narrow.encrypt(lanes, shortest),
        }
    }

    /// How many of `messages` to begin with: as many at a time, and no more than there is room for.
    fn lanes(self, messages: usize) -> usize {
        let times = messages.div_ceil(self.lanes_max()).max(1);
        messages.div_ceil(times).next_multiple_of(4).min(self.lanes_max())
    }

    fn lanes_max(self) -> usize {
        match self {
            Self::Wide(_) => wide::LANES,
            Self::Narrow(_) => narrow::LANES,
        }
    }

    /// Fewer messages are encrypted faster one after the other.
    fn worthwhile(self) -> usize {
        match self {
            Self::Wide(_) => 4,
            Self::Narrow(_) => 2,
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::{Random, SeededRandom};

    /// All that this processor can run.
    fn backends() -> Vec<Streams> {
        let wide = Wide::detect().map(Streams::Wide);
        wide.into_iter().chain(Narrow::detect().map(Streams::Narrow)).collect()
    }

    #[track_caller]
    fn check(lengths: &[usize]) {
        let mut rng = SeededRandom::new(6);
        let secrets: Vec<[[u8; 32]; 2]> =
            lengths.iter().map(|_| [rng.bytes(), rng.bytes()]).collect();
        let mut plain: Vec<Vec<u8>> = lengths.iter().map(|blocks| vec![0; blocks * 16]).collect();
        plain.iter_mut().for_each(|data| rng.fill(data));
        let mut alone = plain.clone();
        for (data, [key, iv]) in alone.iter_mut().zip(&secrets) {
            aes_ige::encrypt(data, key, iv);
        }
        for backend in backends() {
            let mut together = plain.clone();
            let streams = together.iter_mut().zip(&secrets);
            backend.encrypt(streams.map(|(data, [key, iv])| Stream::new(data, key, iv)).collect());
            assert!(together == alone, "{backend:?} with {lengths:?}");
        }
    }

    #[test]
    fn any_number_of_lanes_may_be_taken() {
        for count in 0..40 {
            check(&vec![5; count]);
        }
    }

    proptest! {
        #[test]
        fn whatever_their_lengths_all_are_encrypted(
            lengths in prop::collection::vec(0_usize..200, 0..40),
        ) {
            check(&lengths);
        }
    }

    #[test]
    fn lanes_are_shared_out_evenly() {
        for backend in backends() {
            let max = backend.lanes_max();
            assert_eq!(backend.lanes(max), max);
            assert_eq!(backend.lanes(max + 1), max.div_ceil(2).next_multiple_of(4).max(8));
            assert!(backend.lanes(0) <= max && backend.lanes(1000) == max);
        }
    }
}
