//! Randomness from the operating system, fetched in blocks.

use std::cell::RefCell;

use heliogram_crypto::Random;

/// The operating system's generator. Stateless: a copy costs nothing and all are alike.
///
/// Small draws (the padding of each message, ids) are served from a block per thread, because a
/// system call per message would cost as much as its encryption. Bytes are erased once drawn.
#[derive(Clone, Copy, Debug, Default)]
pub struct OsRandom;

impl Random for OsRandom {
    fn fill(&mut self, out: &mut [u8]) {
        if out.len() > BLOCK_BYTES / 4 {
            draw(out);
        } else {
            BLOCK.with_borrow_mut(|block| block.take(out));
        }
    }
}

const BLOCK_BYTES: usize = 1024;

thread_local! {
    static BLOCK: RefCell<Block> = const { RefCell::new(Block { bytes: [0; BLOCK_BYTES], left: 0 }) };
}

/// Bytes drawn ahead: the first `left` are unused.
struct Block {
    bytes: [u8; BLOCK_BYTES],
    left: usize,
}

impl Block {
    fn take(&mut self, out: &mut [u8]) {
        if self.left < out.len() {
            draw(&mut self.bytes);
            self.left = BLOCK_BYTES;
        }
        let start = self.left - out.len();
        let fresh = &mut self.bytes[start..self.left];
        out.copy_from_slice(fresh);
        fresh.fill(0);
        self.left = start;
    }
}

fn draw(out: &mut [u8]) {
    // Without randomness nothing here is safe to continue; the kernel fails only before its
    // generator is seeded, which the first call waits for.
    getrandom::fill(out).expect("the operating system has a random generator");
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_draw_repeats_another() {
        let mut seen = std::collections::BTreeSet::new();
        for _ in 0..1000 {
            let mut draw = [0; 16];
            OsRandom.fill(&mut draw);
            assert!(seen.insert(draw));
        }
    }

    #[test]
    fn large_draws_are_filled_to_the_end() {
        let mut bytes = vec![0; 4096];
        OsRandom.fill(&mut bytes);
        assert!(bytes.chunks(32).all(|chunk| chunk.iter().any(|byte| *byte != 0)));
    }
}
