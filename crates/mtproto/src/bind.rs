//! Binding a temporary key to a permanent one: the `encrypted_message` of
//! `auth.bindTempAuthKey`.
//!
//! It is the one place where MTProto 1.0 lives on: a message under the permanent key inside a
//! request under the temporary one. That its id equals the request's keeps it from being used
//! twice.
//! Spec: api/pfs#binding-message-contents

use heliogram_crypto::{AuthKey, Random, Side, aes_ige, constant_time_eq, kdf};
use heliogram_ids::{AuthKeyId, MsgId, SessionId};
use heliogram_tl::mtproto::types::BindAuthKeyInner;
use heliogram_tl::{Bare as _, Constructor as _, Reader};

/// What a binding says: which temporary key, used in which session, belongs to which permanent
/// key until when.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Binding {
    /// Random number, repeated in the request.
    pub nonce: i64,
    /// Key the request is sent with.
    pub temp_auth_key_id: AuthKeyId,
    /// Key the binding is encrypted with.
    pub perm_auth_key_id: AuthKeyId,
    /// Session the request is sent in.
    pub temp_session_id: SessionId,
    /// Unix time at which the binding ends.
    pub expires_at: i32,
}

/// A binding that was not made by the holder of the permanent key for this very request.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[error("binding is not authentic or belongs to another request")]
pub struct BadBinding;

/// A client's side: the `encrypted_message` of a request that will have the id `msg_id`.
pub fn seal(binding: &Binding, msg_id: MsgId, perm_key: &AuthKey, rng: &mut dyn Random) -> Vec<u8> {
    let mut plain = vec![0; 16];
    rng.fill(&mut plain);
    plain.extend_from_slice(&msg_id.get().to_le_bytes());
    plain.extend_from_slice(&0i32.to_le_bytes());
    plain.extend_from_slice(&INNER_BYTES.to_le_bytes());
    plain.extend_from_slice(&BindAuthKeyInner::ID.to_le_bytes());
    BindAuthKeyInner {
        nonce: binding.nonce,
        temp_auth_key_id: binding.temp_auth_key_id.get(),
        perm_auth_key_id: binding.perm_auth_key_id.get(),
        temp_session_id: binding.temp_session_id.get(),
        expires_at: binding.expires_at,
    }
    .encode_bare(&mut plain);
    debug_assert_eq!(plain.len(), HASHED_BYTES);
    let msg_key = kdf::msg_key_v1(&plain);
    plain.resize(HASHED_BYTES.next_multiple_of(16), 0);
    rng.fill(plain.split_at_mut(HASHED_BYTES).1);
    let (key, iv) = kdf::v1(perm_key, &msg_key, Side::Client);
    aes_ige::encrypt(&mut plain, &key, &iv);
    [&perm_key.id().to_le_bytes()[..], &msg_key, &plain].concat()
}

/// A server's side: what the `encrypted_message` of the request `msg_id` says.
///
/// Authentic, and meant for this request; whether it says the same as the request's own
/// arguments and the key and session in use is for the caller to compare.
///
/// # Errors
/// [`BadBinding`], whatever the reason: a stranger must not learn more.
pub fn open(
    encrypted_message: &[u8],
    msg_id: MsgId,
    perm_key: &AuthKey,
) -> Result<Binding, BadBinding> {
    let (key_id, rest) = encrypted_message.split_first_chunk().ok_or(BadBinding)?;
    let (msg_key, sealed) = rest.split_first_chunk::<16>().ok_or(BadBinding)?;
    let padded = HASHED_BYTES.next_multiple_of(16);
    if i64::from_le_bytes(*key_id) != perm_key.id() || sealed.len() != padded {
        return Err(BadBinding);
    }
    let (key, iv) = kdf::v1(perm_key, msg_key, Side::Client);
    let mut plain = sealed.to_vec();
    aes_ige::decrypt(&mut plain, &key, &iv);
    plain.truncate(HASHED_BYTES);
    if !constant_time_eq(&kdf::msg_key_v1(&plain), msg_key) {
        return Err(BadBinding);
    }
    parse(&mut Reader::new(&plain), msg_id).ok_or(BadBinding)
}

