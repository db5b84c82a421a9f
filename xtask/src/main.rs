//! The project's own tasks.

// Tasks wait for other programs and measure them; nothing here is replayed.
#![allow(clippy::disallowed_methods)]

mod bench;
mod botapi;
mod cargo;
mod crash;
mod fuzz;
mod interop;
mod limits;
mod methods;
mod schema;
mod siege;
mod sim;
mod soak;
mod stage;
mod storm;
mod test;
mod tidy;

use std::env;
use std::io;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Parser, Subcommand};

/// The project's own tasks.
#[derive(Parser)]
#[command(name = "xtask")]
struct Cli {
    #[command(subcommand)]
    task: Task,
}

#[derive(Subcommand)]
enum Task {
    /// TL schemas: import one, or verify what was imported.
    #[command(subcommand)]
    Schema(schema::Task),
    /// Everything that has to hold before a change is good.
    Test {
        /// One check, stranger or run: clippy, interop, telethon, telethon/crash,
        /// telethon/scenario/ipv6, everyone/home.
        #[arg(long)]
        only: Option<String>,
        /// A heliogram that strangers meet instead of the one that is built for them.
        #[arg(long)]
        binary: Option<PathBuf>,
    },
    /// Checks the house rules that no compiler knows.
    Tidy,
    /// How much of the API is answered, by namespace.
    Methods {
        /// The Bot API instead.
        #[arg(long)]
        bot_api: bool,
        /// One by one, as a JSON object.
        #[arg(long)]
        json: bool,
    },
    /// Ours beside the peers and the limits of this machine, as ratios.
    Bench(bench::Bench),
    /// Worlds in one thread each, where network, disk and server fail by a seed.
    Sim(sim::Sim),
    /// Fuzzes whatever comes from outside, guided by coverage.
    Fuzz(fuzz::Fuzz),
    /// A thousand sessions whose connections are cut at random while their people talk.
    Storm(storm::Storm),
    /// Hours of one server: thousands of idle connections, then busy people beside them.
    Soak(soak::Soak),
    /// A server that is killed again and again under load, always over one directory.
    Crash(crash::Crash),
    /// One hostile act after another against a server, while honest people talk.
    Siege(siege::Siege),
    /// Reads the Bot API description out of an unpacked package.
    BotImport {
        /// The package's folder.
        package: PathBuf,
    },
    /// Rewrites the generated files of the botapi crate.
    BotGenerate,
    /// Rewrites the tables of docs/limits.md from the code.
    Limits,
    /// Rewrites the tables of interop/README.md from the manifests.
    Strangers,
}

fn main() -> ExitCode {
    match run(Cli::parse().task) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}

fn run(task: Task) -> io::Result<()> {
    match task {
        Task::Schema(task) => schema::run(task),
        Task::Test { only, binary } => test::run(only.as_deref(), binary),
        Task::Tidy => tidy::run(),
        Task::Methods { bot_api, json } => methods::run(bot_api, json),
        Task::Bench(bench) => bench::run(&bench),
        Task::Sim(sim) => sim::run(&sim),
        Task::Fuzz(fuzz) => fuzz::run(&fuzz),
        Task::Storm(storm) => storm::run(&storm),
        Task::Soak(soak) => soak::run(&soak),
        Task::Crash(crash) => crash::run(&crash),
        Task::Siege(siege) => siege::run(&siege),
        Task::BotImport { package } => botapi::import(&package),
        Task::BotGenerate => botapi::generate(),
        Task::Limits => limits::rewrite(),
        Task::Strangers => interop::rewrite(),
    }
}

/// The folder of the workspace: the one that cargo was called in, if it runs us. Two checkouts that
/// share a target directory share this program, too, and it was built for one of them.
fn workspace() -> PathBuf {
    let package = env::var_os("CARGO_MANIFEST_DIR").map(PathBuf::from);
    package.unwrap_or_else(|| env!("CARGO_MANIFEST_DIR").into()).join("..")
}
