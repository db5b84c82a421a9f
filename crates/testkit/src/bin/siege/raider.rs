//! A client with a key and without manners. Unlike the test kit's wire it expects to be refused.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use heliogram_crypto::{AuthKey, Random as _};
use heliogram_ids::{MsgId, Salt, SessionId};
use heliogram_mtproto::handshake::HandshakeConfig;
use heliogram_mtproto::link::{ClientConfig, ClientEvent, ClientLink, ClientTransport, LinkLimits};
use heliogram_mtproto::message::container::{self, Message};
use heliogram_mtproto::message::{Outgoing, gzip};
use heliogram_mtproto::transport::Framing;
use heliogram_net::{Clock, OsRandom};
use heliogram_testkit::{handshake, introduced};
use heliogram_tl as tl;
use heliogram_tl::{Bytes, Decode as _, Function, Reader};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use crate::field::{Field, PATIENCE, Source};

/// A connection with a key.
pub(crate) struct Raider {
    pub(crate) stream: TcpStream,
    link: ClientLink,
    key: Option<Arc<AuthKey>>,
    salt: Salt,
    pub(crate) session_id: SessionId,
    clock: Clock,
    last_id: i64,
    content: i32,
}

/// What a request came to: its result, or an error's name.
pub(crate) type Outcome<T> = Result<T, String>;

impl Raider {
    /// Connects, and makes a key.
    pub(crate) async fn arrive(field: &Field, from: Source) -> io::Result<Self> {
        let mut raider = Self::knock(field, from).await?;
        raider.agree(handshake(field.key)).await?;
        Ok(raider)
    }

    /// Connects without a word.
    pub(crate) async fn knock(field: &Field, from: Source) -> io::Result<Self> {
        let stream = field.dial(field.address, from).await?;
        Ok(Self {
            stream,
            link: link(),
            key: None,
            salt: Salt(0),
            session_id: SessionId(OsRandom.i64()),
            clock: Clock::start(),
            last_id: 0,
            content: 0,
        })
    }

    /// The same client on another connection.
    pub(crate) async fn move_to(&mut self, field: &Field, from: Source) -> io::Result<()> {
        self.stream = field.dial(field.address, from).await?;
        self.link = link();
        Ok(())
    }

    /// Makes a key.
    pub(crate) async fn agree(&mut self, how: HandshakeConfig) -> io::Result<()> {
        self.link.start_handshake(self.clock.now(), how, &mut OsRandom);
        loop {
            let mut bytes = Vec::new();
            self.link.poll_transmit(&mut bytes);
            self.stream.write_all(&bytes).await?;
            if self.key.is_some() {
                return Ok(());
            }
            self.hear().await?;
        }
    }

    /// One step of a handshake, and no more.
    pub(crate) async fn shake_half(
        &mut self,
        how: HandshakeConfig,
        steps: usize,
    ) -> io::Result<()> {
        self.link.start_handshake(self.clock.now(), how, &mut OsRandom);
        for _ in 0..steps {
            let mut bytes = Vec::new();
            self.link.poll_transmit(&mut bytes);
            self.stream.write_all(&bytes).await?;
            self.hear().await?;
        }
        Ok(())
    }

    /// A number for the next message.
    pub(crate) fn next_id(&mut self) -> MsgId {
        let nanos = i128::from(self.clock.now().nanos());
        let now = i64::try_from((nanos << 32) / 1_000_000_000).unwrap_or(i64::MAX) & !3;
        self.last_id = now.max(self.last_id + 4);
        MsgId(self.last_id)
    }

    /// The bytes of one message.
    pub(crate) fn seal(&mut self, msg_id: MsgId, body: impl Into<Bytes>) -> Vec<u8> {
        self.content += 1;
        let (salt, session_id, seq_no) = (self.salt, self.session_id, self.content * 2 - 1);
        let message = Outgoing { salt, session_id, msg_id, seq_no, body: body.into() };
        let mut bytes = Vec::new();
        if let Some(key) = &self.key {
            self.link.send(&mut OsRandom, key, &message);
            self.link.poll_transmit(&mut bytes);
        }
        bytes
    }

    /// A container of the same body, so many times, each under a number of its own.
    pub(crate) fn contain(&mut self, body: &Bytes, count: usize) -> Vec<u8> {
        let messages: Vec<Message> = (0..count)
            .map(|_| {
                self.content += 1;
                let seq_no = self.content * 2 - 1;
                Message { msg_id: self.next_id(), seq_no, body: body.clone() }
            })
            .collect();
        let mut body = Vec::new();
        container::encode(&messages, &mut body);
        let outer = self.next_id();
        self.seal(outer, body)
    }

    /// Lets bytes go.
    pub(crate) async fn say(&mut self, bytes: &[u8]) -> io::Result<()> {
        let saying = tokio::time::timeout(PATIENCE, self.stream.write_all(bytes));
        saying.await.unwrap_or_else(|_| Err(io::ErrorKind::TimedOut.into()))
    }

