//! Sealing and opening of encrypted messages, MTProto 2.0, side by side.
//!
//! Both work inside one buffer: a message is assembled where it will be sent from and encrypted
//! there; a received frame is decrypted where it lies, and its body is a slice of it.

use std::sync::Arc;

use bytes::{Buf as _, Bytes};
use heliogram_crypto::batch::{self, Unsealed};
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
    let start = out.len();
    assemble(out, key, message, rng);
    seal_plaintext(out.split_at_mut(start).1, key, from)
}

/// Appends the message as [`seal`] does, but with an empty message key, and in the clear.
pub(crate) fn assemble(out: &mut Vec<u8>, key: &AuthKey, message: &Outgoing, rng: &mut dyn Random) {
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
    let body_end = out.len();
    out.resize(start + KEY_HEAD_BYTES + plaintext_len, 0);
    rng.fill(out.split_at_mut(body_end).1);
}

/// Seals what [`assemble`] made, several messages at once: together they take a fraction of the
/// time that each would take alone.
pub(crate) fn seal_together<'a>(
    payloads: impl IntoIterator<Item = (&'a mut [u8], &'a AuthKey, Side)>,
) {
    let (mut heads, mut messages) = (Vec::new(), Vec::new());
    for (payload, key, from) in payloads {
        let (head, data) = payload.split_at_mut(KEY_HEAD_BYTES);
        heads.push(head);
        messages.push(Unsealed { key, from, data });
    }
    for (head, large) in heads.into_iter().zip(batch::seal_v2(&mut messages)) {
        head.split_at_mut(8).1.copy_from_slice(&middle(&large));
    }
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

/// A payload whose message key is right and whose plaintext may be anything.
#[cfg(fuzzing)]
pub(crate) fn seal_anything(plaintext: &[u8], key: &AuthKey, from: Side) -> Vec<u8> {
    let mut payload = vec![0; KEY_HEAD_BYTES];
    payload.extend_from_slice(plaintext);
    payload.resize(KEY_HEAD_BYTES + plaintext.len().next_multiple_of(16), 0);
    let (key_id, _) = payload.split_at_mut(8);
    key_id.copy_from_slice(&key.id().to_le_bytes());
    seal_plaintext(&mut payload, key, from);
    payload
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
    Ok(Opened {
        auth_key,
        salt,
        session_id,
        msg_id,
        seq_no,
        body: rest,
        quick_ack: Some(quick_ack),
    })
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
    let large = kdf::decrypt_v2(key, msg_key, plaintext, from);
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
    *large.split_at(8).1.first_chunk().expect("24 of 32 bytes are left")
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

#[cfg(test)]
mod tests {
    use heliogram_crypto::SeededRandom;
    use proptest::prelude::*;

    use super::*;

    fn key() -> Arc<AuthKey> {
        Arc::new(AuthKey::new(std::array::from_fn(|at| u8::try_from(at).unwrap())))
    }

    /// `ping` with an id of 0x2122232425262728.
    const PING: [u8; 12] = [0xec, 0x77, 0xbe, 0x7a, 0x28, 0x27, 0x26, 0x25, 0x24, 0x23, 0x22, 0x21];

    fn message(body: &[u8]) -> Outgoing {
        Outgoing {
            salt: Salt(0x0807_0605_0403_0201),
            session_id: SessionId(0x1817_1615_1413_1211),
            msg_id: MsgId(0x5e0b_700a_0000_0000),
            seq_no: 0,
            body: Bytes::copy_from_slice(body),
        }
    }

    fn sealed(from: Side, body: &[u8]) -> Vec<u8> {
        let mut out = Vec::new();
        seal(&mut out, &key(), from, &message(body), &mut SeededRandom::new(50));
        assert_eq!(out.len(), sealed_len(body.len()));
        out
    }

    /// A source that counts upwards.
    struct Counting(u8);

    impl Random for Counting {
        fn fill(&mut self, out: &mut [u8]) {
            for byte in out {
                *byte = self.0;
                self.0 += 1;
            }
        }
    }

    #[track_caller]
    fn check_known(from: Side, expected: &str) -> u32 {
        let mut out = Vec::new();
        let token = seal(&mut out, &key(), from, &message(&PING), &mut Counting(0xa0));
        let hex: String = out.iter().map(|byte| format!("{byte:02x}")).collect();
        assert_eq!(hex, expected);
        token
    }

    #[test]
    fn messages_match_known_ones() {
        let token = check_known(
            Side::Client,
            "32d1586ea457dfc8878dbe15908aaf25f872d052f41d14d2de991caf2bad0bf142256ceb5d2f3d83\
             8744c213a180a71241abef416969f44e8240a24d50a79c76a7ab3282a23fd1602dd608c5c7eeb085\
             c2a11e50d9e31036",
        );
        assert_eq!(token, 0xcc66_89d2);
        check_known(
            Side::Server,
            "32d1586ea457dfc8b9ac569b9c0c85b291b38d87d2df430e012d24837b68f066aec7d2f6c98c8e53\
             0d3cf9e603a395b51516421398b5041ffc8093e8687f2dbcb44761ea01e7e4d864a005b718624763\
             c5057a49832a11eb",
        );
    }

    #[test]
    fn both_directions_open_what_was_sealed() {
        for from in [Side::Client, Side::Server] {
            let opened = open(sealed(from, &PING), &key(), from, Trailer::None).unwrap();
            let sent = message(&PING);
            assert_eq!(opened.body, sent.body);
            assert_eq!((opened.salt, opened.session_id), (sent.salt, sent.session_id));
            assert_eq!((opened.msg_id, opened.seq_no), (sent.msg_id, sent.seq_no));
            // A message must not come back to its sender.
            let reflected = open(sealed(from, &PING), &key(), from.peer(), Trailer::None);
            assert_eq!(reflected.unwrap_err(), Fault::MsgKey);
        }
    }

    #[test]
    fn the_body_is_a_slice_of_the_frame() {
        let payload = sealed(Side::Client, &PING);
        let frame = payload.as_ptr() as usize;
        let opened = open(payload, &key(), Side::Client, Trailer::None).unwrap();
        assert_eq!(opened.body.as_ptr() as usize, frame + KEY_HEAD_BYTES + PLAINTEXT_HEAD_BYTES);
    }

    #[test]
    fn messages_sealed_together_are_those_sealed_alone() {
        let mut rng = SeededRandom::new(51);
        let keys: Vec<_> = (0..20).map(|_| AuthKey::new(rng.bytes())).collect();
        let (mut together, mut alone) = (Vec::new(), Vec::new());
        for (at, key) in keys.iter().enumerate() {
            let message = message(&vec![7; 4 + 400 * at]);
            let (mut clear, mut sealed) = (Vec::new(), Vec::new());
            assemble(&mut clear, key, &message, &mut SeededRandom::new(52));
            seal(&mut sealed, key, Side::Server, &message, &mut SeededRandom::new(52));
            together.push(clear);
            alone.push(sealed);
        }
        let payloads = together.iter_mut().zip(&keys);
        seal_together(payloads.map(|(payload, key)| (&mut payload[..], key, Side::Server)));
        assert!(together == alone);
    }

    #[test]
    fn any_change_is_noticed() {
        let payload = sealed(Side::Client, &PING);
        for at in 8..payload.len() {
            let mut changed = payload.clone();
            changed[at] ^= 0x80;
            let opened = open(changed, &key(), Side::Client, Trailer::None);
            assert_eq!(opened.unwrap_err(), Fault::MsgKey, "byte {at}");
        }
    }

    #[test]
    fn lengths_that_no_cipher_makes_are_refused() {
        let payload = sealed(Side::Client, &PING);
        for len in (0..payload.len()).filter(|len| len % 16 != 8 || *len < 72) {
            let encrypted_len = len.saturating_sub(KEY_HEAD_BYTES);
            let opened = open(payload[..len].to_vec(), &key(), Side::Client, Trailer::None);
            assert_eq!(opened.unwrap_err(), Fault::EncryptedLength(encrypted_len));
        }
        for surplus in 1..16 {
            let longer = [&payload[..], &vec![7; surplus]].concat();
            assert!(open(longer.clone(), &key(), Side::Client, Trailer::Random).is_ok());
            assert!(open(longer, &key(), Side::Client, Trailer::None).is_err());
        }
    }

    /// Seals whatever lies behind the first 24 bytes, however wrong.
    fn forged(body_len: i32, rest_len: usize) -> Result<Opened, Fault> {
        let mut payload = vec![0; KEY_HEAD_BYTES + PLAINTEXT_HEAD_BYTES + rest_len];
        payload[52..56].copy_from_slice(&body_len.to_le_bytes());
        seal_plaintext(&mut payload, &key(), Side::Client);
        open(payload, &key(), Side::Client, Trailer::None)
    }

    #[test]
    fn authentic_nonsense_is_refused() {
        for body_len in [i32::MIN, -4, 0, 3, 5, 20, i32::MAX] {
            assert_eq!(forged(body_len, 16).unwrap_err(), Fault::BodyLength(body_len));
        }
        assert_eq!(forged(8, 16).unwrap_err(), Fault::Padding(8));
        assert!(forged(4, 16).is_ok());
        assert!(forged(16, 1040).is_ok());
        assert_eq!(forged(12, 1040).unwrap_err(), Fault::Padding(1028));
    }

    proptest! {
        #[test]
        fn whatever_is_sealed_is_opened(words in 1_usize..600, seed: u64, trailer in 0_usize..16) {
            let mut rng = SeededRandom::new(seed);
            let mut body = vec![0; words * 4];
            rng.fill(&mut body);
            let mut payload = sealed(Side::Server, &body);
            payload.resize(payload.len() + trailer, 0);
            let opened = open(payload, &key(), Side::Server, Trailer::Random).unwrap();
            prop_assert_eq!(&opened.body[..], &body[..]);
        }

        #[test]
        fn noise_is_refused(payload in prop::collection::vec(any::<u8>(), 0..300)) {
            prop_assert!(open(payload, &key(), Side::Client, Trailer::Random).is_err());
        }
    }
}
