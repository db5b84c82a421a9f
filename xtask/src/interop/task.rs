//! Every stranger, every run, and the bill at the end.

use std::io;
use std::path::PathBuf;

use super::play::{self, Tally};
use super::stranger::{Run, Stranger};
use super::venv;

/// Runs the strangers, all or those that `only` names, and returns the names of the runs that failed.
///
/// # Errors
/// If nothing is named `only`, if the binary does not build, or if a manifest is unreadable. A
/// stranger that cannot be installed is a failure of its runs, never a reason to skip them.
pub(crate) fn run(only: Option<&str>, binary: Option<PathBuf>) -> io::Result<Vec<String>> {
    let strangers: Vec<Stranger> = Stranger::all(&crate::workspace().join("interop"))?
        .into_iter()
        .filter_map(|stranger| stranger.only(only))
        .collect();
    if strangers.is_empty() {
        return Err(io::Error::other(format!("nothing is named {}", only.unwrap_or("anything"))));
    }
    println!("== interop");
    let stage = stage(binary)?;
    let mut bills = Vec::new();
    for stranger in &strangers {
        bills.extend(visit(&stage, stranger));
    }
    Ok(report(&bills))
}

/// Where the binary is and where the strangers may leave things.
#[derive(Debug)]
pub(super) struct Stage {
    pub(super) heliogram: PathBuf,
    pub(super) folder: PathBuf,
}

fn stage(binary: Option<PathBuf>) -> io::Result<Stage> {
    let heliogram = match binary {
        Some(binary) => binary.canonicalize()?,
        None => crate::stage::build()?,
    };
    Ok(Stage { heliogram, folder: crate::stage::target_folder()?.join("interop") })
}

/// What came out of one run.
struct Bill {
    name: String,
    outcome: io::Result<Tally>,
}

fn visit(stage: &Stage, stranger: &Stranger) -> Vec<Bill> {
    let python = venv::ready(stranger, &stage.folder);
    let bill = |run: &Run| {
        let name = format!("{}/{}", stranger.name, run.name);
        println!("-- {name}");
        let outcome = match &python {
            Ok(python) => play::play(stage, stranger, run, python),
            Err(error) => Err(io::Error::other(format!("cannot be installed: {error}"))),
        };
        Bill { name, outcome }
    };
    stranger.runs.iter().map(bill).collect()
}

fn report(bills: &[Bill]) -> Vec<String> {
    println!("== strangers");
    let mut failed = Vec::new();
    for bill in bills {
        let verdict = match &bill.outcome {
            Ok(tally) => format!("{} passed, {} failed", tally.passed, tally.failed),
            Err(error) => error.to_string(),
        };
        println!("{:40} {verdict}", bill.name);
        if !bill.outcome.as_ref().is_ok_and(Tally::is_good) {
            failed.push(bill.name.clone());
        }
    }
    failed
}
