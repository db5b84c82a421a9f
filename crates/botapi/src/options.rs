//! How the server is set up. The binary fills this in from its command line.

use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;

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
pub struct Upstream(Arc<dyn Fn() -> ClientBuilder + Send + Sync>);

impl Upstream {
    /// An upstream whose clients begin as `builder` says.
    pub fn new(builder: impl Fn() -> ClientBuilder + Send + Sync + 'static) -> Self {
        Self(Arc::new(builder))
    }

    pub(crate) fn builder(&self) -> ClientBuilder {
        (self.0)()
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
    /// The whole body.
    pub body_bytes_max: u64,
    /// One file.
    pub file_bytes_max: u64,
    /// Files of one request.
    pub files_max: usize,
    /// Parked and running requests of the whole server.
    pub connections_max: usize,
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
        body_bytes_max: 4 << 30,
        file_bytes_max: 4000 << 20,
        files_max: 50,
        connections_max: 16_384,
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
