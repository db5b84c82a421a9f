//! The `soak` task: a server of its own for two hours, first with thousands of idle connections and
//! then with busy people beside them. The test kit has the soak; here it is built and let run.

use std::io;
use std::path::PathBuf;
use std::time::{SystemTime, UNIX_EPOCH};

use clap::Args;

use crate::stage;

/// How long and how large; what is not said is the test kit's choice.
#[derive(Args)]
pub(crate) struct Soak {
    /// How long the idle phase lasts.
    #[arg(long)]
    idle_minutes: Option<f64>,
    /// Connections that only keep alive.
    #[arg(long)]
    connections: Option<usize>,
    /// How long the busy phase lasts.
    #[arg(long)]
    busy_minutes: Option<f64>,
    /// People who are busy.
    #[arg(long)]
    clients: Option<usize>,
    /// What they do in a second, all together.
    #[arg(long)]
    rate: Option<f64>,
    /// Bots that poll and answer.
    #[arg(long)]
    bots: Option<usize>,
    /// Bytes of memory by which the server may grow for each message.
    #[arg(long)]
    growth_max: Option<f64>,
    /// Where chance comes from.
    #[arg(long)]
    seed: Option<u64>,
    /// The server that is looked at, instead of one that is built.
    #[arg(long)]
    binary: Option<PathBuf>,
    /// Builds without optimisation: to try the soak itself.
    #[arg(long)]
    debug: bool,
}

/// Lets it run.
///
/// # Errors
/// If something does not build, or is not as it was in the end.
pub(crate) fn run(soak: &Soak) -> io::Result<()> {
    let target = stage::target_folder()?;
    let began = SystemTime::now().duration_since(UNIX_EPOCH).map_err(io::Error::other)?;
    let out = target.join(format!("soak/{}.jsonl", began.as_secs()));
    let mut command = stage::exposing("soak", soak.binary.as_deref(), !soak.debug)?;
    command.arg("--out").arg(out);
    let flags = [
        ("--idle-minutes", stage::text(soak.idle_minutes)),
        ("--connections", stage::text(soak.connections)),
        ("--busy-minutes", stage::text(soak.busy_minutes)),
        ("--clients", stage::text(soak.clients)),
        ("--rate", stage::text(soak.rate)),
        ("--bots", stage::text(soak.bots)),
        ("--growth-max", stage::text(soak.growth_max)),
        ("--seed", stage::text(soak.seed)),
    ];
    stage::run_with(command, flags)
}
