//! IGE over several messages at once: four blocks, one of each message, in a register of AVX-512,
//! and three such registers in flight, because one alone still waits for itself.

use std::arch::x86_64::*;

use zeroize::Zeroize;

use super::jobs::{Block, Lane};
use crate::aes_ige::aes_ni::{load, schedule, store};
use crate::features;

/// Proof that the processor has the instructions: there is no other way to get one.
#[derive(Clone, Copy, Debug)]
pub(in crate::batch) struct Wide(());

/// Messages in a register.
const ABREAST: usize = 4;
/// Registers in flight; a fourth would not fit.
const GROUPS: usize = 3;
/// How many messages go together.
pub(super) const LANES: usize = ABREAST * GROUPS;

impl Wide {
    /// Asks the processor once; later calls read a cached answer.
    #[inline]
    pub(super) fn detect() -> Option<Self> {
        features::has!("avx512f", "vaes", "aes", "ssse3").then_some(Self(()))
    }

    /// Encrypts `len` blocks of each lane.
    #[allow(unsafe_code)] // The calls that cross from any processor to this one.
    pub(super) fn encrypt<'a>(self, lanes: impl Iterator<Item = Lane<'a>>, len: usize) {
        let mut lanes: Vec<Lane<'a>> = lanes.collect();
        // SAFETY: the functions are safe on a processor with these features, and `self` exists
        // only because `detect` has seen them.
        match lanes.len().div_ceil(ABREAST) {
            ..=1 => unsafe { groups::<1>(&mut lanes, len) },
            2 => unsafe { groups::<2>(&mut lanes, len) },
            _ => unsafe { groups::<GROUPS>(&mut lanes, len) },
        }
    }
}

/// Round keys, or blocks, of four streams in each register.
type Registers<const N: usize> = [__m512i; N];

#[target_feature(enable = "avx512f,vaes,aes,ssse3")]
#[inline(never)]
fn groups<const N: usize>(lanes: &mut [Lane<'_>], len: usize) {
    let mut keys = round_keys::<N>(lanes);
    let half = |offset: usize| {
        abreast::<N>(|at| match lanes.get(at) {
            Some(lane) => load(&lane.before[offset]),
            None => _mm_setzero_si128(),
        })
    };
    let (mut cipher, mut plain) = (half(0), half(1));
    // A register that is not full encrypts zeros for nobody.
    let mut all_blocks: [&mut [Block]; LANES] = Default::default();
    for (blocks, lane) in all_blocks.iter_mut().zip(&mut *lanes) {
        *blocks = &mut *lane.blocks;
    }
    let [whitening, rounds @ .., last_key] = &keys;
    for at in 0..len {
        let next = abreast::<N>(|lane| match all_blocks[lane].get(at) {
            Some(block) => load(block),
            None => _mm_setzero_si128(),
        });
        let mut state = next;
        for group in 0..N {
            state[group] =
                _mm512_ternarylogic_epi32::<0x96>(next[group], cipher[group], whitening[group]);
        }
        for key in rounds {
            for group in 0..N {
                state[group] = _mm512_aesenc_epi128(state[group], key[group]);
            }
        }
        for group in 0..N {
            let addend = _mm512_xor_si512(last_key[group], plain[group]);
            cipher[group] = _mm512_aesenclast_epi128(state[group], addend);
        }
        plain = next;
        for (four, quarters) in all_blocks.as_chunks_mut::<ABREAST>().0.iter_mut().zip(cipher) {
            for (blocks, quarter) in four.iter_mut().zip(split(quarters)) {
                if let Some(block) = blocks.get_mut(at) {
                    store(block, quarter);
                }
            }
        }
    }
    for (at, lane) in lanes.iter_mut().enumerate() {
        store(&mut lane.before[0], split(cipher[at / ABREAST])[at % ABREAST]);
        store(&mut lane.before[1], split(plain[at / ABREAST])[at % ABREAST]);
    }
    for key in keys.as_flattened_mut() {
        key.zeroize();
    }
}

#[target_feature(enable = "avx512f,vaes,aes,ssse3")]
fn round_keys<const N: usize>(lanes: &[Lane<'_>]) -> [Registers<N>; 15] {
    let mut schedules = [[_mm_setzero_si128(); 15]; LANES];
    for (keys, lane) in schedules.iter_mut().zip(lanes) {
        *keys = schedule(lane.key);
    }
    let mut keys = [[_mm512_setzero_si512(); N]; 15];
    for (round, registers) in keys.iter_mut().enumerate() {
        *registers = abreast::<N>(|at| schedules[at][round]);
    }
    schedules.iter_mut().for_each(Zeroize::zeroize);
    keys
}

/// Four of what `quarter` says in each register.
#[target_feature(enable = "avx512f,vaes,aes,ssse3")]
#[inline]
fn abreast<const N: usize>(quarter: impl Fn(usize) -> __m128i) -> Registers<N> {
    let mut registers = [_mm512_setzero_si512(); N];
    for (group, register) in registers.iter_mut().enumerate() {
        let first = group * ABREAST;
        let low = _mm512_castsi128_si512(quarter(first));
        let low = _mm512_inserti32x4::<1>(low, quarter(first + 1));
        let high = _mm512_inserti32x4::<2>(low, quarter(first + 2));
        *register = _mm512_inserti32x4::<3>(high, quarter(first + 3));
    }
    registers
}

#[target_feature(enable = "avx512f,vaes,aes,ssse3")]
#[inline]
fn split(register: __m512i) -> [__m128i; ABREAST] {
    [
        _mm512_castsi512_si128(register),
        _mm512_extracti32x4_epi32::<1>(register),
        _mm512_extracti32x4_epi32::<2>(register),
        _mm512_extracti32x4_epi32::<3>(register),
    ]
}
