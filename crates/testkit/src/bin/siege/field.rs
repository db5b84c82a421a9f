//! Where an act takes place: the server's addresses, whom to attack, and what comes of it.

use std::collections::BTreeMap;
use std::io;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use heliogram_crypto::rsa::PublicKey;
use tokio::net::{TcpSocket, TcpStream};
use tokio::task::JoinSet;
use tokio::time::Instant;

/// What an act may know of the server. Cheap to clone.
#[derive(Clone)]
pub(crate) struct Field(Arc<Ground>);

/// The same, as it is laid out before the act.
pub(crate) struct Ground {
    /// Where clients connect.
    pub(crate) address: SocketAddr,
    /// Where the MTProxy is.
    pub(crate) proxy: SocketAddr,
    /// Where bots ask.
    pub(crate) bot_api: SocketAddr,
    pub(crate) key: PublicKey,
    /// The server's directory.
    pub(crate) data: PathBuf,
    /// Token of a bot that is in the wrong hands: [`HOSTILE_BOT`].
    pub(crate) token: String,
    /// Phone number and username of one of the honest people.
    pub(crate) victim: (String, String),
    pub(crate) tally: Tally,
    pub(crate) until: Instant,
}

/// What was tried, and what came of it.
#[derive(Default)]
pub(crate) struct Tally {
    tried: AtomicU64,
    got: Mutex<BTreeMap<String, u64>>,
}

impl std::ops::Deref for Field {
    type Target = Ground;

    fn deref(&self) -> &Ground {
        &self.0
    }
}

impl Field {
    pub(crate) fn new(ground: Ground) -> Self {
        Self(Arc::new(ground))
    }

    /// Whether the act is over.
    pub(crate) fn is_over(&self) -> bool {
        Instant::now() >= self.until
    }

    /// Does something at `count` places at once, over and over, until the act is over.
    pub(crate) async fn swarm<F, T>(&self, count: usize, raid: F)
    where
        F: Fn(Self, usize) -> T + Clone + Send + 'static,
        T: Future<Output = io::Result<()>> + Send,
    {
        let mut raiders = JoinSet::new();
        for number in 0..count {
            let (field, raid) = (self.clone(), raid.clone());
            raiders.spawn(async move {
                while !field.is_over() {
                    if let Err(error) = raid(field.clone(), number).await {
                        field.tally.got(format!("cut off ({})", error.kind()));
                        tokio::time::sleep(BREATH).await;
                    }
                }
            });
        }
        let _ = tokio::time::timeout_at(self.until, raiders.join_all()).await;
    }

    /// Connects to a port of the server from one of this machine's own addresses.
    pub(crate) async fn dial(&self, to: SocketAddr, from: Source) -> io::Result<TcpStream> {
        let socket = TcpSocket::new_v4()?;
        socket.bind(from.socket())?;
        tokio::time::timeout(PATIENCE, socket.connect(to))
            .await
            .unwrap_or_else(|_| Err(io::ErrorKind::TimedOut.into()))
    }
}

/// An address of this machine, which has a whole class A of them.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Source(IpAddr);

impl Source {
    /// The same with any port.
    pub(crate) fn socket(self) -> SocketAddr {
        SocketAddr::new(self.0, 0)
    }

    /// The one address of an attacker who has no more.
    pub(crate) const ONE: Self = Self(IpAddr::V4(Ipv4Addr::new(127, 66, 0, 1)));

    /// One of sixty thousand.
    pub(crate) fn of_many(number: usize) -> Self {
        let [.., high, low] = (number as u32).to_be_bytes();
        Self(Ipv4Addr::new(127, 67, high, low.max(1)).into())
    }

    /// One of those from which honest people come.
    pub(crate) fn honest(number: usize) -> Self {
        let [.., low] = (number as u32 + 1).to_be_bytes();
        Self(Ipv4Addr::new(127, 1, 0, low).into())
    }
}

impl Tally {
    /// One more attempt.
    pub(crate) fn tried(&self) {
        self.tried.fetch_add(1, Ordering::Relaxed);
    }

    /// Something came of one.
    pub(crate) fn got(&self, what: impl Into<String>) {
        let mut got = self.got.lock().unwrap_or_else(PoisonError::into_inner);
        *got.entry(what.into()).or_default() += 1;
    }

    /// How many were made.
    pub(crate) fn attempts(&self) -> u64 {
        self.tried.load(Ordering::Relaxed)
    }

    /// All that came of them.
    pub(crate) fn all(&self) -> BTreeMap<String, u64> {
        self.got.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

/// Username of the bot whose token attackers have.
pub(crate) const HOSTILE_BOT: &str = "hostile_bot";
/// How long attackers wait for what a good server does at once.
pub(crate) const PATIENCE: Duration = Duration::from_secs(10);
/// A pause of somebody who was cut off.
const BREATH: Duration = Duration::from_millis(20);
