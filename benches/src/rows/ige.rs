//! P1 and P2: AES-IGE of one message, against what the processor allows and against a peer.

use std::hint::black_box;

use heliogram_crypto::{Random as _, SeededRandom, aes_ige};

use crate::Trouble;
use crate::rounds::race;
use crate::row::{Bar, Outcome, Row, Unit};

const BYTES: usize = 16 << 10;
const BLOCKS: usize = BYTES / 16;
const ENCRYPT: &str = "IGE, 16 KB, encrypt";
const DECRYPT: &str = "IGE, 16 KB, decrypt";
const CHAIN: &str = "14 dependent AESENC a block";

type Cipher = fn(&mut [u8], &[u8; 32], &[u8; 32]);

pub(super) fn rows() -> Result<Vec<Row>, Trouble> {
    agree()?;
    let mut rows = direction(ENCRYPT, aes_ige::encrypt, grammers_crypto::aes::ige_encrypt);
    rows.extend(direction(DECRYPT, aes_ige::decrypt, grammers_crypto::aes::ige_decrypt));
    Ok(rows)
}

fn direction(what: &'static str, ours: Cipher, peer: Cipher) -> Vec<Row> {
    let mut rng = SeededRandom::new(1);
    let (key, iv): ([u8; 32], [u8; 32]) = (rng.bytes(), rng.bytes());
    let mut data = vec![0; BYTES];
    let mut other = data.clone();
    let times = race(&mut [
        &mut || ours(black_box(&mut data), &key, &iv),
        &mut || peer(black_box(&mut other), &key, &iv),
        &mut || {
            black_box(limit::dependent_rounds(14 * BLOCKS));
        },
    ]);
    let (ours, peer, limit) = (0, 1, 2);
    let bound = if limit::IS_KNOWN {
        Row {
            target: "P1",
            what,
            outcome: Outcome::Measured {
                ours: Unit::Nanos.of(times.nanos(ours)),
                partner: CHAIN,
                theirs: Unit::Nanos.of(times.nanos(limit)),
                figure: Unit::Share.of(times.ratio(limit, ours)),
                bar: Bar::AtLeast(0.9),
            },
        }
    } else {
        Row::missing("P1", what, "the latency bound is only known for x86-64")
    };
    let against = Row {
        target: "P2",
        what,
        outcome: Outcome::Measured {
            ours: Unit::Nanos.of(times.nanos(ours)),
            partner: "grammers-crypto",
            theirs: Unit::Nanos.of(times.nanos(peer)),
            figure: Unit::Times.of(times.ratio(peer, ours)),
            bar: Bar::AtLeast(2.0),
        },
    };
    vec![bound, against]
}

/// Both sides must make the same of the same bytes before anybody is timed.
fn agree() -> Result<(), Trouble> {
    let mut rng = SeededRandom::new(2);
    let (key, iv): ([u8; 32], [u8; 32]) = (rng.bytes(), rng.bytes());
    let mut plain = vec![0; BYTES];
    rng.fill(&mut plain);
    let (mut ours, mut theirs) = (plain.clone(), plain.clone());
    aes_ige::encrypt(&mut ours, &key, &iv);
    grammers_crypto::aes::ige_encrypt(&mut theirs, &key, &iv);
    if ours != theirs {
        return Err("IGE: the two encrypt differently".into());
    }
    aes_ige::decrypt(&mut ours, &key, &iv);
    grammers_crypto::aes::ige_decrypt(&mut theirs, &key, &iv);
    if ours != plain || theirs != plain {
        return Err("IGE: what was encrypted does not decrypt".into());
    }
    Ok(())
}

/// How fast a chain of AES rounds can be at all: each waits for the one before.
#[cfg(target_arch = "x86_64")]
mod limit {
    use std::arch::x86_64::{__m128i, _mm_aesenc_si128, _mm_cvtsi128_si64, _mm_set1_epi64x};
    use std::hint::black_box;

    pub(super) const IS_KNOWN: bool = true;

    /// Runs `count` rounds, rounded down to whole blocks, one after the other.
    #[allow(unsafe_code)] // The one call from any processor to one with AES.
    pub(super) fn dependent_rounds(count: usize) -> i64 {
        assert!(is_x86_feature_detected!("aes"), "the processor has no AES instructions");
        // SAFETY: the instructions were just seen to be there.
        unsafe { chain(count / 14) }
    }

    #[target_feature(enable = "aes")]
    fn chain(blocks: usize) -> i64 {
        let key: __m128i = _mm_set1_epi64x(black_box(0x0123_4567_89ab_cdef));
        let mut state = key;
        for _ in 0..blocks {
            for _ in 0..14 {
                state = _mm_aesenc_si128(state, key);
            }
        }
        _mm_cvtsi128_si64(state)
    }
}

#[cfg(not(target_arch = "x86_64"))]
mod limit {
    pub(super) const IS_KNOWN: bool = false;

    pub(super) fn dependent_rounds(_: usize) -> i64 {
        0
    }
}
