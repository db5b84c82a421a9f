//! The `sim` task: worlds in which everything fails that may, each repeated by its seed. The test kit
//! has the worlds; here they are built and run.

use std::io;
use std::process::Command;

use clap::Args;

use crate::stage;

/// Which worlds; what is not said is the test kit's choice.
#[derive(Args)]
pub(crate) struct Sim {
    /// The one world to run.
    #[arg(long)]
    seed: Option<u64>,
    /// Only these of its steps, as a failure has named them.
    #[arg(long, requires = "seed")]
    steps: Option<String>,
    /// Show everything that happens in it.
    #[arg(long, requires = "seed")]
    trace: bool,
    /// How many worlds to run.
    #[arg(long)]
    seeds: Option<u64>,
    /// The first of their seeds.
    #[arg(long)]
    from: Option<u64>,
    /// How many at once; as many as there are processors, if it is not said.
    #[arg(long)]
    jobs: Option<usize>,
    /// Do not look for the fewest steps that still fail.
    #[arg(long)]
    no_shrink: bool,
    /// Builds them for speed.
    #[arg(long)]
    release: bool,
}

/// Runs them.
///
/// # Errors
/// If they do not build, or one of them fails.
pub(crate) fn run(sim: &Sim) -> io::Result<()> {
    let mut command = Command::new(stage::build_binary("heliogram-testkit", "sim", sim.release)?);
    command.args(
        [("--trace", sim.trace), ("--no-shrink", sim.no_shrink)]
            .iter()
            .filter_map(|(flag, is_set)| is_set.then_some(*flag)),
    );
    let flags = [
        ("--seed", stage::text(sim.seed)),
        ("--steps", sim.steps.clone()),
        ("--seeds", stage::text(sim.seeds)),
        ("--from", stage::text(sim.from)),
        ("--jobs", stage::text(sim.jobs)),
    ];
    stage::run_with(command, flags)
}
