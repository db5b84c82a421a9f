//! P2 against TDLib: its way of calling OpenSSL, which knows IGE only as slow code of old.
//!
//! To encrypt, TDLib makes CBC of IGE: 31 blocks are xored with the plaintext two blocks before and
//! go through one call. To decrypt there is no such way, and each block is a call of its own.

use std::hint::black_box;

use heliogram_crypto::{Random as _, SeededRandom, aes_ige};
use openssl::cipher::Cipher;
use openssl::cipher_ctx::CipherCtx;
use openssl::error::ErrorStack;

use crate::Trouble;
use crate::rounds::race;
use crate::row::{Bar, Outcome, Row, Unit};

const BYTES: usize = 16 << 10;
/// Blocks that TDLib encrypts with one call.
const BLOCKS_AT_ONCE: usize = 31;

pub(super) fn rows() -> Result<Vec<Row>, Trouble> {
    let mut rng = SeededRandom::new(6);
    let (key, iv): ([u8; 32], [u8; 32]) = (rng.bytes(), rng.bytes());
    agree(&mut rng, &key, &iv)?;
    let (mut ours, mut theirs) = (vec![0; BYTES], vec![0; BYTES]);
    let encrypt =
        race(&mut [&mut || aes_ige::encrypt(black_box(&mut ours), &key, &iv), &mut || {
            encrypt(black_box(&mut theirs), &key, &iv).expect("it did before")
        }]);
    let decrypt =
        race(&mut [&mut || aes_ige::decrypt(black_box(&mut ours), &key, &iv), &mut || {
            decrypt(black_box(&mut theirs), &key, &iv).expect("it did before")
        }]);
    let row = |what, times: crate::rounds::Times| Row {
        target: "P2",
        what,
        outcome: Outcome::Measured {
            ours: Unit::Nanos.of(times.nanos(0)),
            partner: "TDLib's pattern",
            theirs: Unit::Nanos.of(times.nanos(1)),
            figure: Unit::Times.of(times.ratio(1, 0)),
            bar: Bar::AtLeast(1.4),
        },
    };
    Ok(vec![row("IGE, 16 KB, encrypt", encrypt), row("IGE, 16 KB, decrypt", decrypt)])
}

/// Both sides must make the same of the same bytes before anybody is timed.
fn agree(rng: &mut SeededRandom, key: &[u8; 32], iv: &[u8; 32]) -> Result<(), Trouble> {
    // Not a multiple of the blocks that go together.
    for len in [16, 32, BLOCKS_AT_ONCE * 16, BYTES] {
        let mut plain = vec![0; len];
        rng.fill(&mut plain);
        let (mut ours, mut theirs) = (plain.clone(), plain.clone());
        aes_ige::encrypt(&mut ours, key, iv);
        encrypt(&mut theirs, key, iv)?;
        if ours != theirs {
            return Err("IGE: TDLib's pattern encrypts differently".into());
        }
        decrypt(&mut theirs, key, iv)?;
        if theirs != plain {
            return Err("IGE: TDLib's pattern decrypts differently".into());
        }
    }
    Ok(())
}

type Block = [u8; 16];

fn encrypt(data: &mut [u8], key: &[u8; 32], iv: &[u8; 32]) -> Result<(), ErrorStack> {
    let mut cipher = CipherCtx::new()?;
    cipher.encrypt_init(Some(Cipher::aes_256_cbc()), Some(key.as_slice()), None)?;
    cipher.set_padding(false);
    let (mut last_out, mut last_in) = halves(iv);
    let (blocks, _) = data.as_chunks_mut::<16>();
    let (mut mixed, mut sealed) = ([[0; 16]; BLOCKS_AT_ONCE], [[0; 16]; BLOCKS_AT_ONCE]);
    for blocks in blocks.chunks_mut(BLOCKS_AT_ONCE) {
        let mixed = &mut mixed[..blocks.len()];
        for at in 0..blocks.len() {
            mixed[at] = match at {
                0 => blocks[0],
                1 => xor(last_in, blocks[1]),
                _ => xor(blocks[at - 2], blocks[at]),
            };
        }
        cipher.encrypt_init(None, None, Some(last_out.as_slice()))?;
        let sealed = &mut sealed[..blocks.len()];
        update(&mut cipher, mixed, sealed)?;
        for (at, out) in sealed.iter_mut().enumerate() {
            *out = xor(*out, if at == 0 { last_in } else { blocks[at - 1] });
        }
        last_in = blocks[blocks.len() - 1];
        last_out = sealed[blocks.len() - 1];
        blocks.copy_from_slice(sealed);
    }
    Ok(())
}

fn decrypt(data: &mut [u8], key: &[u8; 32], iv: &[u8; 32]) -> Result<(), ErrorStack> {
    let mut cipher = CipherCtx::new()?;
    cipher.decrypt_init(Some(Cipher::aes_256_ecb()), Some(key.as_slice()), None)?;
    cipher.set_padding(false);
    let (mut last_in, mut last_out) = halves(iv);
    let (blocks, _) = data.as_chunks_mut::<16>();
    for block in blocks {
        let sealed = *block;
        let mixed = xor(last_out, sealed);
        update(&mut cipher, &[mixed], std::array::from_mut(&mut last_out))?;
        last_out = xor(last_out, last_in);
        *block = last_out;
        last_in = sealed;
    }
    Ok(())
}

/// One call of OpenSSL, without the questions that the safe one asks it each time: TDLib asks none.
#[allow(unsafe_code)]
fn update(cipher: &mut CipherCtx, from: &[Block], to: &mut [Block]) -> Result<(), ErrorStack> {
    assert_eq!(from.len(), to.len());
    let to = Some(to.as_flattened_mut());
    // SAFETY: of whole blocks and without padding, as much comes out as went in.
    unsafe { cipher.cipher_update_unchecked(from.as_flattened(), to)? };
    Ok(())
}

fn halves(iv: &[u8; 32]) -> (Block, Block) {
    let (first, second) = iv.split_at(16);
    (first.try_into().expect("half of 32"), second.try_into().expect("half of 32"))
}

fn xor(a: Block, b: Block) -> Block {
    (u128::from_ne_bytes(a) ^ u128::from_ne_bytes(b)).to_ne_bytes()
}
