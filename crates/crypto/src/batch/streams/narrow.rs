//! Eight chains in eight registers of 128 bits: while one waits for itself, the others go on.

use std::arch::x86_64::*;

use zeroize::Zeroize;

use super::jobs::{Block, Lane};
use crate::aes_ige::aes_ni::{load, schedule, store};
use crate::features;

/// Proof that the processor has the instructions: there is no other way to get one.
#[derive(Clone, Copy, Debug)]
pub(in crate::batch) struct Narrow(());

/// How many messages go together.
pub(super) const LANES: usize = 8;

impl Narrow {
    /// Asks the processor once; later calls read a cached answer.
    #[inline]
    pub(super) fn detect() -> Option<Self> {
        features::has!("aes", "ssse3").then_some(Self(()))
    }

    /// Encrypts `len` blocks of each lane.
    #[allow(unsafe_code)] // The call that crosses from any processor to this one.
    pub(super) fn encrypt<'a>(self, lanes: impl Iterator<Item = Lane<'a>>, len: usize) {
        let mut lanes: Vec<Lane<'a>> = lanes.collect();
        // SAFETY: the functions are safe on a processor with these features, and `self` exists only
        // because `detect` has seen them.
        match lanes.len() {
            ..=4 => unsafe { encrypt::<4>(&mut lanes, len) },
            _ => unsafe { encrypt::<LANES>(&mut lanes, len) },
        }
    }
}

#[target_feature(enable = "aes,ssse3")]
#[inline(never)]
fn encrypt<const N: usize>(lanes: &mut [Lane<'_>], len: usize) {
    let mut keys = round_keys::<N>(lanes);
    let half = |at: usize| {
        each::<N>(|lane| match lanes.get(lane) {
            Some(lane) => load(&lane.before[at]),
            None => _mm_setzero_si128(),
        })
    };
    let (mut cipher, mut plain) = (half(0), half(1));
    // A lane without a message encrypts zeros for nobody.
    let mut blocks: [&mut [Block]; N] = std::array::from_fn(|_| Default::default());
    for (blocks, lane) in blocks.iter_mut().zip(&mut *lanes) {
        *blocks = &mut *lane.blocks;
    }
    let [whitening, rounds @ .., last_key] = &keys;
    for at in 0..len {
        let next = each::<N>(|lane| match blocks[lane].get(at) {
            Some(block) => load(block),
            None => _mm_setzero_si128(),
        });
        let mut state = next;
        for lane in 0..N {
            state[lane] = _mm_xor_si128(_mm_xor_si128(next[lane], cipher[lane]), whitening[lane]);
        }
        for key in rounds {
            for lane in 0..N {
                state[lane] = _mm_aesenc_si128(state[lane], key[lane]);
            }
        }
        for lane in 0..N {
            let addend = _mm_xor_si128(last_key[lane], plain[lane]);
            cipher[lane] = _mm_aesenclast_si128(state[lane], addend);
            if let Some(block) = blocks[lane].get_mut(at) {
                store(block, cipher[lane]);
            }
        }
        plain = next;
    }
    for ((lane, cipher), plain) in lanes.iter_mut().zip(cipher).zip(plain) {
        store(&mut lane.before[0], cipher);
        store(&mut lane.before[1], plain);
    }
    keys.as_flattened_mut().iter_mut().for_each(Zeroize::zeroize);
}

#[target_feature(enable = "aes,ssse3")]
fn round_keys<const N: usize>(lanes: &[Lane<'_>]) -> [[__m128i; N]; 15] {
    let mut keys = [[_mm_setzero_si128(); N]; 15];
    for (at, lane) in lanes.iter().enumerate() {
        let mut schedule = schedule(lane.key);
        for (round, key) in keys.iter_mut().zip(schedule) {
            round[at] = key;
        }
        schedule.zeroize();
    }
    keys
}

/// What `of` says of each lane. Not `array::from_fn`: code without these features cannot take in
/// code with them, and would call it for every block.
#[target_feature(enable = "aes,ssse3")]
#[inline]
fn each<const N: usize>(of: impl Fn(usize) -> __m128i) -> [__m128i; N] {
    let mut registers = [_mm_setzero_si128(); N];
    for (lane, register) in registers.iter_mut().enumerate() {
        *register = of(lane);
    }
    registers
}
