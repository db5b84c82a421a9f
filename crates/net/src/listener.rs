//! Accepting: sockets, and pipes for peers in the same process.

use std::io;
use std::net::{IpAddr, SocketAddr};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncWrite, DuplexStream};
use tokio::net::{TcpListener, TcpStream};
use tracing::{debug, warn};

use crate::entrance::canonical;
use crate::registry::{Arrival, Registry};
use crate::tls::MaybeTls;
use crate::{
    Clock, Closed, Connection, Driver, Entrance, Entropy, Limits, PeerInfo, Refused, Service, Tls,
    Waker,
};

/// Runs the connections of one [`Service`], however they arrive. Cheap to clone.
#[derive(Debug)]
pub struct Server<S>(Arc<Shared<S>>);

#[derive(Debug)]
struct Shared<S> {
    service: Arc<S>,
    clock: Clock,
    entropy: Entropy,
    limits: Limits,
    registry: Arc<Registry>,
}

impl<S> Clone for Server<S> {
    fn clone(&self) -> Self {
        Self(Arc::clone(&self.0))
    }
}

impl<S: Service> Server<S> {
    /// A server without connections.
    pub fn new(service: Arc<S>, clock: Clock, limits: Limits) -> Self {
        Self::drawing_from(Entropy::system(), service, clock, limits)
    }

    /// The same, with its randomness from elsewhere than the operating system.
    pub fn drawing_from(entropy: Entropy, service: Arc<S>, clock: Clock, limits: Limits) -> Self {
        let registry = Arc::new(Registry::new(limits.held_bytes_max));
        Self(Arc::new(Shared { service, clock, entropy, limits, registry }))
    }

    /// Accepts from `listener` until the server drains. Any number may run at once.
    ///
    /// A failed accept (out of descriptors, usually) pauses, because trying again at once would
    /// fail again and starve the connections whose end would help.
    pub async fn listen(&self, listener: TcpListener) {
        self.listen_at(listener, Entrance::default()).await;
    }

    /// As [`Self::listen`], for a socket that expects something in front of each connection.
    pub async fn listen_at(&self, listener: TcpListener, entrance: Entrance) {
        let mut pause = Duration::ZERO;
        loop {
            let accepted = tokio::select! {
                accepted = listener.accept() => accepted,
                () = self.0.registry.draining() => return,
            };
            match accepted {
                Ok((stream, remote)) => {
                    pause = Duration::ZERO;
                    self.welcome(stream, remote, &entrance);
                }
                Err(error) => {
                    pause = next_pause(pause, &self.0.limits, &error);
                    tokio::time::sleep(pause).await;
                }
            }
        }
    }

    /// A connection from within the process: the caller is the peer at the returned end.
    ///
    /// # Errors
    /// [`Refused`] when the server is full or draining.
    pub fn pipe(&self) -> Result<DuplexStream, Refused> {
        self.pipe_at(PeerInfo::IN_PROCESS)
    }

    /// As [`Self::pipe`], for a peer that stands for one from elsewhere.
    ///
    /// # Errors
    /// [`Refused`] when the server is full or draining.
    pub fn pipe_at(&self, peer: PeerInfo) -> Result<DuplexStream, Refused> {
        let (near, far) = tokio::io::duplex(self.0.limits.pipe_bytes);
        self.admit(far, peer)?;
        Ok(near)
    }

    /// Serves an established stream in a task of its own.
    ///
    /// # Errors
    /// [`Refused`] when a limit is reached; the stream is then dropped.
    pub fn admit<T>(&self, stream: T, peer: PeerInfo) -> Result<(), Refused>
    where
        T: AsyncRead + AsyncWrite + Send + Unpin + 'static,
    {
        let Shared { service, clock, entropy, limits, registry } = &*self.0;
        let waker = Waker::new();
        let admission = registry.admit(&peer, &waker, limits)?;
        let connection = service.connect(peer, waker.clone());
        let driver = Driver::new(stream, connection, waker, clock.clone(), limits.driver)
            .drawing_from(entropy.clone())
            .counted(admission, limits.stranger_max);
        tokio::spawn(Admitted { driver, peer });
        Ok(())
    }

    /// Refuses newcomers, lets everyone inside write what is queued, and returns when all have
    /// gone or [`Limits::drain_max`] has passed, after which the rest is cut off.
    pub async fn drain(&self) {
        let registry = &self.0.registry;
        registry.drain();
        if tokio::time::timeout(self.0.limits.drain_max, self.emptied()).await.is_err() {
            warn!(connections = registry.len(), "cutting off connections that do not leave");
            registry.kill();
            self.emptied().await;
        }
    }

    /// How many connections there are now.
    pub fn connections(&self) -> usize {
        self.0.registry.len()
    }

    /// Bytes that all peers together make the process hold.
    pub fn held_bytes(&self) -> usize {
        self.0.registry.held_bytes()
    }

    async fn emptied(&self) {
        loop {
            let changed = self.0.registry.changed.notified();
            if self.0.registry.len() == 0 {
                return;
            }
            changed.await;
        }
    }

