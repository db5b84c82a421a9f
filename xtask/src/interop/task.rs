//! Every stranger, every run, and the bill at the end.

use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::io;
use std::path::PathBuf;
use std::sync::{Mutex, PoisonError};
use std::time::Instant;

use super::bill::{self, Bill, Outcome};
use super::install::{self, Installed};
use super::job::{Job, PEOPLE};
use super::play;
use super::scenario::{self, Player, home, weather};
use super::stage::Stage;
use super::stranger::Stranger;
use super::transport::Transport;
use super::voice::Voice;

/// Runs that go on at once. They wait more than they compute: two cores are half idle with two.
const LANES: usize = 3;

/// Runs the strangers, all or those that `only` names, and returns the names of the runs that failed.
///
/// # Errors
/// If nothing is named `only`, if the binary does not build, or if a manifest is unreadable. A
/// stranger that cannot be installed is a failure of its runs, never a reason to skip them.
pub(crate) fn run(only: Option<&str>, binary: Option<PathBuf>) -> io::Result<Vec<String>> {
    let strangers = Stranger::all(&crate::workspace().join("interop"))?;
    let jobs: Vec<Job> =
        Job::all(&strangers).into_iter().filter(|job| job.is_named(only)).collect();
    if jobs.is_empty() {
        return Err(io::Error::other(format!("nothing is named {}", only.unwrap_or("anything"))));
    }
    println!("== interop");
    let stage = Stage::set(binary)?;
    let company = Company::gather(&stage, &strangers, &jobs);
    let bills = run_all(&stage, &company, jobs);
    bill::settle(&stage, &bills)
}

/// Everybody who is needed, installed or not.
struct Company {
    people: Option<Stranger>,
    installed: BTreeMap<String, Result<Installed, String>>,
}

impl Company {
    fn gather(stage: &Stage, strangers: &[Stranger], jobs: &[Job]) -> Self {
        let is_needed =
            |stranger: &&Stranger| jobs.iter().any(|job| job.needs().contains(&&*stranger.name));
        let install = |stranger: &Stranger| {
            let ready = install::ready(stranger, &stage.folder);
            (stranger.name.clone(), ready.map_err(|error| format!("cannot be installed: {error}")))
        };
        Self {
            people: strangers.iter().find(|stranger| stranger.name == PEOPLE).cloned(),
            installed: strangers.iter().filter(is_needed).map(install).collect(),
        }
    }

    fn installed(&self, stranger: &Stranger) -> io::Result<Installed> {
        match self.installed.get(&stranger.name) {
            Some(Ok(installed)) => Ok(installed.clone()),
            Some(Err(error)) => Err(io::Error::other(error.clone())),
            None => Err(io::Error::other(format!("{} is not installed", stranger.name))),
        }
    }

    fn player(&self, stranger: &Stranger, transport: Transport) -> io::Result<Player> {
        let installed = self.installed(stranger)?;
        Ok(Player { stranger: stranger.clone(), installed, transport })
    }

    /// On its own choice of transport.
    fn at_ease(&self, stranger: &Stranger) -> io::Result<Player> {
        let first = stranger.transports().first().copied();
        self.player(stranger, first.unwrap_or(Transport::Full))
    }

    fn people(&self) -> io::Result<Player> {
        let missing = || io::Error::other(format!("there is no {PEOPLE} to play the people"));
        self.at_ease(self.people.as_ref().ok_or_else(missing)?)
    }
}

fn run_all(stage: &Stage, company: &Company, jobs: Vec<Job>) -> Vec<Bill> {
    let mut jobs: Vec<(usize, Job)> = jobs.into_iter().enumerate().collect();
    jobs.sort_by_key(|(_, job)| Reverse(job.weight()));
    let (jobs, bills) = (Mutex::new(jobs.into_iter()), Mutex::new(Vec::new()));
    let next = || jobs.lock().unwrap_or_else(PoisonError::into_inner).next();
    std::thread::scope(|scope| {
        for _ in 0..LANES {
            scope.spawn(|| {
                while let Some((number, job)) = next() {
                    let since = Instant::now();
                    let outcome = run_one(stage, company, &job);
                    let bill = Bill { job, outcome, took: since.elapsed() };
                    bills.lock().unwrap_or_else(PoisonError::into_inner).push((number, bill));
                }
            });
        }
    });
    let mut bills = bills.into_inner().unwrap_or_else(PoisonError::into_inner);
    bills.sort_by_key(|(number, _)| *number);
    bills.into_iter().map(|(_, bill)| bill).collect()
}

fn run_one(stage: &Stage, company: &Company, job: &Job) -> io::Result<Outcome> {
    let voice = Voice { name: job.name() };
    match job {
        Job::Script(stranger, run) => {
            let installed = company.installed(stranger)?;
            play::play(stage, run, &installed, &voice).map(Outcome::Script)
        }
        Job::Scenario(stranger, transport) => {
            let player = company.player(stranger, *transport)?;
            let people =
                if *transport == Transport::BotApi { company.people()? } else { player.clone() };
            perform(stage, &voice, |folder| {
                scenario::perform(&stage.heliogram, &player, &people, folder, &|line| {
                    voice.say(line);
                })
            })
        }
        Job::Weather(stranger) => {
            let player = company.at_ease(stranger)?;
            perform(stage, &voice, |folder| {
                weather::perform(&stage.heliogram, &player, folder, &|line| voice.say(line))
            })
        }
        Job::Home(strangers) => {
            let guests: io::Result<Vec<Player>> =
                strangers.iter().map(|stranger| company.at_ease(stranger)).collect();
            let (guests, people) = (guests?, company.people()?);
            perform(stage, &voice, |folder| {
                home::perform(&stage.heliogram, &guests, &people, folder, &|line| voice.say(line))
            })
        }
    }
}

/// Plays something in a fresh folder, and shows the cloud's last words where it went badly.
fn perform(
    stage: &Stage,
    voice: &Voice,
    play: impl FnOnce(PathBuf) -> io::Result<scenario::Performance>,
) -> io::Result<Outcome> {
    let claim = stage.fresh_folder(voice)?;
    let log = claim.folder.join("server.log");
    let outcome = play(claim.folder.clone()).map(Outcome::Scenario);
    if !outcome.as_ref().is_ok_and(Outcome::is_good) {
        voice.show_end(&log);
    }
    outcome
}
