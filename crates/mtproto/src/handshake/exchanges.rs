//! The exchanges of one link: several may be open at once, and each question may be repeated.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use heliogram_crypto::{AuthKey, Random, sha256};
use heliogram_ids::{Salt, Timestamp};
use heliogram_tl::mtproto::{ReqDhParams, ReqPq, ReqPqMulti, SetClientDhParams};
use heliogram_tl::{Decode as _, Function as _, Reader};

use super::server::{Agreed, ExpectReqDhParams, ExpectSetClientDhParams};
use crate::link::{AuthKeys, ServerConfig};

/// What an exchange may look at besides the message.
pub(crate) struct Context<'a> {
    pub(crate) now: Timestamp,
    pub(crate) config: &'a ServerConfig,
    pub(crate) keys: &'a dyn AuthKeys,
}

/// A key that was just agreed upon.
#[derive(Debug)]
pub(crate) struct Created {
    pub(crate) auth_key: Arc<AuthKey>,
    pub(crate) salt: Salt,
    pub(crate) expires_in: Option<Duration>,
    pub(crate) dc: Option<i32>,
}

/// Why a question gets no answer. The exchange it belonged to is forgotten.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Refusal {
    /// No such exchange, or the message is wrong in a way we do not tell.
    NotFound,
    /// More keys than a client can need.
    Flood,
    /// The client meant another data centre.
    Dc,
}

impl Refusal {
    /// The transport error that tells the client.
    // Spec: mtproto/mtproto-transports#transport-errors
    pub(crate) const fn code(self) -> i32 {
        match self {
            Self::NotFound => -404,
            Self::Flood => -429,
            Self::Dc => -444,
        }
    }
}

/// An answer to be sent as a plain message.
#[derive(Debug)]
pub(crate) struct Reply {
    pub(crate) body: Bytes,
    /// The key that exists from now on.
    pub(crate) created: Option<Created>,
}

/// All exchanges of one link.
#[derive(Debug)]
pub(crate) struct Exchanges {
    /// The oldest first.
    exchanges: VecDeque<Exchange>,
    /// Costly steps that may still be taken, and when that number was last raised.
    allowance: u32,
    allowance_since: Timestamp,
}

/// What two sides have told each other so far.
#[derive(Debug)]
pub(super) struct Exchange {
    nonce: [u8; 16],
    server_nonce: [u8; 16],
    expires_at: Timestamp,
    step: Step,
    /// Digest of the last question, and what it was answered.
    answered: Option<([u8; 32], Bytes)>,
}

enum Step {
    ReqDhParams(ExpectReqDhParams),
    SetClientDhParams(Box<ExpectSetClientDhParams>),
    Over,
}

impl std::fmt::Debug for Step {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::ReqDhParams(_) => "ReqDhParams",
            Self::SetClientDhParams(_) => "SetClientDhParams",
            Self::Over => "Over",
        })
    }
}

impl Exchanges {
    pub(crate) fn new(now: Timestamp) -> Self {
        Self { exchanges: VecDeque::new(), allowance: ALLOWANCE_MAX, allowance_since: now }
    }

    /// Answers the plain message `body`, whose tail behind the question does not matter.
    pub(crate) fn handle_question(
        &mut self,
        body: &Bytes,
        cx: &Context<'_>,
        rng: &mut dyn Random,
    ) -> Result<Reply, Refusal> {
        self.handle_timeout(cx.now);
        let mut reader = Reader::of(body);
        let question = parse_question(&mut reader).ok_or(Refusal::NotFound)?;
        match question {
            Question::ReqPq(nonce) => Ok(self.on_req_pq(nonce, cx, rng)),
            Question::Later { nonce, server_nonce, step } => {
                let digest = sha256(&[body.get(..reader.position()).unwrap_or_default()]);
                let at = self.position(&nonce, &server_nonce).ok_or(Refusal::NotFound)?;
                let repeated = self.exchanges.get(at).and_then(|one| one.repeated(&digest));
                match repeated {
                    Some(body) => Ok(Reply { body, created: None }),
                    None => self.advance(at, step, digest, cx, rng),
                }
            }
        }
    }

    /// Forgets exchanges that are too old.
    pub(crate) fn handle_timeout(&mut self, now: Timestamp) {
        while self.exchanges.front().is_some_and(|oldest| oldest.expires_at <= now) {
            self.exchanges.pop_front();
        }
    }

    /// When the oldest exchange is to be forgotten.
    pub(crate) fn poll_timeout(&self) -> Option<Timestamp> {
        self.exchanges.front().map(|oldest| oldest.expires_at)
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.exchanges.is_empty()
    }

    /// Goes on with an exchange from elsewhere.
    pub(super) fn adopt(&mut self, exchange: Exchange) {
        self.exchanges.push_back(exchange);
    }

    /// Lets go of all exchanges.
    pub(super) fn release(&mut self) -> VecDeque<Exchange> {
        std::mem::take(&mut self.exchanges)
    }

