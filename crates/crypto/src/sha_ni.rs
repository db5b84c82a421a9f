//! One compression of SHA-256 with the SHA instructions of x86-64, for code that has something else
//! to compute meanwhile. Whoever only wants a hash takes [`sha256`](crate::sha256).

use std::arch::x86_64::*;

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
    let [a, b, c, d, e, f, g, h] = INITIAL_STATE;
    Sha256State { abef: quad([f, e, b, a]), cdgh: quad([h, g, d, c]) }
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
    digest(state)
}

#[target_feature(enable = "sha,sse4.1,ssse3")]
fn digest(state: Sha256State) -> [u8; 32] {
    let [f, e, b, a] = unquad(state.abef);
    let [h, g, d, c] = unquad(state.cdgh);
    let mut digest = [0; 32];
    for (bytes, word) in digest.as_chunks_mut::<4>().0.iter_mut().zip([a, b, c, d, e, f, g, h]) {
        *bytes = word.to_be_bytes();
    }
    digest
}

#[target_feature(enable = "sha,sse4.1,ssse3")]
fn load(chunk: &[u8; 64]) -> Words {
    let quads = chunk.as_chunks::<16>().0;
    std::array::from_fn(|at| {
        let value = u128::from_be_bytes(quads[at]);
        quad([(value >> 96) as u32, (value >> 64) as u32, (value >> 32) as u32, value as u32])
    })
}

#[target_feature(enable = "sha,sse4.1,ssse3")]
fn quad(words: [u32; 4]) -> __m128i {
    let [a, b, c, d] = words.map(u32::cast_signed);
    _mm_set_epi32(d, c, b, a)
}

#[target_feature(enable = "sha,sse4.1,ssse3")]
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

// Spec: FIPS 180-4, section 5.3.3.
pub(crate) const INITIAL_STATE: [u32; 8] = [
    0x6a09_e667,
    0xbb67_ae85,
    0x3c6e_f372,
    0xa54f_f53a,
    0x510e_527f,
    0x9b05_688c,
    0x1f83_d9ab,
    0x5be0_cd19,
];

// Spec: FIPS 180-4, section 4.2.2.
pub(crate) const ROUND_CONSTANTS: [[u32; 4]; 16] = [
    [0x428a_2f98, 0x7137_4491, 0xb5c0_fbcf, 0xe9b5_dba5],
    [0x3956_c25b, 0x59f1_11f1, 0x923f_82a4, 0xab1c_5ed5],
    [0xd807_aa98, 0x1283_5b01, 0x2431_85be, 0x550c_7dc3],
    [0x72be_5d74, 0x80de_b1fe, 0x9bdc_06a7, 0xc19b_f174],
    [0xe49b_69c1, 0xefbe_4786, 0x0fc1_9dc6, 0x240c_a1cc],
    [0x2de9_2c6f, 0x4a74_84aa, 0x5cb0_a9dc, 0x76f9_88da],
    [0x983e_5152, 0xa831_c66d, 0xb003_27c8, 0xbf59_7fc7],
    [0xc6e0_0bf3, 0xd5a7_9147, 0x06ca_6351, 0x1429_2967],
    [0x27b7_0a85, 0x2e1b_2138, 0x4d2c_6dfc, 0x5338_0d13],
    [0x650a_7354, 0x766a_0abb, 0x81c2_c92e, 0x9272_2c85],
    [0xa2bf_e8a1, 0xa81a_664b, 0xc24b_8b70, 0xc76c_51a3],
    [0xd192_e819, 0xd699_0624, 0xf40e_3585, 0x106a_a070],
    [0x19a4_c116, 0x1e37_6c08, 0x2748_774c, 0x34b0_bcb5],
    [0x391c_0cb3, 0x4ed8_aa4a, 0x5b9c_ca4f, 0x682e_6ff3],
    [0x748f_82ee, 0x78a5_636f, 0x84c8_7814, 0x8cc7_0208],
    [0x90be_fffa, 0xa450_6ceb, 0xbef9_a3f7, 0xc671_78f2],
];
