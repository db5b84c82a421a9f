//! Access hashes and file references: proofs that the holder was shown something.
//!
//! Derived, never stored. A hash belongs to one viewer, so what one account obtained is worthless
//! to another, and a rendered batch can never be shared between two viewers.

use std::fmt;

use heliogram_crypto::{constant_time_eq, sha256};
use heliogram_ids::{AccessHash, FileId, Peer, UserId};

/// The secret of the cloud from which all hashes follow.
#[derive(Clone)]
pub(crate) struct AccessSecret {
    epoch: u8,
    key: [u8; 32],
}

/// What a hash or reference proves access to.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Target {
    Peer(Peer),
    Photo(FileId),
    Document(FileId),
}

impl AccessSecret {
    /// `epoch` counts the secrets this cloud has had.
    pub(crate) const fn new(epoch: u8, key: [u8; 32]) -> Self {
        Self { epoch, key }
    }

    /// The hash by which `viewer` names `target`.
    pub(crate) fn hash(&self, viewer: UserId, target: Target) -> AccessHash {
        let [a, b, c, d, e, f, g, h, ..] = self.digest(viewer, target, b"access");
        AccessHash(i64::from_le_bytes([a, b, c, d, e, f, g, h]))
    }

    /// Whether `hash` is the one that `viewer` was given.
    pub(crate) fn verify(&self, viewer: UserId, target: Target, hash: AccessHash) -> bool {
        let right = self.hash(viewer, target);
        constant_time_eq(&right.get().to_le_bytes(), &hash.get().to_le_bytes())
    }

    /// The number by which `bot` recognises a chat with `peer` when a button is pressed there. The
    /// same for ever, and of no use for anything else.
    pub(crate) fn chat_instance(&self, bot: UserId, peer: Peer) -> i64 {
        let [a, b, c, d, e, f, g, h, ..] = self.digest(bot, Target::Peer(peer), b"chat instance");
        i64::from_le_bytes([a, b, c, d, e, f, g, h])
    }

    /// The reference with which `viewer` may download `target`.
    pub(crate) fn reference(&self, viewer: UserId, target: Target) -> Vec<u8> {
        let digest = self.digest(viewer, target, b"reference");
        let mut reference = vec![self.epoch];
        reference.extend_from_slice(&digest[..16]);
        reference
    }

    /// Whether `reference` is the one that `viewer` was given.
    pub(crate) fn verify_reference(
        &self,
        viewer: UserId,
        target: Target,
        reference: &[u8],
    ) -> bool {
        constant_time_eq(&self.reference(viewer, target), reference)
    }

    /// Whether `reference` is well formed, but from another secret of this cloud.
    pub(crate) fn is_outdated(&self, reference: &[u8]) -> bool {
        matches!(reference, [epoch, mac @ ..] if *epoch != self.epoch && mac.len() == 16)
    }

    // The hashed text has a fixed length and the digest is cut, so prefixing the key is a sound MAC.
    fn digest(&self, viewer: UserId, target: Target, purpose: &[u8]) -> [u8; 32] {
        let (kind, id) = match target {
            Target::Peer(Peer::User(id)) => (1_u8, id.get()),
            Target::Peer(Peer::Chat(id)) => (2, id.get()),
            Target::Peer(Peer::Channel(id)) => (3, id.get()),
            Target::Photo(id) => (4, id.get()),
            Target::Document(id) => (5, id.get()),
        };
        sha256(&[
            &self.key,
            &[self.epoch],
            &viewer.get().to_be_bytes(),
            &[kind],
            &id.to_be_bytes(),
            purpose,
        ])
    }
}

impl fmt::Debug for AccessSecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AccessSecret").field("epoch", &self.epoch).finish_non_exhaustive()
    }
}
