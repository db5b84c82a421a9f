//! One world from its beginning to its judgement.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use heliogram_dc::Limits;
use heliogram_net::Clock;
use parking_lot::Mutex;
use tokio::task::JoinSet;

use super::check;
use super::dice::Dice;
use super::disk::{Disk, Ground};
use super::ears::Ears;
use super::founding::{Founding, runtime};
use super::house::{Blueprint, House};
use super::net::{Sky, Weather};
use super::people::{Notebook, Seat};
use super::play::{self, Stage, Step};
use super::trace::{Trace, Traced};

/// A seed, and which of its steps are done.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Script {
    /// Where all chance comes from.
    pub seed: u64,
    /// The steps, under the numbers that they have in the whole.
    pub steps: Vec<(usize, Step)>,
}

/// What became of a world.
#[derive(Clone, Debug, Default)]
pub struct Outcome {
    /// What is wrong; nothing, if all is well.
    pub faults: Vec<String>,
    /// The whole run as one number.
    pub traced: Traced,
    /// How much happened.
    pub tally: Tally,
}

/// How much happened in a world.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct Tally {
    /// Requests that were answered.
    pub done: u64,
    /// Requests that were refused for a reason.
    pub refused: u64,
    /// Requests of which nobody knows.
    pub lost: u64,
    /// Updates that sessions took in.
    pub heard: u64,
    /// Times that the server went down.
    pub crashes: u64,
    /// Updates that the bot was told of.
    pub bot_heard: u64,
}

impl Script {
    /// Everything that happens in the world of a seed.
    pub fn whole(seed: u64) -> Self {
        Self { seed, steps: play::write(seed).into_iter().enumerate().collect() }
    }

    /// The same with some steps only.
    #[must_use]
    pub fn only(&self, kept: &[usize]) -> Self {
        let steps = self.steps.iter().filter(|(number, _)| kept.contains(number));
        Self { seed: self.seed, steps: steps.cloned().collect() }
    }

    /// The one line that repeats it.
    pub fn line(&self) -> String {
        let whole = Self::whole(self.seed);
        if *self == whole {
            return format!("cargo xtask sim --seed {}", self.seed);
        }
        let numbers: Vec<String> =
            self.steps.iter().map(|(number, _)| number.to_string()).collect();
        format!("cargo xtask sim --seed {} --steps {}", self.seed, numbers.join(","))
    }
}

/// Runs a world. With `lines`, its trace can be read.
///
/// # Panics
/// If the simulation itself cannot be set up.
pub fn run(script: &Script, lines: bool) -> Outcome {
    let founding = Founding::of_process();
    let ears = Ears::default();
    let listening = ears.listen();
    let world = runtime();
    let mut outcome = world.block_on(live(script, founding, lines, &ears));
    // What was spawned is dropped here, and may complain of its end.
    drop(world);
    drop(listening);
    outcome.faults.extend(ears.take().into_iter().filter(|line| is_panic(line)));
    outcome
}

async fn live(script: &Script, founding: &Founding, lines: bool, ears: &Ears) -> Outcome {
    let stage = raise(script.seed, founding, lines);
    let mut faults = Vec::new();
    if let Err(error) = stage.house.open() {
        faults.push(format!("the server does not start: {error}"));
    }
    let bot = stage.bot.clone().run(
        Arc::clone(&stage.house),
        stage.trace.clone(),
        Arc::clone(&stage.bot_record),
    );
    let bot = tokio::spawn(bot);
    seat_everybody(&stage, founding);
    let mut deeds = JoinSet::new();
    for (number, step) in &script.steps {
        tokio::time::sleep(Duration::from_millis(step.pause_ms)).await;
        let deed = Arc::clone(&stage).perform(*number, step.action.clone());
        deeds.spawn(deed);
    }
    faults.extend(finish(&stage, deeds).await);
    faults.extend(check::all(&stage).await);
    bot.abort();
    // Of a disk that fails the server has to speak; a panic has no excuse.
    let is_troubled = stage.house.is_troubled();
    faults.extend(ears.take().into_iter().filter(|line| !is_troubled || is_panic(line)));
    let outcome = Outcome { faults, traced: stage.trace.total(), tally: tally(&stage) };
    leave(&stage).await;
    outcome
}

fn is_panic(line: &str) -> bool {
    line.starts_with("panic")
}

