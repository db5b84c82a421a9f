//! The house: who lives in it, how they move in, and what is looked at when they are gone.

use std::collections::BTreeSet;
use std::io;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use super::steps::STEPS;
use crate::interop::actor::{Line, Message, Ready, Told, Trouble, Who};
use crate::interop::scenario::ending;
use crate::interop::scenario::play::{Outcome, Performance, report};
use crate::interop::scenario::theatre::{Part, Player, Theatre};
use crate::interop::scenario::verdict::Verdict;
use crate::interop::stranger::Kind;
use crate::interop::transport::Transport;

/// Sessions of one account, at least.
const SESSIONS_MIN: usize = 10;
/// Many programs start and listen at once.
const PATIENCE: Duration = Duration::from_secs(40);

/// Alice in all her clients, and Bob in his.
pub(super) struct House {
    pub(super) theatre: Theatre,
    pub(super) bob: Part,
    pub(super) guests: Vec<Guest>,
    /// What Bob wrote that is still there, oldest first.
    pub(super) written: Vec<String>,
}

/// One session of Alice's.
pub(super) struct Guest {
    pub(super) part: Part,
    pub(super) player: Player,
}

/// Plays it in a folder of its own; `say` is told each outcome as it comes.
///
/// # Errors
/// If the cloud does not start or somebody does not come on.
pub(in crate::interop) fn perform(
    heliogram: &Path,
    players: &[Player],
    people: &Player,
    folder: PathBuf,
    say: &dyn Fn(&str),
) -> io::Result<Performance> {
    let mut house = House::open(heliogram, players, people, folder)?;
    let version = format!("{} sessions", house.guests.len());
    let client = Ready { client: "everyone".to_owned(), version, layer: None };
    let mut outcomes = tell(&mut house, say);
    let House { theatre, bob, guests, .. } = house;
    drop((bob, guests));
    let (ends, record) = ending::look(&theatre, Kind::Mtproto, |record| {
        let known: io::Result<Vec<BTreeSet<String>>> =
            players.iter().map(|player| ending::known(&player.stranger)).collect();
        Ok(ending::calls(record, &known?.into_iter().flatten().collect(), false))
    })?;
    for outcome in ends {
        report(&outcome, Duration::ZERO, say);
        outcomes.push(outcome);
    }
    Ok(Performance { client, outcomes, record })
}

fn tell(house: &mut House, say: &dyn Fn(&str)) -> Vec<Outcome> {
    let mut outcomes = Vec::new();
    let mut is_over = false;
    for step in STEPS {
        let since = Instant::now();
        let verdict =
            if is_over { Verdict::Untried } else { Verdict::of((step.play)(house), None) };
        is_over |= step.is_needed && verdict.is_bad();
        let outcome = Outcome { step: step.name, verdict };
        report(&outcome, since.elapsed(), say);
        outcomes.push(outcome);
    }
    outcomes
}

impl House {
    fn open(
        heliogram: &Path,
        players: &[Player],
        people: &Player,
        folder: PathBuf,
    ) -> io::Result<Self> {
        let transports: Vec<Transport> = players.iter().map(|player| player.transport).collect();
        let mut theatre = Theatre::open(heliogram, &transports, folder)?;
        let mut bob = theatre.enter("bob", people)?;
        let rounds = SESSIONS_MIN.div_ceil(players.len().max(1));
        let mut guests = Vec::new();
        for round in 1..=rounds {
            for player in players {
                let name = format!("alice-{}-{round}", player.stranger.name);
                let part = theatre.enter(&name, player)?;
                guests.push(Guest { part, player: player.clone() });
            }
        }
        bob.be_patient(PATIENCE);
        for guest in &mut guests {
            guest.part.be_patient(PATIENCE);
        }
        Ok(Self { theatre, bob, guests, written: Vec::new() })
    }

    /// Whom Bob writes to.
    pub(super) fn alice(&self) -> Who {
        self.guests.first().map(|guest| guest.part.who()).unwrap_or_default()
    }

    /// Has each guest say what they saw, but for those whose manifests excuse them from a step.
    pub(super) fn each(
        &mut self,
        step: &str,
        mut look: impl FnMut(&mut Guest, &Part) -> Told<()>,
    ) -> Told<()> {
        let Self { bob, guests, .. } = self;
        let mut blind = Vec::new();
        for guest in guests {
            let Player { stranger, transport, .. } = &guest.player;
            if stranger.excuse(step, *transport).is_some() {
                continue;
            }
            if let Err(trouble) = look(guest, bob) {
                blind.push(format!("{}: {trouble}", guest.part.actor.part()));
            }
        }
        match blind.as_slice() {
            [] => Ok(()),
            some => Err(Trouble::Wrong(some.join("; "))),
        }
    }

    /// Bob writes a line, which everybody will have to have heard.
    pub(super) fn write(&mut self, line: &Line) -> Told<Message> {
        let sent = self.bob.actor.send(&self.alice(), line)?;
        self.written.push(line.text.clone());
        Ok(sent)
    }
}

impl Guest {
    /// What this session heard of somebody, in its order.
    pub(super) fn heard_from(&self, author: i64) -> Vec<String> {
        let is_theirs = |message: &&Message| message.from == Some(author);
        let actor = &self.part.actor;
        actor.heard(|event| event.message().filter(is_theirs).map(|message| message.text.clone()))
    }
}
