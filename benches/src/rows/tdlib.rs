//! TDLib's way of calling OpenSSL, which knows IGE only as slow code of old.
//!
//! To encrypt, TDLib makes CBC of IGE: 31 blocks are xored with the plaintext two blocks before and
//! go through one call. To decrypt there is no such way, and each block is a call of its own.

use heliogram_crypto::AuthKey;
use openssl::cipher::Cipher;
use openssl::cipher_ctx::CipherCtx;
use openssl::error::ErrorStack;
use openssl::hash::{Hasher, MessageDigest};

use super::letter::Sealing;

pub(super) const NAME: &str = "TDLib's pattern";
/// Blocks that TDLib encrypts with one call.
pub(super) const BLOCKS_AT_ONCE: usize = 31;

type Block = [u8; 16];

/// What TDLib looks up once in each thread.
pub(super) struct Openssl {
    cbc: Cipher,
    ecb: Cipher,
    /// Ready to begin; TDLib copies it for each hash.
    sha256: Hasher,
}

impl Openssl {
    pub(super) fn fetch() -> Result<Self, ErrorStack> {
        Ok(Self {
            cbc: Cipher::fetch(None, "AES-256-CBC", None)?,
            ecb: Cipher::fetch(None, "AES-256-ECB", None)?,
            sha256: Hasher::new(MessageDigest::sha256())?,
        })
    }

    pub(super) fn encrypt(
        &self,
        data: &mut [u8],
        key: &[u8; 32],
        iv: &[u8; 32],
    ) -> Result<(), ErrorStack> {
        let mut cipher = CipherCtx::new()?;
        cipher.encrypt_init(Some(&self.cbc), Some(key.as_slice()), None)?;
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

    pub(super) fn decrypt(
        &self,
        data: &mut [u8],
        key: &[u8; 32],
        iv: &[u8; 32],
    ) -> Result<(), ErrorStack> {
        let mut cipher = CipherCtx::new()?;
        cipher.decrypt_init(Some(&self.ecb), Some(key.as_slice()), None)?;
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

    /// A client's message: returns its key.
    pub(super) fn seal(&self, key: &AuthKey, plaintext: &mut [u8]) -> Result<Block, ErrorStack> {
        let sealing = Sealing::new(key, plaintext, |first, second| self.sha256(first, second))?;
        self.encrypt(plaintext, &sealing.aes_key, &sealing.aes_iv)?;
        Ok(sealing.msg_key)
    }

    fn sha256(&self, first: &[u8], second: &[u8]) -> Result<[u8; 32], ErrorStack> {
        let mut hasher = self.sha256.clone();
        hasher.update(first)?;
        hasher.update(second)?;
        let mut digest = [0; 32];
        digest.copy_from_slice(&hasher.finish()?);
        Ok(digest)
    }
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
