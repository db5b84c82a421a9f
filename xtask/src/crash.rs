//! The `crash` task: a server of its own that is killed again and again under load. The test kit
//! has the load and the questions; here both sides are built and let loose.

use std::io;
use std::path::PathBuf;

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
    let command = stage::exposing("crash", crash.binary.as_deref(), crash.release)?;
    let flags = [
        ("--kills", stage::text(crash.kills)),
        ("--people", stage::text(crash.people)),
        ("--load", stage::text(crash.load)),
        ("--whole-every", stage::text(crash.whole_every)),
        ("--seed", stage::text(crash.seed)),
    ];
    stage::run_with(command, flags)
}
