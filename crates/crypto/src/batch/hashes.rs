//! SHA-256 of several messages, in the way that is fastest for so many: sixteen in the lanes of wide
//! registers, two with the instructions made for it, or one.

use sha2::block_api::compress256;

use super::sha_lanes::{LANES, Lanes};
use crate::sha_constants::INITIAL_STATE;
use crate::sha_ni::{ShaNi, digest};

/// What this processor has for more than one.
#[derive(Clone, Copy, Debug)]
pub(super) struct Hasher {
    lanes: Option<Lanes>,
    pairs: Option<ShaNi>,
}

/// A message: the 32 bytes that go before, and the rest.
pub(super) type Parts<'a> = (&'a [u8; 32], &'a [u8]);

impl Hasher {
    /// None if it can only hash one after the other.
    #[inline]
    pub(super) fn detect() -> Option<Self> {
        let hasher = Self { lanes: Lanes::detect(), pairs: ShaNi::detect() };
        (hasher.lanes.is_some() || hasher.pairs.is_some()).then_some(hasher)
    }

    /// The hash of each message.
    ///
    /// Those that go together run as far as the shortest of them; whoever is done makes room for
    /// another. The longest go first, so that few are left over at the end.
    pub(super) fn hashes(self, messages: &[Parts<'_>]) -> Vec<[u8; 32]> {
        let mut hashes = vec![[0; 32]; messages.len()];
        let mut waiting: Vec<Lane<'_>> =
            messages.iter().enumerate().map(|(number, parts)| Lane::new(number, *parts)).collect();
        waiting.sort_unstable_by_key(|lane| lane.blocks);
        let mut done = |lane: &Lane<'_>| hashes[lane.number] = digest(lane.state);
        if let Some(lanes) = self.lanes {
            waiting = self.in_lanes(lanes, waiting, &mut done);
        }
        if let Some(pairs) = self.pairs {
            waiting = in_pairs(pairs, waiting, &mut done);
        }
        for mut lane in waiting {
            lane.run_alone();
            done(&lane);
        }
        hashes
    }

    /// Returns what is left when there is too little for that.
    fn in_lanes<'a>(
        self,
        lanes: Lanes,
        mut waiting: Vec<Lane<'a>>,
        done: &mut impl FnMut(&Lane<'a>),
    ) -> Vec<Lane<'a>> {
        let worthwhile = if self.pairs.is_some() { WORTHWHILE } else { WORTHWHILE_UNAIDED };
        let mut running = Vec::with_capacity(LANES);
        loop {
            while running.len() < LANES
                && let Some(longest) = waiting.pop()
            {
                running.push(longest);
            }
            if running.len() < worthwhile {
                return running;
            }
            lanes.run(&mut running);
            running.retain(|lane| {
                let is_done = lane.left() == 0;
                if is_done {
                    done(lane);
                }
                !is_done
            });
        }
    }
}

/// Returns the one that is left, if one is.
fn in_pairs<'a>(
    pairs: ShaNi,
    mut waiting: Vec<Lane<'a>>,
    done: &mut impl FnMut(&Lane<'a>),
) -> Vec<Lane<'a>> {
    waiting.sort_unstable_by_key(Lane::left);
    while let [.., a, b] = waiting.as_mut_slice() {
        let steps = a.left().min(b.left());
        let mut states = [a.state, b.state];
        pairs.compress(&mut states, (0..steps).map(|step| [a.next(step), b.next(step)]));
        for (lane, state) in [a, b].into_iter().zip(states) {
            (lane.state, lane.at) = (state, lane.at + steps);
        }
        // Whoever is not done meets the next.
        let both = waiting.split_off(waiting.len() - 2);
        for lane in both {
            if lane.left() == 0 {
                done(&lane);
            } else {
                waiting.push(lane);
            }
        }
    }
    waiting
}

/// Fewer messages are hashed faster in pairs.
const WORTHWHILE: usize = 14;
/// Fewer are hashed faster one after the other, on a processor that has no instructions for a hash.
const WORTHWHILE_UNAIDED: usize = 4;

