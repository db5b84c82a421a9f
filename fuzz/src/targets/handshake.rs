//! The making of keys with somebody in between who changes, repeats, cuts and invents messages.
//!
//! A client never believes in a key that the server has not made, both hold the same bytes, and if nobody
//! meddled there is one. Nothing that a stranger sends ends in more than a refusal.

use std::collections::HashMap;
use std::sync::{Arc, LazyLock};
use std::time::Duration;

use arbitrary::{Arbitrary, Unstructured};
use heliogram_crypto::{AuthKey, SeededRandom, rsa};
use heliogram_ids::{AuthKeyId, DcId, Timestamp};
use heliogram_mtproto::handshake::{HandshakeConfig, RsaPadding};
use heliogram_mtproto::link::{
    ClientConfig, ClientEvent, ClientLink, ClientTransport, LinkEvent, LinkLimits, ServerConfig,
    ServerLink,
};
use heliogram_mtproto::transport::Framing;

use super::script;

/// What becomes of what is on its way.
#[derive(Arbitrary, Debug)]
enum Step {
    Carry,
    Change { to_server: bool, changes: Vec<(u16, u8)> },
    Cut { to_server: bool, len: u8 },
    Repeat { to_server: bool },
    Invent { to_server: bool, body: Vec<u8> },
    Begin { is_legacy: bool, dc: i8, expires_in: Option<u8> },
    Wait { secs: u16 },
}

static RSA_KEY: LazyLock<rsa::PrivateKey> =
    LazyLock::new(|| rsa::PrivateKey::generate(&mut SeededRandom::new(60)));

pub(super) fn check(input: &[u8]) {
    let mut input = Unstructured::new(input);
    let mut world = World::new();
    world.begin(false, 2, None);
    // A step costs up to a handful of exponentiations.
    for step in script::<Step>(&mut input).into_iter().take(STEPS_MAX) {
        if !world.step(step) {
            return;
        }
    }
    world.settle();
}

struct World {
    client: ClientLink,
    server: ServerLink,
    keys: HashMap<AuthKeyId, Arc<AuthKey>>,
    now: Timestamp,
    rng: SeededRandom,
    last: [Vec<u8>; 2],
    is_clean: bool,
    agreed: usize,
}

impl World {
    fn new() -> Self {
        let limits = LinkLimits::DEFAULT;
        let server = ServerConfig {
            rsa_keys: vec![RSA_KEY.clone()],
            dc_ids: DcId::new(2).into_iter().collect(),
            secret: None,
            limits,
        };
        let mut rng = SeededRandom::new(61);
        let transport = ClientTransport::Plain(Framing::Intermediate);
        Self {
            client: ClientLink::new(&ClientConfig { transport, limits }, &mut rng),
            server: ServerLink::new(Arc::new(server)),
            keys: HashMap::new(),
            now: Timestamp::from_secs(1_700_000_000),
            rng,
            last: [Vec::new(), Vec::new()],
            is_clean: true,
            agreed: 0,
        }
    }

    fn begin(&mut self, is_legacy: bool, dc: i32, expires_in: Option<u8>) {
        let config = HandshakeConfig {
            rsa_keys: [RSA_KEY.public().clone()].into(),
            dc: Some(dc),
            expires_in: expires_in.map(|secs| Duration::from_secs(u64::from(secs) + 1)),
            padding: if is_legacy { RsaPadding::Legacy } else { RsaPadding::Pad },
        };
        self.client.start_handshake(self.now, config, &mut self.rng);
    }

