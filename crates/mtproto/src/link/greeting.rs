//! The first bytes of a connection, kept until they tell what the client speaks.

use heliogram_crypto::Side;

use super::ServerConfig;
use super::carrier::Carrier;
use crate::Fault;
use crate::transport::{Detected, Framing, HttpServer, Obfuscation, Wire, detect};

/// A connection that has not said yet what it speaks.
#[derive(Debug)]
pub(super) struct Greeting {
    first: [u8; FIRST_BYTES_MAX],
    len: usize,
}

/// What the first bytes turned out to be.
pub(super) struct Greeted {
    pub(super) carrier: Carrier,
    /// Where the bytes behind the preamble begin.
    preamble_len: usize,
}

impl Greeting {
    pub(super) const fn new() -> Self {
        Self { first: [0; FIRST_BYTES_MAX], len: 0 }
    }

    /// Takes bytes from the front of `input`, never more than it takes to decide.
    pub(super) fn take(
        &mut self,
        input: &mut &mut [u8],
        config: &ServerConfig,
    ) -> Result<Option<Greeted>, Fault> {
        loop {
            let wanted = match detect(self.bytes()) {
                Detected::More(wanted) => wanted,
                Detected::Plain { framing, preamble_len } => {
                    let carrier = wire(framing, None, config);
                    return Ok(Some(Greeted { carrier, preamble_len }));
                }
                Detected::Obfuscated if self.len < FIRST_BYTES_MAX => FIRST_BYTES_MAX,
                Detected::Obfuscated => return self.accept(config).map(Some),
                Detected::Http => {
                    let limits = &config.limits;
                    let http = HttpServer::new(limits.frame_bytes_max, limits.stranger_bytes_max);
                    let carrier = Carrier::Http(Box::new(http));
                    return Ok(Some(Greeted { carrier, preamble_len: 0 }));
                }
                // The driver takes it off, or has no certificate for it.
                Detected::Tls => return Err(self.fault()),
            };
            if input.is_empty() {
                return Ok(None);
            }
            // Judged again even if there were fewer: one byte may already tell.
            self.fill(input, wanted);
        }
    }

    /// Bytes that were taken and lie behind the preamble; they never had a disguise.
    pub(super) fn surplus(&mut self, greeted: &Greeted) -> &mut [u8] {
        self.first.get_mut(greeted.preamble_len..self.len).unwrap_or_default()
    }

    fn bytes(&self) -> &[u8] {
        self.first.get(..self.len).unwrap_or_default()
    }

    /// Takes bytes until there are `wanted`, or no more.
    fn fill(&mut self, input: &mut &mut [u8], wanted: usize) {
        let missing = wanted.min(FIRST_BYTES_MAX).saturating_sub(self.len);
        let taken_len = missing.min(input.len());
        let (taken, rest) = std::mem::take(input).split_at_mut(taken_len);
        *input = rest;
        if let Some(slot) = self.first.get_mut(self.len..self.len + taken_len) {
            slot.copy_from_slice(taken);
        }
        self.len += taken_len;
    }

    fn accept(&self, config: &ServerConfig) -> Result<Greeted, Fault> {
        let accepted = Obfuscation::accept(&self.first, config.secret.as_ref());
        let accepted = accepted.ok_or_else(|| self.fault())?;
        let carrier = wire(accepted.framing, Some(accepted.obfuscation), config);
        Ok(Greeted { carrier, preamble_len: FIRST_BYTES_MAX })
    }

    fn fault(&self) -> Fault {
        let &[a, b, c, d, ..] = &self.first;
        Fault::Transport([a, b, c, d])
    }
}

fn wire(framing: Framing, obfuscation: Option<Obfuscation>, config: &ServerConfig) -> Carrier {
    let (bytes_max, unannounced) =
        (config.limits.frame_bytes_max, config.limits.stranger_bytes_max);
    Carrier::Wire(Wire::new(framing, obfuscation, Side::Server, bytes_max, unannounced))
}

/// An obfuscated preamble: the longest that must be seen before anything is known.
const FIRST_BYTES_MAX: usize = 64;
