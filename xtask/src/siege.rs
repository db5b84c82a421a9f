//! The `siege` task: servers of its own, one for each hostile act, in processes of their own. The
//! test kit has the acts; here they are built and let loose.

use std::io;
use std::path::PathBuf;

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
    let mut command = stage::exposing("siege", siege.binary.as_deref(), siege.release)?;
    if siege.list {
        command.arg("--list");
    }
    let flags = [("--only", siege.only.clone()), ("--seconds", stage::text(siege.seconds))];
    stage::run_with(command, flags)
}
