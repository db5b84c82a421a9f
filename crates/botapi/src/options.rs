//! How the server is set up. The binary fills this in from its command line.

use std::path::PathBuf;

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
    /// What requests may cost.
    pub limits: Limits,
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
            limits: Limits::DEFAULT,
        }
    }

    /// Most connections a bot may ask for.
    pub const fn webhook_connections_max(&self) -> i64 {
        if self.local { 100_000 } else { 100 }
    }
}
