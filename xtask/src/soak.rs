//! The `soak` task: a server of its own for two hours, first with thousands of idle connections and
//! then with busy people beside them. The test kit has the soak; here it is built and let run.

use std::io;
use std::path::PathBuf;
use std::process::Command;
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
    let tool = stage::build_binary("heliogram-testkit", "soak", !soak.debug)?;
    let heliogram = match &soak.binary {
        Some(binary) => binary.clone(),
        None => stage::build_binary("heliogram", "heliogram", !soak.debug)?,
    };
    let began = SystemTime::now().duration_since(UNIX_EPOCH).map_err(io::Error::other)?;
    let out = target.join(format!("soak/{}.jsonl", began.as_secs()));
    let mut command = Command::new(tool);
    command.arg("--heliogram").arg(heliogram).arg("--out").arg(out);
    for (flag, value) in [
        ("--idle-minutes", soak.idle_minutes.map(|value| value.to_string())),
        ("--connections", soak.connections.map(|value| value.to_string())),
        ("--busy-minutes", soak.busy_minutes.map(|value| value.to_string())),
        ("--clients", soak.clients.map(|value| value.to_string())),
        ("--rate", soak.rate.map(|value| value.to_string())),
        ("--bots", soak.bots.map(|value| value.to_string())),
        ("--growth-max", soak.growth_max.map(|value| value.to_string())),
        ("--seed", soak.seed.map(|value| value.to_string())),
    ] {
        if let Some(value) = value {
            command.args([flag, &value]);
        }
    }
    let status = command.status()?;
    if status.success() { Ok(()) } else { Err(io::Error::other(format!("soak: {status}"))) }
}