/// A message as the blocks that are compressed: one with the prefix, those in place, and one or two
/// with the end. A message too short to fill the first has an end only.
pub(super) struct Lane<'a> {
    /// Its place among the messages.
    number: usize,
    pub(super) state: [u32; 8],
    /// How many blocks were compressed.
    pub(super) at: usize,
    head: [u8; 64],
    body: &'a [[u8; 64]],
    tail: [u8; 128],
    /// How many there are of the first two kinds, and of all.
    before_tail: usize,
    blocks: usize,
}

impl<'a> Lane<'a> {
    fn new(number: usize, (prefix, data): Parts<'a>) -> Self {
        let (state, head, tail) = (INITIAL_STATE, [0; 64], [0; 128]);
        let mut lane =
            Self { number, state, at: 0, head, body: &[], tail, before_tail: 0, blocks: 0 };
        let used = match data.split_at_checked(32) {
            Some((first, rest)) => {
                lane.head = join(prefix, first);
                let (body, end) = rest.as_chunks();
                (lane.body, lane.before_tail) = (body, 1 + body.len());
                lane.tail[..end.len()].copy_from_slice(end);
                end.len()
            }
            None => {
                lane.tail[..64].copy_from_slice(&join(prefix, data));
                prefix.len() + data.len()
            }
        };
        // A bit, zeros, and the length in bits: in this block where they fit, else one more.
        let len = if used < 56 { 64 } else { 128 };
        let bits = (prefix.len() + data.len()) as u64 * 8;
        lane.tail[used] = 0x80;
        lane.tail[len - 8..len].copy_from_slice(&bits.to_be_bytes());
        lane.blocks = lane.before_tail + len / 64;
        lane
    }

    fn block(&self, at: usize) -> Option<&[u8; 64]> {
        match at.checked_sub(self.before_tail) {
            Some(at) => self.tail.as_chunks().0.get(at),
            None if at == 0 => Some(&self.head),
            None => self.body.get(at - 1),
        }
    }

    /// How many blocks are left.
    pub(super) const fn left(&self) -> usize {
        self.blocks - self.at
    }

    /// The block that comes after `step` others. Behind the last there are only zeros.
    pub(super) fn next(&self, step: usize) -> &[u8; 64] {
        self.block(self.at + step).unwrap_or(&[0; 64])
    }

    /// Compresses all that is left.
    fn run_alone(&mut self) {
        while self.left() > 0 {
            // The long middle in one call: there the instructions overlap.
            let pieces = match self.at.checked_sub(1) {
                Some(done) if done < self.body.len() => &self.body[done..],
                _ => std::slice::from_ref(self.next(0)),
            };
            let (mut state, count) = (self.state, pieces.len());
            compress256(&mut state, pieces);
            (self.state, self.at) = (state, self.at + count);
        }
    }
}

fn join(prefix: &[u8; 32], first: &[u8]) -> [u8; 64] {
    let mut block = [0; 64];
    block[..32].copy_from_slice(prefix);
    block[32..32 + first.len()].copy_from_slice(first);
    block
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Random, SeededRandom, sha256};

    /// All that this processor can run.
    fn hashers() -> Vec<Hasher> {
        let (lanes, pairs) = (Lanes::detect(), ShaNi::detect());
        let choices = [(lanes, pairs), (lanes, None), (None, pairs), (None, None)];
        choices.into_iter().map(|(lanes, pairs)| Hasher { lanes, pairs }).collect()
    }

    #[test]
    fn whatever_their_lengths_all_are_hashed() {
        let mut rng = SeededRandom::new(9);
        let lengths = [0, 16, 32, 48, 64, 80, 1 << 12, 96, 16, 5000, 112, 23, 24, 87, 88, 31, 4096];
        for count in 0..3 * LANES {
            let lengths = lengths.iter().cycle().take(count);
            let messages: Vec<([u8; 32], Vec<u8>)> = lengths
                .map(|&len| {
                    let mut data = vec![0; len];
                    rng.fill(&mut data);
                    (rng.bytes(), data)
                })
                .collect();
            let parts: Vec<_> = messages.iter().map(|(prefix, data)| (prefix, &**data)).collect();
            let expected: Vec<_> =
                messages.iter().map(|(prefix, data)| sha256(&[prefix, data])).collect();
            for hasher in hashers() {
                assert_eq!(hasher.hashes(&parts), expected, "{count} with {hasher:?}");
            }
        }
    }
}
