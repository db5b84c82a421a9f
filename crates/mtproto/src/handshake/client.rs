//! The client's side of one exchange, which it drives.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use heliogram_crypto::{AuthKey, Random, constant_time_eq, dh, pq, rsa};
use heliogram_ids::{Salt, Timestamp};
use heliogram_tl::mtproto::{ReqDhParams, ReqPqMulti, SetClientDhParams, types};
use heliogram_tl::{Constructor, Encode as _, Reader};

use super::InnerData;
use super::envelope::Envelope;
use super::inner_data::{encode_number, parse_number};
use super::server::{boxed, first_salt};

/// What key a client wants, and from whom.
#[derive(Clone, Debug)]
pub struct HandshakeConfig {
    /// RSA keys the client trusts; the server's preference among them decides.
    pub rsa_keys: Arc<[rsa::PublicKey]>,
    /// Data centre to name, if any: plus 10,000 for the test environment, negative for media.
    pub dc: Option<i32>,
    /// Lifetime of a temporary key; `None` asks for a permanent one.
    pub expires_in: Option<Duration>,
    /// How the proof is padded before RSA.
    pub padding: RsaPadding,
}

/// How data is padded before RSA.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub enum RsaPadding {
    /// Keyed by a random AES key and hashed with SHA-256.
    #[default]
    Pad,
    /// Preceded by its SHA-1, as it was done until 2021.
    Legacy,
}

/// A key that server and client agreed on.
#[derive(Clone, Debug)]
pub struct Ready {
    /// The key.
    pub auth_key: Arc<AuthKey>,
    /// Salt that is valid at once.
    pub salt: Salt,
    /// Seconds by which the server's clock is ahead of ours.
    pub time_offset_secs: i64,
    /// Lifetime that was asked for; `None` for a permanent key.
    pub expires_in: Option<Duration>,
}

/// Why an exchange failed; the link is of no use for another try with the same server.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
pub enum HandshakeError {
    /// An answer that is no answer to what was asked.
    #[error("unexpected or malformed answer to the handshake")]
    Malformed,
    /// The server has none of the RSA keys we trust.
    #[error("server offers no rsa key that we know")]
    UnknownKey,
    /// The number to factor is no product of two primes.
    #[error("number to factor is not a product of two primes")]
    Factors,
    /// The answer is not encrypted for us or was changed on its way.
    #[error("server's offer is not authentic")]
    Forged,
    /// Group or public value of the server are weak.
    #[error("server's offer is unsafe: {0}")]
    Unsafe(#[from] dh::Refused),
    /// The server could not make a key.
    #[error("server gave up the exchange")]
    Failed,
    /// The server answered with a transport error.
    #[error("server answered with error {0}")]
    Refused(i32),
    /// The server took too long.
    #[error("server did not answer in time")]
    Timeout,
}

/// What follows from an answer.
pub(crate) enum Progress {
    /// Send this question and wait on.
    Ask(Bytes, Handshake),
    /// The key is there.
    Done(Ready),
}

/// Starts an exchange: the first question, and the state that takes its answer.
pub(crate) fn begin(config: HandshakeConfig, rng: &mut dyn Random) -> (Bytes, Handshake) {
    let mut nonce = [0; 16];
    rng.fill(&mut nonce);
    let question = ReqPqMulti { nonce }.to_bytes();
    (question.into(), Handshake(State::ResPq(ExpectResPq { config, nonce })))
}

/// An exchange under way.
pub(crate) struct Handshake(State);

enum State {
    ResPq(ExpectResPq),
    ServerDhParams(ExpectServerDhParams),
    DhGen(Box<ExpectDhGen>),
}

impl Handshake {
    /// Takes the server's next answer.
    pub(crate) fn on_answer(
        self,
        body: &Bytes,
        now: Timestamp,
        rng: &mut dyn Random,
    ) -> Result<Progress, HandshakeError> {
        let mut reader = Reader::of(body);
        match self.0 {
            State::ResPq(expect) => {
                let (question, next) = expect.on_res_pq(&read(&mut reader)?, rng)?;
                Ok(Progress::Ask(question, Self(State::ServerDhParams(next))))
            }
            State::ServerDhParams(expect) => {
                let (question, next) = expect.on_server_dh_params(&read(&mut reader)?, now, rng)?;
                Ok(Progress::Ask(question, Self(State::DhGen(Box::new(next)))))
            }
            State::DhGen(expect) => match reader.peek_u32() {
                Ok(types::DhGenOk::ID) => {
                    expect.on_dh_gen_ok(&read(&mut reader)?).map(Progress::Done)
                }
                Ok(types::DhGenRetry::ID) => {
                    let (question, next) = expect.on_dh_gen_retry(&read(&mut reader)?, rng)?;
                    Ok(Progress::Ask(question, Self(State::DhGen(Box::new(next)))))
                }
                Ok(types::DhGenFail::ID) => {
                    Err(expect.on_dh_gen_fail(&read::<types::DhGenFail>(&mut reader)?))
                }
                _ => Err(HandshakeError::Malformed),
            },
        }
    }
}

impl fmt::Debug for Handshake {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self.0 {
            State::ResPq(_) => "Handshake(ResPq)",
            State::ServerDhParams(_) => "Handshake(ServerDhParams)",
            State::DhGen(_) => "Handshake(DhGen)",
        })
    }
}

