//! A running data centre: opened on a directory, reached over sockets and pipes, stopped in order.

use std::path::PathBuf;
use std::sync::{Arc, Weak};
use std::thread::JoinHandle;
use std::time::Duration;

use heliogram_crypto::Random;
use heliogram_crypto::rsa::PrivateKey;
use heliogram_ids::DcId;
use heliogram_mtproto::link::{LinkLimits, ServerConfig};
use heliogram_net::{Clock, Entrance, Entropy, Limits as NetLimits, OsRandom, PeerInfo, Refused};
use heliogram_store::blobs::{BlobError, DiskBlobs, MemoryBlobs};
use heliogram_store::{Blobs, Limits as StoreLimits, Loss, Options, Read as _, Store, StoreError};
use parking_lot::Mutex;
use prometheus_client::collector::Collector;
use prometheus_client::encoding::{DescriptorEncoder, EncodeMetric as _};
use prometheus_client::metrics::gauge::ConstGauge;
use prometheus_client::registry::Registry;
use tokio::io::{AsyncRead, AsyncWrite, DuplexStream};
use tokio::net::TcpListener;

use crate::admin::{self, NewBot, NewUser};
use crate::config::Config;
use crate::domain::access::AccessSecret;
use crate::domain::bots;
use crate::domain::files::parts;
use crate::domain::service;
use crate::error::RpcError;
use crate::gateway::{Ailment, Gateway, Health};
use crate::restored::UNFINISHED;
use crate::server_key;
use crate::tables::{HOT, Settings, TABLES};
use crate::workers::Workers;
use crate::world::World;

/// A data centre that is open: its rows, its links, its workers.
pub struct Server {
    gateway: Arc<Gateway>,
    net: heliogram_net::Server<Gateway>,
    public_key: String,
    entropy: Entropy,
    fanout: Mutex<Option<JoinHandle<()>>>,
}

/// Where a data centre keeps its data.
#[derive(Clone, Debug)]
pub enum Home {
    /// A directory, made if need be, with its blobs, rows and keys.
    Directory {
        /// Its path.
        path: PathBuf,
        /// Go on although acknowledged data was lost.
        accept_loss: bool,
    },
    /// Nowhere: gone with the process.
    Memory,
}

/// What a data centre stands on, for those who lay it themselves.
pub struct Foundations {
    /// Its rows. With workers by hand, so must the writer be.
    pub store: Store,
    /// Its files.
    pub blobs: Box<dyn Blobs>,
    /// The key by which clients know it.
    pub key: PrivateKey,
    /// What time it is.
    pub clock: Clock,
    /// Where randomness comes from.
    pub entropy: Entropy,
    /// Who does the work beside the connections.
    pub workers: Workers,
}

impl Foundations {
    /// How the rows of a data centre have to be opened.
    pub const STORE: Options = Options { catalogue: TABLES, hot: HOT, ..Options::DEFAULT };
}

/// Why a data centre does not open.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The rows cannot be opened.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The files cannot be opened.
    #[error(transparent)]
    Blobs(#[from] BlobError),
    /// A restore ended half-way.
    #[error("{} is there, so a restore was not finished; empty the directory and restore again", .0.display())]
    HalfRestored(PathBuf),
    /// A key file cannot be read or written.
    #[error("cannot {action} {}: {source}", path.display())]
    KeyFile {
        /// What was attempted, as a verb.
        action: &'static str,
        /// Where.
        path: PathBuf,
        /// What the operating system said.
        source: std::io::Error,
    },
    /// The private key is there and is none.
    #[error("{} is not an RSA private key: {reason}; restore it from a backup", path.display())]
    BadKey {
        /// Where.
        path: PathBuf,
        /// What is wrong with it.
        reason: String,
    },
    /// The private key is gone, or is another than the one by which clients know this cloud.
    #[error(
        "{} {state}: clients know this cloud by its key, and none would connect with another; \
         restore it from a backup, or start once with the option to accept the loss and tell every \
         client the new key", path.display()
    )]
    LostKey {
        /// Where it belongs.
        path: PathBuf,
        /// `is missing` or `is another key`.
        state: &'static str,
    },
    /// The accounts of the cloud itself cannot be made.
    #[error("cannot install the service accounts: {0}")]
    Service(RpcError),
    /// A worker thread does not start.
    #[error("cannot start a worker: {0}")]
    Worker(std::io::Error),
}

