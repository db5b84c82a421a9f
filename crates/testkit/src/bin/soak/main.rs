//! Hours in the life of a `heliogram up` of its own: `cargo xtask soak`. First thousands of
//! connections that only keep alive, then, beside them, people and bots who are busy. What grows
//! although it should not shows in the end, and so does every message that was lost.

// A soak waits for another process and measures it; nothing here is replayed.
#![allow(clippy::disallowed_methods)]

mod bots;
mod busy;
mod diary;
mod errands;
mod idle;
mod listen;
mod probe;
mod report;
mod said;
mod settle;
mod web;

use std::error::Error;
use std::net::{Ipv4Addr, TcpListener};
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use clap::Parser;
use heliogram_testkit::outside::{Cloud, exit_code};

use bots::Bots;
use busy::Town;
use diary::{Diary, Phase};
use idle::Idlers;
use probe::Probe;
use report::{Bounds, Report};

/// Thousands of idle connections for an hour, and busy people beside them for another.
#[derive(Clone, Debug, Parser)]
struct Arguments {
    /// The binary that is looked at.
    #[arg(long)]
    heliogram: PathBuf,
    /// Where the samples go, one JSON object a line.
    #[arg(long)]
    out: PathBuf,
    /// How long the idle phase lasts.
    #[arg(long, default_value_t = 60.0)]
    idle_minutes: f64,
    /// Connections that only keep alive, each with a key and a session of its own.
    #[arg(long, default_value_t = 5000)]
    connections: usize,
    /// How long the busy phase lasts.
    #[arg(long, default_value_t = 60.0)]
    busy_minutes: f64,
    /// People who are busy, at least three.
    #[arg(long, default_value_t = 200)]
    clients: usize,
    /// What they do in a second, all together.
    #[arg(long, default_value_t = 60.0)]
    rate: f64,
    /// Bots that poll and answer.
    #[arg(long, default_value_t = 3)]
    bots: usize,
    /// Bytes of memory by which the server may grow for each message, in the second half of the
    /// busy phase, beside what its store keeps within bounds.
    #[arg(long, default_value_t = 256.0)]
    growth_max: f64,
    /// Where chance comes from.
    #[arg(long, default_value_t = 1)]
    seed: u64,
}

#[tokio::main]
async fn main() -> ExitCode {
    exit_code(run(Arguments::parse()).await)
}

async fn run(arguments: Arguments) -> Result<bool, Box<dyn Error>> {
    let metrics = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?.local_addr()?;
    let flags = ["--metrics", &metrics.to_string()];
    let cloud = Arc::new(Cloud::start(&arguments.heliogram, &flags)?);
    let diary = Arc::new(Diary::open(&arguments.out)?);
    println!("samples in {}", arguments.out.display());
    let sampler = diary::watch(Arc::clone(&diary), Arc::clone(&cloud), metrics);
    let probe = Probe::start(&cloud, Arc::clone(&diary)).await?;

    let idlers = Idlers::gather(&cloud, arguments.connections).await?;
    println!("{} idle connections are there after {:.0} s", idlers.len(), diary.now_s());
    diary.begin(Phase::Idle);
    tokio::time::sleep(minutes(arguments.idle_minutes)).await;
    diary.begin(Phase::Between);

    let bots = Bots::start(&cloud, &arguments.heliogram, arguments.bots).await?;
    let mut town = Town::gather(&arguments, &cloud, &bots, Arc::clone(&diary)).await?;
    println!("{} busy people are there after {:.0} s", arguments.clients, diary.now_s());
    diary.begin(Phase::Busy);
    town.live(minutes(arguments.busy_minutes)).await;
    diary.begin(Phase::Between);

    let mut outcome = town.settle(&bots).await;
    outcome.faults.extend(probe.stop().await);
    outcome.faults.extend(bots.stop());
    outcome.faults.extend(idlers.lost());
    outcome.faults.extend(cloud.complaints()?.into_iter().map(|line| format!("server: {line}")));
    sampler.abort();
    diary.flush()?;
    let bounds = Bounds { growth_per_message_bytes_max: arguments.growth_max };
    let report = Report::of(&diary, outcome, bounds);
    println!("{report}");
    Ok(report.is_good())
}

fn minutes(minutes: f64) -> Duration {
    Duration::from_secs_f64(minutes * 60.0)
}