fn parse(reader: &mut Reader<'_>, msg_id: MsgId) -> Option<Binding> {
    reader.array::<16>().ok()?;
    let is_ours = reader.i64() == Ok(msg_id.get());
    reader.i32().ok()?;
    let is_whole = reader.u32() == Ok(INNER_BYTES);
    reader.expect(BindAuthKeyInner::ID, BindAuthKeyInner::NAME).ok()?;
    let inner = BindAuthKeyInner::decode_bare(reader).ok()?;
    (is_ours && is_whole).then_some(Binding {
        nonce: inner.nonce,
        temp_auth_key_id: AuthKeyId(inner.temp_auth_key_id),
        perm_auth_key_id: AuthKeyId(inner.perm_auth_key_id),
        temp_session_id: SessionId(inner.temp_session_id),
        expires_at: inner.expires_at,
    })
}

/// `bind_auth_key_inner` with its id.
const INNER_BYTES: u32 = 40;
/// Random head, message id, sequence number, length and the object: what the key covers.
const HASHED_BYTES: usize = 16 + 8 + 4 + 4 + 40;

#[cfg(test)]
mod tests {
    use super::*;

    /// A source that yields one byte for ever.
    struct Constant(u8);

    impl Random for Constant {
        fn fill(&mut self, out: &mut [u8]) {
            out.fill(self.0);
        }
    }

    fn perm_key() -> AuthKey {
        AuthKey::new(std::array::from_fn(|at| 0xff - u8::try_from(at).unwrap()))
    }

    fn binding() -> Binding {
        Binding {
            nonce: 0x0001_0203_0405_0607,
            temp_auth_key_id: AuthKeyId(0x0011_2233_4455_6677),
            perm_auth_key_id: AuthKeyId(perm_key().id()),
            temp_session_id: SessionId(0x0010_2030_4050_6070),
            expires_at: 1_735_689_600,
        }
    }

    const MSG_ID: MsgId = MsgId(0x0011_2233_4455_6677);

    #[test]
    fn the_message_matches_a_known_one() {
        let sealed = seal(&binding(), MSG_ID, &perm_key(), &mut Constant(0xcd));
        let expected = "96d1b10e8f724a137bb888c6aa9280ce9664b5279ec8e944bacb4c9772e1fbb4\
                        39b1c5605cbedeb01d86458335146b2857b5af0a3cedd9af96ec96f4cea213d5\
                        1c73abe02e86de4d3e9e382788b92ed0d8d93563eb03ffd2c435ec4f393370d3\
                        90921d44f5c82ebb";
        let hex: String = sealed.iter().map(|byte| format!("{byte:02x}")).collect();
        assert_eq!(hex, expected);
    }

    #[test]
    fn the_server_reads_what_the_client_bound() {
        let mut rng = heliogram_crypto::SeededRandom::new(3);
        let sealed = seal(&binding(), MSG_ID, &perm_key(), &mut rng);
        assert_eq!(open(&sealed, MSG_ID, &perm_key()), Ok(binding()));
    }

    #[test]
    fn another_request_or_key_or_any_change_is_refused() {
        let sealed = seal(&binding(), MSG_ID, &perm_key(), &mut Constant(1));
        assert_eq!(open(&sealed, MsgId(4), &perm_key()), Err(BadBinding));
        assert_eq!(open(&sealed, MSG_ID, &AuthKey::new([1; 256])), Err(BadBinding));
        for at in 0..sealed.len() {
            let mut changed = sealed.clone();
            changed[at] ^= 1;
            // The last cipher block holds eight bytes of padding that no hash covers, but
            // garbling any of it garbles the eight hashed bytes beside it too.
            assert_eq!(open(&changed, MSG_ID, &perm_key()), Err(BadBinding), "byte {at}");
        }
        for len in 0..sealed.len() {
            assert_eq!(open(&sealed[..len], MSG_ID, &perm_key()), Err(BadBinding));
        }
    }
}
