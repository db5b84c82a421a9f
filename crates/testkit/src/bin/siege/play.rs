//! One act: a server, honest people at peace, the same people under attack, and what it cost.

use std::error::Error;
use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::path::Path;
use std::time::Duration;

use heliogram_crypto::rsa::PublicKey;
use heliogram_testkit::outside::{Cloud, Gauge, busy, resident};
use tokio::runtime::{Builder, Runtime};
use tokio::time::Instant;

use crate::acts::Act;
use crate::bot::Bot;
use crate::field::{Field, Ground, HOSTILE_BOT, Tally};
use crate::report::{Honest, Report};
use crate::town::{Codes, Gate, Town};

/// Honest people, in pairs.
const PEOPLE: usize = 8;
/// How often each of them says something.
const PAUSE: Duration = Duration::from_millis(400);
/// The same where a person may write once a second, and sixty times at once.
const PATIENT_PAUSE: Duration = Duration::from_millis(800);
/// How long everybody may take to hear what was said.
const PATIENCE: Duration = Duration::from_secs(20);

/// Plays one act.
///
/// # Errors
/// If there is no server, or honest people cannot even begin.
pub(crate) fn play(act: &Act, heliogram: &Path, lasts: Duration) -> Result<Report, Box<dyn Error>> {
    let scratch = tempfile::tempdir()?;
    let codes = Codes::prepare(scratch.path())?;
    let (hook, proxy) = (codes.hook().display().to_string(), free_address()?);
    let proxy_text = proxy.to_string();
    let mut flags = vec!["--code-hook", &hook];
    flags.extend(["--mtproxy-secret", PROXY_SECRET, "--mtproxy-listen", &proxy_text]);
    flags.extend(act.flags);
    let cloud = Cloud::start(heliogram, &flags)?;
    let stage = Stage {
        act,
        cloud: &cloud,
        honest: Builder::new_multi_thread().worker_threads(2).enable_all().build()?,
        hostile: Builder::new_multi_thread().worker_threads(1).enable_all().build()?,
    };
    let mut report = stage.play(heliogram, &codes, proxy, lasts)?;
    report.complaints = cloud.complaints()?;
    stage.hostile.shutdown_background();
    stage.honest.shutdown_background();
    Ok(report)
}

/// Two processes' worth of threads: honest people do not wait for attackers on this side.
struct Stage<'a> {
    act: &'a Act,
    cloud: &'a Cloud,
    honest: Runtime,
    hostile: Runtime,
}

impl Stage<'_> {
    fn play(
        &self,
        heliogram: &Path,
        codes: &Codes,
        proxy: SocketAddr,
        lasts: Duration,
    ) -> Result<Report, Box<dyn Error>> {
        let (cloud, key) = (self.cloud, self.cloud.key()?);
        let pause = if self.act.flags.contains(&"--production") { PATIENT_PAUSE } else { PAUSE };
        let gate = Gate { address: cloud.address(), key, codes };
        let mut town = self.honest.block_on(Town::found(PEOPLE, &gate))?;
        let owner = town.name(0).0;
        let mut bot = Bot::make(heliogram, cloud.data(), "honest_bot", &owner)?;
        let leaked = Bot::make(heliogram, cloud.data(), HOSTILE_BOT, &owner)?.token;
        self.honest.block_on(async {
            town.talk(pause).await?;
            bot.talk(cloud.bot_api(), town.person(0), pause * 2).await
        })?;
        // The first messages find caches empty.
        std::thread::sleep(WARM_UP);
        town.ledger.turn_over();
        bot.ledger.turn_over();
        std::thread::sleep(CALM);
        let calm = (town.ledger.turn_over(), bot.ledger.turn_over());

        let before = resident(cloud.id())?;
        let gauge = self.honest.block_on(async { Gauge::watch(cloud.id()) });
        let (busy_before, began) = (busy(cloud.id())?, Instant::now());
        let field = self.field(proxy, key, leaked, town.name(1), began + lasts);
        let fate = self.hostile.block_on((self.act.play)(field.clone()));
        let (lasted, busy_after) = (began.elapsed(), busy(cloud.id())?);
        let attacked = (town.ledger.turn_over(), bot.ledger.turn_over());

        let lost = self.honest.block_on(async {
            (town.fall_silent(PATIENCE).await, bot.fall_silent(PATIENCE).await)
        });
        std::thread::sleep(RECOVERY);
        let people = Honest {
            calm: calm.0,
            attacked: attacked.0,
            lost: lost.0,
            refused: town.ledger.refused(),
        };
        let bots = Honest {
            calm: calm.1,
            attacked: attacked.1,
            lost: lost.1,
            refused: bot.ledger.refused(),
        };
        Ok(Report {
            name: self.act.name,
            what: self.act.what,
            memory_max: self.act.memory_mb,
            fate: fate.err().map(|error| error.to_string()),
            attempts: field.tally.attempts(),
            got: field.tally.all(),
            lasted,
            memory: [before, gauge.peak(), resident(cloud.id())?],
            cores: busy_after.saturating_sub(busy_before).as_secs_f64() / lasted.as_secs_f64(),
            people,
            bots,
            complaints: Vec::new(),
        })
    }

    /// Where attackers meet the server, and what they know of it.
    fn field(
        &self,
        proxy: SocketAddr,
        key: PublicKey,
        token: String,
        victim: (String, String),
        until: Instant,
    ) -> Field {
        Field::new(Ground {
            address: self.cloud.address(),
            proxy,
            bot_api: self.cloud.bot_api(),
            key,
            data: self.cloud.data().to_owned(),
            token,
            victim,
            tally: Tally::default(),
            until,
        })
    }
}

/// An address that was free a moment ago.
fn free_address() -> std::io::Result<SocketAddr> {
    TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?.local_addr()
}

/// Fake TLS for site.example.
const PROXY_SECRET: &str = "ee00112233445566778899aabbccddeeff736974652e6578616d706c65";
/// How long caches may take to fill.
const WARM_UP: Duration = Duration::from_secs(1);
/// How long peace lasts.
const CALM: Duration = Duration::from_secs(4);
/// How long the server may take to let go of what the act has left.
const RECOVERY: Duration = Duration::from_secs(1);
