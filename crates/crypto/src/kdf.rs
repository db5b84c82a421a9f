//! Which AES key and IV belong to a message: both generations of MTProto, and the handshake.
//!
//! What is called after a scheme returns `(aes_key, aes_iv)`, ready for [`aes_ige`].

use zeroize::Zeroize as _;

use crate::hash::{sha256_pair, slice_array};
use crate::{AuthKey, aes_ige, sha1, sha256};

/// The sender of a message: each direction uses another part of the auth key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Side {
    /// The message travels from client to server.
    Client,
    /// The message travels from server to client.
    Server,
}

impl Side {
    /// The one that receives what this side sends.
    pub fn peer(self) -> Self {
        match self {
            Self::Client => Self::Server,
            Self::Server => Self::Client,
        }
    }

    /// The `x` of the specification: how far the parts of the auth key are shifted.
    fn shift(self) -> usize {
        match self {
            Self::Client => 0,
            Self::Server => 8,
        }
    }
}

/// The hash whose middle is the `msg_key` of MTProto 2.0 and whose head is the quick-ack token.
///
/// `plaintext` is everything that gets encrypted, padding included.
pub fn msg_key_large(key: &AuthKey, plaintext: &[u8], from: Side) -> [u8; 32] {
    sha256(&[msg_key_prefix(key, from), plaintext])
}

/// The part of the auth key that is hashed before the plaintext.
pub(crate) fn msg_key_prefix(key: &AuthKey, from: Side) -> &[u8; 32] {
    part(key, 88, from)
}

/// Key and IV of an MTProto 2.0 message.
// Spec: core.telegram.org/mtproto/description, "Defining AES Key and Initialization Vector".
pub fn v2(key: &AuthKey, msg_key: &[u8; 16], from: Side) -> ([u8; 32], [u8; 32]) {
    let (mut first, mut second) = ([0; 52], [0; 52]);
    first[..16].copy_from_slice(msg_key);
    first[16..].copy_from_slice(part::<36>(key, 0, from));
    second[..36].copy_from_slice(part::<36>(key, 40, from));
    second[36..].copy_from_slice(msg_key);
    let [a, b] = sha256_pair(&first, &second);
    first.zeroize();
    second.zeroize();
    (join(&[&a[..8], &b[8..24], &a[24..]]), join(&[&b[..8], &a[8..24], &b[24..]]))
}

/// Decrypts an MTProto 2.0 message in place and returns the [`msg_key_large`] of what came out.
///
/// The receiver compares its middle with the `msg_key` that the message claims, and believes
/// nothing of the plaintext before. One pass does both: see [`aes_ige::decrypt_and_hash`].
///
/// # Panics
/// If the length of `data` is not a multiple of 16.
pub fn decrypt_v2(key: &AuthKey, msg_key: &[u8; 16], data: &mut [u8], from: Side) -> [u8; 32] {
    let (aes_key, aes_iv) = v2(key, msg_key, from);
    aes_ige::decrypt_and_hash(data, &aes_key, &aes_iv, msg_key_prefix(key, from))
}

/// The `msg_key` of MTProto 1.0: the padding is not part of the hash.
pub fn msg_key_v1(plaintext_without_padding: &[u8]) -> [u8; 16] {
    slice_array(&sha1(&[plaintext_without_padding]), 4)
}

/// Key and IV of an MTProto 1.0 message; `auth.bindTempAuthKey` still contains one.
// Spec: core.telegram.org/mtproto/description_v1, "Defining AES Key and Initialization Vector".
pub fn v1(key: &AuthKey, msg_key: &[u8; 16], from: Side) -> ([u8; 32], [u8; 32]) {
    let a = sha1(&[msg_key, part::<32>(key, 0, from)]);
    let b = sha1(&[part::<16>(key, 32, from), msg_key, part::<16>(key, 48, from)]);
    let c = sha1(&[part::<32>(key, 64, from), msg_key]);
    let d = sha1(&[msg_key, part::<32>(key, 96, from)]);
    (join(&[&a[..8], &b[8..], &c[4..16]]), join(&[&a[8..], &b[..8], &c[16..], &d[..8]]))
}

/// The `tmp_aes_key` and `tmp_aes_iv` that hide the Diffie–Hellman numbers of the handshake.
// Spec: core.telegram.org/mtproto/auth_key, step 5.
pub fn handshake(new_nonce: &[u8; 32], server_nonce: &[u8; 16]) -> ([u8; 32], [u8; 32]) {
    let new_server = sha1(&[new_nonce, server_nonce]);
    let server_new = sha1(&[server_nonce, new_nonce]);
    let new_new = sha1(&[new_nonce, new_nonce]);
    (join(&[&new_server, &server_new[..12]]), join(&[&server_new[12..], &new_new, &new_nonce[..4]]))
}

