//! Both ends of a connection, without a network in between.

use std::collections::HashMap;
use std::sync::{Arc, LazyLock};
use std::time::Duration;

use heliogram_crypto::{AuthKey, SeededRandom, rsa};
use heliogram_ids::{AuthKeyId, DcId, MsgId, Salt, SessionId, Timestamp};

use crate::Fault;
use crate::handshake::{HandshakeConfig, Ready, RsaPadding};
use crate::link::*;
use crate::message::Outgoing;
use crate::transport::{Framing, ProxySecret};

pub(super) static RSA_KEY: LazyLock<rsa::PrivateKey> =
    LazyLock::new(|| rsa::PrivateKey::generate(&mut SeededRandom::new(60)));

pub(super) const NOW: Timestamp = Timestamp::from_secs(1_700_000_000);
pub(super) const SECRET: ProxySecret = ProxySecret([9; 16]);

pub(super) fn server_config(secret: Option<ProxySecret>) -> Arc<ServerConfig> {
    Arc::new(ServerConfig {
        rsa_keys: vec![RSA_KEY.clone()],
        dc_ids: vec![DcId::new(2).unwrap()],
        secret,
        limits: LinkLimits { frame_bytes_max: 1 << 20, ..LinkLimits::DEFAULT },
    })
}

/// Every transport a client may choose, with the secret the server must have.
pub(super) fn transports() -> Vec<(ClientTransport, Option<ProxySecret>)> {
    let plain = Framing::ALL.map(|framing| (ClientTransport::Plain(framing), None));
    let disguised = Framing::ALL.into_iter().flat_map(|framing| {
        [None, Some(SECRET)].into_iter().filter_map(move |secret| {
            let disguise = Disguise::new(framing, 2, secret)?;
            Some((ClientTransport::Obfuscated(disguise), secret))
        })
    });
    plain.into_iter().chain(disguised).collect()
}

/// Both ends of one connection.
pub(super) struct Pair {
    pub(super) client: ClientLink,
    pub(super) server: ServerLink,
    pub(super) keys: HashMap<AuthKeyId, Arc<AuthKey>>,
    pub(super) rng: SeededRandom,
    /// How many bytes at most arrive at once.
    pub(super) chunk: usize,
}

impl Pair {
    pub(super) fn new(
        transport: ClientTransport,
        secret: Option<ProxySecret>,
        chunk: usize,
    ) -> Self {
        let mut rng = SeededRandom::new(61);
        let limits = LinkLimits { frame_bytes_max: 1 << 20, ..LinkLimits::DEFAULT };
        Self {
            client: ClientLink::new(&ClientConfig { transport, limits }, &mut rng),
            server: ServerLink::new(server_config(secret)),
            keys: HashMap::new(),
            rng,
            chunk,
        }
    }

    pub(super) fn plain(framing: Framing) -> Self {
        Self::new(ClientTransport::Plain(framing), None, usize::MAX)
    }

    /// A pair that shares a key without having made it.
    pub(super) fn with_key(mut self) -> (Self, Arc<AuthKey>) {
        let key = Arc::new(AuthKey::new([5; 256]));
        self.keys.insert(AuthKeyId(key.id()), Arc::clone(&key));
        (self, key)
    }

    pub(super) fn reach_server(&mut self) -> Result<Vec<LinkEvent>, Fault> {
        let mut bytes = Vec::new();
        self.client.poll_transmit(&mut bytes);
        for piece in bytes.chunks_mut(self.chunk) {
            self.server.handle_bytes(NOW, piece, &self.keys, &mut self.rng)?;
        }
        Ok(std::iter::from_fn(|| self.server.poll_event()).collect())
    }

    pub(super) fn reach_client(&mut self) -> Result<Vec<ClientEvent>, Fault> {
        let mut bytes = Vec::new();
        self.server.poll_transmit(&mut bytes);
        for piece in bytes.chunks_mut(self.chunk) {
            self.client.handle_bytes(NOW, piece, &self.keys, &mut self.rng)?;
        }
        Ok(std::iter::from_fn(|| self.client.poll_event()).collect())
    }

    /// Makes a key; the server's events and the client's.
    pub(super) fn shake_hands(&mut self, config: HandshakeConfig) -> (LinkEvent, Ready) {
        self.client.start_handshake(NOW, config, &mut self.rng);
        let mut created = None;
        for _ in 0..3 {
            for event in self.reach_server().unwrap() {
                if let LinkEvent::KeyCreated { auth_key, .. } = &event {
                    self.keys.insert(AuthKeyId(auth_key.id()), Arc::clone(auth_key));
                }
                created = Some(event);
            }
            if let Some(event) = self.reach_client().unwrap().pop() {
                let ClientEvent::KeyReady(ready) = event else { panic!("{event:?}") };
                return (created.expect("the server knows first"), ready);
            }
        }
        panic!("no key after three questions");
    }
}

pub(super) fn handshake_config(expires_in: Option<Duration>) -> HandshakeConfig {
    HandshakeConfig {
        rsa_keys: [RSA_KEY.public()].into(),
        dc: Some(2),
        expires_in,
        padding: RsaPadding::Pad,
    }
}

pub(super) fn message(msg_id: i64, len: usize) -> Outgoing {
    Outgoing {
        salt: Salt(1),
        session_id: SessionId(2),
        msg_id: MsgId(msg_id),
        seq_no: 3,
        body: vec![0x5a; len].into(),
    }
}