    /// Asks, and waits for what it comes to.
    pub(crate) async fn ask<F: Function>(&mut self, request: &F) -> io::Result<Outcome<F::Return>> {
        loop {
            let msg_id = self.next_id();
            let bytes = self.seal(msg_id, introduced(request));
            self.say(&bytes).await?;
            let Some(answer) = self.answer_to(msg_id).await? else { continue };
            if let Ok(error) = tl::mtproto::types::RpcError::from_bytes(&answer) {
                return Ok(Err(error.error_message.to_string()));
            }
            return Ok(F::Return::from_bytes(&answer).map_err(|error| error.to_string()));
        }
    }

    /// The answer to a request; `None` if it has to be sent again.
    async fn answer_to(&mut self, request: MsgId) -> io::Result<Option<Bytes>> {
        loop {
            for message in self.hear().await? {
                if let Ok(bad) = tl::mtproto::types::BadServerSalt::from_bytes(&message.body) {
                    self.salt = Salt(bad.new_server_salt);
                    return Ok(None);
                }
                if answered(&message.body) == Some(request) {
                    return Ok(Some(unpacked(message.body.slice(12..))));
                }
            }
        }
    }

    /// What comes next.
    pub(crate) async fn hear(&mut self) -> io::Result<Vec<Message>> {
        let mut buffer = vec![0; 1 << 16];
        let reading = tokio::time::timeout(PATIENCE, self.stream.read(&mut buffer));
        let read = reading.await.map_err(|_| io::Error::from(io::ErrorKind::TimedOut))??;
        if read == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        let now = self.clock.now();
        let bytes = &mut buffer[..read];
        let taken = self.link.handle_bytes(now, bytes, &self.key, &mut OsRandom);
        taken.map_err(|fault| io::Error::other(fault.to_string()))?;
        let mut heard = Vec::new();
        while let Some(event) = self.link.poll_event() {
            match event {
                ClientEvent::KeyReady(ready) => {
                    (self.key, self.salt) = (Some(ready.auth_key), ready.salt);
                }
                ClientEvent::Opened(opened) => unfold(opened.msg_id, opened.body, &mut heard),
                ClientEvent::TransportError(-429) => {
                    return Err(io::ErrorKind::QuotaExceeded.into());
                }
                ClientEvent::TransportError(_) | ClientEvent::HandshakeFailed(_) => {
                    return Err(io::ErrorKind::ConnectionRefused.into());
                }
                ClientEvent::QuickAck(_) => {}
            }
        }
        Ok(heard)
    }

    /// Logs in with a test number of a development server, as somebody new if need be.
    pub(crate) async fn log_in(&mut self, number: usize) -> io::Result<()> {
        let phone = format!("999662{number:04}");
        let failed = |what: String| io::Error::other(what);
        let request = tl::auth::SendCode {
            phone_number: phone.as_str().into(),
            api_id: 1,
            api_hash: "hash".into(),
            settings: tl::types::CodeSettings::default().into(),
        };
        let sent = self.ask(&request).await?.map_err(failed)?;
        let tl::auth::SentCode::SentCode(sent) = sent else {
            return Err(failed("no code is asked for".to_owned()));
        };
        let (phone_number, phone_code_hash) = (phone.as_str().into(), sent.phone_code_hash);
        let request = tl::auth::SignIn {
            phone_number,
            phone_code_hash: phone_code_hash.clone(),
            phone_code: Some("22222".into()),
            email_verification: None,
        };
        let done = self.ask(&request).await?.map_err(failed)?;
        if let tl::auth::Authorization::Authorization(_) = done {
            return Ok(());
        }
        let request = tl::auth::SignUp {
            phone_number: phone.as_str().into(),
            phone_code_hash,
            first_name: "Raider".into(),
            ..Default::default()
        };
        self.ask(&request).await?.map(drop).map_err(failed)
    }
}

fn link() -> ClientLink {
    let transport = ClientTransport::Plain(Framing::Intermediate);
    ClientLink::new(&ClientConfig { transport, limits: LinkLimits::DEFAULT }, &mut OsRandom)
}

fn unfold(msg_id: MsgId, body: Bytes, heard: &mut Vec<Message>) {
    match container::parse(&body) {
        Ok(members) => members.into_iter().for_each(|one| unfold(one.msg_id, one.body, heard)),
        Err(_) => heard.push(Message { msg_id, seq_no: 0, body: unpacked(body) }),
    }
}

fn unpacked(body: Bytes) -> Bytes {
    if gzip::is_packed(&body) { gzip::unpack(&body, 1 << 24).unwrap_or(body) } else { body }
}

/// The request that a message answers, if it is an `rpc_result`.
fn answered(body: &Bytes) -> Option<MsgId> {
    let mut reader = Reader::of(body);
    if reader.u32() != Ok(RPC_RESULT) {
        return None;
    }
    reader.i64().ok().map(MsgId)
}

/// `rpc_result`, which the schema cannot describe.
const RPC_RESULT: u32 = 0xf35c_6d01;

/// How a temporary key is asked for.
pub(crate) fn temporary(field: &Field) -> HandshakeConfig {
    HandshakeConfig { expires_in: Some(Duration::from_secs(86_400)), ..handshake(field.key) }
}