/// The server is to name its keys and a number to factor.
struct ExpectResPq {
    config: HandshakeConfig,
    nonce: [u8; 16],
}

impl ExpectResPq {
    fn on_res_pq(
        self,
        answer: &types::ResPq,
        rng: &mut dyn Random,
    ) -> Result<(Bytes, ExpectServerDhParams), HandshakeError> {
        if answer.nonce != self.nonce {
            return Err(HandshakeError::Malformed);
        }
        let offered = &answer.server_public_key_fingerprints;
        let key = offered.iter().find_map(|offered| {
            self.config.rsa_keys.iter().find(|key| key.fingerprint() == *offered)
        });
        let key = key.ok_or(HandshakeError::UnknownKey)?;
        let number = parse_number(&answer.pq).ok_or(HandshakeError::Factors)?;
        let (p, q) = pq::factor(number).ok_or(HandshakeError::Factors)?;
        let expires_in = self.config.expires_in;
        let mut new_nonce = [0; 32];
        rng.fill(&mut new_nonce);
        let inner = InnerData {
            pq: encode_number(number),
            p: encode_number(p),
            q: encode_number(q),
            nonce: self.nonce,
            server_nonce: answer.server_nonce,
            new_nonce,
            dc: self.config.dc,
            expires_in: expires_in.map(|span| i32::try_from(span.as_secs()).unwrap_or(i32::MAX)),
        };
        let encrypted = match self.config.padding {
            RsaPadding::Pad => key.encrypt_pad(&inner.encode(), rng),
            RsaPadding::Legacy => key.encrypt_legacy(&inner.encode(), rng),
        };
        let question = ReqDhParams {
            nonce: self.nonce,
            server_nonce: answer.server_nonce,
            p: inner.p,
            q: inner.q,
            public_key_fingerprint: key.fingerprint(),
            encrypted_data: Bytes::copy_from_slice(&encrypted),
        };
        let exchange = Exchange {
            nonce: self.nonce,
            server_nonce: answer.server_nonce,
            new_nonce,
            expires_in,
        };
        Ok((question.to_bytes().into(), ExpectServerDhParams(exchange)))
    }
}

/// The numbers that name one exchange, and its secret.
#[derive(Clone, Copy)]
struct Exchange {
    nonce: [u8; 16],
    server_nonce: [u8; 16],
    new_nonce: [u8; 32],
    expires_in: Option<Duration>,
}

impl Exchange {
    fn check(&self, nonce: &[u8; 16], server_nonce: &[u8; 16]) -> Result<(), HandshakeError> {
        if *nonce == self.nonce && *server_nonce == self.server_nonce {
            Ok(())
        } else {
            Err(HandshakeError::Malformed)
        }
    }
}

/// The server is to send its half of the key.
struct ExpectServerDhParams(Exchange);

impl ExpectServerDhParams {
    fn on_server_dh_params(
        self,
        answer: &types::ServerDhParamsOk,
        now: Timestamp,
        rng: &mut dyn Random,
    ) -> Result<(Bytes, ExpectDhGen), HandshakeError> {
        let exchange = self.0;
        exchange.check(&answer.nonce, &answer.server_nonce)?;
        let envelope = Envelope::new(&exchange.new_nonce, &exchange.server_nonce);
        let hashed = envelope.open(&answer.encrypted_answer).ok_or(HandshakeError::Forged)?;
        let mut reader = Reader::of(hashed.bytes());
        let offer: types::ServerDhInnerData =
            read(&mut reader).map_err(|_| HandshakeError::Forged)?;
        if !hashed.is_whole(reader.position()) {
            return Err(HandshakeError::Forged);
        }
        exchange.check(&offer.nonce, &offer.server_nonce)?;
        let group = dh::Group::parse(&offer.dh_prime, offer.g)?;
        let time_offset_secs = i64::from(offer.server_time) - i64::from(now.unix());
        let next =
            ExpectDhGen::new(exchange, envelope, Offer { group, g_a: offer.g_a }, time_offset_secs);
        next.ask(0, rng)
    }
}

