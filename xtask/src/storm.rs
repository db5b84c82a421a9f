//! The `storm` task: a server of its own and a thousand sessions, in processes of their own. The
//! test kit has the storm; here it is built and let loose.

use std::io;
use std::path::PathBuf;
use std::process::Command;

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
    let tool = stage::build_binary("heliogram-testkit", "storm", storm.release)?;
    let heliogram = match &storm.binary {
        Some(binary) => binary.clone(),
        None => stage::build_binary("heliogram", "heliogram", storm.release)?,
    };
    let mut command = Command::new(tool);
    command.arg("--heliogram").arg(heliogram);
    for (flag, value) in [
        ("--connections", storm.connections.map(|value| value.to_string())),
        ("--seconds", storm.seconds.map(|value| value.to_string())),
        ("--rate", storm.rate.map(|value| value.to_string())),
        ("--life", storm.life.map(|value| value.to_string())),
        ("--linger", storm.linger.map(|value| value.to_string())),
        ("--waves", storm.waves.map(|value| value.to_string())),
        ("--seed", storm.seed.map(|value| value.to_string())),
    ] {
        if let Some(value) = value {
            command.args([flag, &value]);
        }
    }
    let status = command.status()?;
    if status.success() { Ok(()) } else { Err(io::Error::other(format!("storm: {status}"))) }
}
