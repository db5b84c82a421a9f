//! Sealing and opening of encrypted messages, MTProto 2.0, side by side.
//!
//! Both work inside one buffer: a message is assembled where it will be sent from and encrypted
//! there; a received frame is decrypted where it lies, and its body is a slice of it.

use std::sync::Arc;

use bytes::{Buf as _, Bytes};
use heliogram_crypto::{AuthKey, Random, Side, aes_ige, constant_time_eq, kdf};
use heliogram_ids::{MsgId, Salt, SessionId};

use crate::Fault;

/// A decrypted message as it lies in one encrypted frame; a container is not unpacked here.
///
/// Authentic and of sound shape, nothing more: salt, session, ids and order are the session's to
/// judge.
#[derive(Clone, Debug)]
pub struct Opened {
    /// Key the message was encrypted with.
    pub auth_key: Arc<AuthKey>,
    /// Server salt as the sender knows it.
    pub salt: Salt,
    /// Session it belongs to.
    pub session_id: SessionId,
    /// Id of the outermost message.
    pub msg_id: MsgId,
    /// Sequence number of the outermost message.
    pub seq_no: i32,
    /// One boxed object: a slice of the received frame.
    pub body: Bytes,
    /// Token to send back at once, if the peer asked to be told that the message arrived.
    pub quick_ack: Option<u32>,
}

/// A message ready to be sealed.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Outgoing {
    /// Server salt: from a server the current one, from a client the one it believes in.
    pub salt: Salt,
    /// Session it belongs to.
    pub session_id: SessionId,
    /// Id of the message, or of the container.
    pub msg_id: MsgId,
    /// Sequence number of the message, or of the container.
    pub seq_no: i32,
    /// One boxed object of whole words; a container if there is more than one message.
    pub body: Bytes,
}

/// Length of the payload that [`seal`] makes of a body of `body_len` bytes.
pub(crate) fn sealed_len(body_len: usize) -> usize {
    KEY_HEAD_BYTES + plaintext_len(body_len)
}

/// Appends the encrypted message to `out`; returns its quick-ack token.
// Spec: mtproto/description#encrypted-message-encrypted-data
pub(crate) fn seal(
    out: &mut Vec<u8>,
    key: &AuthKey,
    from: Side,
    message: &Outgoing,
    rng: &mut dyn Random,
) -> u32 {
    debug_assert!(message.body.len().is_multiple_of(4), "bodies are whole words");
    let start = out.len();
    let len = i32::try_from(message.body.len()).expect("our own messages are far below 2 GiB");
    let plaintext_len = plaintext_len(message.body.len());
    out.reserve(KEY_HEAD_BYTES + plaintext_len);
    out.extend_from_slice(&key.id().to_le_bytes());
    out.extend_from_slice(&[0; 16]);
    out.extend_from_slice(&message.salt.get().to_le_bytes());
    out.extend_from_slice(&message.session_id.get().to_le_bytes());
    out.extend_from_slice(&message.msg_id.get().to_le_bytes());
    out.extend_from_slice(&message.seq_no.to_le_bytes());
    out.extend_from_slice(&len.to_le_bytes());
    out.extend_from_slice(&message.body);
    let padding = out.len();
    out.resize(start + KEY_HEAD_BYTES + plaintext_len, 0);
    let (head, padding) = out.split_at_mut(padding);
    rng.fill(padding);
    debug_assert!((PADDING_MIN..=PADDING_MAX).contains(&padding.len()) && head.len() > start);
    seal_plaintext(out.get_mut(start..).unwrap_or_default(), key, from)
}

/// Computes the message key of `payload`, puts it in its place and encrypts what follows.
fn seal_plaintext(payload: &mut [u8], key: &AuthKey, from: Side) -> u32 {
    let (head, plaintext) = payload.split_at_mut(KEY_HEAD_BYTES);
    let large = kdf::msg_key_large(key, plaintext, from);
    let msg_key = middle(&large);
    head.split_at_mut(8).1.copy_from_slice(&msg_key);
    let (aes_key, aes_iv) = kdf::v2(key, &msg_key, from);
    aes_ige::encrypt(plaintext, &aes_key, &aes_iv);
    quick_ack_token(&large)
}