impl StartError {
    /// Whether something in the directory is lost or damaged, and a backup would help.
    pub fn is_damage(&self) -> bool {
        match self {
            Self::Store(error) => {
                !matches!(error, StoreError::Io { .. } | StoreError::Locked { .. })
            }
            Self::BadKey { .. } | Self::LostKey { .. } => true,
            Self::Blobs(_)
            | Self::KeyFile { .. }
            | Self::HalfRestored(_)
            | Self::Service(_)
            | Self::Worker(_) => false,
        }
    }
}

impl Server {
    /// Opens a data centre. It can be administered at once; nobody can connect before [`Self::listen`].
    ///
    /// # Errors
    /// If another process has the directory, if data is damaged or missing, if a key is unusable.
    pub fn open(home: &Home, config: Config) -> Result<Self, StartError> {
        Self::open_by(home, config, Clock::start())
    }

    /// The same, by a clock of the caller's.
    ///
    /// # Errors
    /// As those of [`Self::open`].
    pub fn open_by(home: &Home, config: Config, clock: Clock) -> Result<Self, StartError> {
        let loss = match home {
            Home::Directory { accept_loss: true, .. } => Loss::Accepted,
            _ => Loss::Refused,
        };
        let options = Options { loss, ..Foundations::STORE };
        let (store, blobs, key): (Store, Box<dyn Blobs>, PrivateKey) = match home {
            Home::Memory => {
                let blobs = Box::new(MemoryBlobs::new(StoreLimits::DEFAULT));
                (Store::memory(), blobs, PrivateKey::generate(&mut OsRandom))
            }
            Home::Directory { path, .. } => {
                let unfinished = path.join(UNFINISHED);
                if unfinished.exists() {
                    return Err(StartError::HalfRestored(unfinished));
                }
                let store = Store::open_dir(path, &options)?;
                let blobs = DiskBlobs::open(path.join("blobs"), StoreLimits::DEFAULT)?;
                let key = server_key::key_in(path, &store, options.loss)?;
                (store, Box::new(blobs), key)
            }
        };
        let (entropy, workers) = (Entropy::system(), Workers::Threads);
        Self::on(Foundations { store, blobs, key, clock, entropy, workers }, config)
    }

    /// Opens a data centre on what the caller has laid.
    ///
    /// # Errors
    /// If its own accounts cannot be made, or a worker does not start.
    pub fn on(foundations: Foundations, config: Config) -> Result<Self, StartError> {
        let Foundations { store, blobs, key, clock, entropy, workers } = foundations;
        let now = clock.now();
        let installed = store.write(move |txn| service::install(txn, now)).wait();
        installed.map_err(StartError::Service)?;

        let link_config = ServerConfig {
            dc_ids: config.dcs().map(|(id, _)| id).collect(),
            secret: None,
            limits: LinkLimits::DEFAULT,
            rsa_keys: Vec::new(),
        };
        let public_key = key.public().to_pem();
        let link_config = ServerConfig { rsa_keys: vec![key], ..link_config };
        let world = Arc::new(World {
            access: access_secret(&store, entropy.clone())?,
            blobs,
            uploads: Default::default(),
            config,
            presence: Default::default(),
            challenges: Default::default(),
            callbacks: Default::default(),
            entropy: entropy.clone(),
        });
        parts::sweep(&world, now);
        let gateway = Gateway::new(world, store, clock.clone(), link_config, workers);
        let gateway = Arc::new(gateway);
        let fanout = match workers {
            Workers::Threads => Some(start_fanout(&gateway)?),
            Workers::ByHand => None,
        };
        let service = Arc::clone(&gateway);
        let net = heliogram_net::Server::drawing_from(
            entropy.clone(),
            service,
            clock,
            NetLimits::of_process(),
        );
        Ok(Self { gateway, net, public_key, entropy, fanout: Mutex::new(fanout) })
    }

    pub(crate) const fn gateway(&self) -> &Arc<Gateway> {
        &self.gateway
    }

    /// The public key that clients must know, as PKCS#1 PEM.
    pub fn public_key_pem(&self) -> &str {
        &self.public_key
    }

    /// Accepts clients from a socket until [`Self::stop`]. Any number of sockets may be served.
    pub async fn listen(&self, listener: TcpListener) {
        self.net.listen(listener).await;
    }

