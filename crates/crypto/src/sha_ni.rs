//! One compression of SHA-256 with the SHA instructions of x86-64, for code that has something else
//! to compute meanwhile: a cipher, or a second hash. Whoever only wants a hash takes
//! [`sha256`](crate::sha256).

use std::arch::x86_64::*;

use crate::features;
use crate::sha_constants::{INITIAL_STATE, ROUND_CONSTANTS};

/// Proof that the processor has the instructions: there is no other way to get one.
#[derive(Clone, Copy, Debug)]
pub(crate) struct ShaNi(());

impl ShaNi {
    /// Asks the processor once; later calls read a cached answer.
    #[inline]
    pub(crate) fn detect() -> Option<Self> {
        features::has!("sha", "sse4.1", "ssse3").then_some(Self(()))
    }

    /// The hashes of two short messages, which take little longer than one.
    #[inline]
    #[allow(unsafe_code)] // The one call that crosses from any processor to this one.
    pub(crate) fn pair<const N: usize>(self, a: &[u8; N], b: &[u8; N]) -> [[u8; 32]; 2] {
        // SAFETY: the function is safe on a processor with these features, and `self` exists only
        // because `detect` has seen them.
        unsafe { pair(a, b) }
    }

    /// Goes on with two hashes, whose words are in the order of the specification, a block of each
    /// at a time: both together take little longer than one.
    #[inline]
    #[allow(unsafe_code)] // As above.
    pub(crate) fn compress<'a>(
        self,
        states: &mut [[u32; 8]; 2],
        blocks: impl Iterator<Item = [&'a [u8; 64]; 2]>,
    ) {
        // SAFETY: as above.
        unsafe { both(states, blocks) }
    }
}

/// The running hash, in the order in which the instructions want it.
#[derive(Clone, Copy)]
pub(crate) struct Sha256State {
    abef: __m128i,
    cdgh: __m128i,
}

/// What one compression takes in: sixteen words, each already turned to the processor's order.
pub(crate) type Words = [__m128i; 4];

/// Runs four rounds with `$words`.
macro_rules! rounds {
    ($state:ident, $words:expr, $group:literal) => {
        let keyed = _mm_add_epi32($words, group_constant($group));
        $state.cdgh = _mm_sha256rnds2_epu32($state.cdgh, $state.abef, keyed);
        let keyed = _mm_shuffle_epi32::<0x0e>(keyed);
        $state.abef = _mm_sha256rnds2_epu32($state.abef, $state.cdgh, keyed);
    };
}

/// Replaces the oldest four words, `$a`, by the four that follow `$d`, and runs their rounds.
macro_rules! expand {
    ($state:ident, $a:ident, $b:ident, $c:ident, $d:ident, $group:literal) => {
        let sum = _mm_add_epi32(_mm_sha256msg1_epu32($a, $b), _mm_alignr_epi8::<4>($d, $c));
        $a = _mm_sha256msg2_epu32(sum, $d);
        rounds!($state, $a, $group);
    };
}

/// The hash of nothing so far.
#[target_feature(enable = "sha,sse4.1,ssse3")]
pub(crate) fn start() -> Sha256State {
    packed(INITIAL_STATE)
}

/// Takes in 64 bytes. Unrolled by hand: with an index known only at run time the schedule of words
/// would live in memory.
#[target_feature(enable = "sha,sse4.1,ssse3")]
#[inline]
pub(crate) fn compress(state: &mut Sha256State, words: Words) {
    let [mut a, mut b, mut c, mut d] = words;
    let before = *state;
    let mut now = before;
    rounds!(now, a, 0);
    rounds!(now, b, 1);
    rounds!(now, c, 2);
    rounds!(now, d, 3);
    expand!(now, a, b, c, d, 4);
    expand!(now, b, c, d, a, 5);
    expand!(now, c, d, a, b, 6);
    expand!(now, d, a, b, c, 7);
    expand!(now, a, b, c, d, 8);
    expand!(now, b, c, d, a, 9);
    expand!(now, c, d, a, b, 10);
    expand!(now, d, a, b, c, 11);
    expand!(now, a, b, c, d, 12);
    expand!(now, b, c, d, a, 13);
    expand!(now, c, d, a, b, 14);
    expand!(now, d, a, b, c, 15);
    state.abef = _mm_add_epi32(before.abef, now.abef);
    state.cdgh = _mm_add_epi32(before.cdgh, now.cdgh);
}

/// Sixteen bytes of input as four words.
#[target_feature(enable = "sha,sse4.1,ssse3")]
#[inline]
pub(crate) fn words(bytes: __m128i) -> __m128i {
    _mm_shuffle_epi8(bytes, _mm_set_epi64x(0x0c0d_0e0f_0809_0a0b, 0x0405_0607_0001_0203))
}