/// Opens the encrypted message in `payload`, whose first 8 bytes named `auth_key`.
///
/// `from` is the sender. With `trailer`, up to 15 bytes behind the last cipher block belong to
/// the transport and are cut off.
///
/// # Errors
/// A length, a message key, or a padding that cannot be; no field is believed before the key of
/// the whole plaintext was compared, and the fault says nothing to the peer.
// Spec: mtproto/security_guidelines#mtproto-encrypted-messages
pub(crate) fn open(
    mut payload: Vec<u8>,
    auth_key: &Arc<AuthKey>,
    from: Side,
    trailer: Trailer,
) -> Result<Opened, Fault> {
    let quick_ack = open_plaintext(&mut payload, auth_key, from, trailer)?;
    let mut rest = Bytes::from(payload);
    rest.advance(KEY_HEAD_BYTES);
    let too_short = |_| Fault::EncryptedLength(0);
    let salt = Salt(rest.try_get_i64_le().map_err(too_short)?);
    let session_id = SessionId(rest.try_get_i64_le().map_err(too_short)?);
    let msg_id = MsgId(rest.try_get_i64_le().map_err(too_short)?);
    let seq_no = rest.try_get_i32_le().map_err(too_short)?;
    let len = rest.try_get_i32_le().map_err(too_short)?;
    let body_len = usize::try_from(len).map_err(|_| Fault::BodyLength(len))?;
    if body_len < 4 || !body_len.is_multiple_of(4) || body_len > rest.len() {
        return Err(Fault::BodyLength(len));
    }
    let padding = rest.len() - body_len;
    if !(PADDING_MIN..=PADDING_MAX).contains(&padding) {
        return Err(Fault::Padding(padding));
    }
    rest.truncate(body_len);
    let auth_key = Arc::clone(auth_key);
    Ok(Opened { auth_key, salt, session_id, msg_id, seq_no, body: rest, quick_ack: Some(quick_ack) })
}

/// What a transport may leave behind the last cipher block of a payload.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Trailer {
    /// Nothing: the payload is exact.
    None,
    /// Up to 15 random bytes, as the padded intermediate transport adds them.
    Random,
}

/// Cuts, decrypts and authenticates; returns the token of the quick acknowledgement.
fn open_plaintext(
    payload: &mut Vec<u8>,
    key: &AuthKey,
    from: Side,
    trailer: Trailer,
) -> Result<u32, Fault> {
    let encrypted_len = payload.len().saturating_sub(KEY_HEAD_BYTES);
    let surplus = encrypted_len % 16;
    if encrypted_len < ENCRYPTED_BYTES_MIN || (surplus != 0 && trailer == Trailer::None) {
        return Err(Fault::EncryptedLength(encrypted_len));
    }
    payload.truncate(payload.len() - surplus);
    let (head, plaintext) = payload.split_at_mut(KEY_HEAD_BYTES);
    let msg_key: &[u8; 16] = head.last_chunk().ok_or(Fault::MsgKey)?;
    let (aes_key, aes_iv) = kdf::v2(key, msg_key, from);
    aes_ige::decrypt(plaintext, &aes_key, &aes_iv);
    let large = kdf::msg_key_large(key, plaintext, from);
    // Before any field is looked at: the key covers the padding too, and whoever forged the
    // message must not learn which byte we disliked.
    if constant_time_eq(&middle(&large), msg_key) {
        Ok(quick_ack_token(&large))
    } else {
        Err(Fault::MsgKey)
    }
}

/// Salt, session, ids, lengths, body and the least padding that ends on a cipher block.
fn plaintext_len(body_len: usize) -> usize {
    (PLAINTEXT_HEAD_BYTES + body_len + PADDING_MIN).next_multiple_of(16)
}

/// The 128 bits in the middle of the large message key: the message key itself.
fn middle(large: &[u8; 32]) -> [u8; 16] {
    std::array::from_fn(|at| large[at + 8])
}

// Spec: mtproto/mtproto-transports#quick-ack
fn quick_ack_token(large: &[u8; 32]) -> u32 {
    let [a, b, c, d, ..] = *large;
    u32::from_le_bytes([a, b, c, d]) | 1 << 31
}

/// `auth_key_id` and `msg_key`, which precede the encrypted part.
const KEY_HEAD_BYTES: usize = 24;
const PLAINTEXT_HEAD_BYTES: usize = 32;
/// Head, and 16 bytes of body and padding together.
const ENCRYPTED_BYTES_MIN: usize = 48;
const PADDING_MIN: usize = 12;
const PADDING_MAX: usize = 1024;
