//! The encrypted objects of the handshake: SHA-1 of the object, the object, up to 15 random bytes.

use bytes::Bytes;
use heliogram_crypto::{Random, aes_ige, constant_time_eq, kdf, sha1};

/// The temporary AES key and its initialisation vector, known to both sides once the client
/// chose its `new_nonce`.
pub(super) struct Envelope {
    key: [u8; 32],
    iv: [u8; 32],
}

impl Envelope {
    pub(super) fn new(new_nonce: &[u8; 32], server_nonce: &[u8; 16]) -> Self {
        let (key, iv) = kdf::handshake(new_nonce, server_nonce);
        Self { key, iv }
    }

    /// Encrypts `object`; both directions start from the same vector.
    pub(super) fn seal(&self, object: &[u8], rng: &mut dyn Random) -> Vec<u8> {
        let len = HASH_BYTES + object.len();
        let mut sealed = Vec::with_capacity(len.next_multiple_of(16));
        sealed.extend_from_slice(&sha1(&[object]));
        sealed.extend_from_slice(object);
        sealed.resize(len.next_multiple_of(16), 0);
        rng.fill(sealed.get_mut(len..).unwrap_or_default());
        aes_ige::encrypt(&mut sealed, &self.key, &self.iv);
        sealed
    }

    /// Decrypts; the object still has to be parsed before its hash can be checked.
    pub(super) fn open(&self, sealed: &[u8]) -> Option<Hashed> {
        if sealed.len() <= HASH_BYTES || !sealed.len().is_multiple_of(16) {
            return None;
        }
        let mut plain = sealed.to_vec();
        aes_ige::decrypt(&mut plain, &self.key, &self.iv);
        let hash = *plain.first_chunk()?;
        let object = Bytes::from(plain).slice(HASH_BYTES..);
        Some(Hashed { hash, object })
    }
}

/// An object behind its SHA-1 and before random bytes: only parsing tells where it ends.
pub(super) struct Hashed {
    hash: [u8; HASH_BYTES],
    object: Bytes,
}

impl Hashed {
    /// The object, and random bytes.
    pub(super) fn bytes(&self) -> &Bytes {
        &self.object
    }

    /// Whether the first `len` bytes are the object that was hashed.
    pub(super) fn is_whole(&self, len: usize) -> bool {
        self.object.split_at_checked(len).is_some_and(|(object, padding)| {
            padding.len() <= PADDING_MAX && constant_time_eq(&sha1(&[object]), &self.hash)
        })
    }
}

/// What fills the last cipher block.
const PADDING_MAX: usize = 15;
const HASH_BYTES: usize = 20;
