//! What a listening socket expects in front of a connection, and the way in past it.

use std::net::SocketAddr;
use std::sync::Arc;

use tokio::net::TcpStream;
use tracing::debug;

use crate::mtproxy::Visitor;
use crate::{MtProxy, PeerInfo, ProxyProtocol, Rewound, Server, Service, Tls, Waker};

/// The rules of one listening socket. By default there are none.
#[derive(Clone, Debug, Default)]
pub struct Entrance {
    /// A header that says where the connection comes from.
    pub proxy_protocol: Option<Arc<ProxyProtocol>>,
    /// A proxy's secret.
    pub mtproxy: Option<Arc<MtProxy>>,
    /// What clients that open with TLS are shown. Who came through the proxy's door does not.
    pub tls: Option<Tls>,
}

impl Entrance {
    /// Whether everybody may walk in.
    pub(crate) fn is_open(&self) -> bool {
        self.proxy_protocol.is_none() && self.mtproxy.is_none()
    }
}

impl<S: Service> Server<S> {
    /// Lets a connection in past `entrance`, in a task of its own. Those on their way are few.
    pub(crate) fn lead_in(&self, stream: TcpStream, peer: PeerInfo, entrance: &Entrance) {
        // A balancer arrives for everybody.
        let from = peer.remote.map(|remote| remote.ip());
        let from = from.filter(|_| entrance.proxy_protocol.is_none());
        let Some(place) = self.place_on_the_way(from) else {
            debug!(?peer.remote, "connection refused: too many on their way in");
            return;
        };
        let (server, entrance) = (self.clone(), entrance.clone());
        tokio::spawn(async move {
            let led = async {
                let led = server.place(stream, peer, &entrance);
                let placed = tokio::time::timeout(server.limits().arrival_max, led).await;
                let Ok(Some((stream, peer, first))) = placed else { return };
                match &entrance.mtproxy {
                    Some(mtproxy) => {
                        let Some((stream, first)) =
                            server.greet(stream, peer, first, mtproxy).await
                        else {
                            return;
                        };
                        drop(place);
                        server.keep(stream, peer, &first, mtproxy).await;
                    }
                    None => {
                        let stream = Rewound::new(first, stream);
                        server.admit_or_log(stream, peer, entrance.tls.as_ref());
                    }
                }
            };
            tokio::select! {
                () = led => {}
                () = server.registry().draining() => {}
            }
        });
    }

    /// Reads who the connection is from.
    async fn place(
        &self,
        mut stream: TcpStream,
        peer: PeerInfo,
        entrance: &Entrance,
    ) -> Option<(TcpStream, PeerInfo, Vec<u8>)> {
        let Some(protocol) = &entrance.proxy_protocol else {
            return Some((stream, peer, Vec::new()));
        };
        match protocol.read(&mut stream, peer.remote).await {
            Ok(placed) => {
                let remote = placed.remote.map(canonical).or(peer.remote);
                Some((stream, PeerInfo { remote, ..peer }, placed.first))
            }
            Err(error) => {
                debug!(?peer.remote, %error, "connection refused");
                None
            }
        }
    }

    /// Admits a client of the proxy; gives a stranger back.
    async fn greet(
        &self,
        stream: TcpStream,
        peer: PeerInfo,
        first: Vec<u8>,
        mtproxy: &MtProxy,
    ) -> Option<(TcpStream, Vec<u8>)> {
        match mtproxy.greet(stream, first, self.clock()).await {
            Ok(Some(Visitor::Client(stream, dc))) => {
                self.admit_or_log(stream, PeerInfo { dc: Some(dc), ..peer }, None);
                None
            }
            Ok(Some(Visitor::Stranger(stream, first))) => Some((stream, first)),
            Ok(None) => None,
            Err(error) => {
                debug!(?peer.remote, %error, "connection failed at the proxy's door");
                None
            }
        }
    }

    /// Keeps a stranger, who counts as a connection like any other.
    async fn keep(&self, stream: TcpStream, peer: PeerInfo, first: &[u8], mtproxy: &MtProxy) {
        debug!(?peer.remote, "a stranger at the proxy's door");
        let waker = Waker::new();
        match self.registry().admit(&peer, &waker, self.limits()) {
            Ok(_admission) => {
                tokio::select! {
                    () = mtproxy.entertain(stream, first) => {}
                    () = waker.gone() => {}
                }
            }
            Err(refused) => debug!(?peer.remote, %refused, "stranger refused"),
        }
    }
}

/// IPv4 as IPv4, also where a socket for both writes it as IPv6.
pub(crate) fn canonical(address: SocketAddr) -> SocketAddr {
    SocketAddr::new(address.ip().to_canonical(), address.port())
}