    /// Begins an exchange, or repeats the beginning of one that got no further.
    fn on_req_pq(&mut self, nonce: [u8; 16], cx: &Context<'_>, rng: &mut dyn Random) -> Reply {
        let begun = self.exchanges.iter().find_map(|exchange| match &exchange.step {
            Step::ReqDhParams(step) if exchange.nonce == nonce => Some(step),
            _ => None,
        });
        if let Some(step) = begun {
            return Reply { body: step.res_pq(&cx.config.rsa_keys), created: None };
        }
        if self.exchanges.len() >= cx.config.limits.exchanges_max {
            self.exchanges.pop_front();
        }
        let step = ExpectReqDhParams::new(nonce, rng);
        let body = step.res_pq(&cx.config.rsa_keys);
        self.exchanges.push_back(Exchange {
            nonce,
            server_nonce: step.server_nonce(),
            expires_at: cx.now + cx.config.limits.exchange_lifetime,
            step: Step::ReqDhParams(step),
            answered: None,
        });
        Reply { body, created: None }
    }

    /// Takes one exchange a step further; if that fails, it is gone.
    fn advance(
        &mut self,
        at: usize,
        step: LaterStep,
        digest: [u8; 32],
        cx: &Context<'_>,
        rng: &mut dyn Random,
    ) -> Result<Reply, Refusal> {
        self.spend(cx.now)?;
        let mut exchange = self.exchanges.remove(at).ok_or(Refusal::NotFound)?;
        let reply = exchange.advance(step, cx, rng)?;
        exchange.answered = Some((digest, reply.body.clone()));
        self.exchanges.insert(at, exchange);
        Ok(reply)
    }

    fn position(&self, nonce: &[u8; 16], server_nonce: &[u8; 16]) -> Option<usize> {
        self.exchanges
            .iter()
            .position(|one| one.nonce == *nonce && one.server_nonce == *server_nonce)
    }

    /// Pays for one costly step. A stranger can make us work, so the work is rationed.
    fn spend(&mut self, now: Timestamp) -> Result<(), Refusal> {
        let periods = now.saturating_since(self.allowance_since).as_secs() / REFILL.as_secs();
        if periods > 0 {
            let periods = u32::try_from(periods).unwrap_or(u32::MAX);
            self.allowance = self.allowance.saturating_add(periods).min(ALLOWANCE_MAX);
            self.allowance_since = now;
        }
        self.allowance = self.allowance.checked_sub(1).ok_or(Refusal::Flood)?;
        Ok(())
    }
}

impl Exchange {
    /// Whether a nonce of the client's, or one of each side behind one another, belong to it.
    pub(super) fn is_named(&self, names: &[u8]) -> bool {
        match names.strip_prefix(&self.nonce) {
            Some([]) => matches!(self.step, Step::ReqDhParams(_)),
            Some(server_nonce) => *server_nonce == self.server_nonce,
            None => false,
        }
    }

    pub(super) fn is_over(&self, now: Timestamp) -> bool {
        self.expires_at <= now
    }

    fn repeated(&self, digest: &[u8; 32]) -> Option<Bytes> {
        let (answered, answer) = self.answered.as_ref()?;
        (answered == digest).then(|| answer.clone())
    }

    fn advance(
        &mut self,
        step: LaterStep,
        cx: &Context<'_>,
        rng: &mut dyn Random,
    ) -> Result<Reply, Refusal> {
        match (std::mem::replace(&mut self.step, Step::Over), step) {
            (Step::ReqDhParams(expect), LaterStep::ReqDhParams(req)) => {
                let (next, body) = expect.on_req_dh_params(&req, cx, rng)?;
                self.step = Step::SetClientDhParams(Box::new(next));
                Ok(Reply { body, created: None })
            }
            (Step::SetClientDhParams(expect), LaterStep::SetClientDhParams(req)) => {
                match expect.on_set_client_dh_params(&req, cx)? {
                    Agreed::Key(created, body) => Ok(Reply { body, created: Some(created) }),
                    Agreed::Fail(body) => Ok(Reply { body, created: None }),
                    Agreed::Retry(next, body) => {
                        self.step = Step::SetClientDhParams(next);
                        Ok(Reply { body, created: None })
                    }
                }
            }
            _ => Err(Refusal::NotFound),
        }
    }
}

/// A question as it was read.
enum Question {
    ReqPq([u8; 16]),
    Later { nonce: [u8; 16], server_nonce: [u8; 16], step: LaterStep },
}

/// A question within an exchange that was begun before.
enum LaterStep {
    ReqDhParams(ReqDhParams),
    SetClientDhParams(SetClientDhParams),
}

fn parse_question(reader: &mut Reader<'_>) -> Option<Question> {
    match reader.peek_u32().ok()? {
        // Seen: tdesktop 2025-09 opens every connection with the old req_pq, as a probe.
        ReqPq::ID => ReqPq::decode(reader).ok().map(|req| Question::ReqPq(req.nonce)),
        ReqPqMulti::ID => ReqPqMulti::decode(reader).ok().map(|req| Question::ReqPq(req.nonce)),
        ReqDhParams::ID => {
            let req = ReqDhParams::decode(reader).ok()?;
            let (nonce, server_nonce) = (req.nonce, req.server_nonce);
            Some(Question::Later { nonce, server_nonce, step: LaterStep::ReqDhParams(req) })
        }
        SetClientDhParams::ID => {
            let req = SetClientDhParams::decode(reader).ok()?;
            let (nonce, server_nonce) = (req.nonce, req.server_nonce);
            Some(Question::Later { nonce, server_nonce, step: LaterStep::SetClientDhParams(req) })
        }
        _ => None,
    }
}

/// Costly steps in a row: two per key, and a client makes two keys per link, rarely more.
const ALLOWANCE_MAX: u32 = 16;
/// Each such span allows one costly step more.
const REFILL: Duration = Duration::from_secs(30);
