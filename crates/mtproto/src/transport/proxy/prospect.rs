//! What the first bytes of a connection may become: as early as it can be told, for a visitor who
//! is no client of ours should not be kept waiting.

use super::super::fake_tls::RECORD_HEAD_BYTES;
use super::super::obfuscated::{PREAMBLE_BYTES, is_preamble_allowed};
use super::ProxyDoor;

/// What the first bytes may become.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Prospect {
    More,
    /// A preamble is complete.
    Preamble,
    /// A hello of this length has begun.
    Hello(usize),
    Stranger,
}

/// Judges everything received so far.
pub(super) fn prospect(first: &[u8], door: &ProxyDoor) -> Prospect {
    let (tls, bare) = (door.has_tls(), door.has_bare());
    let known = first.len().min(HELLO_HEAD.len());
    if tls && first.get(..known) == HELLO_HEAD.get(..known) {
        return match first.get(HELLO_HEAD.len()..).and_then(<[u8]>::first_chunk) {
            None => Prospect::More,
            Some(len) => match usize::from(u16::from_be_bytes(*len)) {
                len @ HELLO_BYTES_MIN..=HELLO_BYTES_MAX => Prospect::Hello(len + RECORD_HEAD_BYTES),
                _ => Prospect::Stranger,
            },
        };
    }
    match first.first_chunk::<PREAMBLE_BYTES>() {
        _ if !bare => Prospect::Stranger,
        Some(preamble) if is_preamble_allowed(preamble) => Prospect::Preamble,
        Some(_) => Prospect::Stranger,
        None if may_be_preamble(first) => Prospect::More,
        None => Prospect::Stranger,
    }
}

/// Whether a preamble may begin so.
fn may_be_preamble(first: &[u8]) -> bool {
    let mut preamble = [1; PREAMBLE_BYTES];
    let (begun, _) = preamble.split_at_mut(first.len().min(PREAMBLE_BYTES));
    begun.copy_from_slice(first.split_at(begun.len()).0);
    is_preamble_allowed(&preamble)
}

/// How the hello of every client begins: a handshake, in the version that nobody minds.
const HELLO_HEAD: [u8; 3] = [0x16, 3, 1];

/// A hello holds at least a random, a session id and a few extensions, and no more than a record.
const HELLO_BYTES_MIN: usize = 80;
const HELLO_BYTES_MAX: usize = 1 << 14;
