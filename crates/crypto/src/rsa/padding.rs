//! How data becomes a number for RSA and how it is found again: `RSA_PAD` and its predecessor.
//!
//! What stands here runs on bytes alone; the powers are taken by the keys.

use std::fmt;

use subtle::{Choice, ConstantTimeEq};
use zeroize::{Zeroize, Zeroizing};

use crate::hash::slice_array;
use crate::random::fill_array;
use crate::{Random, aes_ige, sha1, sha256};

/// Most data that `RSA_PAD` takes.
const DATA_MAX: usize = 144;

/// Data and padding of `RSA_PAD` together.
const PADDED: usize = 192;

/// Most data that the older padding takes.
const DATA_LEGACY_MAX: usize = 235;

/// Which padding a block turned out to have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Padding {
    /// `RSA_PAD`: the hash covered data and padding and was right.
    Pad,
    /// The older one: its hash covers the data alone and is yet to be checked.
    Legacy,
}

/// What a block contained: data, then random bytes.
///
/// Only the data itself says where it ends. So parse it first, and trust it after
/// [`Opened::verify`] accepted the length.
pub struct Opened {
    padding: Padding,
    bytes: Zeroizing<Vec<u8>>,
    /// SHA-1 of the data by the claim of the older padding.
    hash: [u8; 20],
    /// Whether the padding is sound as far as it can be judged without the length.
    sound: Choice,
}

impl Opened {
    /// Data and random tail.
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// Which padding was found.
    pub fn padding(&self) -> Padding {
        self.padding
    }

    /// Whether the first `len` bytes are what the client meant to send.
    ///
    /// A broken block is found out here and not earlier: a server that answered sooner for some
    /// broken blocks than for others would help to decrypt recorded ones.
    // Spec: J. Manger, "A chosen ciphertext attack on RSA OAEP", 2001.
    pub fn verify(&self, len: usize) -> bool {
        let Some(data) = self.bytes.get(..len) else { return false };
        let intact = match self.padding {
            Padding::Pad => Choice::from(1),
            Padding::Legacy => sha1(&[data]).ct_eq(&self.hash),
        };
        (self.sound & intact).into()
    }
}

impl fmt::Debug for Opened {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Opened").field("padding", &self.padding).finish_non_exhaustive()
    }
}

/// Data with random bytes behind it.
pub(super) fn pad(data: &[u8], rng: &mut dyn Random) -> Zeroizing<[u8; PADDED]> {
    assert!(data.len() <= DATA_MAX, "{} bytes, limit {DATA_MAX}", data.len());
    let mut padded = Zeroizing::new([0; PADDED]);
    let (head, tail) = padded.split_at_mut(data.len());
    head.copy_from_slice(data);
    rng.fill(tail);
    padded
}

/// Encrypts the padded data under a random key which is itself masked by the result's hash.
// Spec: core.telegram.org/mtproto/auth_key, "RSA_PAD", steps 2 to 7.
pub(super) fn mask(padded: &[u8; PADDED], rng: &mut dyn Random) -> [u8; 256] {
    let key = Zeroizing::new(fill_array::<32>(rng));
    let mut block = [0; 256];
    let (masked_key, sealed) = block.split_at_mut(32);
    sealed[..PADDED].copy_from_slice(padded);
    sealed[..PADDED].reverse();
    sealed[PADDED..].copy_from_slice(&sha256(&[&*key, padded]));
    aes_ige::encrypt(sealed, &key, &[0; 32]);
    masked_key.copy_from_slice(&xor(&key, &sha256(&[sealed])));
    block
}

/// SHA-1, data and random bytes, with the zero in front that keeps the number small.
pub(super) fn pad_legacy(data: &[u8], rng: &mut dyn Random) -> [u8; 256] {
    assert!(data.len() <= DATA_LEGACY_MAX, "{} bytes, limit {DATA_LEGACY_MAX}", data.len());
    let mut block = [0; 256];
    block[1..21].copy_from_slice(&sha1(&[data]));
    let (head, tail) = block[21..].split_at_mut(data.len());
    head.copy_from_slice(data);
    rng.fill(tail);
    block
}

/// Undoes either padding.
pub(super) fn open(block: &Zeroizing<[u8; 256]>) -> Opened {
    unmask(block).unwrap_or_else(|| Opened {
        padding: Padding::Legacy,
        bytes: Zeroizing::new(block[21..].to_vec()),
        hash: slice_array(&**block, 1),
        sound: block[0].ct_eq(&0),
    })
}

/// Undoes [`mask`]; `None` if the hash says that this is something else.
fn unmask(block: &[u8; 256]) -> Option<Opened> {
    let (masked_key, sealed) = block.split_at(32);
    let key = Zeroizing::new(xor(&slice_array(masked_key, 0), &sha256(&[sealed])));
    let mut opened = Zeroizing::new(sealed.to_vec());
    aes_ige::decrypt(&mut opened, &key, &[0; 32]);
    let hash: [u8; 32] = slice_array(&opened, PADDED);
    opened[PADDED..].zeroize();
    opened.truncate(PADDED);
    opened.reverse();
    let intact = sha256(&[&*key, &opened]).ct_eq(&hash);
    bool::from(intact).then_some(Opened {
        padding: Padding::Pad,
        bytes: opened,
        hash: [0; 20],
        sound: intact,
    })
}

fn xor(a: &[u8; 32], b: &[u8; 32]) -> [u8; 32] {
    std::array::from_fn(|i| a[i] ^ b[i])
}