    /// Does a step; false once a link is over.
    fn step(&mut self, step: Step) -> bool {
        let mut is_open = true;
        match step {
            Step::Carry => {
                let there = self.taken(true);
                is_open &= self.give(true, there);
                let back = self.taken(false);
                is_open &= self.give(false, back);
            }
            Step::Change { to_server, changes } => {
                let mut bytes = self.taken(to_server);
                let len = bytes.len().max(1);
                for (at, xor) in changes {
                    if let Some(byte) = bytes.get_mut(usize::from(at) % len) {
                        *byte ^= xor;
                        self.is_clean &= xor == 0;
                    }
                }
                is_open = self.give(to_server, bytes);
            }
            Step::Cut { to_server, len } => {
                let mut bytes = self.taken(to_server);
                let kept = bytes.len().saturating_sub(usize::from(len));
                self.is_clean &= kept == bytes.len();
                bytes.truncate(kept);
                is_open = self.give(to_server, bytes);
            }
            Step::Repeat { to_server } => {
                self.is_clean = false;
                let bytes = self.last[usize::from(to_server)].clone();
                is_open = self.give(to_server, bytes);
            }
            Step::Invent { to_server, body } => {
                self.is_clean = false;
                is_open = self.give(to_server, plain(&body));
            }
            Step::Begin { is_legacy, dc, expires_in } => {
                self.is_clean = false;
                self.begin(is_legacy, dc.into(), expires_in);
            }
            Step::Wait { secs } => {
                self.is_clean = false;
                self.now = self.now + Duration::from_secs(secs.into());
                self.client.handle_timeout(self.now);
                self.server.handle_timeout(self.now);
            }
        }
        is_open
    }

    fn taken(&mut self, to_server: bool) -> Vec<u8> {
        let mut bytes = Vec::new();
        match to_server {
            true => self.client.poll_transmit(&mut bytes),
            false => self.server.poll_transmit(&mut bytes),
        };
        bytes
    }

    fn give(&mut self, to_server: bool, bytes: Vec<u8>) -> bool {
        if bytes.is_empty() {
            return true;
        }
        self.last[usize::from(to_server)].clone_from(&bytes);
        let mut bytes = bytes;
        let none = None::<Arc<AuthKey>>;
        let taken = match to_server {
            true => self.server.handle_bytes(self.now, &mut bytes, &self.keys, &mut self.rng),
            false => self.client.handle_bytes(self.now, &mut bytes, &none, &mut self.rng),
        };
        self.watch();
        assert!(taken.is_ok() || !self.is_clean, "{taken:?}");
        taken.is_ok()
    }

    fn watch(&mut self) {
        while let Some(event) = self.server.poll_event() {
            let LinkEvent::KeyCreated { auth_key, .. } = event else {
                panic!("a message under a key that nobody used: {event:?}");
            };
            self.keys.insert(AuthKeyId(auth_key.id()), auth_key);
        }
        while let Some(event) = self.client.poll_event() {
            match event {
                ClientEvent::KeyReady(ready) => {
                    let id = AuthKeyId(ready.auth_key.id());
                    let made = self.keys.get(&id).expect("a key that the server did not make");
                    assert_eq!(made.bytes(), ready.auth_key.bytes());
                    self.agreed += 1;
                }
                ClientEvent::HandshakeFailed(error) => assert!(!self.is_clean, "{error}"),
                ClientEvent::Opened(opened) => panic!("a message without a key: {opened:?}"),
                ClientEvent::QuickAck(_) | ClientEvent::TransportError(_) => {}
            }
        }
    }

    fn settle(&mut self) {
        if !self.is_clean {
            return;
        }
        for _ in 0..4 {
            self.step(Step::Carry);
        }
        assert_eq!(self.agreed, 1, "nobody meddled, and there is no key");
    }
}

/// A plain message in a frame.
fn plain(body: &[u8]) -> Vec<u8> {
    let body_len = body.len().next_multiple_of(4);
    let mut frame = u32::try_from(20 + body_len).unwrap_or(0).to_le_bytes().to_vec();
    frame.extend_from_slice(&[0; 8]);
    frame.extend_from_slice(&((1_700_000_000_i64 << 32) | 1).to_le_bytes());
    frame.extend_from_slice(&u32::try_from(body_len).unwrap_or(0).to_le_bytes());
    frame.extend_from_slice(body);
    frame.resize(24 + body_len, 0);
    frame
}

pub(super) fn seeds() -> Vec<Vec<u8>> {
    let mut seeds = super::noise(8, 120);
    // Nothing but honest carrying, and some of it before somebody meddles.
    seeds.push(Vec::new());
    seeds.push(vec![0; 16]);
    seeds
}

const STEPS_MAX: usize = 24;
