//! The first message of a fake TLS session, as a proxy judges it.

use heliogram_crypto::constant_time_eq;
use heliogram_ids::Timestamp;

use super::{RANDOM_BYTES, RANDOM_FROM, RECORD_HEAD_BYTES, digest, random_of};
use crate::transport::ProxySecret;

/// A client's hello that has the shape of one; whose it is remains to be seen.
#[derive(Clone, Copy, Debug)]
pub(crate) struct ClientHello<'a> {
    record: &'a [u8],
    random: &'a [u8; RANDOM_BYTES],
    session_id: &'a [u8; 32],
}

impl<'a> ClientHello<'a> {
    /// Looks at one whole record.
    pub(crate) fn parse(record: &'a [u8]) -> Option<Self> {
        let body = record.get(RECORD_HEAD_BYTES..)?;
        let &[1, len_high, len_middle, len_low, 3, 3, ..] = body else { return None };
        let announced = u32::from_be_bytes([0, len_high, len_middle, len_low]);
        if usize::try_from(announced).ok()? != body.len() - 4 {
            return None;
        }
        let random = random_of(record)?;
        let (&session_id_len, rest) = record.get(SESSION_FROM..)?.split_first()?;
        let session_id = rest.first_chunk().filter(|_| session_id_len == 32)?;
        Some(Self { record, random, session_id })
    }

    /// When the client says it is, if it knows the secret.
    pub(crate) fn prove(&self, secret: &ProxySecret) -> Option<Timestamp> {
        let expected = digest(secret, &[], self.record);
        let (proof, time) = self.random.split_at(PROOF_BYTES);
        let (expected_proof, mask) = expected.split_at(PROOF_BYTES);
        if !constant_time_eq(proof, expected_proof) {
            return None;
        }
        let unmasked =
            u32::from_le_bytes(*time.first_chunk()?) ^ u32::from_le_bytes(*mask.first_chunk()?);
        Some(Timestamp::from_secs(unmasked.into()))
    }

    /// What no two hellos share.
    pub(crate) fn random(&self) -> &'a [u8; RANDOM_BYTES] {
        self.random
    }

    /// What the answer has to repeat.
    pub(super) fn session_id(&self) -> &'a [u8; 32] {
        self.session_id
    }
}

/// Where the length of the session id lies, right behind the random.
const SESSION_FROM: usize = RANDOM_FROM + RANDOM_BYTES;

/// How much of the random is HMAC and nothing else; the clock is mixed into the rest.
const PROOF_BYTES: usize = 28;
