//! Hostile acts against a `heliogram up` of its own, while honest people talk: `cargo xtask siege`.

// A siege waits for another process and measures it; nothing here is replayed.
#![allow(clippy::disallowed_methods)]

mod acts;
mod bot;
mod field;
mod ledger;
mod play;
mod raider;
mod report;
mod town;
mod web;

use std::error::Error;
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

use clap::Parser;
use heliogram_testkit::outside::exit_code;

use acts::{ACTS, Act};

/// One hostile act after another, each against a server of its own.
#[derive(Parser)]
struct Arguments {
    /// The binary that is besieged.
    #[arg(long)]
    heliogram: PathBuf,
    /// Only the acts whose names contain this.
    #[arg(long)]
    only: Option<String>,
    /// How long each act lasts.
    #[arg(long, default_value_t = 10)]
    seconds: u64,
    /// Names the acts and does nothing.
    #[arg(long)]
    list: bool,
}

/// Attackers have one thread, so that on a small machine they cannot win by being many.
fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let wanted = |act: &&Act| arguments.only.as_ref().is_none_or(|only| act.name.contains(only));
    let acts: Vec<&Act> = ACTS.iter().filter(wanted).collect();
    if arguments.list {
        acts.iter().for_each(|act| println!("{:<18} {}", act.name, act.what));
        return ExitCode::SUCCESS;
    }
    exit_code(run(&arguments, &acts))
}

fn run(arguments: &Arguments, acts: &[&Act]) -> Result<bool, Box<dyn Error>> {
    if acts.is_empty() {
        return Err("there is no such act; --list names them".into());
    }
    heliogram_net::raise_descriptors();
    let lasts = Duration::from_secs(arguments.seconds);
    let mut bad = Vec::new();
    for act in acts {
        let report = play::play(act, &arguments.heliogram, lasts)?;
        println!("{report}");
        if !report.is_good() {
            bad.push(act.name);
        }
    }
    match bad[..] {
        [] => println!("{} acts, and everybody was served", acts.len()),
        _ => println!("{} acts, of which these did harm: {}", acts.len(), bad.join(", ")),
    }
    Ok(bad.is_empty())
}
