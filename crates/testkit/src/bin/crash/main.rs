//! A server that is killed again and again under load: `cargo xtask crash`.

use std::error::Error;
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

use clap::Parser;
use heliogram_testkit::crash::{self, Plan};
use heliogram_testkit::outside::exit_code;

/// A `heliogram up` that is killed at random moments while people talk, always over one directory.
#[derive(Parser)]
struct Arguments {
    /// The binary that is killed.
    #[arg(long)]
    heliogram: PathBuf,
    /// How often.
    #[arg(long, default_value_t = 100)]
    kills: usize,
    /// People; each has two sessions.
    #[arg(long, default_value_t = 6)]
    people: usize,
    /// The longest time from a start to the kill, in milliseconds.
    #[arg(long, default_value_t = 600)]
    load: u64,
    /// After how many kills everything that was ever said is looked at.
    #[arg(long, default_value_t = 100)]
    whole_every: usize,
    /// Where chance comes from.
    #[arg(long, default_value_t = 1)]
    seed: u64,
}

#[tokio::main]
async fn main() -> ExitCode {
    exit_code(run(Arguments::parse()).await)
}

async fn run(arguments: Arguments) -> Result<bool, Box<dyn Error>> {
    let plan = Plan {
        kills: arguments.kills,
        people: arguments.people.max(3),
        sessions_each: 2,
        load_ms_max: arguments.load.max(1),
        pause: Duration::from_millis(25),
        whole_every: arguments.whole_every.max(1),
        seed: arguments.seed,
    };
    // Kept from the start: whatever ends this, what the server left behind is the evidence.
    let home = tempfile::Builder::new().prefix("heliogram-crash-").tempdir()?.keep();
    println!("{} kills, seed {}, in {}", plan.kills, plan.seed, home.display());
    let report = crash::run(plan, &arguments.heliogram, &home.join("data")).await?;
    println!("{report}");
    if report.is_good() {
        std::fs::remove_dir_all(&home)?;
    } else {
        println!("seed {}; the directory is kept: {}", plan.seed, home.display());
    }
    Ok(report.is_good())
}
