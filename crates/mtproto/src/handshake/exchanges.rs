//! The exchanges of one link: several may be open at once, and each question may be repeated.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use heliogram_crypto::{AuthKey, Random, sha256};
use heliogram_ids::{Salt, Timestamp};
use heliogram_tl::mtproto::{ReqDhParams, ReqPq, ReqPqMulti, SetClientDhParams};
use heliogram_tl::{Decode as _, Function as _, Reader};

use super::labour::{Labour, Outcome};
use super::server::{ExpectReqDhParams, ExpectSetClientDhParams};
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

/// What a question comes to.
pub(crate) enum Answered {
    /// It was easy.
    Now(Reply),
    /// Its answer takes private-key work, which is done elsewhere and brought to
    /// [`Exchanges::finish`].
    Work(Box<Labour>),
    /// That work is under way already.
    Awaited,
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

pub(super) enum Step {
    ReqDhParams(ExpectReqDhParams),
    SetClientDhParams(Box<ExpectSetClientDhParams>),
    /// The question of this digest is being worked on.
    AtWork([u8; 32]),
    Over,
}

impl std::fmt::Debug for Step {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::ReqDhParams(_) => "ReqDhParams",
            Self::SetClientDhParams(_) => "SetClientDhParams",
            Self::AtWork(_) => "AtWork",
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
    ) -> Result<Answered, Refusal> {
        self.handle_timeout(cx.now);
        let mut reader = Reader::of(body);
        let question = parse_question(&mut reader).ok_or(Refusal::NotFound)?;
        match question {
            Question::ReqPq(nonce) => Ok(Answered::Now(self.on_req_pq(nonce, cx, rng))),
            Question::Later { nonce, server_nonce, step } => {
                let digest = sha256(&[body.get(..reader.position()).unwrap_or_default()]);
                let at = self.position(&nonce, &server_nonce).ok_or(Refusal::NotFound)?;
                let Some(exchange) = self.exchanges.get(at) else { return Err(Refusal::NotFound) };
                if let Some(body) = exchange.repeated(&digest) {
                    return Ok(Answered::Now(Reply { body, created: None }));
                }
                if matches!(exchange.step, Step::AtWork(asked) if asked == digest) {
                    return Ok(Answered::Awaited);
                }
                self.advance(at, step, digest, cx.now).map(Answered::Work)
            }
        }
    }

    /// Takes what came of the work on a question: its answer, if the exchange still waits for it.
    pub(crate) fn finish(&mut self, outcome: Outcome) -> Result<Reply, Refusal> {
        let Outcome { nonce, server_nonce, digest, result } = outcome;
        let is_meant = |one: &Exchange| {
            let is_at_work = matches!(one.step, Step::AtWork(asked) if asked == digest);
            one.nonce == nonce && one.server_nonce == server_nonce && is_at_work
        };
        let at = self.exchanges.iter().position(is_meant).ok_or(Refusal::NotFound)?;
        let mut exchange = self.exchanges.remove(at).ok_or(Refusal::NotFound)?;
        let (step, reply) = result?;
        (exchange.step, exchange.answered) = (step, Some((digest, reply.body.clone())));
        self.exchanges.insert(at, exchange);
        Ok(reply)
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

    /// Hands the work of one exchange's next step out. What is wrong at first sight makes none, and
    /// ends the exchange.
    fn advance(
        &mut self,
        at: usize,
        question: LaterStep,
        digest: [u8; 32],
        now: Timestamp,
    ) -> Result<Box<Labour>, Refusal> {
        self.spend(now)?;
        let mut exchange = self.exchanges.remove(at).ok_or(Refusal::NotFound)?;
        let is_plausible = match (&exchange.step, &question) {
            (Step::ReqDhParams(expect), LaterStep::ReqDhParams(req)) => expect.is_proof(req),
            (Step::SetClientDhParams(_), LaterStep::SetClientDhParams(_)) => true,
            _ => false,
        };
        if !is_plausible {
            return Err(Refusal::NotFound);
        }
        let step = std::mem::replace(&mut exchange.step, Step::AtWork(digest));
        let (nonce, server_nonce) = (exchange.nonce, exchange.server_nonce);
        self.exchanges.insert(at, exchange);
        Ok(Box::new(Labour { nonce, server_nonce, digest, step, question }))
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
}

/// A question as it was read.
enum Question {
    ReqPq([u8; 16]),
    Later { nonce: [u8; 16], server_nonce: [u8; 16], step: LaterStep },
}

/// A question within an exchange that was begun before.
pub(super) enum LaterStep {
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