fn part<const N: usize>(key: &AuthKey, offset: usize, from: Side) -> &[u8; N] {
    let start = offset + from.shift();
    key.bytes()[start..start + N].try_into().expect("the range has N bytes")
}

fn join(parts: &[&[u8]]) -> [u8; 32] {
    let mut joined = [0; 32];
    let mut rest = joined.as_mut_slice();
    for part in parts {
        let (head, tail) = rest.split_at_mut(part.len());
        head.copy_from_slice(part);
        rest = tail;
    }
    debug_assert!(rest.is_empty());
    joined
}

#[cfg(test)]
mod tests {
    use super::*;

    type Derive = fn(&AuthKey, &[u8; 16], Side) -> ([u8; 32], [u8; 32]);

    #[test]
    fn derivation_matches_recorded_keys() {
        let eighth = "98cb29c6ffa89e79da695a54f572e6cb101e81c688b63a4bf73c3622dec230e0";
        let key = auth_key(&eighth.repeat(8));
        let msg_key = "25d701f2a29205526757825a99eb2d32";
        check(
            v2,
            (&key, msg_key, Side::Client),
            "af3f8e1ffa75f4c981eec33a3e5bbaa2ea48f9bb93e91597627eb1f67960a0c9",
            "9874d77f95155b35221bff94b7df4594c6996e2a62e44fcb7d93c8c4e41b79ee",
        );
        check(
            v2,
            (&key, msg_key, Side::Server),
            "d4b378e1e0525f10ff9d4c42807ccce5b30a033a8088c0b922b5259421751648",
            "4d7194f42f0135d2fd83050b403265b4c40ee3e9e9fba56f0f4d8ea6bcb121f5",
        );
        check(
            v1,
            (&key, msg_key, Side::Client),
            "1fc7b40b1d9ffbdaf4d652525a748864259698f89214abf27c0d36cb9d4cd5db",
            "7251fbda39ec5e6e089f15ded5963b03d6d8d0f7078898431fc7b40b1d9ffbda",
        );
        check(
            v1,
            (&key, msg_key, Side::Server),
            "af0e4e01318654be40ab42b125909d43b44bdeef571ff1a5dfb81474ae26d467",
            "15c9ba6021d2c5cf04f0842540ae216a970b4eac8f46ef01af0e4e01318654be",
        );
    }

    #[test]
    fn what_is_decrypted_is_hashed_as_the_sender_hashed_it() {
        let key = auth_key(&"5a".repeat(256));
        let plain: Vec<u8> = (0..208).collect();
        for from in [Side::Client, Side::Server] {
            let large = msg_key_large(&key, &plain, from);
            let msg_key = slice_array(&large, 8);
            let (aes_key, aes_iv) = v2(&key, &msg_key, from);
            let mut data = plain.clone();
            aes_ige::encrypt(&mut data, &aes_key, &aes_iv);
            assert_eq!(decrypt_v2(&key, &msg_key, &mut data, from), large);
            assert_eq!(data, plain);
        }
    }

    #[test]
    fn derivation_v1_takes_the_right_bytes_of_a_counting_key() {
        let counting: [u8; 256] = std::array::from_fn(|i| i as u8);
        check(
            v1,
            (&AuthKey::new(counting), &hex::encode(&counting[..16]), Side::Client),
            "17d7295ca9213d1ab656acdb1ad48b2ea7f3a8f7095098d5508b900bbd5fccfc",
            "2d7d16a65a84108e9805656caa474501cc580aa2edc33abfd0bfad785464d1c6",
        );
    }

    fn check(
        derive: Derive,
        (key, msg_key, from): (&AuthKey, &str, Side),
        aes_key: &str,
        aes_iv: &str,
    ) {
        let msg_key = hex::decode(msg_key).unwrap().try_into().unwrap();
        let (found_key, found_iv) = derive(key, &msg_key, from);
        assert_eq!(hex::encode(found_key), aes_key, "key from {from:?}");
        assert_eq!(hex::encode(found_iv), aes_iv, "iv from {from:?}");
    }

    fn auth_key(hex: &str) -> AuthKey {
        AuthKey::new(hex::decode(hex).unwrap().try_into().unwrap())
    }
}
