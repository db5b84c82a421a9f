//! Public keys on Curve25519, for what has to look like TLS. Nothing is ever agreed upon with them.

use x25519_dalek::{X25519_BASEPOINT_BYTES, x25519};

/// The public key of a secret, which may be any 32 bytes.
///
/// Half of all random numbers are no coordinate on the curve, by which a watcher would know a key
/// that was only drawn.
pub fn x25519_public_key(secret: [u8; 32]) -> [u8; 32] {
    x25519(secret, X25519_BASEPOINT_BYTES)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_public_key_is_the_known_one() {
        // Spec: RFC 7748, section 5.2, the first iteration, whose secret is the base point itself.
        let mut secret = [0; 32];
        secret[0] = 9;
        let expected = "422c8e7a6227d7bca1350b3e2bb7279f7897b87bb6854b783c60e80311ae3079";
        assert_eq!(hex::encode(x25519_public_key(secret)), expected);
    }
}
