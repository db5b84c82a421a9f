//! A data centre of a few lines: real links, scripted answers.
//!
//! It keeps no session state beyond what a client needs to believe it, so that what is tested is
//! the client alone. Every connection is a pipe; there are no ports and no sleeps.

use std::collections::VecDeque;
use std::sync::Arc;

use heliogram_client::{Client, ClientBuilder};
use heliogram_crypto::rsa::{PrivateKey, PublicKey};
use heliogram_crypto::{AuthKey, SeededRandom};
use heliogram_ids::{AuthKeyId, DcId, MsgId, Salt, SessionId, Timestamp};
use heliogram_mtproto::link::{AuthKeys, LinkEvent, LinkLimits, ServerConfig, ServerLink};
use heliogram_mtproto::message::{Opened, Outgoing, container, gzip};
use heliogram_net::{Clock, OsRandom};
use heliogram_tl as tl;
use heliogram_tl::{Bare, Bytes, Constructor, Decode, Encode, Function, Reader};
use parking_lot::Mutex;
use tokio::io::{AsyncReadExt, AsyncWriteExt, DuplexStream};
use tokio::sync::Notify;

/// What the server says to a request.
pub(crate) enum Reply {
    /// A result.
    Object(Vec<u8>),
    /// An error.
    Error(i32, &'static str),
    /// Nothing: the connection is cut.
    HangUp,
}

type Script = Box<dyn FnMut(u32, &Bytes) -> Reply + Send>;

/// A scripted data centre.
#[derive(Clone)]
pub(crate) struct Dc(Arc<Inner>);

struct Inner {
    config: Arc<ServerConfig>,
    clock: Clock,
    keys: Keys,
    script: Mutex<Script>,
    pushes: Mutex<VecDeque<Bytes>>,
    pushed: Notify,
}

#[derive(Default)]
struct Keys(Mutex<Vec<Arc<AuthKey>>>);

impl AuthKeys for Keys {
    fn auth_key(&self, id: AuthKeyId) -> Option<Arc<AuthKey>> {
        self.0.lock().iter().find(|key| key.id() == id.get()).cloned()
    }
}

impl Reply {
    /// A result of a function.
    pub(crate) fn of<F: Function>(_: &F, value: F::Return) -> Self {
        Self::Object(value.to_bytes())
    }
}

impl Dc {
    /// A data centre that answers by `script`, which is given a function's id and its bytes.
    pub(crate) fn new(script: impl FnMut(u32, &Bytes) -> Reply + Send + 'static) -> Self {
        let rsa_keys = vec![PrivateKey::generate(&mut SeededRandom::new(7))];
        let config =
            ServerConfig { rsa_keys, dc_ids: vec![], secret: None, limits: LinkLimits::DEFAULT };
        Self(Arc::new(Inner {
            config: Arc::new(config),
            clock: Clock::starting_at(Timestamp::from_secs(1_700_000_000)),
            keys: Keys::default(),
            script: Mutex::new(Box::new(script)),
            pushes: Mutex::default(),
            pushed: Notify::new(),
        }))
    }

    /// A builder of clients of this data centre.
    pub(crate) fn client(&self) -> ClientBuilder {
        let key: PublicKey = self.0.config.rsa_keys[0].public();
        let dc = self.clone();
        let connector = move || {
            let (ours, theirs) = tokio::io::duplex(1 << 16);
            tokio::spawn(dc.clone().serve(ours));
            async move { Ok::<_, std::io::Error>(theirs) }
        };
        Client::builder().api(1, "hash").dc(DcId::MIN, connector, [key]).clock(self.0.clock.clone())
    }

    /// Pushes an update to whoever is connected.
    pub(crate) fn push(&self, updates: impl Into<tl::Updates>) {
        self.0.pushes.lock().push_back(updates.into().to_bytes().into());
        self.0.pushed.notify_one();
    }

    async fn serve(self, mut stream: DuplexStream) {
        let mut link = ServerLink::new(Arc::clone(&self.0.config));
        let mut peer: Option<Peer> = None;
        let mut buffer = vec![0; 1 << 16];
        loop {
            let read = tokio::select! {
                read = stream.read(&mut buffer) => read.unwrap_or(0),
                () = self.0.pushed.notified(), if peer.as_ref().is_some_and(|peer| peer.talks) => {
                    let pushes = std::mem::take(&mut *self.0.pushes.lock());
                    let peer = peer.as_mut().expect("checked in the branch's condition");
                    for body in pushes {
                        peer.send(&mut link, self.0.clock.now(), body, Kind::Push);
                    }
                    if write(&mut link, &mut stream).await.is_none() { return };
                    continue;
                }
            };
            if read == 0 {
                return;
            }
            let now = self.0.clock.now();
            let bytes = &mut buffer[..read];
            if link.handle_bytes(now, bytes, &self.0.keys, &mut OsRandom).is_err() {
                return;
            }
            while let Some(event) = link.poll_event() {
                match event {
                    LinkEvent::Labour(_) => panic!("this link does the work itself"),
                    LinkEvent::KeyCreated { auth_key, .. } => self.0.keys.0.lock().push(auth_key),
                    LinkEvent::Opened(opened) => {
                        let peer = peer.get_or_insert_with(|| Peer::new(&opened));
                        if self.on_opened(&mut link, peer, &opened).is_none() {
                            return;
                        }
                    }
                }
            }
            if write(&mut link, &mut stream).await.is_none() {
                return;
            }
        }
    }