// No AVX here either: see `aes_ige::aes_ni`.
#[target_feature(enable = "sha,sse4.1,ssse3")]
#[inline(never)]
fn pair<const N: usize>(a: &[u8; N], b: &[u8; N]) -> [[u8; 32]; 2] {
    let (a, b) = (padded(a), padded(b));
    let (mut first, mut second) = (start(), start());
    // Nothing of the one waits for the other, so the processor runs both at once.
    compress(&mut first, load(&a));
    compress(&mut second, load(&b));
    [digest(unpacked(first)), digest(unpacked(second))]
}

#[target_feature(enable = "sha,sse4.1,ssse3")]
#[inline(never)]
fn both<'a>(states: &mut [[u32; 8]; 2], blocks: impl Iterator<Item = [&'a [u8; 64]; 2]>) {
    let (mut first, mut second) = (packed(states[0]), packed(states[1]));
    for [a, b] in blocks {
        compress(&mut first, load(a));
        compress(&mut second, load(b));
    }
    *states = [unpacked(first), unpacked(second)];
}

/// A hash as its bytes.
pub(crate) fn digest(words: [u32; 8]) -> [u8; 32] {
    let mut digest = [0; 32];
    for (bytes, word) in digest.as_chunks_mut::<4>().0.iter_mut().zip(words) {
        *bytes = word.to_be_bytes();
    }
    digest
}

/// A message as its only block: the bytes, a bit, zeros, and the length in bits.
fn padded<const N: usize>(bytes: &[u8; N]) -> [u8; 64] {
    const { assert!(N < 56, "the end fits into the same block") };
    let mut block = [0; 64];
    block[..N].copy_from_slice(bytes);
    block[N] = 0x80;
    block[56..].copy_from_slice(&(N as u64 * 8).to_be_bytes());
    block
}

/// The hash of everything: what was compressed, then `rest`, `total` bytes together.
#[target_feature(enable = "sha,sse4.1,ssse3")]
pub(crate) fn finish(mut state: Sha256State, rest: &[u8], total: usize) -> [u8; 32] {
    let (whole, tail) = rest.as_chunks::<64>();
    for chunk in whole {
        compress(&mut state, load(chunk));
    }
    // A bit, zeros, and the length in bits: in this block where they fit, else one more.
    let mut last = [0; 128];
    let len = if tail.len() < 56 { 64 } else { 128 };
    last[..tail.len()].copy_from_slice(tail);
    last[tail.len()] = 0x80;
    last[len - 8..len].copy_from_slice(&(total as u64 * 8).to_be_bytes());
    for chunk in last[..len].as_chunks::<64>().0 {
        compress(&mut state, load(chunk));
    }
    digest(unpacked(state))
}

#[target_feature(enable = "sha,sse4.1,ssse3")]
#[inline]
fn packed([a, b, c, d, e, f, g, h]: [u32; 8]) -> Sha256State {
    Sha256State { abef: quad([f, e, b, a]), cdgh: quad([h, g, d, c]) }
}

#[target_feature(enable = "sha,sse4.1,ssse3")]
#[inline]
fn unpacked(state: Sha256State) -> [u32; 8] {
    let [f, e, b, a] = unquad(state.abef);
    let [h, g, d, c] = unquad(state.cdgh);
    [a, b, c, d, e, f, g, h]
}

// Spelled out: `array::from_fn`, which has none of these features, could not take this in.
#[target_feature(enable = "sha,sse4.1,ssse3")]
#[inline]
fn load(chunk: &[u8; 64]) -> Words {
    let quads = chunk.as_chunks::<16>().0;
    [
        words(bytes(&quads[0])),
        words(bytes(&quads[1])),
        words(bytes(&quads[2])),
        words(bytes(&quads[3])),
    ]
}

#[target_feature(enable = "sha,sse4.1,ssse3")]
#[inline]
fn bytes(quad: &[u8; 16]) -> __m128i {
    let value = u128::from_le_bytes(*quad);
    _mm_set_epi64x(((value >> 64) as u64).cast_signed(), (value as u64).cast_signed())
}

#[target_feature(enable = "sha,sse4.1,ssse3")]
#[inline]
fn quad(words: [u32; 4]) -> __m128i {
    let [a, b, c, d] = words.map(u32::cast_signed);
    _mm_set_epi32(d, c, b, a)
}

#[target_feature(enable = "sha,sse4.1,ssse3")]
#[inline]
fn unquad(words: __m128i) -> [u32; 4] {
    let lanes = [
        _mm_extract_epi32::<0>(words),
        _mm_extract_epi32::<1>(words),
        _mm_extract_epi32::<2>(words),
        _mm_extract_epi32::<3>(words),
    ];
    lanes.map(i32::cast_unsigned)
}

#[target_feature(enable = "sha,sse4.1,ssse3")]
#[inline]
fn group_constant(group: usize) -> __m128i {
    quad(ROUND_CONSTANTS[group])
}