    fn welcome(&self, stream: TcpStream, remote: SocketAddr, entrance: &Entrance) {
        // Answers are written whole: waiting to fill a segment only delays them.
        if let Err(error) = stream.set_nodelay(true) {
            debug!(%remote, %error, "cannot disable Nagle's algorithm");
        }
        let local = stream.local_addr().ok().map(canonical);
        let peer = PeerInfo { remote: Some(canonical(remote)), local, dc: None };
        if entrance.is_open() {
            self.admit_or_log(stream, peer, entrance.tls.as_ref());
        } else {
            self.lead_in(stream, peer, entrance);
        }
    }

    /// Serves a stream, which may turn out to be TLS if there is a certificate for it.
    pub(crate) fn admit_or_log<T>(&self, stream: T, peer: PeerInfo, tls: Option<&Tls>)
    where
        T: AsyncRead + AsyncWrite + Send + Unpin + 'static,
    {
        let admitted = match tls {
            Some(tls) => self.admit(MaybeTls::new(stream, tls.clone()), peer),
            None => self.admit(stream, peer),
        };
        if let Err(refused) = admitted {
            debug!(?peer.remote, %refused, "connection refused");
        }
    }

    /// A place among those on their way in, unless there are too many.
    pub(crate) fn place_on_the_way(&self, from: Option<IpAddr>) -> Option<Arrival> {
        self.0.registry.arrive(from, &self.0.limits)
    }

    pub(crate) fn limits(&self) -> &Limits {
        &self.0.limits
    }

    pub(crate) fn clock(&self) -> &Clock {
        &self.0.clock
    }

    pub(crate) fn registry(&self) -> &Arc<Registry> {
        &self.0.registry
    }
}

fn next_pause(pause: Duration, limits: &Limits, error: &io::Error) -> Duration {
    // The peer hung up before we got to it; the next in the queue is fine.
    if matches!(error.kind(), io::ErrorKind::ConnectionAborted | io::ErrorKind::ConnectionReset) {
        return Duration::ZERO;
    }
    warn!(%error, "accept failed");
    (pause * 2).clamp(limits.accept_pause_min, limits.accept_pause_max)
}

/// A connection, whose end is noted. Written by hand: a block that awaits the driver would
/// hold it twice, once where it was made and once where it is polled.
pub(crate) struct Admitted<S, C: Connection> {
    driver: Driver<S, C>,
    peer: PeerInfo,
}

impl<S, C> Future for Admitted<S, C>
where
    S: AsyncRead + AsyncWrite + Unpin,
    C: Connection + Unpin,
{
    type Output = ();

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        let admitted = self.get_mut();
        let why = ready!(Pin::new(&mut admitted.driver).poll(cx));
        log_end(&admitted.peer, &why);
        Poll::Ready(())
    }
}

fn log_end(peer: &PeerInfo, why: &Closed) {
    match why {
        Closed::Fault(fault) => debug!(?peer.remote, %fault, "connection closed on a fault"),
        why => debug!(?peer.remote, %why, "connection closed"),
    }
}

#[cfg(test)]
mod tests {
    use heliogram_crypto::Random;
    use heliogram_ids::Timestamp;
    use heliogram_mtproto::Fault;

    use super::*;

    #[test]
    fn a_connection_holds_its_driver_once() {
        struct Idle([u8; 400]);
        impl Connection for Idle {
            fn handle_bytes(
                &mut self,
                _: Timestamp,
                _: &mut [u8],
                _: &mut dyn Random,
            ) -> Result<(), Fault> {
                Ok(())
            }
            fn handle_wake(&mut self, _: Timestamp, _: &mut dyn Random) -> Result<(), Fault> {
                Ok(())
            }
            fn handle_timeout(&mut self, _: Timestamp, _: &mut dyn Random) -> Result<(), Fault> {
                Ok(())
            }
            fn poll_transmit(&mut self, _: Timestamp, _: &mut dyn Random, out: &mut Vec<u8>) {
                out.extend_from_slice(&self.0);
            }
            fn poll_timeout(&self) -> Option<Timestamp> {
                None
            }
            fn handle_closed(&mut self, _: Timestamp, _: &Closed) {}
        }
        let driver = size_of::<Driver<TcpStream, Idle>>();
        let future = size_of::<Admitted<TcpStream, Idle>>();
        assert!(driver <= 400 + 320 && future <= driver + 128, "{driver} in {future}");
    }

    #[test]
    fn pauses_after_failed_accepts_double_up_to_a_limit() {
        let limits = Limits::DEFAULT;
        let error = io::Error::other("out of descriptors");
        let mut pause = Duration::ZERO;
        for expected_ms in [10, 20, 40, 80, 160, 320, 640, 1000, 1000] {
            pause = next_pause(pause, &limits, &error);
            assert_eq!(pause, Duration::from_millis(expected_ms));
        }
        let aborted = io::ErrorKind::ConnectionAborted.into();
        assert_eq!(next_pause(pause, &limits, &aborted), Duration::ZERO);
    }
}
