//! The `siege` task: servers of its own, one for each hostile act, in processes of their own. The
//! test kit has the acts; here they are built and let loose.

use std::io;
use std::path::PathBuf;
use std::process::Command;

use clap::Args;

use crate::stage;

/// Which acts, and for how long.
#[derive(Args)]
pub(crate) struct Siege {
    /// Only the acts whose names contain this.
    #[arg(long)]
    only: Option<String>,
    /// How long each act lasts.
    #[arg(long)]
    seconds: Option<u64>,
    /// Names the acts and does nothing.
    #[arg(long)]
    list: bool,
    /// The server that is besieged, instead of one that is built.
    #[arg(long)]
    binary: Option<PathBuf>,
    /// Builds both sides for speed.
    #[arg(long)]
    release: bool,
}

/// Lets them loose.
///
/// # Errors
/// If something does not build, or an act does harm.
pub(crate) fn run(siege: &Siege) -> io::Result<()> {
    let tool = stage::build_binary("heliogram-testkit", "siege", siege.release)?;
    let heliogram = match &siege.binary {
        Some(binary) => binary.clone(),
        None => stage::build_binary("heliogram", "heliogram", siege.release)?,
    };
    let mut command = Command::new(tool);
    command.arg("--heliogram").arg(heliogram);
    if let Some(only) = &siege.only {
        command.args(["--only", only]);
    }
    if let Some(seconds) = siege.seconds {
        command.args(["--seconds", &seconds.to_string()]);
    }
    if siege.list {
        command.arg("--list");
    }
    let status = command.status()?;
    if status.success() { Ok(()) } else { Err(io::Error::other(format!("siege: {status}"))) }
}