/// The server's half of the key.
struct Offer {
    group: dh::Group,
    g_a: Bytes,
}

/// The server is to confirm the key.
struct ExpectDhGen {
    exchange: Exchange,
    envelope: Envelope,
    offer: Offer,
    time_offset_secs: i64,
    auth_key: Option<AuthKey>,
    tries_left: u8,
}

impl ExpectDhGen {
    fn new(exchange: Exchange, envelope: Envelope, offer: Offer, time_offset_secs: i64) -> Self {
        Self { exchange, envelope, offer, time_offset_secs, auth_key: None, tries_left: TRIES_MAX }
    }

    /// Chooses a number, computes the key it makes, and sends our half.
    fn ask(mut self, retry_id: u64, rng: &mut dyn Random) -> Result<(Bytes, Self), HandshakeError> {
        let exponent = self.offer.group.exponent(rng);
        self.auth_key = Some(AuthKey::new(exponent.shared(&self.offer.g_a)?));
        let inner = boxed(&types::ClientDhInnerData {
            nonce: self.exchange.nonce,
            server_nonce: self.exchange.server_nonce,
            retry_id: retry_id.cast_signed(),
            g_b: Bytes::copy_from_slice(&exponent.public()),
        });
        let question = SetClientDhParams {
            nonce: self.exchange.nonce,
            server_nonce: self.exchange.server_nonce,
            encrypted_data: self.envelope.seal(&inner, rng).into(),
        };
        Ok((question.to_bytes().into(), self))
    }

    fn on_dh_gen_ok(self, answer: &types::DhGenOk) -> Result<Ready, HandshakeError> {
        self.exchange.check(&answer.nonce, &answer.server_nonce)?;
        let auth_key = self.confirmed(&answer.new_nonce_hash1, 1)?;
        let exchange = &self.exchange;
        Ok(Ready {
            auth_key: Arc::new(auth_key.clone()),
            salt: first_salt(&exchange.new_nonce, &exchange.server_nonce),
            time_offset_secs: self.time_offset_secs,
            expires_in: exchange.expires_in,
        })
    }

    fn on_dh_gen_retry(
        mut self,
        answer: &types::DhGenRetry,
        rng: &mut dyn Random,
    ) -> Result<(Bytes, Self), HandshakeError> {
        self.exchange.check(&answer.nonce, &answer.server_nonce)?;
        let retry_id = self.confirmed(&answer.new_nonce_hash2, 2)?.aux_hash();
        self.tries_left = self.tries_left.checked_sub(1).ok_or(HandshakeError::Failed)?;
        self.ask(retry_id, rng)
    }

    fn on_dh_gen_fail(self, answer: &types::DhGenFail) -> HandshakeError {
        let checked = self.exchange.check(&answer.nonce, &answer.server_nonce);
        match checked.and_then(|()| self.confirmed(&answer.new_nonce_hash3, 3)) {
            Ok(_) => HandshakeError::Failed,
            Err(error) => error,
        }
    }

    /// The key, if the server's hash proves that it has the same.
    fn confirmed(&self, hash: &[u8; 16], number: u8) -> Result<&AuthKey, HandshakeError> {
        let auth_key = self.auth_key.as_ref().ok_or(HandshakeError::Malformed)?;
        let expected = auth_key.new_nonce_hash(&self.exchange.new_nonce, number);
        if constant_time_eq(&expected, hash) { Ok(auth_key) } else { Err(HandshakeError::Forged) }
    }
}

/// Reads one boxed constructor; what lies behind it is random.
fn read<T: Constructor>(reader: &mut Reader<'_>) -> Result<T, HandshakeError> {
    let malformed = |_| HandshakeError::Malformed;
    reader.expect(T::ID, T::NAME).map_err(malformed)?;
    T::decode_bare(reader).map_err(malformed)
}

/// Numbers that we choose anew because the server has a key of the same id.
const TRIES_MAX: u8 = 5;
