//! Messages in, sealed messages out: hashes of all, keys of all, cipher over all.

#[cfg(target_arch = "x86_64")]
use super::hashes::Hasher;
use super::ige::{self, IgeJob};
use crate::AuthKey;
use crate::kdf::{self, Side, msg_key_prefix};

/// A message that is to be sealed.
#[derive(Debug)]
pub struct Unsealed<'a> {
    /// The key of the session it belongs to.
    pub key: &'a AuthKey,
    /// Who sends it.
    pub from: Side,
    /// Everything that gets encrypted, in place; its length is a multiple of 16.
    pub data: &'a mut [u8],
}

/// Encrypts each message by MTProto 2.0, in place, and returns the
/// [`msg_key_large`](kdf::msg_key_large) of each.
///
/// Its result is that of one message after the other, for any number of them and any lengths; it is
/// fastest for eight and more of about the same length.
///
/// # Panics
/// If the length of a message is not a multiple of 16.
pub fn seal_v2(messages: &mut [Unsealed<'_>]) -> Vec<[u8; 32]> {
    let hashes = hashes(messages);
    let keys: Vec<_> = messages
        .iter()
        .zip(&hashes)
        .map(|(message, large)| {
            let msg_key = large[8..24].try_into().expect("the middle of a hash has 16 bytes");
            kdf::v2(message.key, msg_key, message.from)
        })
        .collect();
    encrypt(messages, &keys);
    hashes
}

fn hashes(messages: &[Unsealed<'_>]) -> Vec<[u8; 32]> {
    #[cfg(target_arch = "x86_64")]
    if messages.len() > 1
        && let Some(hasher) = Hasher::detect()
    {
        let parts = messages.iter().map(|each| (msg_key_prefix(each.key, each.from), &*each.data));
        return hasher.hashes(&parts.collect::<Vec<_>>());
    }
    let hash = |each: &Unsealed<'_>| kdf::msg_key_large(each.key, each.data, each.from);
    messages.iter().map(hash).collect()
}

fn encrypt(messages: &mut [Unsealed<'_>], keys: &[([u8; 32], [u8; 32])]) {
    let mut jobs: Vec<IgeJob<'_>> = messages
        .iter_mut()
        .zip(keys)
        .map(|(message, (key, iv))| IgeJob { data: message.data, key, iv })
        .collect();
    ige::encrypt(&mut jobs);
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::{Random, SeededRandom, aes_ige};

    fn check(lengths: &[usize]) {
        let mut rng = SeededRandom::new(5);
        let keys: Vec<AuthKey> = lengths.iter().map(|_| AuthKey::new(rng.bytes())).collect();
        let mut plain: Vec<Vec<u8>> = lengths.iter().map(|blocks| vec![0; blocks * 16]).collect();
        plain.iter_mut().for_each(|data| rng.fill(data));
        let side = |at: usize| if at.is_multiple_of(3) { Side::Client } else { Side::Server };

        let mut sealed = plain.clone();
        let parts = sealed.iter_mut().zip(&keys).enumerate();
        let mut messages: Vec<_> =
            parts.map(|(at, (data, key))| Unsealed { key, from: side(at), data }).collect();
        let large = seal_v2(&mut messages);

        assert_eq!(large.len(), lengths.len());
        for (at, data) in plain.iter_mut().enumerate() {
            assert_eq!(large[at], kdf::msg_key_large(&keys[at], data, side(at)), "hash {at}");
            let msg_key = large[at][8..24].try_into().unwrap();
            let (key, iv) = kdf::v2(&keys[at], msg_key, side(at));
            aes_ige::encrypt(data, &key, &iv);
            assert_eq!(sealed[at], *data, "message {at} of {lengths:?}");
        }
    }

    #[test]
    fn many_at_once_are_sealed_as_one_by_one() {
        for count in 0..40 {
            check(&vec![17; count]);
        }
    }

    #[test]
    fn messages_of_any_lengths_go_together() {
        check(&[0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17]);
        check(&[100, 1, 64, 0, 63, 65, 3, 3, 200, 4, 8, 12, 16, 5, 31, 33, 32, 7, 1, 90]);
        check(&[1_000; 16]);
    }

    proptest! {
        #[test]
        fn messages_of_random_lengths_go_together(
            lengths in prop::collection::vec(0_usize..300, 0..40),
        ) {
            check(&lengths);
        }
    }
}