    /// As [`Self::listen`], for a socket that expects something in front of each connection.
    pub async fn listen_at(&self, listener: TcpListener, entrance: Entrance) {
        self.net.listen_at(listener, entrance).await;
    }

    /// Serves a stream that somebody else has accepted.
    ///
    /// # Errors
    /// [`Refused`] when the server is full or stopping; the stream is dropped.
    pub fn admit<T>(&self, stream: T, peer: PeerInfo) -> Result<(), Refused>
    where
        T: AsyncRead + AsyncWrite + Send + Unpin + 'static,
    {
        self.net.admit(stream, peer)
    }

    /// A connection from within the process, with the same bytes on it as on a socket.
    ///
    /// # Errors
    /// [`Refused`] when the server is full or stopping.
    pub fn pipe(&self) -> Result<DuplexStream, Refused> {
        self.net.pipe()
    }

    /// As [`Self::pipe`], with the manners of a socket: whoever comes through it has dialled that
    /// data centre, and is sent elsewhere for what lies in another.
    ///
    /// # Errors
    /// [`Refused`] when the server is full or stopping.
    pub fn pipe_to(&self, dc: DcId) -> Result<DuplexStream, Refused> {
        let mut dcs = self.gateway.world.config.dcs();
        let dialled = dcs.find(|(id, _)| *id == dc).and_then(|(_, all)| all.first().copied());
        self.net.pipe_at(PeerInfo { local: dialled, ..PeerInfo::IN_PROCESS })
    }

    /// Has everything shown that is counted and measured here, until the server is gone.
    pub fn register(self: &Arc<Self>, registry: &mut Registry) {
        self.gateway.register(registry);
        registry.register_collector(Box::new(Connections(Arc::downgrade(self))));
    }

    /// Whether it does its work: whether it can commit, and whether sessions are told in time.
    ///
    /// # Errors
    /// What is wrong.
    pub async fn health(&self) -> Result<Health, Ailment> {
        self.gateway.health().await
    }

    /// How many connections and sessions there are.
    pub fn load(&self) -> (usize, usize) {
        (self.net.connections(), self.gateway.sessions.len())
    }

    /// About how many bytes connections make the process hold: halves of frames, answers that wait
    /// to be read, what sessions remember.
    pub fn held_bytes(&self) -> usize {
        self.net.held_bytes()
    }

    /// Does the regular housekeeping, for as long as it is polled.
    pub async fn housekeeping(&self) {
        let mut every_second = tokio::time::interval(Duration::from_secs(1));
        every_second.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        let mut seconds = 0_u64;
        loop {
            every_second.tick().await;
            let now = self.gateway.clock.now();
            self.gateway.tick(now);
            seconds += 1;
            if seconds.is_multiple_of(60) {
                self.gateway.clock.follow_wall();
                self.gateway.clear_leftovers(now);
                if let Err(error) = self.gateway.store.settle() {
                    tracing::error!(%error, "the store could not settle");
                }
            }
            if seconds.is_multiple_of(3600) {
                self.gateway.end_idle_logins(now);
                let gone = parts::sweep(&self.gateway.world, now);
                if gone > 0 {
                    tracing::info!(uploads = gone, "forgot uploads that nobody finished");
                }
            }
        }
    }

    /// Makes a person's account.
    ///
    /// # Errors
    /// The names of errors that a client would get: `PHONE_NUMBER_INVALID`, `USERNAME_OCCUPIED`, …;
    /// `DC_ID_INVALID` for a home that this server does not answer for.
    pub fn new_user(&self, user: NewUser) -> Result<i64, RpcError> {
        let now = self.gateway.clock.now();
        let config = &self.gateway.world.config;
        let home = user.home.unwrap_or(config.dc_id);
        if !config.serves(home) {
            return Err(RpcError::DC_ID_INVALID);
        }
        let user = NewUser { home: Some(home), ..user };
        let mut entropy = self.entropy.clone();
        let ticket =
            self.gateway.store.write(move |txn| admin::create_user(txn, &mut entropy, now, &user));
        ticket.wait().map(heliogram_ids::UserId::get)
    }

