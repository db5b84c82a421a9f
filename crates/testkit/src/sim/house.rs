//! The machine that the data centre and the Bot API server run on: started, killed, started again.

use std::io;
use std::net::{IpAddr, Ipv4Addr};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

use heliogram_botapi::{Bots, Options, Upstream};
use heliogram_client::Client;
use heliogram_crypto::rsa::{PrivateKey, PublicKey};
use heliogram_dc::{CodeDelivery, Config, Foundations, Limits, Mode, Server, Worker, Workers};
use heliogram_ids::DcId;
use heliogram_net::{Clock, Entropy, PeerInfo};
use heliogram_store::blobs::DiskBlobs;
use heliogram_store::{Limits as StoreLimits, Options as StoreOptions, Store, WriterMode};
use parking_lot::Mutex;
use tokio::sync::watch;
use tokio::task::JoinHandle;

use super::dice::{Dice, seed_of};
use super::disk::{Disk, FrailBlobs, Ground, Outage, SimEngine};
use super::net::{Cable, Owner, Sky};
use super::trace::Trace;

/// A machine, with its disk and its connections to the world.
pub(super) struct House {
    seed: u64,
    key: PrivateKey,
    limits: Limits,
    clock: Clock,
    trace: Trace,
    pub(super) sky: Arc<Sky>,
    pub(super) disk: Disk,
    pub(super) ground: Mutex<Ground>,
    /// There is no room for files.
    pub(super) full: Arc<AtomicBool>,
    dice: Mutex<Dice>,
    running: Mutex<Option<Running>>,
    life: AtomicU64,
    up: watch::Sender<bool>,
    faults: Mutex<Vec<String>>,
    crashes: AtomicU64,
    /// Something has gone wrong with the disk, or may have.
    troubled: AtomicBool,
}

/// One life of the process.
struct Running {
    server: Arc<Server>,
    bots: Arc<Bots>,
    tasks: Vec<JoinHandle<()>>,
}

/// What a machine is made of.
pub(super) struct Blueprint {
    pub(super) seed: u64,
    pub(super) key: PrivateKey,
    pub(super) limits: Limits,
    pub(super) clock: Clock,
    pub(super) trace: Trace,
    pub(super) sky: Arc<Sky>,
    pub(super) disk: Disk,
    pub(super) ground: Ground,
}

impl House {
    pub(super) fn build(plan: Blueprint) -> Arc<Self> {
        let Blueprint { seed, key, limits, clock, trace, sky, disk, ground } = plan;
        Arc::new(Self {
            seed,
            key,
            limits,
            clock,
            trace,
            sky,
            disk,
            ground: Mutex::new(ground),
            full: Arc::default(),
            dice: Mutex::new(Dice::new(seed, "house", 0)),
            running: Mutex::new(None),
            life: AtomicU64::new(0),
            up: watch::Sender::new(false),
            faults: Mutex::default(),
            crashes: AtomicU64::new(0),
            troubled: AtomicBool::new(false),
        })
    }

    /// The key by which clients know the data centre.
    pub(super) fn key(&self) -> PublicKey {
        self.key.public()
    }

    /// The data centre, while it is up.
    pub(super) fn server(&self) -> Option<Arc<Server>> {
        self.running.lock().as_ref().map(|running| Arc::clone(&running.server))
    }

    /// What went wrong with the machine itself.
    pub(super) fn faults(&self) -> Vec<String> {
        self.faults.lock().clone()
    }

    /// How often it went down.
    pub(super) fn crashes(&self) -> u64 {
        self.crashes.load(Ordering::Relaxed)
    }

    /// From now on the server may say that its disk fails.
    pub(super) fn trouble(&self) {
        self.troubled.store(true, Ordering::Relaxed);
    }

    /// Whether the server had reason to complain.
    pub(super) fn is_troubled(&self) -> bool {
        self.troubled.load(Ordering::Relaxed)
    }

    /// Waits until it is up.
    pub(super) async fn wait_until_up(&self) {
        // The sender lives as long as the house.
        let _ = self.up.subscribe().wait_for(|up| *up).await;
    }

