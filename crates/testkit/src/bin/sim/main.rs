//! Runs worlds of the proving ground: one by its seed, or many side by side.

#![allow(clippy::disallowed_methods)] // How long it takes is for people to know; no world does.

use std::process::ExitCode;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::Instant;

use clap::Parser;
use heliogram_testkit::sim::{Outcome, Script, Tally, run, shrink};

/// Worlds in which everything fails that may, and nothing that was promised may be lost.
#[derive(Parser)]
#[command(name = "sim")]
struct Cli {
    /// The one world to run.
    #[arg(long, conflicts_with = "seeds")]
    seed: Option<u64>,
    /// Only these of its steps, as a failure has named them.
    #[arg(long, value_delimiter = ',', requires = "seed")]
    steps: Option<Vec<usize>>,
    /// Show everything that happens in it.
    #[arg(long, requires = "seed")]
    trace: bool,
    /// How many worlds to run.
    #[arg(long, default_value_t = 100)]
    seeds: u64,
    /// The first of their seeds.
    #[arg(long, default_value_t = 1)]
    from: u64,
    /// How many at once; as many as there are processors, if it is not said.
    #[arg(long)]
    jobs: Option<usize>,
    /// Do not look for the fewest steps that still fail.
    #[arg(long)]
    no_shrink: bool,
}

fn main() -> ExitCode {
    let cli = Cli::parse();
    let is_good = match cli.seed {
        Some(seed) => one(&cli, seed),
        None => many(&cli),
    };
    if is_good { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

/// Runs one world and tells everything about it.
fn one(cli: &Cli, seed: u64) -> bool {
    let whole = Script::whole(seed);
    let script = match &cli.steps {
        Some(kept) => whole.only(kept),
        None => whole,
    };
    for (number, step) in &script.steps {
        println!("{number:>4} after {:>5} ms  {:?}", step.pause_ms, step.action);
    }
    let outcome = run(&script, cli.trace);
    for line in &outcome.traced.lines {
        println!("{line}");
    }
    println!("{}", outcome.tally);
    println!("{} events, {} bytes, {}", outcome.traced.events, outcome.traced.bytes, hex(&outcome));
    for fault in &outcome.faults {
        println!("FAULT {fault}");
    }
    if !outcome.faults.is_empty() && !cli.no_shrink && cli.steps.is_none() {
        report(&script, &outcome, true);
    }
    outcome.faults.is_empty()
}

/// Runs many worlds side by side.
fn many(cli: &Cli) -> bool {
    let jobs =
        cli.jobs.unwrap_or_else(|| std::thread::available_parallelism().map_or(1, Into::into));
    let began = Instant::now();
    let next = AtomicU64::new(cli.from);
    let end = cli.from + cli.seeds;
    let failed = Mutex::new(Vec::new());
    let total = Mutex::new(Tally::default());
    std::thread::scope(|scope| {
        for _ in 0..jobs {
            scope.spawn(|| {
                loop {
                    let seed = next.fetch_add(1, Ordering::Relaxed);
                    if seed >= end {
                        return;
                    }
                    let script = Script::whole(seed);
                    let outcome = run(&script, false);
                    *total.lock().unwrap_or_else(PoisonError::into_inner) += outcome.tally;
                    if !outcome.faults.is_empty() {
                        report(&script, &outcome, !cli.no_shrink);
                        failed.lock().unwrap_or_else(PoisonError::into_inner).push(seed);
                    }
                }
            });
        }
    });
    let failed = failed.into_inner().unwrap_or_else(PoisonError::into_inner);
    let total = total.into_inner().unwrap_or_else(PoisonError::into_inner);
    println!("{total}");
    println!(
        "{} worlds from {} on, {} failed, {:.1} s",
        cli.seeds,
        cli.from,
        failed.len(),
        began.elapsed().as_secs_f64()
    );
    failed.is_empty()
}

/// One line that repeats a failure, and what it shows.
fn report(script: &Script, outcome: &Outcome, smaller: bool) {
    let fault = outcome.faults.first().map_or("nothing", String::as_str);
    let script = if smaller {
        // Less may fail for another reason, and that is another story.
        shrink(script, |script| {
            run(script, false).faults.iter().any(|one| kind(one) == kind(fault))
        })
    } else {
        script.clone()
    };
    println!("{}   # {fault}", script.line());
}

/// A fault without its numbers.
fn kind(fault: &str) -> String {
    let words = fault.split(|c: char| !c.is_alphabetic()).filter(|word| !word.is_empty());
    words.take(6).collect::<Vec<_>>().join(" ")
}

fn hex(outcome: &Outcome) -> String {
    outcome.traced.hash.iter().map(|byte| format!("{byte:02x}")).collect()
}
