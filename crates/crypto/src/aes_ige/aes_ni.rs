//! IGE with the AES instructions of x86-64, folded so that nothing but AES is on the critical path.
//!
//! By the book a block costs two xors besides its fourteen rounds: the previous output before the
//! cipher and the previous input after it. The last round instruction xors a round key *after* the
//! substitution, so the second xor can ride in its operand, and with it the whitening and both xors
//! of the block that follows. The state that leaves the last round then is the next block's
//! whitened input, and the output is recovered from it off the chain.

use std::arch::x86_64::*;

use zeroize::Zeroize;

use super::dispatch::{Block, halves};
use crate::features;

/// Proof that the processor has the instructions: there is no other way to get one.
#[derive(Clone, Copy, Debug)]
pub(super) struct AesNi(());

impl AesNi {
    /// Asks the processor once; later calls read a cached answer.
    #[inline]
    pub(super) fn detect() -> Option<Self> {
        features::has!("aes", "ssse3").then_some(Self(()))
    }

    #[inline]
    #[allow(unsafe_code)] // The one call that crosses from any processor to this one.
    pub(super) fn encrypt(self, blocks: &mut [Block], key: &[u8; 32], iv: &[u8; 32]) {
        // SAFETY: the function is safe on a processor with AES and SSSE3, and `self` exists only
        // because `detect` has seen both.
        unsafe { encrypt(blocks, key, iv) }
    }

    #[inline]
    #[allow(unsafe_code)] // The one call that crosses from any processor to this one.
    pub(super) fn decrypt(self, blocks: &mut [Block], key: &[u8; 32], iv: &[u8; 32]) {
        // SAFETY: as in `encrypt`.
        unsafe { decrypt(blocks, key, iv) }
    }
}

// The feature lists name no AVX, so that a SHA instruction after this code pays no penalty for
// dirty upper halves of registers.

#[target_feature(enable = "aes,ssse3")]
#[inline(never)]
fn encrypt(blocks: &mut [Block], key: &[u8; 32], iv: &[u8; 32]) {
    let (ciphertext, plaintext) = halves(iv);
    let mut keys = schedule(key);
    chain!(blocks, &keys, ciphertext, plaintext, _mm_aesenc_si128, _mm_aesenclast_si128);
    keys.zeroize();
}

#[target_feature(enable = "aes,ssse3")]
#[inline(never)]
fn decrypt(blocks: &mut [Block], key: &[u8; 32], iv: &[u8; 32]) {
    let (ciphertext, plaintext) = halves(iv);
    let mut keys = decryption_schedule(key);
    chain!(blocks, &keys, plaintext, ciphertext, _mm_aesdec_si128, _mm_aesdeclast_si128);
    keys.zeroize();
}

/// Runs the chain over `$blocks`; `$output` and `$input` are the blocks before the first.
macro_rules! chain {
    ($blocks:expr, $keys:expr, $output:expr, $input:expr, $round:ident, $last_round:ident) => {{
        let [whitening, rounds @ .., last_key]: &[__m128i; 15] = $keys;
        if let Some((mut pending, rest)) = $blocks.split_first_mut() {
            let folded_key = _mm_xor_si128(*last_key, *whitening);
            let mut previous = load($input);
            let mut current = load(pending);
            let mut state = _mm_xor_si128(_mm_xor_si128(current, load($output)), *whitening);
            for block in rest {
                let next = load(block);
                // Everything the last round adds, prepared while the rounds run.
                let addend = _mm_xor_si128(_mm_xor_si128(folded_key, previous), next);
                let unmask = _mm_xor_si128(next, *whitening);
                for key in rounds {
                    state = $round(state, *key);
                }
                state = $last_round(state, addend);
                store(pending, _mm_xor_si128(state, unmask));
                (previous, current, pending) = (current, next, block);
            }
            for key in rounds {
                state = $round(state, *key);
            }
            store(pending, $last_round(state, _mm_xor_si128(*last_key, previous)));
        }
    }};
}
use chain;

/// The fifteen round keys of AES-256 in order of encryption.
///
/// The S-box comes from the last-round instruction instead of the slow key-generation one: with
/// all four columns equal its row shift does nothing.
// Spec: FIPS 197, section 5.2.
#[target_feature(enable = "aes,ssse3")]
pub(crate) fn schedule(key: &[u8; 32]) -> [__m128i; 15] {
    let (even, odd) = halves(key);
    let (mut even, mut odd) = (load(even), load(odd));
    let mut keys = [_mm_setzero_si128(); 15];
    keys[0] = even;
    keys[1] = odd;
    for round in 1..8 {
        let word = _mm_shuffle_epi8(odd, _mm_set1_epi32(0x0c0f_0e0d));
        let word = _mm_aesenclast_si128(word, _mm_set1_epi32(1 << (round - 1)));
        even = _mm_xor_si128(prefix_xor(even), word);
        keys[2 * round] = even;
        if round < 7 {
            let word = _mm_shuffle_epi8(even, _mm_set1_epi32(0x0f0e_0d0c));
            let word = _mm_aesenclast_si128(word, _mm_setzero_si128());
            odd = _mm_xor_si128(prefix_xor(odd), word);
            keys[2 * round + 1] = odd;
        }
    }
    keys
}

/// The same in order of decryption, for the instructions that decrypt.
#[target_feature(enable = "aes,ssse3")]
pub(super) fn decryption_schedule(key: &[u8; 32]) -> [__m128i; 15] {
    let mut keys = schedule(key);
    keys.reverse();
    for key in &mut keys[1..14] {
        *key = _mm_aesimc_si128(*key);
    }
    keys
}

/// Each 32-bit column becomes the xor of itself and all columns before it.
#[target_feature(enable = "aes,ssse3")]
fn prefix_xor(key: __m128i) -> __m128i {
    let key = _mm_xor_si128(key, _mm_slli_si128::<4>(key));
    _mm_xor_si128(key, _mm_slli_si128::<8>(key))
}

// Loads and stores are spelled in safe intrinsics; the compiler makes one instruction of each.

#[target_feature(enable = "aes,ssse3")]
#[inline]
pub(crate) fn load(block: &Block) -> __m128i {
    let (low, high) = split(u128::from_le_bytes(*block));
    _mm_set_epi64x(high, low)
}

#[target_feature(enable = "aes,ssse3")]
#[inline]
pub(crate) fn store(block: &mut Block, value: __m128i) {
    let (low, high) = block.split_at_mut(8);
    low.copy_from_slice(&_mm_cvtsi128_si64(value).to_le_bytes());
    high.copy_from_slice(&_mm_cvtsi128_si64(_mm_unpackhi_epi64(value, value)).to_le_bytes());
}

fn split(value: u128) -> (i64, i64) {
    ((value as u64).cast_signed(), ((value >> 64) as u64).cast_signed())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    #[allow(unsafe_code)] // Calls the schedule behind the same check as the backend does.
    fn schedule_matches_the_standard() {
        let Some(AesNi(())) = AesNi::detect() else { return };
        // Spec: FIPS 197, appendix A.3: the key and the last words of its expansion.
        let key = "603deb1015ca71be2b73aef0857d77811f352c073b6108d72d9810a30914dff4";
        let key = hex::decode(key).unwrap().try_into().unwrap();
        let mut last = [0; 16];
        // SAFETY: `detect` has seen AES and SSSE3.
        unsafe { store(&mut last, schedule(&key)[14]) };
        assert_eq!(hex::encode(last), "fe4890d1e6188d0b046df344706c631e");
    }
}
