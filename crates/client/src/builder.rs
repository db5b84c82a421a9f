//! What a client has to be told before it can connect.

use std::sync::Arc;
use std::time::Duration;

use heliogram_crypto::rsa::PublicKey;
use heliogram_ids::DcId;
use heliogram_net::{Clock, Entropy};

use crate::book::Book;
use crate::client::Parts;
use crate::connect::{Connector, Device, LineConfig, Pool, TcpConnector};
use crate::errands::Errands;
use crate::retry::Policy;
use crate::session::{Home, MemorySession, SessionStore};
use crate::updates::Tap;
use crate::{Client, ConnectError};

/// The application on whose behalf a client acts, as registered with the server.
#[derive(Clone)]
pub(crate) struct Application {
    pub(crate) id: i32,
    pub(crate) hash: Box<str>,
}

/// Collects what a [`Client`] needs to know.
pub struct ClientBuilder {
    application: Option<Application>,
    session: Option<Box<dyn SessionStore>>,
    dc: DcId,
    connector: Option<Arc<dyn Connector>>,
    rsa_keys: Arc<[PublicKey]>,
    device: Device,
    clock: Option<Clock>,
    entropy: Entropy,
    errands: Errands,
    policy: Policy,
    connect_max: Duration,
}

impl Default for ClientBuilder {
    fn default() -> Self {
        Self {
            application: None,
            session: None,
            dc: DcId::new(2).expect("two is a data centre"),
            connector: None,
            rsa_keys: Arc::new([]),
            device: Device::default(),
            clock: None,
            entropy: Entropy::system(),
            errands: Errands::default(),
            policy: Policy::DEFAULT,
            connect_max: Duration::from_secs(30),
        }
    }
}

impl ClientBuilder {
    /// The application's id and hash.
    #[must_use]
    pub fn api(mut self, id: i32, hash: impl Into<Box<str>>) -> Self {
        self.application = Some(Application { id, hash: hash.into() });
        self
    }

    /// Where the login is kept; in memory, if this is not called.
    #[must_use]
    pub fn session(mut self, session: impl SessionStore) -> Self {
        self.session = Some(Box::new(session));
        self
    }

    /// The data centre: its number, how to reach it, and the RSA keys it may prove itself with.
    #[must_use]
    pub fn dc(
        mut self,
        dc: DcId,
        connector: impl Connector,
        rsa_keys: impl Into<Arc<[PublicKey]>>,
    ) -> Self {
        self.dc = dc;
        self.connector = Some(Arc::new(connector));
        self.rsa_keys = rsa_keys.into();
        self
    }

    /// Like [`dc`](Self::dc), for a data centre at `host:port`.
    #[must_use]
    pub fn dc_at(
        self,
        dc: DcId,
        address: impl Into<String>,
        rsa_keys: impl Into<Arc<[PublicKey]>>,
    ) -> Self {
        self.dc(dc, TcpConnector::new(address), rsa_keys)
    }

    /// How the client introduces itself.
    #[must_use]
    pub fn device(mut self, device: Device) -> Self {
        self.device = device;
        self
    }

    /// A clock to share with the rest of the process.
    #[must_use]
    pub fn clock(mut self, clock: Clock) -> Self {
        self.clock = Some(clock);
        self
    }

    /// Where randomness comes from, if not from the operating system: simulations repeat a run.
    #[must_use]
    pub fn entropy(mut self, entropy: Entropy) -> Self {
        self.entropy = entropy;
        self
    }

    /// Does what blocks where it stands instead of on a thread. For simulations, which may have no
    /// second thread; others would wait for the disk.
    #[must_use]
    pub fn in_place(mut self) -> Self {
        self.errands = Errands::InPlace;
        self
    }

    /// The longest wait imposed by the server that `invoke` keeps by itself; 60 s otherwise.
    #[must_use]
    pub fn flood_wait_max(mut self, longest: Duration) -> Self {
        self.policy.flood_wait_max = longest;
        self
    }

    /// How long [`connect`](Self::connect) tries; 30 s otherwise.
    #[must_use]
    pub fn connect_max(mut self, longest: Duration) -> Self {
        self.connect_max = longest;
        self
    }

    /// Connects, and makes a key with the data centre unless the session has one.
    ///
    /// Later losses of the connection are repaired in the background, for ever.
    ///
    /// # Errors
    /// `Incomplete`, `Session`, and `Unreachable` with the last reason.
    pub async fn connect(self) -> Result<Client, ConnectError> {
        let connect_max = self.connect_max;
        let client = self.start()?;
        client.online(connect_max).await.map_err(ConnectError::Unreachable)?;
        Ok(client)
    }

    /// Like [`connect`](Self::connect), without waiting for the connection: requests wait.
    ///
    /// Must be called within a tokio runtime.
    ///
    /// # Errors
    /// `Incomplete` and `Session`.
    pub fn start(self) -> Result<Client, ConnectError> {
        let application = self.application.ok_or(ConnectError::Incomplete("api id and hash"))?;
        let connector = self.connector.ok_or(ConnectError::Incomplete("a data centre"))?;
        if self.rsa_keys.is_empty() {
            return Err(ConnectError::Incomplete("an rsa key of the data centre"));
        }
        let store = self.session.unwrap_or_else(|| Box::new(MemorySession::default()));
        let book = Arc::new(Book::open(store)?);
        book.set_home(Home { dc: self.dc, address: connector.address().into() });

        let clock = self.clock.unwrap_or_else(Clock::start);
        let tap = Arc::new(Tap::default());
        let config = Arc::new(LineConfig {
            dc: self.dc,
            connector,
            rsa_keys: self.rsa_keys,
            api_id: application.id,
            device: self.device,
            clock: clock.clone(),
            entropy: self.entropy.clone(),
            book: Arc::clone(&book),
            tap: Arc::clone(&tap),
        });
        let pool = Pool::open(config);
        let Self { entropy, errands, policy, .. } = self;
        Ok(Client::assemble(Parts {
            pool,
            book,
            tap,
            clock,
            entropy,
            errands,
            application,
            policy,
        }))
    }
}
