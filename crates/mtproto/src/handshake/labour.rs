//! The costly steps of a handshake, apart from everything that waits for them.
//!
//! A stranger needs a few hundred bytes to make us raise numbers of 2048 bits to powers of 2048
//! bits. So the machine does not do it: it hands the work out, whoever drives it decides where and
//! when, and others are served meanwhile.

use std::fmt;

use heliogram_crypto::Random;
use heliogram_ids::Timestamp;

use super::exchanges::{Context, LaterStep, Refusal, Reply, Step};
use super::server::Agreed;
use crate::link::{AuthKeys, ServerConfig};

/// Work that one question of a handshake makes: private-key operations of some milliseconds.
pub struct Labour {
    pub(super) nonce: [u8; 16],
    pub(super) server_nonce: [u8; 16],
    pub(super) digest: [u8; 32],
    pub(super) step: Step,
    pub(super) question: LaterStep,
}

/// What came of it, for the link that handed it out.
pub struct Outcome {
    pub(super) nonce: [u8; 16],
    pub(super) server_nonce: [u8; 16],
    pub(super) digest: [u8; 32],
    pub(super) result: Result<(Step, Reply), Refusal>,
}

impl Labour {
    /// Does it.
    pub fn run(
        self,
        now: Timestamp,
        config: &ServerConfig,
        keys: &dyn AuthKeys,
        rng: &mut dyn Random,
    ) -> Outcome {
        let Self { nonce, server_nonce, digest, step, question } = self;
        let result = advance(step, question, &Context { now, config, keys }, rng);
        Outcome { nonce, server_nonce, digest, result }
    }

    /// Leaves it: the client is told that there is too much of it, and the exchange is over.
    pub fn refuse(self) -> Outcome {
        let Self { nonce, server_nonce, digest, .. } = self;
        Outcome { nonce, server_nonce, digest, result: Err(Refusal::Flood) }
    }
}

impl Outcome {
    /// Both nonces, by which the exchange is found.
    pub(crate) fn names(&self) -> [u8; 32] {
        let mut names = [0; 32];
        let (client, server) = names.split_at_mut(16);
        client.copy_from_slice(&self.nonce);
        server.copy_from_slice(&self.server_nonce);
        names
    }
}

/// Takes one exchange a step further.
fn advance(
    step: Step,
    question: LaterStep,
    cx: &Context<'_>,
    rng: &mut dyn Random,
) -> Result<(Step, Reply), Refusal> {
    match (step, question) {
        (Step::ReqDhParams(expect), LaterStep::ReqDhParams(req)) => {
            let (next, body) = expect.on_req_dh_params(&req, cx, rng)?;
            Ok((Step::SetClientDhParams(Box::new(next)), Reply { body, created: None }))
        }
        (Step::SetClientDhParams(expect), LaterStep::SetClientDhParams(req)) => {
            Ok(match expect.on_set_client_dh_params(&req, cx)? {
                Agreed::Key(created, body) => (Step::Over, Reply { body, created: Some(created) }),
                Agreed::Fail(body) => (Step::Over, Reply { body, created: None }),
                Agreed::Retry(next, body) => {
                    (Step::SetClientDhParams(next), Reply { body, created: None })
                }
            })
        }
        _ => Err(Refusal::NotFound),
    }
}

// What is in them is secret.
impl fmt::Debug for Labour {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Labour").field("step", &self.step).finish_non_exhaustive()
    }
}

impl fmt::Debug for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Outcome").field("is_good", &self.result.is_ok()).finish_non_exhaustive()
    }
}