    /// Makes a bot and returns its token.
    ///
    /// # Errors
    /// As [`Self::new_user`], and `PHONE_NUMBER_UNOCCUPIED` for an owner that does not exist.
    pub fn new_bot(&self, bot: NewBot) -> Result<String, RpcError> {
        let now = self.gateway.clock.now();
        let mut entropy = self.entropy.clone();
        self.gateway.store.write(move |txn| admin::create_bot(txn, &mut entropy, now, &bot)).wait()
    }

    /// Whether a bot has this token. Costs a look at one row, where a login costs a key.
    pub fn knows_bot(&self, token: &str) -> bool {
        let found = self.gateway.store.read(|db| bots::by_token(db, token));
        // A store that cannot be read is no reason to turn a bot away.
        !matches!(found, Err(error) if error == RpcError::ACCESS_TOKEN_INVALID)
    }

    /// Lets everybody write what is queued, then closes. All that was acknowledged is on the disk, and
    /// its directory is free as soon as the server is dropped, too.
    pub async fn stop(&self) {
        self.net.drain().await;
        self.gateway.fanout.close();
        let worker = self.fanout.lock().take();
        if let Some(worker) = worker
            && worker.join().is_err()
        {
            tracing::error!("the fan-out worker panicked");
        }
        if tokio::time::timeout(REST_MAX, self.rest()).await.is_err() {
            tracing::warn!("work goes on that was begun before the stop");
        }
    }

    /// Resolves once nobody works any more: whoever does, on whatever thread, holds the gateway, and
    /// with it the store and its lock.
    async fn rest(&self) {
        while Arc::strong_count(&self.gateway) > HOLDERS {
            tokio::time::sleep(LOOK_EVERY).await;
        }
    }
}

/// Who holds a gateway that does nothing: the server, and the network for it.
const HOLDERS: usize = 2;
/// How long is waited for work that was begun; a command that delivers a login code may hang.
const REST_MAX: Duration = Duration::from_secs(5);
const LOOK_EVERY: Duration = Duration::from_millis(1);

/// Counts a server's connections when somebody asks.
#[derive(Debug)]
struct Connections(Weak<Server>);

impl Collector for Connections {
    fn encode(&self, mut encoder: DescriptorEncoder<'_>) -> std::fmt::Result {
        let Some(server) = self.0.upgrade() else { return Ok(()) };
        let count = ConstGauge::new(server.net.connections() as i64);
        let (name, help) = ("heliogram_connections", "Connections, pipes within the process too");
        count.encode(encoder.encode_descriptor(name, help, None, count.metric_type())?)
    }
}

impl Drop for Server {
    /// Without [`Server::stop`] the worker would keep the store, and its lock, for ever.
    fn drop(&mut self) {
        self.gateway.fanout.close();
    }
}

fn start_fanout(gateway: &Arc<Gateway>) -> Result<JoinHandle<()>, StartError> {
    let worker = Arc::clone(&gateway.fanout);
    let thread = std::thread::Builder::new().name("fanout".to_owned());
    thread.spawn(move || worker.work()).map_err(StartError::Worker)
}

/// The secret of access hashes, made at the first start.
fn access_secret(store: &Store, mut entropy: Entropy) -> Result<AccessSecret, StoreError> {
    const NAME: &str = "access_secret";
    let mut fresh = vec![0; 32];
    entropy.fill(&mut fresh);
    let ticket = store.write(move |txn| {
        if let Some(stored) = txn.get::<Settings>(&NAME.to_owned())? {
            return Ok::<_, StoreError>(stored);
        }
        txn.put::<Settings>(&NAME.to_owned(), &fresh)?;
        Ok(fresh.clone())
    });
    let stored = ticket.wait()?;
    let key = heliogram_crypto::sha256(&[&stored]);
    Ok(AccessSecret::new(1, key))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixture::Fixture;

    #[tokio::test]
    async fn a_directory_is_free_once_its_server_has_stopped() {
        let dir = tempfile::tempdir().expect("a directory");
        let home = Home::Directory { path: dir.path().to_owned(), accept_loss: false };
        let open = || {
            let config = Fixture::new().world.config.clone();
            Server::open(&home, config).expect("nobody else is there")
        };
        let server = open();
        let working = Arc::clone(server.gateway());
        let worker = std::thread::spawn(move || {
            std::thread::sleep(Duration::from_millis(200));
            drop(working);
        });
        server.stop().await;
        drop(server);
        open().stop().await;
        worker.join().expect("it only slept");
    }
}