    fn on_opened(&self, link: &mut ServerLink, peer: &mut Peer, opened: &Opened) -> Option<()> {
        let body = unpacked(&opened.body);
        if !container::is_container(&body) {
            return self.on_message(link, peer, opened.msg_id, &body);
        }
        let messages = container::parse(&body).expect("the client's containers are sound");
        for message in messages {
            self.on_message(link, peer, message.msg_id, &unpacked(&message.body))?;
        }
        Some(())
    }

    fn on_message(
        &self,
        link: &mut ServerLink,
        peer: &mut Peer,
        id: MsgId,
        body: &Bytes,
    ) -> Option<()> {
        let now = self.0.clock.now();
        let mut reader = Reader::of(body);
        match reader.peek_u32().expect("a message has an id") {
            tl::mtproto::types::MsgsAck::ID => return Some(()),
            function @ (tl::mtproto::Ping::ID | tl::mtproto::PingDelayDisconnect::ID) => {
                reader.u32().expect("peeked");
                let ping_id = reader.i64().expect("a ping has an id");
                let pong = tl::mtproto::types::Pong { msg_id: id.get(), ping_id };
                let _ = function;
                peer.send(link, now, tl::mtproto::Pong::from(pong).to_bytes().into(), Kind::Reply);
                return Some(());
            }
            tl::mtproto::GetFutureSalts::ID => {
                let mut out = tl::mtproto::types::FutureSalts::ID.to_le_bytes().to_vec();
                out.extend(id.get().to_le_bytes());
                out.extend(now.unix().to_le_bytes());
                out.extend(0_i32.to_le_bytes());
                peer.send(link, now, out.into(), Kind::Reply);
                return Some(());
            }
            _ => {}
        }
        let query = unwrapped(body.clone());
        let function = Reader::of(&query).peek_u32().expect("a query has an id");
        peer.talks |= function != tl::upload::GetFile::ID;
        let reply = if function == tl::help::GetConfig::ID {
            Reply::Object(tl::Config::from(tl::types::Config::default()).to_bytes())
        } else {
            (self.0.script.lock())(function, &query)
        };
        let object = match reply {
            Reply::Object(object) => object,
            Reply::Error(error_code, text) => {
                let error = tl::mtproto::types::RpcError { error_code, error_message: text.into() };
                let mut out = tl::mtproto::types::RpcError::ID.to_le_bytes().to_vec();
                error.encode_bare(&mut out);
                out
            }
            Reply::HangUp => return None,
        };
        let mut out = 0xf35c_6d01_u32.to_le_bytes().to_vec();
        out.extend(id.get().to_le_bytes());
        out.extend(object);
        peer.send(link, now, out.into(), Kind::Reply);
        self.0.pushed.notify_one();
        Some(())
    }
}

/// One session as the scripted server sees it.
struct Peer {
    key: Arc<AuthKey>,
    session_id: SessionId,
    salt: Salt,
    last: i64,
    content: i32,
    /// It has asked for something other than files, so it wants updates.
    talks: bool,
}

#[derive(PartialEq)]
enum Kind {
    Reply,
    Push,
}

impl Peer {
    fn new(opened: &Opened) -> Self {
        let (key, session_id) = (Arc::clone(&opened.auth_key), opened.session_id);
        Self { key, session_id, salt: opened.salt, last: 0, content: 0, talks: false }
    }

    fn send(&mut self, link: &mut ServerLink, now: Timestamp, body: Bytes, kind: Kind) {
        let nanos = i128::from(now.nanos());
        let at = i64::try_from((nanos << 32) / 1_000_000_000).expect("before the year 2038") & !3;
        let tail = if kind == Kind::Reply { 1 } else { 3 };
        self.last = (at | tail).max(((self.last + 4) & !3) | tail);
        let seq_no = self.content * 2 + 1;
        self.content += 1;
        let message = Outgoing {
            salt: self.salt,
            session_id: self.session_id,
            msg_id: MsgId(self.last),
            seq_no,
            body,
        };
        link.send(&mut OsRandom, &self.key, &message);
    }
}

async fn write(link: &mut ServerLink, stream: &mut DuplexStream) -> Option<()> {
    let mut out = Vec::new();
    link.poll_transmit(&mut out);
    stream.write_all(&out).await.ok()
}

fn unpacked(body: &Bytes) -> Bytes {
    match gzip::is_packed(body) {
        true => gzip::unpack(body, 1 << 24).expect("the client packs soundly"),
        false => body.clone(),
    }
}

fn unwrapped(query: Bytes) -> Bytes {
    let mut query = unpacked(&query);
    loop {
        let inner = match Reader::of(&query).peek_u32().expect("a query has an id") {
            tl::InvokeWithLayer::ID => tl::InvokeWithLayer::from_bytes(&query).map(|q| q.query),
            tl::InitConnection::ID => tl::InitConnection::from_bytes(&query).map(|q| q.query),
            tl::InvokeWithoutUpdates::ID => {
                tl::InvokeWithoutUpdates::from_bytes(&query).map(|q| q.query)
            }
            _ => return query,
        };
        query = unpacked(&inner.expect("the client wraps soundly").0);
    }
}
