//! The first bytes of a connection at the door, until it is known who comes.

use heliogram_crypto::{Random, Side};
use heliogram_ids::{DcId, Timestamp};

use super::super::encode::Encoder;
use super::super::fake_tls::{ClientHello, Records, write_answer};
use super::super::obfuscated::{Accepted, PREAMBLE_BYTES};
use super::super::{Framing, Obfuscation};
use super::prospect::{Prospect, prospect};
use super::{ProxyDoor, ProxyGuise, ProxyKey, ProxyLane};
use crate::Fault;

/// A connection of which the door does not know yet who it is.
#[derive(Debug, Default)]
pub struct ProxyGreeting {
    /// Everything received, while a stranger's bytes may have to go elsewhere.
    first: Vec<u8>,
    /// The fake TLS session, once the hello was answered; `first` is its content then.
    session: Option<Session>,
}

#[derive(Debug)]
struct Session {
    records: Records,
    key: usize,
}

/// What the door makes of the bytes so far.
#[derive(Debug)]
pub enum ProxyStep {
    /// Nothing yet.
    More,
    /// A client.
    Welcome(Welcome),
    /// A client that knows the secret and wants a data centre which is not here. It was told.
    Refused,
    /// Somebody who does not know the secret, or a recording of somebody who did.
    Stranger,
}

/// A client that was let in.
#[derive(Debug)]
pub struct Welcome {
    /// The data centre it wants.
    pub dc: DcId,
    /// What it has said so far, without the disguise.
    pub first: Vec<u8>,
    /// Takes the disguise off what follows, and puts it on the answers.
    pub lane: ProxyLane,
}

impl ProxyGreeting {
    /// Takes received bytes, and appends to `out` what is to be answered at once.
    ///
    /// # Errors
    /// A fake TLS session that began well ends in nonsense; it can only be closed.
    pub fn handle_bytes(
        &mut self,
        now: Timestamp,
        bytes: &mut [u8],
        door: &mut ProxyDoor,
        rng: &mut dyn Random,
        out: &mut Vec<u8>,
    ) -> Result<ProxyStep, Fault> {
        if self.session.is_some() {
            return self.judge_records(bytes, door, out);
        }
        self.first.extend_from_slice(bytes);
        match prospect(&self.first, door) {
            Prospect::More => Ok(ProxyStep::More),
            Prospect::Stranger => Ok(ProxyStep::Stranger),
            Prospect::Preamble => Ok(self.judge_preamble(door, out)),
            Prospect::Hello(len) => self.judge_hello(now, len, door, rng, out),
        }
    }

    /// Whether the other side has heard from us, and knows that this is no ordinary server.
    pub fn is_answered(&self) -> bool {
        self.session.is_some()
    }

    /// Everything a stranger said.
    pub fn into_first(self) -> Vec<u8> {
        self.first
    }

    fn judge_preamble(&mut self, door: &mut ProxyDoor, out: &mut Vec<u8>) -> ProxyStep {
        let Some((preamble, _)) = self.first.split_first_chunk() else { return ProxyStep::More };
        let bare = door.keys.iter().filter(|key| !matches!(key.guise, ProxyGuise::Tls { .. }));
        let Some(accepted) = bare.filter_map(|key| accept(preamble, key)).next() else {
            return ProxyStep::Stranger;
        };
        // Without a clock in it, a recording is as good as new.
        if !door.seen.note(preamble.split_at(8).1) {
            return ProxyStep::Stranger;
        }
        self.admit(accepted, None, door, out)
    }

    fn judge_hello(
        &mut self,
        now: Timestamp,
        len: usize,
        door: &mut ProxyDoor,
        rng: &mut dyn Random,
        out: &mut Vec<u8>,
    ) -> Result<ProxyStep, Fault> {
        let Some((hello, rest)) = self.first.split_at_checked(len) else {
            return Ok(ProxyStep::More);
        };
        let Some(hello) = ClientHello::parse(hello) else { return Ok(ProxyStep::Stranger) };
        let skew_max = door.limits.clock_skew_max;
        let knows = |key: &ProxyKey| {
            let said = hello.prove(&key.secret)?;
            let skew = now.saturating_since(said).max(said.saturating_since(now));
            (skew <= skew_max).then_some(())
        };
        let found = door.keys.iter().enumerate().find_map(|(number, key)| match &key.guise {
            ProxyGuise::Tls { domain } => knows(key).map(|()| (number, key.secret, domain)),
            ProxyGuise::Bare | ProxyGuise::Padded => None,
        });
        let Some((key, secret, domain)) = found else { return Ok(ProxyStep::Stranger) };
        if !door.seen.note(hello.random()) {
            return Ok(ProxyStep::Stranger);
        }
        write_answer(&hello, &secret, domain, rng, out);
        let mut behind = rest.to_vec();
        self.first.clear();
        self.session = Some(Session { records: Records::default(), key });
        self.judge_records(&mut behind, door, out)
    }

    fn judge_records(
        &mut self,
        bytes: &mut [u8],
        door: &ProxyDoor,
        out: &mut Vec<u8>,
    ) -> Result<ProxyStep, Fault> {
        let session = self.session.as_mut().ok_or(NO_SESSION)?;
        let opened = session.records.open(bytes)?;
        self.first.extend_from_slice(bytes.split_at(opened).0);
        self.judge_session(door, out)
    }

    fn judge_session(&mut self, door: &ProxyDoor, out: &mut Vec<u8>) -> Result<ProxyStep, Fault> {
        let Some((preamble, _)) = self.first.split_first_chunk() else {
            return Ok(ProxyStep::More);
        };
        let session = self.session.as_ref().ok_or(NO_SESSION)?;
        let key = door.keys.get(session.key).ok_or(NO_SESSION)?;
        let accepted = accept(preamble, key).ok_or(NO_SESSION)?;
        let records = self.session.take().map(|session| session.records);
        Ok(self.admit(accepted, records, door, out))
    }

    fn admit(
        &mut self,
        accepted: Accepted,
        records: Option<Records>,
        door: &ProxyDoor,
        out: &mut Vec<u8>,
    ) -> ProxyStep {
        let Accepted { mut obfuscation, framing, dc } = accepted;
        let mut surplus = self.first.split_off(PREAMBLE_BYTES);
        obfuscation.reveal(&mut surplus);
        let mut lane = ProxyLane { obfuscation: Box::new(obfuscation), records };
        match door.dc(dc) {
            Some(dc) => {
                let first = [framing.preamble(), &surplus].concat();
                ProxyStep::Welcome(Welcome { dc, first, lane })
            }
            None => {
                let mut error = Vec::new();
                Encoder::new(framing, Side::Server).error(&mut error, WRONG_DC);
                lane.disguise(&error, out);
                ProxyStep::Refused
            }
        }
    }
}

/// Whether a preamble was made with a key, and in the framing that it demands.
fn accept(preamble: &[u8; PREAMBLE_BYTES], key: &ProxyKey) -> Option<Accepted> {
    let accepted = Obfuscation::accept(preamble, Some(&key.secret))?;
    let fits = key.guise == ProxyGuise::Bare || accepted.framing == Framing::Padded;
    fits.then_some(accepted)
}

// Spec: mtproto/mtproto-transports#transport-errors: the wrong data centre, asked of a proxy.
// Seen: Telethon 1.45 reports it by its number and gives up, where silence makes it try for ever.
const WRONG_DC: i32 = -444;

const NO_SESSION: Fault = Fault::Protocol("fake TLS session without a client of ours in it");
