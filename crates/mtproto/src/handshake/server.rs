//! The server's side of one exchange: three questions, three answers.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use heliogram_crypto::{AuthKey, Random, dh, pq, rsa};
use heliogram_ids::{AuthKeyId, Salt};
use heliogram_tl::mtproto::{ReqDhParams, SetClientDhParams, types};
use heliogram_tl::{Bare as _, Constructor, Reader};

use super::InnerData;
use super::envelope::Envelope;
use super::exchanges::{Context, Created, Refusal};
use super::inner_data::{encode_number, parse_number};

/// The client has told its nonce and is to prove that it can factor.
#[derive(Debug)]
pub(super) struct ExpectReqDhParams {
    nonce: [u8; 16],
    server_nonce: [u8; 16],
    pq: u64,
    p: u64,
    q: u64,
}

impl ExpectReqDhParams {
    pub(super) fn new(nonce: [u8; 16], rng: &mut dyn Random) -> Self {
        let mut server_nonce = [0; 16];
        rng.fill(&mut server_nonce);
        let (pq, p, q) = pq::generate(rng);
        Self { nonce, server_nonce, pq, p: u64::from(p), q: u64::from(q) }
    }

    pub(super) fn server_nonce(&self) -> [u8; 16] {
        self.server_nonce
    }

    /// `resPQ`, the same each time it is asked for.
    pub(super) fn res_pq(&self, keys: &[rsa::PrivateKey]) -> Bytes {
        let fingerprints = keys.iter().map(|key| key.public().fingerprint()).collect();
        boxed(&types::ResPq {
            nonce: self.nonce,
            server_nonce: self.server_nonce,
            pq: encode_number(self.pq),
            server_public_key_fingerprints: fingerprints,
        })
    }

    /// Whether the client has factored the number: what costs us nothing to see.
    pub(super) fn is_proof(&self, req: &ReqDhParams) -> bool {
        (parse_number(&req.p), parse_number(&req.q)) == (Some(self.p), Some(self.q))
    }

    /// Checks the proof and offers the server's half of the key.
    pub(super) fn on_req_dh_params(
        self,
        req: &ReqDhParams,
        cx: &Context<'_>,
        rng: &mut dyn Random,
    ) -> Result<(ExpectSetClientDhParams, Bytes), Refusal> {
        if !self.is_proof(req) {
            return Err(Refusal::NotFound);
        }
        let factors = (Some(self.p), Some(self.q));
        let inner = self.decrypt_inner(req, cx, rng)?;
        let same = inner.nonce == self.nonce
            && inner.server_nonce == self.server_nonce
            && parse_number(&inner.pq) == Some(self.pq)
            && (parse_number(&inner.p), parse_number(&inner.q)) == factors;
        if !same {
            return Err(Refusal::NotFound);
        }
        if inner.dc.is_some_and(|dc| !cx.config.is_dc_accepted(dc)) {
            return Err(Refusal::Dc);
        }
        self.offer(&inner, cx, rng)
    }

    fn decrypt_inner(
        &self,
        req: &ReqDhParams,
        cx: &Context<'_>,
        rng: &mut dyn Random,
    ) -> Result<InnerData, Refusal> {
        let fingerprint = req.public_key_fingerprint;
        let mut keys = cx.config.rsa_keys.iter();
        let key = keys.find(|key| key.public().fingerprint() == fingerprint);
        let block: &[u8; 256] = req.encrypted_data[..].try_into().map_err(|_| Refusal::NotFound)?;
        let opened = key.ok_or(Refusal::NotFound)?.decrypt(block, rng);
        parse_inner(&opened.map_err(|_| Refusal::NotFound)?).ok_or(Refusal::NotFound)
    }

    fn offer(
        self,
        inner: &InnerData,
        cx: &Context<'_>,
        rng: &mut dyn Random,
    ) -> Result<(ExpectSetClientDhParams, Bytes), Refusal> {
        let expires_in = match inner.expires_in.map(u64::try_from) {
            Some(Ok(seconds @ 1..)) => Some(Duration::from_secs(seconds)),
            None => None,
            Some(_) => return Err(Refusal::NotFound),
        };
        let secret = dh::Exponent::random(rng);
        let envelope = Envelope::new(&inner.new_nonce, &self.server_nonce);
        let offer = boxed(&types::ServerDhInnerData {
            nonce: self.nonce,
            server_nonce: self.server_nonce,
            g: dh::G.cast_signed(),
            dh_prime: Bytes::from_static(dh::PRIME),
            g_a: Bytes::copy_from_slice(&secret.public()),
            server_time: cx.now.unix(),
        });
        let answer = boxed(&types::ServerDhParamsOk {
            nonce: self.nonce,
            server_nonce: self.server_nonce,
            encrypted_answer: envelope.seal(&offer, rng).into(),
        });
        let next = ExpectSetClientDhParams {
            nonce: self.nonce,
            server_nonce: self.server_nonce,
            new_nonce: inner.new_nonce,
            envelope,
            secret,
            retry_id: 0,
            tries_left: TRIES_MAX,
            dc: inner.dc,
            expires_in,
        };
        Ok((next, answer))
    }
}

