//! A socket of the data centre, with a certificate for whoever asks for one.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;

use heliogram_net::{Entrance, Tls};
use heliogram_testkit::World;
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::{ClientConfig, RootCertStore};
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;

/// Where to connect, and whom to trust there.
pub(crate) struct Door {
    address: SocketAddr,
    connector: TlsConnector,
}

impl Door {
    /// Opens one in front of a world.
    pub(crate) async fn open(world: &World) -> Self {
        let made = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
        let (certificate, key) = (made.cert.pem(), made.signing_key.serialize_pem());
        let tls = Tls::from_pem(certificate.as_bytes(), key.as_bytes()).unwrap();
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
        let address = listener.local_addr().unwrap();
        let server = world.shared();
        let entrance = Entrance { tls: Some(tls), ..Entrance::default() };
        tokio::spawn(async move { server.listen_at(listener, entrance).await });

        let mut roots = RootCertStore::empty();
        roots.add(CertificateDer::from(made.cert)).unwrap();
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let config = ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_root_certificates(roots)
            .with_no_client_auth();
        Self { address, connector: TlsConnector::from(Arc::new(config)) }
    }

    /// A connection as it is.
    pub(crate) async fn plain(&self) -> io::Result<TcpStream> {
        TcpStream::connect(self.address).await
    }

    /// A connection behind TLS.
    pub(crate) async fn tls(&self) -> io::Result<TlsStream<TcpStream>> {
        let name = ServerName::try_from("localhost").unwrap();
        self.connector.connect(name, self.plain().await?).await
    }
}