    /// Starts the process.
    ///
    /// # Errors
    /// In words, if it does not start.
    pub(super) fn open(self: &Arc<Self>) -> Result<(), String> {
        let life = self.life.fetch_add(1, Ordering::Relaxed);
        let entropy = Entropy::seeded(seed_of(self.seed, "server", life));
        let server = Arc::new(self.open_server(entropy.clone())?);
        let bots = self.open_bots(&server, entropy).map_err(|error| error.to_string())?;
        self.trace.note("open", life, &[]);
        let mut tasks: Vec<_> = Worker::ALL
            .map(|worker| tokio::spawn(Arc::clone(self).work(worker, Arc::clone(&server), life)))
            .into();
        let keeper = Arc::clone(&server);
        tasks.push(tokio::spawn(async move { keeper.housekeeping().await }));
        *self.running.lock() = Some(Running { server, bots, tasks });
        self.up.send_replace(true);
        Ok(())
    }

    fn open_server(&self, entropy: Entropy) -> Result<Server, String> {
        let mut ground = self.ground.lock();
        let engine = SimEngine::open(&self.disk).map_err(|error| error.to_string())?;
        let options = StoreOptions { writer: WriterMode::ByHand, ..Foundations::STORE };
        let store = Store::open(Box::new(engine), Some(ground.watermark()), &options)
            .map_err(|error| error.to_string())?;
        ground.note_opened().map_err(|error| error.to_string())?;
        let blobs = DiskBlobs::open(ground.blobs(), StoreLimits::DEFAULT)
            .map_err(|error| error.to_string())?;
        let blobs = Box::new(FrailBlobs::new(blobs, Arc::clone(&self.full)));
        let (key, clock, workers) = (self.key.clone(), self.clock.clone(), Workers::ByHand);
        let foundations = Foundations { store, blobs, key, clock, entropy, workers };
        Server::on(foundations, config(self.limits)).map_err(|error| error.to_string())
    }

    /// The Bot API server of the same process, a client of it over a pipe.
    fn open_bots(&self, server: &Arc<Server>, entropy: Entropy) -> io::Result<Arc<Bots>> {
        let (server, key) = (Arc::clone(server), self.key());
        let (clock, luck) = (self.clock.clone(), entropy.clone());
        let upstream = Upstream::new(move || {
            let server = Arc::clone(&server);
            let pipe = move || {
                let pipe = server.pipe().map_err(io::Error::other);
                async move { pipe }
            };
            let builder = Client::builder().api(1, "hash").dc(dc_id(), pipe, [key]);
            builder.clock(clock.clone()).entropy(luck.clone()).in_place()
        });
        let dir = self.ground.lock().bots();
        let options = Options {
            temp_dir: dir.join("tmp"),
            upstream: Some(upstream),
            clock: self.clock.clone(),
            entropy,
            ..Options::new(dir)
        };
        Ok(Arc::new(Bots::new(options)?))
    }

    /// Gives one worker its turns, a little late.
    async fn work(self: Arc<Self>, worker: Worker, server: Arc<Server>, life: u64) {
        let mut dice = Dice::new(self.seed, "worker", life * 8 + worker as u64);
        let pause_ms_max = dice.between(0, 12);
        loop {
            server.wanted(worker).await;
            tokio::time::sleep(Duration::from_millis(dice.below(pause_ms_max + 1))).await;
            server.take_turn(worker);
            if let Some(outage) = self.disk.outage() {
                // Before anybody can be told of it.
                self.crash(outage);
                let down_ms = dice.between(100, 8_000);
                tokio::spawn(self.restart(Duration::from_millis(down_ms), Damage::None));
                return;
            }
        }
    }

    /// The process dies, or the machine with it. Does nothing if it is down.
    pub(super) fn crash(&self, outage: Outage) -> bool {
        let Some(running) = self.running.lock().take() else { return false };
        self.up.send_replace(false);
        self.trouble();
        self.crashes.fetch_add(1, Ordering::Relaxed);
        self.trace.note("crash", self.crashes(), format!("{outage:?}").as_bytes());
        self.disk.shut();
        let died = self.ground.lock().die(outage, &mut self.dice.lock());
        if let Err(error) = died {
            self.faults.lock().push(format!("the simulation's own files: {error}"));
        }
        self.sky.kill_servers();
        bury(running);
        true
    }

