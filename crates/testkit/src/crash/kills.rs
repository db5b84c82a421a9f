//! The loop: load, kill, start, look.

use std::io;
use std::path::Path;
use std::time::Duration;

use heliogram_client::{Client, ClientBuilder, Connector as _, TcpConnector};
use heliogram_crypto::{Random as _, SeededRandom};
use heliogram_ids::DcId;
use heliogram_net::Clock;
use tokio::sync::watch;
use tokio::task::{JoinSet, block_in_place};

use super::Hand;
use super::look::{Scope, look};
use super::plan::{Plan, Report};
use crate::outside::Cloud;
use crate::storm::{self, Sky, Storm};

/// Kills a server on `data` again and again, each time under load.
///
/// Stops at the first kill after which something is missing; the directory is left as it is then.
/// Needs a runtime with several threads.
///
/// # Errors
/// If the server does not start; then with what it said.
pub async fn run(plan: Plan, heliogram: &Path, data: &Path) -> io::Result<Report> {
    let mut cloud = Cloud::start_in(heliogram, data, &[])?;
    let (up, is_up) = watch::channel(true);
    let door = door(&cloud, is_up)?;
    let gathering = Storm::gather(calm(&plan), Sky::new(plan.seed, Duration::MAX), |_| door());
    let seats = gathering.await.into_seats();
    let mut hands: Vec<Hand> = seats.into_iter().map(|seat| Hand::new(seat, plan.seed)).collect();
    let mut rng = SeededRandom::new(plan.seed);
    let mut report = Report::default();
    while report.kills < plan.kills && report.faults.is_empty() {
        let (over, is_over) = watch::channel(false);
        let mut acting = JoinSet::new();
        for hand in hands.drain(..) {
            acting.spawn(hand.act(plan.pause, 0, door.clone(), is_over.clone()));
        }
        tokio::time::sleep(Duration::from_millis(rng.below(plan.load_ms_max))).await;
        let _ = up.send(false);
        let took = block_in_place(|| crash(&mut cloud, &mut rng))?;
        report.starts.push(took);
        let _ = up.send(true);
        let _ = over.send(true);
        let Ok(rested) = tokio::time::timeout(REST_MAX, acting.join_all()).await else {
            report.fault("somebody still waits for an answer");
            break;
        };
        hands = rested;
        hands.sort_by_key(|hand| hand.seat.number);
        report.kills += 1;
        let is_whole = report.kills % plan.whole_every == 0 || report.kills == plan.kills;
        let scope = if is_whole { Scope::Whole } else { Scope::New };
        look(&mut hands, plan.people, scope, &mut report).await;
    }
    hands.iter().for_each(|hand| count(hand, &mut report));
    complaints(&cloud, &mut report)?;
    Ok(report)
}

/// Kills it and starts it again, sometimes with another kill while it starts; says how long the
/// last start took.
fn crash(cloud: &mut Cloud, rng: &mut SeededRandom) -> io::Result<Duration> {
    cloud.kill()?;
    if rng.below(STUMBLES_ONE_IN) == 0 {
        cloud.stumble(Duration::from_millis(rng.below(STUMBLE_MS_MAX)))?;
    }
    let clock = Clock::start();
    let began = clock.now();
    cloud.restart()?;
    Ok(clock.now().saturating_since(began))
}

/// Clients that come in by the server's door, and wait outside while it is down.
fn door(
    cloud: &Cloud,
    is_up: watch::Receiver<bool>,
) -> io::Result<impl Fn() -> ClientBuilder + Clone + Send + Sync + 'static> {
    let key = cloud.key().map_err(|error| io::Error::other(error.to_string()))?;
    let tcp = TcpConnector::new(cloud.address().to_string());
    Ok(move || {
        let (tcp, is_up) = (tcp.clone(), is_up.clone());
        let connector = move || {
            let (tcp, mut is_up) = (tcp.clone(), is_up.clone());
            async move {
                // Whoever does not say so any more has gone, and the server with them.
                let _ = is_up.wait_for(|up| *up).await;
                tcp.connect().await
            }
        };
        let dc = DcId::new(2).expect("two is a data centre");
        Client::builder().api(1, "hash").dc(dc, connector, [key])
    })
}

/// The people of a storm, without the storm.
fn calm(plan: &Plan) -> storm::Plan {
    storm::Plan {
        people: plan.people,
        first: 0,
        sessions_each: plan.sessions_each,
        rages: Duration::ZERO,
        life: Duration::MAX,
        pause: plan.pause,
        patience: REST_MAX,
        seed: plan.seed,
    }
}

fn count(hand: &Hand, report: &mut Report) {
    report.sent += hand.said.len();
    report.edited += hand.counts.edited;
    report.deleted += hand.counts.deleted;
    report.read += hand.counts.read;
    report.parts += hand.counts.parts;
    report.repeated += hand.counts.repeated;
    report.logins += hand.counts.logins;
}

/// A server that is killed has nothing to complain of: that is what it is made for.
fn complaints(cloud: &Cloud, report: &mut Report) -> io::Result<()> {
    cloud.complaints()?.into_iter().for_each(|line| report.fault(format!("server: {line}")));
    Ok(())
}

/// How long everybody may take to get their last answer after a start.
const REST_MAX: Duration = Duration::from_secs(60);
/// How often the server is killed once more while it starts.
const STUMBLES_ONE_IN: u64 = 8;
const STUMBLE_MS_MAX: u64 = 120;
