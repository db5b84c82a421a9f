//! The `bench` task: builds the benches in their own workspace, so that no other task pays for the
//! peers in it, and runs them. What they print is theirs.

use std::io;

use clap::Args;

use crate::{cargo, stage};

/// What is measured, and for whom.
#[derive(Args)]
pub(crate) struct Bench {
    /// For machines.
    #[arg(long)]
    json: bool,
    /// Targets by their numbers, as P12; all of them if none is named.
    #[arg(long, value_delimiter = ',')]
    only: Vec<String>,
}

/// Prints the table of the targets.
///
/// # Errors
/// If the benches do not build, or if two contestants do not make the same of the same bytes.
pub(crate) fn run(bench: &Bench) -> io::Result<()> {
    // The target folder is shared, so that a build is found again by whoever looks for it.
    let target = stage::target_folder()?.display().to_string();
    let mut arguments = vec!["run", "--release", "--quiet"];
    arguments.extend(["--manifest-path", "benches/Cargo.toml", "--target-dir", &target, "--"]);
    if bench.json {
        arguments.push("--json");
    }
    for target in &bench.only {
        arguments.extend(["--only", target]);
    }
    cargo::run(&arguments)
}
