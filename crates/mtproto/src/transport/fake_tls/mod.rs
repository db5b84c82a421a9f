//! Fake TLS: an obfuscated stream that looks like a visit to some site.
//!
//! Client and proxy exchange hellos that a watcher cannot tell from those of TLS 1.3. The secret
//! shows only in the random of each, which is an HMAC of the rest. Everything after that travels
//! in records of application data, which TLS would have encrypted and we obfuscate.

mod client;
mod client_hello;
mod records;
mod server_hello;

pub use client::FakeTlsClient;
pub(crate) use client_hello::ClientHello;
pub(crate) use records::Records;
pub(crate) use server_hello::write_answer;

/// Where the random of a hello lies, in both directions: behind the heads of record and message,
/// and the version.
const RANDOM_FROM: usize = 11;

/// Length of the random of a hello, and of an HMAC.
const RANDOM_BYTES: usize = 32;

/// Bytes of a record before its content: kind, version, length.
pub(crate) const RECORD_HEAD_BYTES: usize = 5;

/// The record by which both sides of TLS 1.3 please old middleboxes.
const CHANGE_CIPHER_SPEC: [u8; 6] = [0x14, 3, 3, 0, 1, 1];

/// How application data begins, before its length.
const APPLICATION_DATA: [u8; 3] = [0x17, 3, 3];

/// The HMAC of a message whose random counts as zeros, after what else is to be proved.
fn digest(secret: &super::ProxySecret, before: &[u8], message: &[u8]) -> [u8; RANDOM_BYTES] {
    let (head, rest) = message.split_at(RANDOM_FROM.min(message.len()));
    let tail = rest.get(RANDOM_BYTES..).unwrap_or_default();
    heliogram_crypto::hmac_sha256(&secret.0, &[before, head, &[0; RANDOM_BYTES], tail])
}

/// The random of a hello.
fn random_of(message: &[u8]) -> Option<&[u8; RANDOM_BYTES]> {
    message.get(RANDOM_FROM..)?.first_chunk()
}

/// Where the random of a hello is written once the rest is there.
fn random_of_mut(message: &mut [u8]) -> Option<&mut [u8; RANDOM_BYTES]> {
    message.get_mut(RANDOM_FROM..)?.first_chunk_mut()
}
