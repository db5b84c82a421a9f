//! AES-256 in infinite garble extension mode, the cipher of every MTProto message.
//!
//! Each block is masked with its two predecessors, one of either side, so neither direction can be
//! computed in parallel: speed is the latency of the AES instructions and nothing else.
//!
//! The 32-byte IV is what stands before the first block: 16 bytes of ciphertext, then 16 bytes of
//! plaintext.

#[cfg(target_arch = "x86_64")]
pub(crate) mod aes_ni;
mod dispatch;
mod portable;
#[cfg(target_arch = "x86_64")]
mod stitched;

#[cfg(target_arch = "x86_64")]
pub(crate) use dispatch::{blocks, halves};
pub use dispatch::{decrypt, decrypt_and_hash, encrypt};
