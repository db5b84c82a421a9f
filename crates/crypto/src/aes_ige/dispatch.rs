//! Chooses the implementation at run time and turns bytes into blocks.

#[cfg(target_arch = "x86_64")]
use super::aes_ni::AesNi;
use super::portable;
#[cfg(target_arch = "x86_64")]
use super::stitched::{self, Stitched};
use crate::sha256;

/// Encrypts `data` in place.
///
/// # Panics
/// If the length of `data` is not a multiple of 16: padding is the caller's duty.
pub fn encrypt(data: &mut [u8], key: &[u8; 32], iv: &[u8; 32]) {
    Backend::detect().encrypt(blocks(data), key, iv);
}

/// Decrypts `data` in place.
///
/// # Panics
/// If the length of `data` is not a multiple of 16: what comes from outside is checked before.
pub fn decrypt(data: &mut [u8], key: &[u8; 32], iv: &[u8; 32]) {
    Backend::detect().decrypt(blocks(data), key, iv);
}

/// Decrypts `data` in place and returns the SHA-256 of `prefix` and the plaintext.
///
/// It takes little more time than decrypting alone where the processor has instructions for both:
/// the hash is computed while the cipher waits for itself.
///
/// # Panics
/// As [`decrypt`].
pub fn decrypt_and_hash(
    data: &mut [u8],
    key: &[u8; 32],
    iv: &[u8; 32],
    prefix: &[u8; 32],
) -> [u8; 32] {
    #[cfg(target_arch = "x86_64")]
    if let Some(stitched) = Stitched::detect().filter(|_| data.len() >= stitched::BLOCKS_MIN * 16) {
        return stitched.decrypt(blocks(data), key, iv, prefix);
    }
    decrypt(data, key, iv);
    sha256(&[prefix, data])
}

pub(super) type Block = [u8; 16];

/// The implementations this machine can run.
#[derive(Clone, Copy, Debug)]
pub(super) enum Backend {
    #[cfg(target_arch = "x86_64")]
    AesNi(AesNi),
    Portable,
}

impl Backend {
    /// The fastest one; the standard library caches what the processor said.
    #[inline]
    pub(super) fn detect() -> Self {
        #[cfg(target_arch = "x86_64")]
        if let Some(aes_ni) = AesNi::detect() {
            return Self::AesNi(aes_ni);
        }
        Self::Portable
    }

    #[inline]
    pub(super) fn encrypt(self, blocks: &mut [Block], key: &[u8; 32], iv: &[u8; 32]) {
        match self {
            #[cfg(target_arch = "x86_64")]
            Self::AesNi(aes_ni) => aes_ni.encrypt(blocks, key, iv),
            Self::Portable => portable::encrypt(blocks, key, iv),
        }
    }

    #[inline]
    pub(super) fn decrypt(self, blocks: &mut [Block], key: &[u8; 32], iv: &[u8; 32]) {
        match self {
            #[cfg(target_arch = "x86_64")]
            Self::AesNi(aes_ni) => aes_ni.decrypt(blocks, key, iv),
            Self::Portable => portable::decrypt(blocks, key, iv),
        }
    }
}

#[inline]
pub(crate) fn blocks(data: &mut [u8]) -> &mut [Block] {
    let (blocks, tail) = data.as_chunks_mut();
    assert!(tail.is_empty(), "{} bytes are not a whole number of blocks", tail.len());
    blocks
}

/// The two halves of the IV: the block of ciphertext and the block of plaintext before the first.
#[inline]
pub(crate) fn halves(iv: &[u8; 32]) -> (&Block, &Block) {
    let (ciphertext, plaintext) = iv.split_at(16);
    (
        ciphertext.try_into().expect("the first half has 16 bytes"),
        plaintext.try_into().expect("the second half has 16 bytes"),
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Random, SeededRandom};

    #[test]
    fn every_backend_agrees_on_random_data_of_every_length() {
        let mut rng = SeededRandom::new(3);
        for len in (0..40).chain([64, 100, 1_000]) {
            let (key, iv) = (rng.bytes(), rng.bytes());
            let mut plain = vec![[0; 16]; len];
            plain.iter_mut().for_each(|block| rng.fill(block));

            let mut expected = plain.clone();
            textbook(&mut expected, &key, &iv);
            for backend in [Backend::detect(), Backend::Portable] {
                let mut data = plain.clone();
                backend.encrypt(&mut data, &key, &iv);
                assert_eq!(data, expected, "{backend:?} encrypts {len} blocks");
                backend.decrypt(&mut data, &key, &iv);
                assert_eq!(data, plain, "{backend:?} decrypts {len} blocks");
            }
        }
    }

    #[test]
    fn hashing_on_the_way_changes_neither_the_plaintext_nor_the_hash() {
        let mut rng = SeededRandom::new(4);
        for len in (0..40).chain([64, 100, 1_000]) {
            let (key, iv, prefix) = (rng.bytes(), rng.bytes(), rng.bytes::<32>());
            let mut plain = vec![0; len * 16];
            rng.fill(&mut plain);
            let mut data = plain.clone();
            encrypt(&mut data, &key, &iv);
            let hash = decrypt_and_hash(&mut data, &key, &iv, &prefix);
            assert_eq!(data, plain, "{len} blocks");
            assert_eq!(hash, sha256(&[&prefix, &plain]), "{len} blocks");
        }
    }

    /// `out[i] = cipher(in[i] ^ out[i - 1]) ^ in[i - 1]`, letter by letter.
    fn textbook(blocks: &mut [Block], key: &[u8; 32], iv: &[u8; 32]) {
        use aes::cipher::{Array, BlockCipherEncrypt, KeyInit};
        let cipher = aes::Aes256::new(&Array::from(*key));
        let (mut output, mut input) = (*halves(iv).0, *halves(iv).1);
        for block in blocks {
            let mut state = Array::from(xor(*block, output));
            cipher.encrypt_block(&mut state);
            output = xor(state.into(), input);
            input = std::mem::replace(block, output);
        }
    }

    fn xor(a: Block, b: Block) -> Block {
        std::array::from_fn(|i| a[i] ^ b[i])
    }

    #[test]
    #[cfg(target_arch = "x86_64")]
    fn the_fast_backend_is_chosen_where_the_processor_has_it() {
        let has_aes = crate::features::has!("aes", "ssse3");
        assert_eq!(matches!(Backend::detect(), Backend::AesNi(_)), has_aes);
    }

    #[test]
    #[should_panic(expected = "not a whole number of blocks")]
    fn a_ragged_end_is_our_bug() {
        encrypt(&mut [0; 17], &[0; 32], &[0; 32]);
    }
}
