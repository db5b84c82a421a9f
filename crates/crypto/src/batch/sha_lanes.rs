//! SHA-256 of sixteen messages at once: the same word of each in one register of AVX-512.

use std::arch::x86_64::*;

use super::hashes::Lane;
use crate::features;
use crate::sha_constants::ROUND_CONSTANTS;

/// Proof that the processor has the instructions: there is no other way to get one.
#[derive(Clone, Copy, Debug)]
pub(super) struct Lanes(());

/// How many messages go together.
pub(super) const LANES: usize = 16;

impl Lanes {
    /// Asks the processor once; later calls read a cached answer.
    #[inline]
    pub(super) fn detect() -> Option<Self> {
        features::has!("avx512f", "avx512bw").then_some(Self(()))
    }

    /// Goes on with all of them, as far as the shortest.
    #[allow(unsafe_code)] // The one call that crosses from any processor to this one.
    pub(super) fn run(self, lanes: &mut [Lane<'_>]) {
        let shortest = lanes.iter().map(Lane::left).min().unwrap_or(0);
        // SAFETY: the function is safe on a processor with these features, and `self` exists only
        // because `detect` has seen them.
        unsafe { run(lanes, shortest) }
    }
}

// Nothing below uses `array::from_fn` or `map` on registers: code without these features cannot take
// in code with them, and would call it each time.

#[target_feature(enable = "avx512f,avx512bw")]
#[inline(never)]
fn run(lanes: &mut [Lane<'_>], blocks: usize) {
    let mut words = [[0; LANES]; 8];
    for (number, lane) in lanes.iter().enumerate() {
        for (word, value) in words.iter_mut().zip(lane.state) {
            word[number] = value;
        }
    }
    let mut state = [_mm512_setzero_si512(); 8];
    for (register, word) in state.iter_mut().zip(words) {
        *register = packed(word);
    }
    for step in 0..blocks {
        let mut row = [&[0; 64]; LANES];
        for (place, lane) in row.iter_mut().zip(&*lanes) {
            *place = lane.next(step);
        }
        compress(&mut state, transposed(&row));
    }
    for (word, register) in words.iter_mut().zip(state) {
        *word = unpacked(register);
    }
    for (number, lane) in lanes.iter_mut().enumerate() {
        lane.state = words.map(|word| word[number]);
        lane.at += blocks;
    }
}

/// One round; the words move on by a change of names.
macro_rules! round {
    ($a:ident $b:ident $c:ident $d:ident $e:ident $f:ident $g:ident $h:ident, $word:expr, $constant:expr) => {
        let choice = _mm512_ternarylogic_epi32::<0xca>($e, $f, $g);
        let keyed = _mm512_add_epi32($word, _mm512_set1_epi32($constant.cast_signed()));
        let first = _mm512_add_epi32(
            _mm512_add_epi32($h, keyed),
            _mm512_add_epi32(choice, big_sigma::<6, 11, 25>($e)),
        );
        let majority = _mm512_ternarylogic_epi32::<0xe8>($a, $b, $c);
        let second = _mm512_add_epi32(majority, big_sigma::<2, 13, 22>($a));
        $d = _mm512_add_epi32($d, first);
        $h = _mm512_add_epi32(first, second);
    };
}

// Spec: FIPS 180-4, section 6.2.2.
#[target_feature(enable = "avx512f,avx512bw")]
#[inline]
fn compress(state: &mut [__m512i; 8], mut words: [__m512i; 16]) {
    let [mut a, mut b, mut c, mut d, mut e, mut f, mut g, mut h] = *state;
    for (turn, constants) in ROUND_CONSTANTS.as_flattened().as_chunks::<16>().0.iter().enumerate() {
        if turn > 0 {
            expand(&mut words);
        }
        for half in [0, 8] {
            round!(a b c d e f g h, words[half], constants[half]);
            round!(h a b c d e f g, words[half + 1], constants[half + 1]);
            round!(g h a b c d e f, words[half + 2], constants[half + 2]);
            round!(f g h a b c d e, words[half + 3], constants[half + 3]);
            round!(e f g h a b c d, words[half + 4], constants[half + 4]);
            round!(d e f g h a b c, words[half + 5], constants[half + 5]);
            round!(c d e f g h a b, words[half + 6], constants[half + 6]);
            round!(b c d e f g h a, words[half + 7], constants[half + 7]);
        }
    }
    for (before, now) in state.iter_mut().zip([a, b, c, d, e, f, g, h]) {
        *before = _mm512_add_epi32(*before, now);
    }
}

/// The sixteen words after these.
#[target_feature(enable = "avx512f,avx512bw")]
#[inline]
fn expand(words: &mut [__m512i; 16]) {
    for at in 0..16 {
        let grown = _mm512_add_epi32(
            _mm512_add_epi32(words[at], words[(at + 9) % 16]),
            _mm512_add_epi32(
                small_sigma::<7, 18, 3>(words[(at + 1) % 16]),
                small_sigma::<17, 19, 10>(words[(at + 14) % 16]),
            ),
        );
        words[at] = grown;
    }
}

#[target_feature(enable = "avx512f,avx512bw")]
#[inline]
fn big_sigma<const A: i32, const B: i32, const C: i32>(word: __m512i) -> __m512i {
    let (a, b) = (_mm512_ror_epi32::<A>(word), _mm512_ror_epi32::<B>(word));
    _mm512_ternarylogic_epi32::<0x96>(a, b, _mm512_ror_epi32::<C>(word))
}

#[target_feature(enable = "avx512f,avx512bw")]
#[inline]
fn small_sigma<const A: i32, const B: i32, const C: u32>(word: __m512i) -> __m512i {
    let (a, b) = (_mm512_ror_epi32::<A>(word), _mm512_ror_epi32::<B>(word));
    _mm512_ternarylogic_epi32::<0x96>(a, b, _mm512_srli_epi32::<C>(word))
}

/// The same word of each block in one register, turned to the processor's order.
#[target_feature(enable = "avx512f,avx512bw")]
#[inline]
fn transposed(blocks: &[&[u8; 64]; LANES]) -> [__m512i; 16] {
    let mut words = [_mm512_setzero_si512(); 16];
    for (quad, out) in words.as_chunks_mut::<4>().0.iter_mut().enumerate() {
        let (a, b) = (quarters(blocks, 0, quad), quarters(blocks, 1, quad));
        let (c, d) = (quarters(blocks, 2, quad), quarters(blocks, 3, quad));
        let (ab, cd) = (_mm512_unpacklo_epi32(a, b), _mm512_unpacklo_epi32(c, d));
        let (ab_high, cd_high) = (_mm512_unpackhi_epi32(a, b), _mm512_unpackhi_epi32(c, d));
        *out = [
            _mm512_unpacklo_epi64(ab, cd),
            _mm512_unpackhi_epi64(ab, cd),
            _mm512_unpacklo_epi64(ab_high, cd_high),
            _mm512_unpackhi_epi64(ab_high, cd_high),
        ];
    }
    words
}

/// One quarter of every fourth block from `first` on, so that two rounds of interleaving end in the
/// order of the blocks.
#[target_feature(enable = "avx512f,avx512bw")]
#[inline]
fn quarters(blocks: &[&[u8; 64]; LANES], first: usize, quad: usize) -> __m512i {
    let turn =
        _mm512_broadcast_i32x4(_mm_set_epi8(12, 13, 14, 15, 8, 9, 10, 11, 4, 5, 6, 7, 0, 1, 2, 3));
    let joined = joined([
        quarter(blocks[first], quad),
        quarter(blocks[first + 4], quad),
        quarter(blocks[first + 8], quad),
        quarter(blocks[first + 12], quad),
    ]);
    _mm512_shuffle_epi8(joined, turn)
}

#[target_feature(enable = "avx512f,avx512bw")]
#[inline]
fn quarter(block: &[u8; 64], quad: usize) -> __m128i {
    let value = u128::from_le_bytes(block.as_chunks().0[quad]);
    _mm_set_epi64x(((value >> 64) as u64).cast_signed(), (value as u64).cast_signed())
}

#[target_feature(enable = "avx512f,avx512bw")]
#[inline]
fn joined([a, b, c, d]: [__m128i; 4]) -> __m512i {
    let low = _mm512_inserti32x4::<1>(_mm512_castsi128_si512(a), b);
    _mm512_inserti32x4::<3>(_mm512_inserti32x4::<2>(low, c), d)
}

#[target_feature(enable = "avx512f,avx512bw")]
fn packed(words: [u32; LANES]) -> __m512i {
    let mut quarters = [_mm_setzero_si128(); 4];
    for (quarter, four) in quarters.iter_mut().zip(words.as_chunks::<4>().0) {
        let [a, b, c, d] = four.map(u32::cast_signed);
        *quarter = _mm_set_epi32(d, c, b, a);
    }
    joined(quarters)
}

#[target_feature(enable = "avx512f,avx512bw")]
fn unpacked(word: __m512i) -> [u32; LANES] {
    let quarters = [
        _mm512_extracti32x4_epi32::<0>(word),
        _mm512_extracti32x4_epi32::<1>(word),
        _mm512_extracti32x4_epi32::<2>(word),
        _mm512_extracti32x4_epi32::<3>(word),
    ];
    let mut words = [0; LANES];
    for (out, quarter) in words.as_chunks_mut::<4>().0.iter_mut().zip(quarters) {
        *out = [
            _mm_extract_epi32::<0>(quarter),
            _mm_extract_epi32::<1>(quarter),
            _mm_extract_epi32::<2>(quarter),
            _mm_extract_epi32::<3>(quarter),
        ]
        .map(i32::cast_unsigned);
    }
    words
}
