//! The way through an MTProxy.

use heliogram_ids::DcId;
use heliogram_mtproto::link::{ClientTransport, Disguise};
use heliogram_mtproto::transport::{Framing, ProxyGuise, ProxyKey};
use heliogram_net::{Clock, open_fake_tls};

use super::connector::{BoxStream, Connecting, Connector, TcpConnector};

/// Reaches a data centre through an MTProxy, which is told its number.
#[derive(Clone, Debug)]
pub struct ProxyConnector {
    proxy: TcpConnector,
    key: ProxyKey,
    disguise: Disguise,
    clock: Clock,
}

impl ProxyConnector {
    /// A connector through the proxy at `host:port` to the data centre `dc`.
    pub fn new(address: impl Into<String>, key: ProxyKey, dc: DcId) -> Self {
        // Padded is what every proxy takes, whatever its secret begins with.
        let number = i16::try_from(dc.get()).unwrap_or(i16::MAX);
        let disguise = Disguise::new(Framing::Padded, number, Some(key.secret));
        let disguise = disguise.expect("padded frames can be disguised");
        Self { proxy: TcpConnector::new(address), key, disguise, clock: Clock::start() }
    }
}

impl Connector for ProxyConnector {
    fn connect(&self) -> Connecting {
        let connecting = self.proxy.connect();
        let (secret, now) = (self.key.secret, self.clock.now());
        match &self.key.guise {
            ProxyGuise::Bare | ProxyGuise::Padded => connecting,
            ProxyGuise::Tls { domain } => {
                let domain = domain.clone();
                Box::pin(async move {
                    let stream = connecting.await?;
                    let stream = open_fake_tls(stream, secret, &domain, now).await?;
                    Ok(Box::new(stream) as BoxStream)
                })
            }
        }
    }

    fn transport(&self) -> ClientTransport {
        ClientTransport::Obfuscated(self.disguise)
    }
}
