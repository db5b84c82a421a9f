//! What one asks of the fuzzer, and the table that answers.

use std::collections::VecDeque;
use std::io;
use std::path::PathBuf;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;
use std::{panic, thread};

use clap::Args;

use super::drive::{Fuzzer, Run};
use super::{build, corpus};

/// Which targets, and for how long.
#[derive(Args)]
pub(crate) struct Fuzz {
    /// One target instead of all.
    #[arg(long)]
    only: Option<String>,
    /// How long each target gets.
    #[arg(long, default_value_t = 60)]
    seconds: u64,
    /// The same in minutes.
    #[arg(long, conflicts_with = "seconds")]
    minutes: Option<u64>,
    /// How many targets run at once.
    #[arg(long, default_value_t = 1)]
    jobs: usize,
    /// Tries one input instead, such as one that something failed on.
    #[arg(long, requires = "only")]
    input: Option<PathBuf>,
    /// Makes a new corpus for the repository of everything that is known, instead.
    #[arg(long)]
    keep: bool,
    /// Names the targets, instead.
    #[arg(long)]
    list: bool,
}

/// Does it.
///
/// # Errors
/// If something does not build, or a target fails.
pub(crate) fn run(fuzz: &Fuzz) -> io::Result<()> {
    let fuzzer = fuzzer()?;
    let targets = selected(&fuzzer, fuzz.only.as_deref())?;
    if fuzz.list {
        targets.iter().for_each(|target| println!("{target}"));
        return Ok(());
    }
    if let (Some(input), [target]) = (&fuzz.input, &targets[..]) {
        return fuzzer.try_once(target, input);
    }
    if fuzz.keep {
        return targets.iter().try_for_each(|target| corpus::keep(&fuzzer, target));
    }
    let seconds = fuzz.minutes.map_or(fuzz.seconds, |minutes| minutes * 60);
    let time = Duration::from_secs(seconds);
    in_turns(&targets, fuzz.jobs, |target| {
        fuzzer.run(target, time, Some(&corpus::gathered(&fuzzer, target)))
    })
}

/// Every target for ten seconds, from the corpus in the repository: whether what was mended stays
/// mended, and nothing is broken that a glance can find.
///
/// # Errors
/// As [`run`].
pub(crate) fn smoke() -> io::Result<()> {
    let fuzzer = fuzzer()?;
    let targets = selected(&fuzzer, None)?;
    in_turns(&targets, 2, |target| fuzzer.run(target, SMOKE, None))
}

fn fuzzer() -> io::Result<Fuzzer> {
    let folder = build::folder()?;
    Ok(Fuzzer { program: build::build(&folder)?, folder })
}

fn selected(fuzzer: &Fuzzer, only: Option<&str>) -> io::Result<Vec<String>> {
    let mut targets = fuzzer.targets()?;
    targets.retain(|target| only.is_none_or(|only| only == target));
    if targets.is_empty() {
        return Err(io::Error::other("no target of that name; --list names them"));
    }
    Ok(targets)
}

/// Runs the targets, some at once, and says of each what became of it.
fn in_turns(
    targets: &[String],
    jobs: usize,
    run: impl Fn(&str) -> io::Result<Run> + Sync,
) -> io::Result<()> {
    let queue = Mutex::new(targets.iter().collect::<VecDeque<_>>());
    let failed = Mutex::new(Vec::new());
    println!("{:<18} {:>10} {:>8} {:>8} {:>7}", "target", "tries", "edges", "new", "inputs");
    let work = || {
        while let Some(target) = locked(&queue).pop_front() {
            let outcome = run(target);
            if !tell(target, &outcome) {
                locked(&failed).push(target.clone());
            }
        }
    };
    thread::scope(|scope| {
        let workers: Vec<_> = (0..jobs.max(1)).map(|_| scope.spawn(work)).collect();
        for worker in workers {
            worker.join().unwrap_or_else(|trouble| panic::resume_unwind(trouble));
        }
    });
    let failed = failed.into_inner().unwrap_or_else(PoisonError::into_inner);
    if failed.is_empty() {
        return Ok(());
    }
    Err(io::Error::other(format!("failed: {}", failed.join(", "))))
}

/// Says what became of a target; whether that is well.
fn tell(target: &str, outcome: &io::Result<Run>) -> bool {
    let run = match outcome {
        Ok(run) => run,
        Err(error) => {
            println!("{target}: {error}");
            return false;
        }
    };
    let report = &run.report;
    let new = report.edges.saturating_sub(report.edges_before);
    println!(
        "{:<18} {:>10} {:>8} {:>8} {:>7}",
        run.target, report.tries, report.edges, new, report.inputs
    );
    if run.is_good {
        return true;
    }
    println!("  {} failed; the log is {}", run.target, run.log.display());
    if let Some(crash) = &run.crash {
        let crash = crash.display();
        println!("  again: cargo xtask fuzz --only {target} --input {crash}");
    }
    false
}

fn locked<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// How long a target gets in `cargo xtask test`.
const SMOKE: Duration = Duration::from_secs(10);
