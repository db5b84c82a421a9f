//! P9 and P10: a question to the data centre, against a server that decrypts, does nothing, and
//! encrypts an answer of the same length.

use std::net::SocketAddr;
use std::sync::Arc;

use bytes::Bytes;
use heliogram_crypto::{AuthKey, Random};
use heliogram_ids::{MsgId, Salt, Timestamp};
use heliogram_mtproto::Fault;
use heliogram_mtproto::link::{LinkEvent, LinkLimits, ServerConfig, ServerLink};
use heliogram_mtproto::message::Outgoing;
use heliogram_net::{Clock, Closed, Connection, Limits as NetLimits, PeerInfo, Service, Waker};
use heliogram_tl::{self as tl, Decode as _, Encode as _};
use tokio::net::TcpListener;
use tokio::runtime::Runtime;

use super::cloud::{Cloud, DC};
use super::wire::Client;
use crate::Trouble;
use crate::rounds::race;
use crate::row::{Bar, Outcome, Row, Unit};

pub(super) fn rows() -> Result<Vec<Row>, Trouble> {
    let cloud = Cloud::in_memory()?;
    let (mut client, login) = cloud.greet()?;
    let question = Bytes::from(tl::help::GetConfig {}.to_bytes());
    let answer = client.ask(&question, 1)?;
    let config = tl::Config::from_bytes(&answer.slice(12..))?;
    let tl::Config::Config(config) = config;
    if config.this_dc != DC {
        return Err("help.getConfig answers with another data centre".into());
    }

    let ceiling = echo(&cloud.runtime, Arc::clone(&login.key), answer)?;
    let mut echoed = Client::connect(ceiling, 2, Some(login))?;
    let mut row = |target, what, outstanding, bar| {
        let times = race(&mut [
            &mut || drop(client.ask(&question, outstanding).expect("the cloud answers")),
            &mut || drop(echoed.ask(&question, outstanding).expect("the echo answers")),
        ]);
        let each = outstanding as f64;
        let outcome = Outcome::Measured {
            ours: Unit::PerSecond.of(each * 1e9 / times.nanos(0)),
            partner: "encrypted echo",
            theirs: Unit::PerSecond.of(each * 1e9 / times.nanos(1)),
            figure: Unit::Share.of(times.ratio(1, 0)),
            bar: Bar::AtLeast(bar),
        };
        Row { target, what, outcome }
    };
    Ok(vec![
        row("P9", "help.getConfig, 16 outstanding", 16, 0.4),
        row("P10", "help.getConfig, one outstanding", 1, 0.7),
    ])
}

/// Starts a server that answers every message of `key`'s with `answer`.
fn echo(runtime: &Runtime, key: Arc<AuthKey>, answer: Bytes) -> Result<SocketAddr, Trouble> {
    let listener = runtime.block_on(TcpListener::bind(("127.0.0.1", 0)))?;
    let address = listener.local_addr()?;
    let limits = LinkLimits::DEFAULT;
    let config = ServerConfig { rsa_keys: Vec::new(), dc_ids: Vec::new(), secret: None, limits };
    let echo = Arc::new(Echo { config: Arc::new(config), key, answer });
    let server = heliogram_net::Server::new(echo, Clock::start(), NetLimits::DEFAULT);
    runtime.spawn(async move { server.listen(listener).await });
    Ok(address)
}

struct Echo {
    config: Arc<ServerConfig>,
    key: Arc<AuthKey>,
    answer: Bytes,
}

struct EchoLink {
    echo: Arc<Echo>,
    machine: ServerLink,
}

impl Service for Echo {
    type Connection = EchoLink;

    fn connect(self: &Arc<Self>, _: PeerInfo, _: Waker) -> EchoLink {
        EchoLink { echo: Arc::clone(self), machine: ServerLink::new(Arc::clone(&self.config)) }
    }
}

impl Connection for EchoLink {
    fn handle_bytes(
        &mut self,
        now: Timestamp,
        bytes: &mut [u8],
        rng: &mut dyn Random,
    ) -> Result<(), Fault> {
        self.machine.handle_bytes(now, bytes, &self.echo.key, rng)?;
        while let Some(event) = self.machine.poll_event() {
            let LinkEvent::Opened(opened) = event else { continue };
            let answer = Outgoing {
                salt: Salt(0),
                session_id: opened.session_id,
                msg_id: MsgId(opened.msg_id.get() | 1),
                seq_no: 0,
                body: self.echo.answer.clone(),
            };
            self.machine.send(rng, &opened.auth_key, &answer);
        }
        Ok(())
    }

    fn handle_wake(&mut self, _: Timestamp, _: &mut dyn Random) -> Result<(), Fault> {
        Ok(())
    }

    fn handle_timeout(&mut self, now: Timestamp, _: &mut dyn Random) -> Result<(), Fault> {
        self.machine.handle_timeout(now);
        Ok(())
    }

    fn poll_transmit(&mut self, _: Timestamp, _: &mut dyn Random, out: &mut Vec<u8>) {
        self.machine.poll_transmit(out);
    }

    fn poll_timeout(&self) -> Option<Timestamp> {
        self.machine.poll_timeout()
    }

    fn handle_closed(&mut self, _: Timestamp, _: &Closed) {}
}
