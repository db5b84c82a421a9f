//! Decrypting and hashing in one pass.
//!
//! The message key of MTProto 2.0 is a hash of the plaintext, so whoever opens a message decrypts it
//! and then hashes what came out. IGE leaves most of the processor idle, since each block waits for
//! the one before. Here the hash follows 64 bytes behind the cipher, in the same loop, and the
//! processor computes it in the gaps.

use std::arch::x86_64::*;

use zeroize::Zeroize;

use super::aes_ni::{load, store};
use super::dispatch::{Block, halves};
use crate::features;
use crate::sha_ni::{self, Words};

/// Proof that the processor has both sets of instructions: there is no other way to get one.
#[derive(Clone, Copy, Debug)]
pub(super) struct Stitched(());

/// Fewer blocks have no middle that could be stitched.
pub(super) const BLOCKS_MIN: usize = 3;

impl Stitched {
    /// Asks the processor once; later calls read a cached answer.
    #[inline]
    pub(super) fn detect() -> Option<Self> {
        features::has!("aes", "ssse3", "sha", "sse4.1").then_some(Self(()))
    }

    /// Decrypts in place, and hashes `prefix` and the plaintext.
    #[inline]
    #[allow(unsafe_code)] // The one call that crosses from any processor to this one.
    pub(super) fn decrypt(
        self,
        blocks: &mut [Block],
        key: &[u8; 32],
        iv: &[u8; 32],
        prefix: &[u8; 32],
    ) -> [u8; 32] {
        // SAFETY: the function is safe on a processor with these features, and `self` exists only
        // because `detect` has seen them.
        unsafe { decrypt(blocks, key, iv, prefix) }
    }
}

/// The cipher between two blocks. See `aes_ni` for what is folded into `state`.
struct Chain<'a> {
    rounds: &'a [__m128i; 13],
    whitening: __m128i,
    folded_key: __m128i,
    last_key: __m128i,
    state: __m128i,
    previous: __m128i,
    current: __m128i,
}

impl<'a> Chain<'a> {
    /// Stands before `first`; `ciphertext` and `plaintext` are what came before it.
    #[target_feature(enable = "aes,sha,sse4.1,ssse3")]
    #[inline]
    fn new(keys: &'a [__m128i; 15], first: &Block, ciphertext: &Block, plaintext: &Block) -> Self {
        let [whitening, rounds @ .., last_key] = keys;
        let current = load(first);
        Self {
            rounds,
            whitening: *whitening,
            folded_key: _mm_xor_si128(*last_key, *whitening),
            last_key: *last_key,
            state: _mm_xor_si128(_mm_xor_si128(current, load(plaintext)), *whitening),
            previous: load(ciphertext),
            current,
        }
    }

    /// Turns the current block into plaintext and goes on to `next`.
    #[target_feature(enable = "aes,sha,sse4.1,ssse3")]
    #[inline]
    fn step(&mut self, next: &Block) -> __m128i {
        let next = load(next);
        let addend = _mm_xor_si128(_mm_xor_si128(self.folded_key, self.previous), next);
        let mut state = self.state;
        for key in self.rounds {
            state = _mm_aesdec_si128(state, *key);
        }
        self.state = _mm_aesdeclast_si128(state, addend);
        (self.previous, self.current) = (self.current, next);
        _mm_xor_si128(self.state, _mm_xor_si128(next, self.whitening))
    }

    /// The plaintext of the last block.
    #[target_feature(enable = "aes,sha,sse4.1,ssse3")]
    #[inline]
    fn last(self) -> __m128i {
        let mut state = self.state;
        for key in self.rounds {
            state = _mm_aesdec_si128(state, *key);
        }
        _mm_aesdeclast_si128(state, _mm_xor_si128(self.last_key, self.previous))
    }
}

// No AVX here either: see `aes_ni`.
#[target_feature(enable = "aes,sha,sse4.1,ssse3")]
#[inline(never)]
fn decrypt(blocks: &mut [Block], key: &[u8; 32], iv: &[u8; 32], prefix: &[u8; 32]) -> [u8; 32] {
    let (ciphertext, plaintext) = halves(iv);
    let mut keys = super::aes_ni::decryption_schedule(key);
    let mut chain = Chain::new(&keys, &blocks[0], ciphertext, plaintext);
    let mut hash = sha_ni::start();

    // The hash begins with half a step that is not ours to decrypt.
    let (prefix_low, prefix_high) = halves(prefix);
    let mut behind: Words =
        [load(prefix_low), load(prefix_high), chain.step(&blocks[1]), chain.step(&blocks[2])];
    store(&mut blocks[0], behind[2]);
    store(&mut blocks[1], behind[3]);

    let mut at = 2;
    while let Some([a, b, c, d, after, ..]) = blocks.get_mut(at..) {
        let ahead = [chain.step(b), chain.step(c), chain.step(d), chain.step(after)];
        sha_ni::compress(&mut hash, turned(behind));
        for (block, plain) in [a, b, c, d].into_iter().zip(ahead) {
            store(block, plain);
        }
        behind = ahead;
        at += 4;
    }
    sha_ni::compress(&mut hash, turned(behind));

    let hashed = at;
    while let Some([block, after, ..]) = blocks.get_mut(at..) {
        store(block, chain.step(after));
        at += 1;
    }
    store(&mut blocks[at], chain.last());
    keys.zeroize();
    sha_ni::finish(hash, blocks[hashed..].as_flattened(), prefix.len() + blocks.len() * 16)
}

#[target_feature(enable = "aes,sha,sse4.1,ssse3")]
#[inline]
fn turned(bytes: Words) -> Words {
    let [a, b, c, d] = bytes;
    [sha_ni::words(a), sha_ni::words(b), sha_ni::words(c), sha_ni::words(d)]
}
