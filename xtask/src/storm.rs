//! The `storm` task: a server of its own and a thousand sessions, in processes of their own. The
//! test kit has the storm; here it is built and let loose.

use std::io;
use std::path::PathBuf;

use clap::Args;

use crate::stage;

/// How large it is; what is not said is the test kit's choice.
#[derive(Args)]
pub(crate) struct Storm {
    /// Sessions, five of each person.
    #[arg(long)]
    connections: Option<usize>,
    /// How long it rages.
    #[arg(long)]
    seconds: Option<u64>,
    /// Messages a second, of everybody together.
    #[arg(long)]
    rate: Option<u32>,
    /// How many seconds a connection lives on average.
    #[arg(long)]
    life: Option<u64>,
    /// How many seconds to look at the server's memory after everybody has left.
    #[arg(long)]
    linger: Option<u64>,
    /// Storms, one after the other, over the same server.
    #[arg(long)]
    waves: Option<u64>,
    /// Where chance comes from.
    #[arg(long)]
    seed: Option<u64>,
    /// The server that is exposed to it, instead of one that is built.
    #[arg(long)]
    binary: Option<PathBuf>,
    /// Builds both sides for speed.
    #[arg(long)]
    release: bool,
}

/// Lets it loose.
///
/// # Errors
/// If something does not build, or does not survive the storm.
pub(crate) fn run(storm: &Storm) -> io::Result<()> {
    let command = stage::exposing("storm", storm.binary.as_deref(), storm.release)?;
    let flags = [
        ("--connections", stage::text(storm.connections)),
        ("--seconds", stage::text(storm.seconds)),
        ("--rate", stage::text(storm.rate)),
        ("--life", stage::text(storm.life)),
        ("--linger", stage::text(storm.linger)),
        ("--waves", stage::text(storm.waves)),
        ("--seed", stage::text(storm.seed)),
    ];
    stage::run_with(command, flags)
}
