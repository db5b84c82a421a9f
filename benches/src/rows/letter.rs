//! How a client seals a message by the letter of the specification, for contestants that bring a
//! hash of their own: <https://core.telegram.org/mtproto/description#defining-aes-key-and-initialization-vector>.

use heliogram_crypto::AuthKey;

/// What a message is encrypted with.
pub(super) struct Sealing {
    pub(super) msg_key: [u8; 16],
    pub(super) aes_key: [u8; 32],
    pub(super) aes_iv: [u8; 32],
}

impl Sealing {
    /// `sha256` hashes two slices, one after the other.
    pub(super) fn new<E>(
        key: &AuthKey,
        plaintext: &[u8],
        sha256: impl Fn(&[u8], &[u8]) -> Result<[u8; 32], E>,
    ) -> Result<Self, E> {
        let bytes = key.bytes();
        let large = sha256(&bytes[88..120], plaintext)?;
        let msg_key = middle(&large);
        let a = sha256(&msg_key, &bytes[..36])?;
        let b = sha256(&bytes[40..76], &msg_key)?;
        Ok(Self { msg_key, aes_key: splice(&a, &b), aes_iv: splice(&b, &a) })
    }
}

/// The message key in the hash that it is taken from.
pub(super) fn middle(large: &[u8; 32]) -> [u8; 16] {
    std::array::from_fn(|at| large[8 + at])
}

/// Ends of one hash around the middle of the other.
fn splice(ends: &[u8; 32], middle: &[u8; 32]) -> [u8; 32] {
    std::array::from_fn(|at| if (8..24).contains(&at) { middle[at] } else { ends[at] })
}
