//! How the server is set up. The binary fills this in from its command line.

use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use heliogram_client::{ClientBuilder, Clock, Entropy};

/// Options of the server, under the names of the official one where it has them.
#[derive(Clone, Debug)]
pub struct Options {
    /// Working directory: one folder per bot.
    pub dir: PathBuf,
    /// Where uploads are spooled.
    pub temp_dir: PathBuf,
    /// Local mode: absolute paths, any webhook, no download limit.
    pub local: bool,
    /// Serve only bots whose number leaves this remainder under this modulus.
    pub filter: Option<(i64, i64)>,
    /// Connections per webhook unless the bot says otherwise.
    pub webhook_connections: u32,
    /// HTTP proxy for outgoing webhook requests.
    pub proxy: Option<String>,
    /// How bots reach the data centre; without it only methods of our own queue work.
    pub upstream: Option<Upstream>,
    /// What time it is.
    pub clock: Clock,
    /// Where randomness comes from.
    pub entropy: Entropy,
    /// What requests may cost.
    pub limits: Limits,
}

/// How a bot's client begins: application id, data centre and its keys. The session is the
/// server's own affair.
#[derive(Clone)]
pub struct Upstream {
    begin: Arc<dyn Fn() -> ClientBuilder + Send + Sync>,
    knows: Option<Arc<Knows>>,
}

/// Tells a token that may be good.
type Knows = dyn Fn(&str) -> bool + Send + Sync;

impl Upstream {
    /// An upstream whose clients begin as `builder` says.
    pub fn new(builder: impl Fn() -> ClientBuilder + Send + Sync + 'static) -> Self {
        Self { begin: Arc::new(builder), knows: None }
    }

    /// The same, where it can be told without a login whether a token is good: `knows` says so. A
    /// login with a token that is not costs the making of a key.
    pub fn that_knows(self, knows: impl Fn(&str) -> bool + Send + Sync + 'static) -> Self {
        Self { knows: Some(Arc::new(knows)), ..self }
    }

    pub(crate) fn builder(&self) -> ClientBuilder {
        (self.begin)()
    }

    /// Whether a token may be good.
    pub(crate) fn may_know(&self, token: &str) -> bool {
        self.knows.as_ref().is_none_or(|knows| knows(token))
    }
}

impl fmt::Debug for Upstream {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Upstream")
    }
}

/// Bounds on what one request may bring.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// All headers together.
    pub headers_bytes_max: usize,
    /// All names and values together.
    pub params_bytes_max: usize,
    /// A JSON or urlencoded body before it is decoded.
    pub text_body_bytes_max: usize,
    /// Such bodies above [`Self::large_text_bytes_min`] at once; more wait.
    pub large_texts_max: usize,
    /// A text body of more is large: few are, and they are held in memory.
    pub large_text_bytes_min: usize,
    /// The whole body.
    pub body_bytes_max: u64,
    /// One file.
    pub file_bytes_max: u64,
    /// Files of one request.
    pub files_max: usize,
    /// Body of a request that is for no bot; it is kept nowhere, and more of it is refused.
    pub stranger_body_bytes_max: u64,
    /// How long a body may take, besides what it takes at [`Self::body_bytes_per_second_min`].
    pub body_grace: Duration,
    /// How fast a body has to come.
    pub body_bytes_per_second_min: u64,
    /// Connections of the whole server. A newcomer takes the place of the one that has been idle
    /// longest; if none is, it is closed.
    pub connections_max: usize,
    /// The same of one address, those of our own network excepted.
    pub connections_per_address_max: usize,
    /// Logins with tokens that are new here, at once; more are told to come back.
    pub logins_max: usize,
    /// Bots that are open at a time.
    pub bots_max: usize,
    /// A file that is fetched from an address; photos may have a quarter of it.
    pub url_bytes_max: u64,
    /// A file that bots download; local mode has no such limit.
    pub download_bytes_max: u64,
}

impl Limits {
    /// Those of the official server.
    pub const DEFAULT: Self = Self {
        headers_bytes_max: 256 << 10,
        params_bytes_max: 1 << 20,
        text_body_bytes_max: 8 << 20,
        large_texts_max: 4,
        large_text_bytes_min: 256 << 10,
        body_bytes_max: 4 << 30,
        file_bytes_max: 4000 << 20,
        files_max: 50,
        stranger_body_bytes_max: 16 << 20,
        body_grace: Duration::from_secs(60),
        body_bytes_per_second_min: 4 << 10,
        connections_max: 16_384,
        connections_per_address_max: 1024,
        logins_max: 64,
        bots_max: 16_384,
        url_bytes_max: 20 << 20,
        download_bytes_max: 20 << 20,
    };
}

const _: () = assert!(Limits::DEFAULT.params_bytes_max <= Limits::DEFAULT.text_body_bytes_max);

impl Options {
    /// The defaults of the official server, working in `dir`.
    pub fn new(dir: PathBuf) -> Self {
        Self {
            dir,
            temp_dir: std::env::temp_dir(),
            local: false,
            filter: None,
            webhook_connections: 40,
            proxy: None,
            upstream: None,
            clock: Clock::start(),
            entropy: Entropy::system(),
            limits: Limits::DEFAULT,
        }
    }

    /// Most connections a bot may ask for.
    pub const fn webhook_connections_max(&self) -> i64 {
        if self.local { 100_000 } else { 100 }
    }
}
