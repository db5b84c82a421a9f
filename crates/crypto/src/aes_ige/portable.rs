//! IGE over the `aes` crate: for processors without AES instructions of ours, and as the twin that
//! the fast path is compared with. Its software AES is bitsliced, hence free of table look-ups.

use aes::Aes256;
use aes::cipher::{
    Array, BlockCipherDecBackend, BlockCipherDecClosure, BlockCipherDecrypt, BlockCipherEncBackend,
    BlockCipherEncClosure, BlockCipherEncrypt, BlockSizeUser, KeyInit, consts::U16,
};

use super::dispatch::{Block, halves};

pub(super) fn encrypt(blocks: &mut [Block], key: &[u8; 32], iv: &[u8; 32]) {
    let (ciphertext, plaintext) = halves(iv);
    let chain = Chain { blocks, output: *ciphertext, input: *plaintext };
    Aes256::new(&Array::from(*key)).encrypt_with_backend(chain);
}

pub(super) fn decrypt(blocks: &mut [Block], key: &[u8; 32], iv: &[u8; 32]) {
    let (ciphertext, plaintext) = halves(iv);
    let chain = Chain { blocks, output: *plaintext, input: *ciphertext };
    Aes256::new(&Array::from(*key)).decrypt_with_backend(chain);
}

/// The whole message as one job, so that the cipher's backend is entered once and not per block.
struct Chain<'a> {
    blocks: &'a mut [Block],
    /// What came out before the first block.
    output: Block,
    /// What went in before the first block.
    input: Block,
}

impl Chain<'_> {
    #[inline(always)]
    fn run(mut self, cipher: impl Fn(&mut aes::Block)) {
        for block in self.blocks {
            let mut state = Array::from(xor(*block, self.output));
            cipher(&mut state);
            self.output = xor(state.into(), self.input);
            self.input = std::mem::replace(block, self.output);
        }
    }
}

impl BlockSizeUser for Chain<'_> {
    type BlockSize = U16;
}

impl BlockCipherEncClosure for Chain<'_> {
    #[inline(always)]
    fn call<B: BlockCipherEncBackend<BlockSize = U16>>(self, backend: &B) {
        self.run(|block| backend.encrypt_block_inplace(block));
    }
}

impl BlockCipherDecClosure for Chain<'_> {
    #[inline(always)]
    fn call<B: BlockCipherDecBackend<BlockSize = U16>>(self, backend: &B) {
        self.run(|block| backend.decrypt_block_inplace(block));
    }
}

#[inline(always)]
fn xor(a: Block, b: Block) -> Block {
    (u128::from_ne_bytes(a) ^ u128::from_ne_bytes(b)).to_ne_bytes()
}
