//! What came out of all runs: a line for each, the calls that were made, and the table.

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::time::Duration;

use super::job::Job;
use super::play::Tally;
use super::record::Record;
use super::scenario::{Performance, Verdict};
use super::stage::Stage;
use super::table;

/// What came out of one run.
pub(super) struct Bill {
    pub(super) job: Job,
    pub(super) outcome: io::Result<Outcome>,
    pub(super) took: Duration,
}

/// The steps of a run.
#[derive(Debug)]
pub(super) enum Outcome {
    Script(Tally),
    Scenario(Performance),
}

impl Outcome {
    /// Whether something was tried and nothing went wrong.
    pub(super) fn is_good(&self) -> bool {
        self.tally().is_good()
    }

    /// How many steps went which way.
    fn tally(&self) -> Tally {
        match self {
            Self::Script(tally) => *tally,
            Self::Scenario(performance) => {
                let count = |wanted: fn(&Verdict) -> bool| {
                    performance.outcomes.iter().filter(|each| wanted(&each.verdict)).count()
                };
                let passed = count(|verdict| *verdict == Verdict::Passed);
                Tally { passed, failed: count(Verdict::is_bad) }
            }
        }
    }
}

/// Prints and writes down everything, and returns the names of the runs that failed.
///
/// # Errors
/// If something cannot be written.
pub(super) fn settle(stage: &Stage, bills: &[Bill]) -> io::Result<Vec<String>> {
    write_calls(stage, bills)?;
    let played: Vec<table::Column<'_>> = bills.iter().filter_map(column).collect();
    let weathered: Vec<table::Column<'_>> = bills.iter().filter_map(weathered).collect();
    let home = bills.iter().find_map(home);
    if !(played.is_empty() && weathered.is_empty()) || home.is_some() {
        let table = table::draw(&played, &weathered, home);
        println!("== who plays what\n{table}");
        fs::write(stage.folder.join("table.md"), table)?;
    }
    println!("== strangers");
    let mut failed = Vec::new();
    for bill in bills {
        let verdict = match &bill.outcome {
            Ok(outcome) => {
                let Tally { passed, failed } = outcome.tally();
                format!("{passed} passed, {failed} failed")
            }
            Err(error) => error.to_string(),
        };
        println!("{:45} {verdict}, {} s", bill.job.name(), bill.took.as_secs());
        if !bill.outcome.as_ref().is_ok_and(Outcome::is_good) {
            failed.push(bill.job.name());
        }
    }
    Ok(failed)
}

fn column(bill: &Bill) -> Option<table::Column<'_>> {
    match (&bill.job, &bill.outcome) {
        (Job::Scenario(stranger, transport), Ok(Outcome::Scenario(performance))) => {
            Some(table::Column { stranger, transport: *transport, performance })
        }
        _ => None,
    }
}

fn weathered(bill: &Bill) -> Option<table::Column<'_>> {
    match (&bill.job, &bill.outcome) {
        (Job::Weather(stranger), Ok(Outcome::Scenario(performance))) => {
            let transport = *stranger.transports().first()?;
            Some(table::Column { stranger, transport, performance })
        }
        _ => None,
    }
}

fn home(bill: &Bill) -> Option<&Performance> {
    match (&bill.job, &bill.outcome) {
        (Job::Home(_), Ok(Outcome::Scenario(performance))) => Some(performance),
        _ => None,
    }
}

/// `calls.txt` of every stranger: what its sessions called in all plays of this run.
fn write_calls(stage: &Stage, bills: &[Bill]) -> io::Result<()> {
    let mut records: BTreeMap<&str, Record> = BTreeMap::new();
    for played in bills.iter().filter_map(column) {
        let record = records.entry(&played.stranger.name).or_default();
        record.extend(played.performance.record.clone());
    }
    for (stranger, record) in records {
        fs::write(stage.folder.join(stranger).join("calls.txt"), record.summary())?;
    }
    Ok(())
}
