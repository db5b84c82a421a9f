//! An MTProxy in front of the service: clients are let in, strangers are kept busy.
//!
//! Whoever probes the port must not learn what it is. So a stranger is never answered and never
//! sent away: what he says goes to another server, if there is one, or nowhere.

use std::io;
use std::time::Duration;

use heliogram_ids::DcId;
use heliogram_mtproto::transport::{ProxyDoor, ProxyGreeting, ProxyLane, ProxyStep, Welcome};
use parking_lot::Mutex;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _, copy_bidirectional};
use tokio::net::TcpStream;
use tracing::debug;

use crate::masked::{Masked, unfit};
use crate::{Clock, OsRandom, Rewound, dial};

/// The door, and what lies beside it.
#[derive(Debug)]
pub struct MtProxy {
    door: Mutex<ProxyDoor>,
    /// Who answers strangers, as `host:port`.
    fallback: Option<String>,
    limits: MtProxyLimits,
}

/// Bounds of what somebody at the door may cost.
#[derive(Clone, Copy, Debug)]
pub struct MtProxyLimits {
    /// How long an opening may take; what has come by then is a stranger's.
    pub greeting_max: Duration,
    /// How long a stranger is kept.
    pub stranger_max: Duration,
    /// How long the fallback may take to answer.
    pub dial_max: Duration,
}

impl MtProxyLimits {
    /// Clients give up after ten seconds or so themselves.
    pub const DEFAULT: Self = Self {
        greeting_max: Duration::from_secs(10),
        stranger_max: Duration::from_secs(5 * 60),
        dial_max: Duration::from_secs(5),
    };
}

/// What somebody at the door turned out to be.
pub(crate) enum Visitor {
    /// A client, who wants this data centre.
    Client(Rewound<Masked<TcpStream, ProxyLane>>, DcId),
    /// Who does not know the secret, and what he said.
    Stranger(TcpStream, Vec<u8>),
}

impl MtProxy {
    /// A proxy with this door. Strangers talk to `fallback`, as `host:port`, or to nobody.
    pub fn new(door: ProxyDoor, fallback: Option<String>, limits: MtProxyLimits) -> Self {
        Self { door: Mutex::new(door), fallback, limits }
    }

    /// Finds out who came; `first` is what he has said already. `None` if he is gone, or was sent
    /// away with an answer.
    pub(crate) async fn greet(
        &self,
        mut stream: TcpStream,
        mut first: Vec<u8>,
        clock: &Clock,
    ) -> io::Result<Option<Visitor>> {
        let mut greeting = ProxyGreeting::default();
        let deadline = tokio::time::Instant::now() + self.limits.greeting_max;
        loop {
            if !first.is_empty() {
                let mut out = Vec::new();
                let step = self.step(&mut greeting, &mut first, clock, &mut out);
                // Also before a fault: whether it came in the same piece must not be seen.
                stream.write_all(&out).await?;
                match step? {
                    ProxyStep::More => {}
                    ProxyStep::Refused => return Ok(None),
                    ProxyStep::Stranger => {
                        return Ok(Some(Visitor::Stranger(stream, greeting.into_first())));
                    }
                    ProxyStep::Welcome(Welcome { dc, first, lane }) => {
                        let stream = Rewound::new(first, Masked::new(stream, lane));
                        return Ok(Some(Visitor::Client(stream, dc)));
                    }
                }
                first.clear();
            }
            let read = stream.read_buf(&mut first);
            match tokio::time::timeout_at(deadline, read).await {
                Ok(Ok(0)) => return Ok(None),
                Ok(read) => read.map(drop)?,
                Err(_) if greeting.is_answered() => return Ok(None),
                Err(_) => return Ok(Some(Visitor::Stranger(stream, greeting.into_first()))),
            }
        }
    }

    fn step(
        &self,
        greeting: &mut ProxyGreeting,
        bytes: &mut [u8],
        clock: &Clock,
        out: &mut Vec<u8>,
    ) -> io::Result<ProxyStep> {
        let mut door = self.door.lock();
        let step = greeting.handle_bytes(clock.now(), bytes, &mut door, &mut OsRandom, out);
        step.map_err(unfit)
    }

    /// Keeps a stranger busy until he leaves or his time is up.
    pub(crate) async fn entertain(&self, stream: TcpStream, first: &[u8]) {
        let busy = tokio::time::timeout(self.limits.stranger_max, self.occupy(stream, first));
        if let Ok(Err(error)) = busy.await {
            debug!(%error, "stranger left");
        }
    }

    async fn occupy(&self, mut stream: TcpStream, first: &[u8]) -> io::Result<()> {
        match self.dial_fallback().await {
            Some(mut fallback) => {
                fallback.write_all(first).await?;
                copy_bidirectional(&mut stream, &mut fallback).await.map(drop)
            }
            None => tokio::io::copy(&mut stream, &mut tokio::io::sink()).await.map(drop),
        }
    }

    async fn dial_fallback(&self) -> Option<TcpStream> {
        let name = self.fallback.as_ref()?;
        let dialled = async {
            let addresses: Vec<_> = tokio::net::lookup_host(name).await?.collect();
            dial(&addresses, self.limits.dial_max).await
        };
        dialled.await.inspect_err(|error| tracing::warn!(%name, %error, "no fallback")).ok()
    }
}
