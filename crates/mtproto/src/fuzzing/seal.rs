//! Sealing and opening without a link around them.

use std::sync::Arc;

use heliogram_crypto::{AuthKey, Random, Side};

use crate::Fault;
use crate::message::{self, Opened, Outgoing, Trailer};

/// Appends the encrypted message.
pub fn seal(
    out: &mut Vec<u8>,
    key: &AuthKey,
    from: Side,
    message: &Outgoing,
    rng: &mut dyn Random,
) -> u32 {
    message::seal(out, key, from, message, rng)
}

/// A payload with a right message key around a plaintext that may be anything, as somebody makes it
/// who has the key and means harm. The plaintext is filled up to whole cipher blocks.
pub fn seal_anything(plaintext: &[u8], key: &AuthKey, from: Side) -> Vec<u8> {
    message::seal_anything(plaintext, key, from)
}

/// Opens a payload; up to 15 bytes behind the last cipher block are ignored if the transport may
/// have put them there.
///
/// # Errors
/// As a link would find.
pub fn open(
    payload: Vec<u8>,
    key: &Arc<AuthKey>,
    from: Side,
    has_trailer: bool,
) -> Result<Opened, Fault> {
    let trailer = if has_trailer { Trailer::Random } else { Trailer::None };
    message::open(payload, key, from, trailer)
}
