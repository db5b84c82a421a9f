//! One stranger plays the story on one transport.

use std::io;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use super::ending;
use super::steps::{self, Step};
use super::story::Story;
use super::theatre::{Player, Theatre};
use super::verdict::Verdict;
use crate::interop::actor::{Ready, Trouble};
use crate::interop::record::Record;

/// How long what has to be heard of may take.
const PATIENCE: Duration = Duration::from_secs(20);
/// The same where the manifest says that it will not be heard of.
const PATIENCE_WITHOUT_HOPE: Duration = Duration::from_secs(4);
/// How long the whole story may take.
const STORY_WITHIN: Duration = Duration::from_secs(400);

/// What became of one step.
#[derive(Clone, Debug)]
pub(in crate::interop) struct Outcome {
    pub(in crate::interop) step: &'static str,
    pub(in crate::interop) verdict: Verdict,
}

/// What became of a play.
#[derive(Debug)]
pub(in crate::interop) struct Performance {
    /// Who the client says it is.
    pub(in crate::interop) client: Ready,
    pub(in crate::interop) outcomes: Vec<Outcome>,
    pub(in crate::interop) record: Record,
}

/// Plays the story in a folder of its own; `say` is told each outcome as it comes.
///
/// # Errors
/// If the cloud does not start or an actor does not come on.
pub(in crate::interop) fn perform(
    heliogram: &Path,
    player: &Player,
    people: &Player,
    folder: PathBuf,
    say: &dyn Fn(&str),
) -> io::Result<Performance> {
    let theatre = Theatre::open(heliogram, &[player.transport], folder)?;
    let begun = Story::begin(theatre, player.clone(), people);
    let mut story = begun.map_err(|trouble| io::Error::other(trouble.to_string()))?;
    let client = story.other.actor.ready().map_err(|error| io::Error::other(error.to_string()))?;
    player.require_pinned(&client)?;
    let is_whole = player.stranger.transports().first() == Some(&player.transport);
    let mut outcomes = tell(&mut story, is_whole, say);
    let Story { theatre, one, other, bot, second, .. } = story;
    drop((one, other, bot, second));
    let stranger = &player.stranger;
    let (ends, record) = ending::look(&theatre, stranger.client.kind, |record| {
        Ok(ending::calls(record, &ending::known(stranger)?, is_whole))
    })?;
    for outcome in ends {
        report(&outcome, Duration::ZERO, say);
        outcomes.push(outcome);
    }
    Ok(Performance { client, outcomes, record })
}

fn tell(story: &mut Story, is_whole: bool, say: &dyn Fn(&str)) -> Vec<Outcome> {
    let deadline = Instant::now() + STORY_WITHIN;
    let mut outcomes = Vec::new();
    let mut is_over = false;
    for step in steps::of(story.stranger.stranger.client.kind, is_whole) {
        let since = Instant::now();
        let verdict = match is_over {
            true => Verdict::Untried,
            false if since > deadline => Verdict::Failed("out of time".to_owned()),
            false => attempt(story, step),
        };
        is_over |= step.is_needed && verdict.is_bad();
        let outcome = Outcome { step: step.name, verdict };
        report(&outcome, since.elapsed(), say);
        outcomes.push(outcome);
    }
    outcomes
}

fn attempt(story: &mut Story, step: Step) -> Verdict {
    let player = &story.stranger;
    let excuse = player.stranger.excuse(step.name, player.transport).map(str::to_owned);
    story.be_patient(if excuse.is_some() { PATIENCE_WITHOUT_HOPE } else { PATIENCE });
    Verdict::of((step.play)(story), excuse.as_deref())
}

pub(super) fn report(outcome: &Outcome, took: Duration, say: &dyn Fn(&str)) {
    let Outcome { step, verdict } = outcome;
    let seconds = took.as_secs_f64();
    match verdict {
        Verdict::Passed => say(&format!("ok {step} ({seconds:.1} s)")),
        Verdict::Failed(reason) => say(&format!("not ok {step}: {reason} ({seconds:.1} s)")),
        Verdict::Cannot(reason) => say(&format!("-- {step}: {reason}")),
        Verdict::Untried => say(&format!("not ok {step}: not tried")),
    }
}

impl From<Trouble> for io::Error {
    fn from(trouble: Trouble) -> Self {
        Self::other(trouble.to_string())
    }
}
