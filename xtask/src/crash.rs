//! The `crash` task: a server of its own that is killed again and again under load. The test kit
//! has the load and the questions; here both sides are built and let loose.

use std::io;
use std::path::PathBuf;
use std::process::Command;

use clap::Args;

use crate::stage;

/// How often it crashes; what is not said is the test kit's choice.
#[derive(Args)]
pub(crate) struct Crash {
    /// How often the server is killed.
    #[arg(long)]
    kills: Option<usize>,
    /// People; each has two sessions.
    #[arg(long)]
    people: Option<usize>,
    /// The longest time from a start to the kill, in milliseconds.
    #[arg(long)]
    load: Option<u64>,
    /// After how many kills everything that was ever said is looked at.
    #[arg(long)]
    whole_every: Option<usize>,
    /// Where chance comes from.
    #[arg(long)]
    seed: Option<u64>,
    /// The server that is killed, instead of one that is built.
    #[arg(long)]
    binary: Option<PathBuf>,
    /// Builds both sides for speed.
    #[arg(long)]
    release: bool,
}

/// Lets it loose.
///
/// # Errors
/// If something does not build, or is lost by a kill.
pub(crate) fn run(crash: &Crash) -> io::Result<()> {
    let tool = stage::build_binary("heliogram-testkit", "crash", crash.release)?;
    let heliogram = match &crash.binary {
        Some(binary) => binary.clone(),
        None => stage::build_binary("heliogram", "heliogram", crash.release)?,
    };
    let mut command = Command::new(tool);
    command.arg("--heliogram").arg(heliogram);
    for (flag, value) in [
        ("--kills", crash.kills.map(|value| value.to_string())),
        ("--people", crash.people.map(|value| value.to_string())),
        ("--load", crash.load.map(|value| value.to_string())),
        ("--whole-every", crash.whole_every.map(|value| value.to_string())),
        ("--seed", crash.seed.map(|value| value.to_string())),
    ] {
        if let Some(value) = value {
            command.args([flag, &value]);
        }
    }
    let status = command.status()?;
    if status.success() { Ok(()) } else { Err(io::Error::other(format!("crash: {status}"))) }
}