    /// Starts the process again after a while.
    pub(super) async fn restart(self: Arc<Self>, down: Duration, damage: Damage) {
        tokio::time::sleep(down).await;
        if self.running.lock().is_some() {
            return;
        }
        if damage == Damage::FlippedBit {
            let place = self.disk.flip();
            match self.open() {
                Err(error) if error.contains("acknowledged") => {}
                Err(error) => {
                    self.fault(format!("a flipped bit is refused in other words: {error}"))
                }
                Ok(()) => return self.fault(format!("nobody notices that {place:?} is flipped")),
            }
            self.disk.restore(place);
        }
        if let Err(error) = self.open() {
            self.fault(format!("the server does not start: {error}"));
        }
    }

    fn fault(&self, fault: String) {
        self.faults.lock().push(fault);
    }

    /// A new connection to the data centre.
    ///
    /// # Errors
    /// If nobody is there, or the network refuses.
    pub(super) async fn dial(self: Arc<Self>, owner: Owner) -> io::Result<Cable> {
        self.reach().await?;
        let server = self.server().ok_or_else(refused)?;
        let (near, far) = self.sky.lay(owner);
        let number = match owner {
            Owner::Seat(number) => u8::try_from(number % 200).unwrap_or(0),
            _ => 250,
        };
        let remote = (IpAddr::from([10, 0, 0, number]), 4000).into();
        let local = Some((Ipv4Addr::LOCALHOST, PORT).into());
        let peer = PeerInfo { remote: Some(remote), local, dc: None };
        server.admit(far, peer).map_err(io::Error::other)?;
        Ok(near)
    }

    /// A new connection to the Bot API server.
    ///
    /// # Errors
    /// If nobody is there, or the network refuses.
    pub(super) async fn dial_bot_api(self: Arc<Self>) -> io::Result<Cable> {
        self.reach().await?;
        let bots = self.running.lock().as_ref().map(|running| Arc::clone(&running.bots));
        let bots = bots.ok_or_else(refused)?;
        let (near, far) = self.sky.lay(Owner::Bot);
        tokio::spawn(heliogram_botapi::serve_connection(far, Ipv4Addr::LOCALHOST.into(), bots));
        Ok(near)
    }

    async fn reach(&self) -> io::Result<()> {
        let (delay, comes_about) = self.sky.dial();
        tokio::time::sleep(delay).await;
        if comes_about { Ok(()) } else { Err(refused()) }
    }

    /// The end of the world: everything is let go of.
    pub(super) fn demolish(&self) {
        if let Some(running) = self.running.lock().take() {
            self.disk.shut();
            self.sky.kill_servers();
            bury(running);
        }
    }
}

/// What is found at a restart.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Damage {
    /// Nothing.
    None,
    /// One bit of the journal has changed.
    FlippedBit,
}

/// Lets go of a dead process: what waits in it would hold it for ever. Nothing that is done here
/// reaches a disk or a connection.
fn bury(running: Running) {
    running.tasks.iter().for_each(JoinHandle::abort);
    while Worker::ALL.iter().map(|worker| running.server.take_turn(*worker)).sum::<usize>() > 0 {}
    let bots = running.bots;
    tokio::spawn(async move { bots.stop().await });
}

fn refused() -> io::Error {
    io::ErrorKind::ConnectionRefused.into()
}

fn config(limits: Limits) -> Config {
    Config {
        dc_id: dc_id(),
        further: Vec::new(),
        mode: Mode::Development,
        addresses: vec![(Ipv4Addr::LOCALHOST, PORT).into()],
        code_delivery: CodeDelivery::LogOnly,
        limits,
    }
}

const PORT: u16 = 7700;

/// The data centre's number.
pub(super) fn dc_id() -> DcId {
    DcId::new(2).expect("two is a data centre")
}
