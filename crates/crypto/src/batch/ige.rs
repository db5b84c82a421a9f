//! The cipher alone over several messages at once.

use crate::aes_ige;

#[cfg(target_arch = "x86_64")]
use super::streams::{Stream, Streams};

/// A message that is to be encrypted under a key of its own.
#[derive(Debug)]
pub struct IgeJob<'a> {
    /// What gets encrypted, in place; its length is a multiple of 16.
    pub data: &'a mut [u8],
    /// The AES key.
    pub key: &'a [u8; 32],
    /// The block of ciphertext and the block of plaintext before the first.
    pub iv: &'a [u8; 32],
}

/// Encrypts each as [`aes_ige::encrypt`] does.
///
/// Where the processor has AES instructions, several take little longer than one.
///
/// # Panics
/// If the length of a message is not a multiple of 16.
pub fn encrypt(jobs: &mut [IgeJob<'_>]) {
    #[cfg(target_arch = "x86_64")]
    if jobs.len() > 1
        && let Some(streams) = Streams::detect()
    {
        let all = jobs.iter_mut().map(|job| Stream::new(job.data, job.key, job.iv));
        return streams.encrypt(all.collect());
    }
    for job in jobs {
        aes_ige::encrypt(job.data, job.key, job.iv);
    }
}