/// The client is to send its half of the key.
pub(super) struct ExpectSetClientDhParams {
    nonce: [u8; 16],
    server_nonce: [u8; 16],
    new_nonce: [u8; 32],
    envelope: Envelope,
    secret: dh::Exponent,
    /// `auth_key_aux_hash` of the key that was refused last, or zero.
    retry_id: u64,
    tries_left: u8,
    dc: Option<i32>,
    expires_in: Option<Duration>,
}

/// How the client's half of the key was taken.
pub(super) enum Agreed {
    /// There is a key; the exchange is over.
    Key(Created, Bytes),
    /// The key's id is taken: the client is to choose another number.
    Retry(Box<ExpectSetClientDhParams>, Bytes),
    /// Too many keys' ids were taken; the exchange is over.
    Fail(Bytes),
}

impl ExpectSetClientDhParams {
    /// Computes the key and proves to know it.
    pub(super) fn on_set_client_dh_params(
        mut self,
        req: &SetClientDhParams,
        cx: &Context<'_>,
    ) -> Result<Agreed, Refusal> {
        let inner = self.decrypt_inner(req).ok_or(Refusal::NotFound)?;
        let shared = self.secret.shared(&inner.g_b).map_err(|_| Refusal::NotFound)?;
        let key = AuthKey::new(shared);
        let id = AuthKeyId(key.id());
        // Zero would make every message under this key look like a plain one.
        if id != AuthKeyId(0) && cx.keys.auth_key(id).is_none() {
            return Ok(self.accept(key));
        }
        self.retry_id = key.aux_hash();
        self.tries_left = self.tries_left.saturating_sub(1);
        if self.tries_left == 0 {
            return Ok(Agreed::Fail(boxed(&types::DhGenFail {
                nonce: self.nonce,
                server_nonce: self.server_nonce,
                new_nonce_hash3: key.new_nonce_hash(&self.new_nonce, 3),
            })));
        }
        let answer = boxed(&types::DhGenRetry {
            nonce: self.nonce,
            server_nonce: self.server_nonce,
            new_nonce_hash2: key.new_nonce_hash(&self.new_nonce, 2),
        });
        Ok(Agreed::Retry(Box::new(self), answer))
    }

    fn decrypt_inner(&self, req: &SetClientDhParams) -> Option<types::ClientDhInnerData> {
        let hashed = self.envelope.open(&req.encrypted_data)?;
        let mut reader = Reader::of(hashed.bytes());
        reader.expect(types::ClientDhInnerData::ID, "Client_DH_Inner_Data").ok()?;
        let inner = types::ClientDhInnerData::decode_bare(&mut reader).ok()?;
        let same = hashed.is_whole(reader.position())
            && inner.nonce == self.nonce
            && inner.server_nonce == self.server_nonce
            && inner.retry_id == self.retry_id.cast_signed();
        same.then_some(inner)
    }

    fn accept(self, key: AuthKey) -> Agreed {
        let answer = boxed(&types::DhGenOk {
            nonce: self.nonce,
            server_nonce: self.server_nonce,
            new_nonce_hash1: key.new_nonce_hash(&self.new_nonce, 1),
        });
        let created = Created {
            auth_key: Arc::new(key),
            salt: first_salt(&self.new_nonce, &self.server_nonce),
            expires_in: self.expires_in,
            dc: self.dc,
        };
        Agreed::Key(created, answer)
    }
}

/// The salt that both sides know without a word: the xor of the nonces' first halves.
pub(super) fn first_salt(new_nonce: &[u8; 32], server_nonce: &[u8; 16]) -> Salt {
    let first = |nonce: &[u8]| {
        i64::from_le_bytes(*nonce.first_chunk().expect("a nonce has 16 bytes at least"))
    };
    Salt(first(new_nonce) ^ first(server_nonce))
}

/// A constructor with its id.
pub(super) fn boxed<T: Constructor>(value: &T) -> Bytes {
    let mut out = Vec::with_capacity(128);
    out.extend_from_slice(&T::ID.to_le_bytes());
    value.encode_bare(&mut out);
    out.into()
}

/// Reads the proof out of what RSA gave, whichever way the client had padded it.
// Seen: telethon, pyrogram, grammers hash with SHA-1 and pad to 255 bytes, as the protocol had it
// until 2021; only the parser knows how many bytes were hashed.
fn parse_inner(opened: &rsa::Opened) -> Option<InnerData> {
    let mut reader = Reader::new(opened.bytes());
    let inner = InnerData::parse(&mut reader).ok()?;
    opened.verify(reader.position()).then_some(inner)
}

/// Keys whose ids are taken before the exchange is given up. Two in a row would be a wonder.
const TRIES_MAX: u8 = 5;
