//! The cryptographic primitives of MTProto.
//!
//! Everything here is a pure function or a small value: no sockets, no clock, no global random
//! source. Randomness comes in through [`Random`], secrets are wiped when dropped and never
//! printed, and whatever is compared with a secret is compared in constant time.
//!
//! Reading order: [`Random`] and the hashes, the two AES modes, [`AuthKey`] and the key derivation
//! of messages, then what makes an auth key ([`rsa`], [`pq`], [`dh`]) and what proves a cloud
//! password ([`srp`]).

#[cfg(target_arch = "x86_64")]
mod features;
mod hash;
mod random;
#[cfg(target_arch = "x86_64")]
mod sha_constants;
#[cfg(target_arch = "x86_64")]
mod sha_ni;
mod x25519;

mod aes_ctr;
pub mod aes_ige;

mod bignum;

mod auth_key;
pub mod batch;
pub mod kdf;

pub mod dh;
pub mod pq;
pub mod rsa;
pub mod srp;

pub use aes_ctr::AesCtr;
pub use auth_key::AuthKey;
pub use hash::{constant_time_eq, hmac_sha256, sha1, sha256};
pub use kdf::Side;
pub use random::{Random, SeededRandom};
pub use x25519::x25519_public_key;