fn raise(seed: u64, founding: &Founding, lines: bool) -> Arc<Stage> {
    let mut dice = Dice::new(seed, "world", 0);
    let clock = Clock::starting_at(founding.now + Duration::from_secs(dice.between(60, 90_000)));
    let trace = Trace::new(clock.clone(), lines);
    let weather = Weather::draw(&mut dice);
    // Differences in slices are rare otherwise.
    let difference_rows_max = [3, 20, 100, 1000][dice.place(4)];
    let limits = Limits { difference_rows_max, ..Limits::DEFAULT };
    let house = House::build(Blueprint {
        seed,
        key: founding.key.clone(),
        limits,
        clock: clock.clone(),
        trace: trace.clone(),
        sky: Sky::new(seed, weather, clock.clone(), trace.clone()),
        disk: Disk::holding(founding.journal.clone(), seed),
        ground: Ground::with(&founding.files).expect("there is room for files"),
    });
    let spare = |spare: &Vec<_>| spare.iter().cloned().map(Notebook::holding).collect();
    Arc::new(Stage {
        seed,
        clock,
        trace,
        house,
        people: founding.people.clone(),
        bot: founding.bot.clone(),
        seats: Mutex::default(),
        spare: Mutex::new(founding.spare.iter().map(spare).collect()),
        chronicle: Mutex::default(),
        bot_record: Arc::default(),
        dice: Mutex::new(Dice::new(seed, "stage", 0)),
    })
}

fn seat_everybody(stage: &Stage, founding: &Founding) {
    for (number, (person, snapshot)) in founding.seats.iter().enumerate() {
        let notebook = Notebook::holding(snapshot.clone());
        let mut seat =
            Seat::take(stage.seed, number, *person, notebook, &stage.house, &stage.clock);
        seat.listen(&stage.trace);
        stage.seats.lock().push(Some(seat));
    }
}

/// Everything that breaks is whole again, and what people have begun comes to an end.
async fn finish(stage: &Stage, mut deeds: JoinSet<()>) -> Vec<String> {
    stage.house.sky.calm();
    stage.house.disk.heal();
    let ended = async { while deeds.join_next().await.is_some() {} };
    let mut faults = Vec::new();
    if tokio::time::timeout(PATIENCE, ended).await.is_err() {
        faults.push(format!("{} things are never done", deeds.len()));
    }
    if tokio::time::timeout(PATIENCE, stage.house.wait_until_up()).await.is_err() {
        faults.push("the server does not come back".to_owned());
    }
    faults
}

fn tally(stage: &Stage) -> Tally {
    let chronicle = stage.chronicle.lock();
    let seats = stage.seats.lock();
    let heard = seats.iter().flatten().map(|seat| seat.picture.lock().updates).sum();
    Tally {
        done: chronicle.done,
        refused: chronicle.refused,
        lost: chronicle.lost,
        heard,
        crashes: stage.house.crashes(),
        bot_heard: stage.bot_record.lock().texts.len() as u64,
    }
}

async fn leave(stage: &Stage) {
    let seats = std::mem::take(&mut *stage.seats.lock());
    for seat in seats.into_iter().flatten() {
        drop(seat.client.shutdown().await);
    }
    stage.house.demolish();
    tokio::time::sleep(Duration::from_secs(1)).await;
}

/// How long anything may take in good weather.
const PATIENCE: Duration = Duration::from_secs(15 * 60);

impl fmt::Display for Tally {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { done, refused, lost, heard, crashes, bot_heard } = self;
        write!(
            f,
            "{done} requests done, {refused} refused, {lost} lost; {heard} updates heard, \
             {bot_heard} by the bot; {crashes} crashes"
        )
    }
}

impl std::ops::AddAssign for Tally {
    fn add_assign(&mut self, other: Self) {
        self.done += other.done;
        self.refused += other.refused;
        self.lost += other.lost;
        self.heard += other.heard;
        self.crashes += other.crashes;
        self.bot_heard += other.bot_heard;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sim::disk::{Mishap, Outage};
    use crate::sim::play::Action;

    fn faults(actions: &[Action]) -> Vec<String> {
        let step = |action: &Action| Step { pause_ms: 3_000, action: action.clone() };
        let steps = actions.iter().map(step).enumerate().collect();
        run(&Script { seed: 1, steps }, false).faults
    }

    const SAY: Action = Action::Say { seat: 0, to: 1, words: 3 };
    const CRASH: Action = Action::Crash { outage: Outage::Kill, down_ms: 500, flipped: false };

    #[test]
    fn what_was_acknowledged_outlives_a_crash() {
        assert_eq!(faults(&[SAY, CRASH, SAY]), [""; 0]);
    }

    #[test]
    fn a_disk_that_lies_is_found_out() {
        let lie = Action::Mishap { mishap: Mishap::Lied, down_ms: 1_000_000 };
        let found = faults(&[lie, SAY, CRASH]);
        // The watermark knows of a commit that is not there.
        let refused = |fault: &String| fault.contains("does not start");
        assert!(found.iter().any(refused), "{found:?}");
    }
}
