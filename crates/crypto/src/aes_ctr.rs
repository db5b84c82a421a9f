//! AES-256 in counter mode: the obfuscation of transports and the encryption of CDN files.

use std::fmt;

use aes::Aes256;
use aes::cipher::{Array, BlockCipherEncrypt, KeyInit};
use zeroize::Zeroize;

/// One endless key stream; each call continues where the last one stopped.
///
/// The counter is a 128-bit big-endian number that wraps around.
pub struct AesCtr {
    cipher: Aes256,
    counter: u128,
    /// Key stream that is computed but not used up: the bytes from `used` on.
    spare: aes::Block,
    used: usize,
}

impl AesCtr {
    /// The stream of `key` from the counter value `iv`.
    pub fn new(key: &[u8; 32], iv: &[u8; 16]) -> Self {
        Self {
            cipher: Aes256::new(&Array::from(*key)),
            counter: u128::from_be_bytes(*iv),
            spare: Array::default(),
            used: BLOCK,
        }
    }

    /// Encrypts or decrypts `data` in place with the next bytes of the stream.
    pub fn apply(&mut self, data: &mut [u8]) {
        let spare = data.len().min(BLOCK - self.used);
        let (head, data) = data.split_at_mut(spare);
        self.apply_spare(head);

        let (blocks, tail) = data.as_chunks_mut::<BLOCK>();
        for batch in blocks.chunks_mut(BATCH) {
            self.apply_blocks(batch);
        }

        if !tail.is_empty() {
            self.spare = self.next_block();
            self.cipher.encrypt_block(&mut self.spare);
            self.used = 0;
            self.apply_spare(tail);
        }
    }

    fn apply_spare(&mut self, data: &mut [u8]) {
        xor(data, &self.spare[self.used..]);
        self.used += data.len();
    }

    /// The stream blocks of one batch are independent, which is what fills the AES unit.
    fn apply_blocks(&mut self, blocks: &mut [[u8; BLOCK]]) {
        let mut stream = [aes::Block::default(); BATCH];
        let stream = &mut stream[..blocks.len()];
        for block in stream.iter_mut() {
            *block = self.next_block();
        }
        self.cipher.encrypt_blocks(stream);
        for (block, key) in blocks.iter_mut().zip(stream.iter()) {
            let mixed = u128::from_ne_bytes(*block) ^ u128::from_ne_bytes((*key).into());
            *block = mixed.to_ne_bytes();
        }
    }

    fn next_block(&mut self) -> aes::Block {
        let block = Array::from(self.counter.to_be_bytes());
        self.counter = self.counter.wrapping_add(1);
        block
    }
}

impl Drop for AesCtr {
    fn drop(&mut self) {
        self.counter.zeroize();
        self.spare.as_mut_slice().zeroize();
    }
}

impl fmt::Debug for AesCtr {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("AesCtr(…)")
    }
}

const BLOCK: usize = 16;

/// Blocks per call of the cipher: enough for the widest backend, 1 KiB of stack.
const BATCH: usize = 64;

fn xor(data: &mut [u8], key: &[u8]) {
    for (byte, key) in data.iter_mut().zip(key) {
        *byte ^= key;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Random, SeededRandom};

    #[test]
    fn stream_matches_the_standard() {
        // Spec: NIST SP 800-38A, F.5.5 CTR-AES256.Encrypt.
        let key = "603deb1015ca71be2b73aef0857d77811f352c073b6108d72d9810a30914dff4";
        let iv = "f0f1f2f3f4f5f6f7f8f9fafbfcfdfeff";
        let plain = "6bc1bee22e409f96e93d7e117393172aae2d8a571e03ac9c9eb76fac45af8e51\
                     30c81c46a35ce411e5fbc1191a0a52eff69f2445df4f9b17ad2b417be66c3710";
        let sealed = "601ec313775789a5b7a7f504bbf3d228f443e3ca4d62b59aca84e990cacaf5c5\
                      2b0930daa23de94ce87017ba2d84988ddfc9c58db67aada613c2dd08457941a6";
        let mut data = hex::decode(plain).unwrap();
        AesCtr::new(&array(key), &array(iv)).apply(&mut data);
        assert_eq!(hex::encode(data), sealed);
    }

    #[test]
    fn stream_does_not_depend_on_how_the_data_is_cut() {
        let mut rng = SeededRandom::new(2);
        let (key, iv) = (rng.bytes(), rng.bytes());
        let mut whole = vec![0; 5_000];
        AesCtr::new(&key, &iv).apply(&mut whole);
        for _ in 0..50 {
            let mut pieces = vec![0; whole.len()];
            let mut stream = AesCtr::new(&key, &iv);
            let mut rest = pieces.as_mut_slice();
            while !rest.is_empty() {
                let len = usize::try_from(rng.below(70)).unwrap().min(rest.len());
                let (head, tail) = rest.split_at_mut(len);
                stream.apply(head);
                rest = tail;
            }
            assert_eq!(pieces, whole);
        }
    }

    #[test]
    fn counter_carries_through_all_sixteen_bytes() {
        let key = [9; 32];
        let mut wrapped = [0; 32];
        AesCtr::new(&key, &[0xff; 16]).apply(&mut wrapped);
        let mut from_zero = [0; 16];
        AesCtr::new(&key, &[0; 16]).apply(&mut from_zero);
        assert_eq!(wrapped[16..], from_zero);
    }

    fn array<const N: usize>(hex: &str) -> [u8; N] {
        hex::decode(hex).unwrap().try_into().unwrap()
    }
}
