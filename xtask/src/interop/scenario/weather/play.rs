//! One stranger is sent out.

use std::io;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use super::out::{BACK_WITHIN, BACK_WITHOUT_HOPE, Out};
use super::steps;
use crate::interop::actor::{Told, Trouble};
use crate::interop::scenario::ending;
use crate::interop::scenario::play::{Outcome, Performance, report};
use crate::interop::scenario::theatre::{Player, Theatre};
use crate::interop::scenario::verdict::Verdict;
use crate::interop::stranger::Kind;
use crate::interop::transport::Transport;

/// Where chance comes from.
const SEED: u64 = 20;

/// Plays it in a folder of its own; `say` is told each outcome as it comes.
///
/// # Errors
/// If the cloud does not start or somebody does not come on.
pub(in crate::interop) fn perform(
    heliogram: &Path,
    player: &Player,
    folder: PathBuf,
    say: &dyn Fn(&str),
) -> io::Result<Performance> {
    let proxy = player.stranger.transports().into_iter().filter(|way| *way == Transport::Mtproxy);
    let doors: Vec<Transport> = [player.transport].into_iter().chain(proxy).collect();
    let theatre = Theatre::open(heliogram, &doors, folder)?;
    let wrong = |trouble| io::Error::other(format!("{trouble}"));
    let mut out = Out::begin(theatre, player, SEED).map_err(wrong)?;
    let client = out.alice.actor.ready().map_err(wrong)?;
    player.require_pinned(&client)?;
    let mut outcomes = tell(&mut out, say);
    let Out { mut theatre, alice, bob, .. } = out;
    drop((alice, bob));
    // What Bob complained of while only Alice was out is a step; by now nobody is spared.
    theatre.forgive("alice");
    theatre.forgive("bob");
    let (ends, record) = ending::look(&theatre, Kind::Mtproto, |record| {
        // Who is disturbed asks for the same again and again; what is answered is told elsewhere.
        Ok(if record.is_empty() {
            Verdict::Failed("the cloud's log tells of no calls".to_owned())
        } else {
            Verdict::Passed
        })
    })?;
    for outcome in ends {
        report(&outcome, Duration::ZERO, say);
        outcomes.push(outcome);
    }
    Ok(Performance { client, outcomes, record })
}

fn tell(out: &mut Out, say: &dyn Fn(&str)) -> Vec<Outcome> {
    let mut outcomes = Vec::new();
    let mut is_over = false;
    for step in steps::of(&out.player.clone()) {
        let since = Instant::now();
        let Player { stranger, transport, .. } = &out.player;
        let excuse = stranger.excuse(step.name, *transport).map(str::to_owned);
        out.be_patient(if excuse.is_some() { BACK_WITHOUT_HOPE } else { BACK_WITHIN });
        let verdict = match is_over {
            true => Verdict::Untried,
            false => Verdict::of(excused((step.play)(out), excuse.as_deref()), excuse.as_deref()),
        };
        let is_spoilt = verdict != Verdict::Passed;
        is_over |= step.is_needed && is_spoilt;
        if is_spoilt
            && !is_over
            && let Err(trouble) = out.replace()
        {
            say(&format!("nobody comes back: {trouble}"));
            is_over = true;
        }
        let outcome = Outcome { step: step.name, verdict };
        report(&outcome, since.elapsed(), say);
        outcomes.push(outcome);
    }
    outcomes
}

/// A client that is lost in some weather shows it in any way.
fn excused(told: Told<()>, excuse: Option<&str>) -> Told<()> {
    match (told, excuse) {
        (Err(trouble), Some(_)) => Err(Trouble::Cannot(trouble.to_string())),
        (told, _) => told,
    }
}
