//! A storm over a `heliogram up` of its own: `cargo xtask storm`.

// A storm waits for another process and measures it; nothing here is replayed.
#![allow(clippy::disallowed_methods)]

use std::error::Error;
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::{Duration, Instant};

use clap::Parser;
use heliogram_client::{Client, Connector as _, TcpConnector};
use heliogram_ids::DcId;
use heliogram_testkit::outside::{Cloud, Gauge, exit_code, resident};
use heliogram_testkit::storm::{Plan, Sky, Storm, Verdict};

/// Many sessions whose connections are cut at random while their people write to each other.
#[derive(Parser)]
struct Arguments {
    /// The binary that is exposed to it.
    #[arg(long)]
    heliogram: PathBuf,
    /// Sessions, five of each person.
    #[arg(long, default_value_t = 1000)]
    connections: usize,
    /// How long it rages.
    #[arg(long, default_value_t = 60)]
    seconds: u64,
    /// Messages a second, of everybody together.
    #[arg(long, default_value_t = 200)]
    rate: u32,
    /// How many seconds a connection lives on average.
    #[arg(long, default_value_t = 8)]
    life: u64,
    /// How many seconds to look at the server's memory after everybody has left; sessions are
    /// kept for ten minutes.
    #[arg(long, default_value_t = 5)]
    linger: u64,
    /// Storms, one after the other, over the same server: what it keeps of the first, it should
    /// not keep again of the second.
    #[arg(long, default_value_t = 1)]
    waves: usize,
    /// Where chance comes from.
    #[arg(long, default_value_t = 1)]
    seed: u64,
}

const SESSIONS_EACH: usize = 5;

#[tokio::main]
async fn main() -> ExitCode {
    exit_code(run(Arguments::parse()).await)
}

async fn run(arguments: Arguments) -> Result<bool, Box<dyn Error>> {
    let cloud = Cloud::start(&arguments.heliogram, &[])?;
    let mut is_good = true;
    for wave in 0..arguments.waves {
        let plan = plan(&arguments, wave);
        let (seconds, sessions) = (arguments.seconds, plan.sessions());
        println!("storm of {seconds} s over {sessions} sessions, seed {}", plan.seed);
        let verdict = expose(plan, &cloud, arguments.linger).await?;
        println!("{verdict}");
        is_good &= verdict.is_good();
    }
    let complaints = cloud.complaints()?;
    for line in &complaints {
        println!("server: {line}");
    }
    Ok(is_good && complaints.is_empty())
}

fn plan(arguments: &Arguments, wave: usize) -> Plan {
    let people = arguments.connections.div_ceil(SESSIONS_EACH).max(3);
    let sessions = (people * SESSIONS_EACH) as f64;
    Plan {
        people,
        first: wave * people,
        sessions_each: SESSIONS_EACH,
        rages: Duration::from_secs(arguments.seconds),
        life: Duration::from_secs(arguments.life),
        pause: Duration::from_secs_f64(sessions / f64::from(arguments.rate.max(1))),
        patience: Duration::from_secs(180),
        seed: arguments.seed + wave as u64,
    }
}

/// Everything from the first login to the last farewell, with the server's memory on the way.
async fn expose(plan: Plan, cloud: &Cloud, linger: u64) -> Result<Verdict, Box<dyn Error>> {
    let (gauge, empty) = (Gauge::watch(cloud.id()), resident(cloud.id())?);
    let key = cloud.key()?;
    let dc = DcId::new(2).ok_or("no such data centre")?;
    let began = Instant::now();
    let mut storm = Storm::gather(plan, Sky::new(plan.seed, plan.life), |sky| {
        let (tcp, sky) = (TcpConnector::new(cloud.address().to_string()), Arc::clone(sky));
        let connector = move || {
            let connecting = tcp.connect();
            let sky = Arc::clone(&sky);
            async move { Ok(sky.expose(connecting.await?)) }
        };
        Client::builder().api(1, "hash").dc(dc, connector, [key])
    })
    .await;
    println!("everybody is there after {:.1} s", began.elapsed().as_secs_f64());
    let before = resident(cloud.id())?;
    storm.rage().await;
    let verdict = storm.settle().await;
    let after = resident(cloud.id())?;
    storm.disperse().await;
    tokio::time::sleep(Duration::from_secs(linger)).await;
    let left = resident(cloud.id())?;
    println!(
        "server's MB  {empty} empty, {before} before, {} at most, {after} after, {left} {linger} s \
         after everybody left",
        gauge.peak()
    );
    Ok(verdict)
}
