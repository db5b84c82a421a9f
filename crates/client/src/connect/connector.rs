//! Ways to reach a data centre.

use std::future::Future;
use std::io;
use std::pin::Pin;
use std::time::Duration;

use heliogram_mtproto::link::ClientTransport;
use heliogram_mtproto::transport::Framing;
use tokio::io::{AsyncRead, AsyncWrite};

/// A connected byte stream, of whatever kind.
pub trait ByteStream: AsyncRead + AsyncWrite + Send + Unpin {}

impl<S: AsyncRead + AsyncWrite + Send + Unpin + ?Sized> ByteStream for S {}

/// A byte stream whose kind does not matter any more.
pub type BoxStream = Box<dyn ByteStream>;

/// A connection that is coming about.
pub type Connecting = Pin<Box<dyn Future<Output = io::Result<BoxStream>> + Send>>;

/// Reaches a data centre: over TCP, through a proxy, or through a pipe within the process.
///
/// Any `Fn() -> impl Future<Output = io::Result<impl ByteStream>>` is one.
pub trait Connector: Send + Sync + 'static {
    /// Begins one connection.
    fn connect(&self) -> Connecting;

    /// How the bytes have to look on this way.
    fn transport(&self) -> ClientTransport {
        // Two words per frame and the least to go wrong: the streams are TCP's or a pipe.
        ClientTransport::Plain(Framing::Intermediate)
    }

    /// What to remember as the data centre's address; empty if it has none.
    fn address(&self) -> &str {
        ""
    }
}

impl<F, T, S> Connector for F
where
    F: Fn() -> T + Send + Sync + 'static,
    T: Future<Output = io::Result<S>> + Send + 'static,
    S: ByteStream + 'static,
{
    fn connect(&self) -> Connecting {
        let connecting = self();
        Box::pin(async move { Ok(Box::new(connecting.await?) as BoxStream) })
    }
}

/// Reaches a data centre over TCP.
#[derive(Clone, Debug)]
pub struct TcpConnector {
    address: String,
}

impl TcpConnector {
    /// A connector to `host:port`; the name is looked up anew for each connection.
    pub fn new(address: impl Into<String>) -> Self {
        Self { address: address.into() }
    }
}

impl Connector for TcpConnector {
    fn connect(&self) -> Connecting {
        let address = self.address.clone();
        Box::pin(async move {
            let addresses: Vec<_> = tokio::net::lookup_host(address).await?.collect();
            let stream = heliogram_net::dial(&addresses, DIAL_EACH_MAX).await?;
            Ok(Box::new(stream) as BoxStream)
        })
    }

    fn address(&self) -> &str {
        &self.address
    }
}

/// How long one address may take to answer.
const DIAL_EACH_MAX: Duration = Duration::from_secs(5);
