//! IGE over several messages at once: four blocks, one of each message, in a register of AVX-512,
//! and three such registers in flight, because one alone still waits for itself.

use std::arch::x86_64::*;

use zeroize::Zeroize;

use crate::aes_ige;
use crate::aes_ige::aes_ni::{load, schedule, store};

/// Proof that the processor has the instructions: there is no other way to get one.
#[derive(Clone, Copy, Debug)]
pub(super) struct Streams(());

/// Fewer messages are encrypted faster one after the other.
pub(super) const WORTHWHILE: usize = 4;

/// Messages in a register.
const ABREAST: usize = 4;
/// Registers in flight; a fourth would not fit.
const GROUPS: usize = 3;
const STREAMS: usize = ABREAST * GROUPS;

type Block = [u8; 16];
/// A key, and the IV.
type Secrets = ([u8; 32], [u8; 32]);

/// A message on its way.
struct Stream<'a> {
    blocks: &'a mut [Block],
    secrets: &'a Secrets,
}

impl Streams {
    /// Asks the processor once; later calls read a cached answer.
    #[inline]
    pub(super) fn detect() -> Option<Self> {
        let has_wide = is_x86_feature_detected!("avx512f") && is_x86_feature_detected!("vaes");
        let has_aes = is_x86_feature_detected!("aes") && is_x86_feature_detected!("ssse3");
        (has_wide && has_aes).then_some(Self(()))
    }

    /// Encrypts each message in place.
    ///
    /// # Panics
    /// If the length of a message is not a multiple of 16.
    pub(super) fn encrypt<'a>(self, messages: impl Iterator<Item = (&'a mut [u8], &'a Secrets)>) {
        let mut streams: Vec<Stream<'a>> = messages
            .map(|(data, secrets)| Stream { blocks: aes_ige::blocks(data), secrets })
            .collect();
        // Of about the same length together: what a message has more than the shortest is
        // encrypted alone.
        streams.sort_unstable_by_key(|stream| stream.blocks.len());
        for together in streams.chunks_mut(STREAMS) {
            self.run(together);
        }
    }

    fn run(self, streams: &mut [Stream<'_>]) {
        let shortest = streams.iter().map(|stream| stream.blocks.len()).min().unwrap_or(0);
        let together = if streams.len() < WORTHWHILE { 0 } else { shortest };
        let mut last_plain = [[0; 16]; STREAMS];
        if together > 0 {
            self.abreast(streams, together, &mut last_plain);
        }
        for (stream, plain) in streams.iter_mut().zip(last_plain) {
            let (key, iv) = stream.secrets;
            let (done, rest) = stream.blocks.split_at_mut(together);
            let mut iv = *iv;
            if let Some(cipher) = done.last() {
                iv = [*cipher, plain].as_flattened().try_into().expect("two blocks have 32 bytes");
            }
            aes_ige::encrypt(rest.as_flattened_mut(), key, &iv);
        }
    }

    /// Encrypts the first `together` blocks of each, and tells what the last of them were before.
    #[allow(unsafe_code)] // The calls that cross from any processor to this one.
    fn abreast(
        self,
        streams: &mut [Stream<'_>],
        together: usize,
        last_plain: &mut [Block; STREAMS],
    ) {
        // SAFETY: the functions are safe on a processor with these features, and `self` exists
        // only because `detect` has seen them.
        match streams.len().div_ceil(ABREAST) {
            1 => unsafe { groups::<1>(streams, together, last_plain) },
            2 => unsafe { groups::<2>(streams, together, last_plain) },
            _ => unsafe { groups::<3>(streams, together, last_plain) },
        }
    }
}

/// Round keys, or blocks, of four streams in each register.
type Registers<const N: usize> = [__m512i; N];

#[target_feature(enable = "avx512f,vaes,aes,ssse3")]
#[inline(never)]
fn groups<const N: usize>(
    streams: &mut [Stream<'_>],
    together: usize,
    last_plain: &mut [Block; STREAMS],
) {
    let mut keys = round_keys::<N>(streams);
    let half = |offset: usize| {
        abreast::<N>(|at| match streams.get(at) {
            Some(stream) => load(&stream.secrets.1.as_chunks().0[offset]),
            None => _mm_setzero_si128(),
        })
    };
    let (mut cipher, mut plain) = (half(0), half(1));
    // A register that is not full encrypts zeros for nobody.
    let mut lanes: [&mut [Block]; STREAMS] = Default::default();
    for (lane, stream) in lanes.iter_mut().zip(streams) {
        *lane = &mut stream.blocks[..together];
    }
    let [whitening, rounds @ .., last_key] = &keys;
    for at in 0..together {
        let next = abreast::<N>(|lane| match lanes[lane].get(at) {
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
        for (lane, quarters) in lanes.as_chunks_mut::<ABREAST>().0.iter_mut().zip(cipher) {
            for (lane, quarter) in lane.iter_mut().zip(split(quarters)) {
                if let Some(block) = lane.get_mut(at) {
                    store(block, quarter);
                }
            }
        }
    }
    for (blocks, quarters) in last_plain.as_chunks_mut::<ABREAST>().0.iter_mut().zip(plain) {
        for (block, quarter) in blocks.iter_mut().zip(split(quarters)) {
            store(block, quarter);
        }
    }
    for key in keys.as_flattened_mut() {
        key.zeroize();
    }
}

#[target_feature(enable = "avx512f,vaes,aes,ssse3")]
fn round_keys<const N: usize>(streams: &[Stream<'_>]) -> [Registers<N>; 15] {
    let mut schedules = [[_mm_setzero_si128(); 15]; STREAMS];
    for (keys, stream) in schedules.iter_mut().zip(streams) {
        *keys = schedule(&stream.secrets.0);
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
