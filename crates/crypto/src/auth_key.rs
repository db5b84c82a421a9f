//! The 2048-bit key that client and server agree on in the handshake.

use std::fmt;

use zeroize::{Zeroize, ZeroizeOnDrop};

use crate::hash::slice_array;
use crate::{constant_time_eq, sha1};

/// An authorization key together with the two numbers its SHA-1 gives rise to.
///
/// The bytes live on the heap, so that moving the key leaves no copies behind.
#[derive(Clone, ZeroizeOnDrop)]
pub struct AuthKey {
    bytes: Box<[u8; 256]>,
    id: i64,
    aux_hash: u64,
}

impl AuthKey {
    /// Takes the key as the handshake computes it: `g^ab`, big-endian, zeros on the left.
    pub fn new(mut bytes: [u8; 256]) -> Self {
        let hash = sha1(&[&bytes]);
        let key = Self {
            bytes: Box::new(bytes),
            id: i64::from_le_bytes(slice_array(&hash, 12)),
            aux_hash: u64::from_le_bytes(slice_array(&hash, 0)),
        };
        bytes.zeroize();
        key
    }

    /// The `auth_key_id` that precedes every encrypted message: the low 64 bits of the SHA-1.
    pub fn id(&self) -> i64 {
        self.id
    }

    /// The `auth_key_aux_hash` of the handshake, also its `retry_id`: the high 64 bits of the SHA-1.
    pub fn aux_hash(&self) -> u64 {
        self.aux_hash
    }

    /// The key itself.
    pub fn bytes(&self) -> &[u8; 256] {
        &self.bytes
    }

    /// The `new_nonce_hash` of `dh_gen_ok` (number 1), `dh_gen_retry` (2) and `dh_gen_fail` (3).
    pub fn new_nonce_hash(&self, new_nonce: &[u8; 32], number: u8) -> [u8; 16] {
        let hash = sha1(&[new_nonce, &[number], &self.aux_hash.to_le_bytes()]);
        slice_array(&hash, 4)
    }
}

impl PartialEq for AuthKey {
    fn eq(&self, other: &Self) -> bool {
        constant_time_eq(self.bytes(), other.bytes())
    }
}

impl Eq for AuthKey {}

impl fmt::Debug for AuthKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "AuthKey({:016x}, …)", self.id)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn id_is_the_tail_of_the_hash() {
        let key = AuthKey::new(std::array::from_fn(|i| i as u8));
        assert_eq!(hex::encode(key.id().to_le_bytes()), "32d1586ea457dfc8");
    }

    #[test]
    fn keys_compare_by_their_bytes() {
        let key = AuthKey::new([1; 256]);
        let mut other = [1; 256];
        other[255] = 0;
        assert_eq!(key, key.clone());
        assert_ne!(key, AuthKey::new(other));
    }

    #[test]
    fn debug_shows_the_id_alone() {
        let key = AuthKey::new([0xab; 256]);
        let shown = format!("{key:?}");
        assert_eq!(shown, format!("AuthKey({:016x}, …)", key.id()));
    }
}
