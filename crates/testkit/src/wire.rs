//! A client that is all protocol: it says what it is told, byte for byte if need be.

use std::collections::VecDeque;
use std::sync::Arc;

use heliogram_crypto::rsa::PublicKey;
use heliogram_crypto::{AuthKey, Random as _};
use heliogram_ids::{AuthKeyId, MsgId, Salt, SessionId};
use heliogram_mtproto::handshake::{HandshakeConfig, RsaPadding};
use heliogram_mtproto::link::{
    AuthKeys, ClientConfig, ClientEvent, ClientLink, ClientTransport, LinkLimits,
};
use heliogram_mtproto::message::{Outgoing, container, gzip};
use heliogram_mtproto::transport::Framing;
use heliogram_net::{Clock, OsRandom};
use heliogram_tl as tl;
use heliogram_tl::{Bytes, Constructor as _, Decode as _, Encode as _, Function, Raw, Reader};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _, DuplexStream};

use crate::soon;

/// One connection in the intermediate framing, with a key and a session.
pub struct Wire {
    stream: DuplexStream,
    link: ClientLink,
    clock: Clock,
    keys: Ring,
    /// The salt that the next message is sent under.
    pub salt: Salt,
    /// The session that the next message belongs to.
    pub session_id: SessionId,
    last_id: i64,
    content: i32,
    heard: VecDeque<Heard>,
    errors: VecDeque<i32>,
    quick_acks: VecDeque<u32>,
}

/// A message from the server, out of its container and unpacked.
#[derive(Clone, Debug)]
pub struct Heard {
    /// Its number.
    pub msg_id: MsgId,
    /// Its place in the session.
    pub seq_no: i32,
    /// What it says.
    pub body: Bytes,
}

/// Why a request has no result, as the server spelt it.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Refusal {
    /// Class of the error.
    pub code: i32,
    /// Name of the error.
    pub text: String,
}

/// The keys that were made, the one in use last.
struct Ring(Vec<(Arc<AuthKey>, Salt)>);

impl AuthKeys for Ring {
    fn auth_key(&self, id: AuthKeyId) -> Option<Arc<AuthKey>> {
        self.0.iter().map(|(key, _)| key).find(|key| key.id() == id.get()).cloned()
    }
}

impl Wire {
    /// Makes a key over a fresh connection.
    ///
    /// # Panics
    /// If the server does not agree to one.
    pub async fn open(stream: DuplexStream, rsa_key: PublicKey) -> Self {
        let mut wire = Self::silent(stream);
        wire.agree(handshake(rsa_key)).await;
        wire
    }

    /// A connection on which nothing is said yet.
    pub fn silent(stream: DuplexStream) -> Self {
        Self {
            stream,
            link: link(),
            clock: Clock::start(),
            keys: Ring(Vec::new()),
            salt: Salt(0),
            session_id: SessionId(OsRandom.i64()),
            last_id: 0,
            content: 0,
            heard: VecDeque::new(),
            errors: VecDeque::new(),
            quick_acks: VecDeque::new(),
        }
    }

    /// Makes a key, and uses it from now on.
    ///
    /// # Panics
    /// If the server does not agree to one.
    pub async fn agree(&mut self, handshake: HandshakeConfig) {
        let before = self.keys.0.len();
        self.link.start_handshake(self.clock.now(), handshake, &mut OsRandom);
        while self.keys.0.len() == before {
            self.flush().await;
            assert!(soon("a key", self.read()).await, "the server closed during the handshake");
        }
    }

    /// Asks for a handshake as old clients did, and as some do to see whether anybody is there.
    pub async fn probe(&mut self) {
        let question = tl::mtproto::ReqPq { nonce: [7; 16] }.to_bytes();
        let len = u32::try_from(question.len()).expect("a question is short");
        let (no_key, msg_id) = ([0; 8], 4_i64.to_le_bytes());
        let head = [&(20 + len).to_le_bytes()[..], &no_key, &msg_id, &len.to_le_bytes()].concat();
        self.flush().await;
        self.write(&[head, question].concat()).await;
        // The answer is nobody's, and would disturb a handshake of ours.
        assert!(soon("an answer to the probe", self.read()).await, "the server closed");
    }

    /// Goes on over another connection, with the same keys and the same session. Gives the old one,
    /// which ends unless somebody keeps it.
    pub fn move_to(&mut self, stream: DuplexStream) -> DuplexStream {
        self.link = link();
        std::mem::replace(&mut self.stream, stream)
    }

    /// Goes on in a session of its own, as a client does that has been started anew.
    pub fn start_session(&mut self) {
        self.session_id = SessionId(OsRandom.i64());
        self.content = 0;
    }

    /// The key in use.
    pub fn key(&self) -> &Arc<AuthKey> {
        &self.keys.0.last().expect("agreeing makes a key").0
    }

    /// Uses a key that was made on this wire before.
    pub fn use_key(&mut self, key: &AuthKey) {
        let place = self.keys.0.iter().position(|(other, _)| other.id() == key.id());
        let (key, salt) = self.keys.0.remove(place.expect("the key was made on this wire"));
        self.keys.0.push((key, salt));
        self.salt = salt;
    }

    /// The time by which everything is stamped.
    pub fn now(&self) -> heliogram_ids::Timestamp {
        self.clock.now()
    }

    /// A number for the next message: of now, and above all before it.
    pub fn next_id(&mut self) -> MsgId {
        let nanos = i128::from(self.clock.now().nanos());
        let now = i64::try_from((nanos << 32) / 1_000_000_000).expect("before the year 2038") & !3;
        self.last_id = now.max(self.last_id + 4);
        MsgId(self.last_id)
    }

    /// The sequence number of the next message that asks for something.
    pub fn next_seq_no(&mut self) -> i32 {
        self.content += 1;
        self.content * 2 - 1
    }

    /// The bytes of one message as they would travel, without letting them go.
    pub fn seal(&mut self, msg_id: MsgId, seq_no: i32, body: impl Into<Bytes>) -> Vec<u8> {
        let (salt, session_id) = (self.salt, self.session_id);
        let message = Outgoing { salt, session_id, msg_id, seq_no, body: body.into() };
        let key = Arc::clone(self.key());
        self.link.send(&mut OsRandom, &key, &message);
        let mut bytes = Vec::new();
        self.link.poll_transmit(&mut bytes);
        bytes
    }

    /// Like [`Self::seal`], and asks the server to say at once that the message came: with the
    /// token that is returned.
    pub fn seal_for_quick_ack(
        &mut self,
        msg_id: MsgId,
        seq_no: i32,
        body: impl Into<Bytes>,
    ) -> (Vec<u8>, u32) {
        let (salt, session_id) = (self.salt, self.session_id);
        let message = Outgoing { salt, session_id, msg_id, seq_no, body: body.into() };
        let key = Arc::clone(self.key());
        let token = self.link.send_for_quick_ack(&mut OsRandom, &key, &message);
        let mut bytes = Vec::new();
        self.link.poll_transmit(&mut bytes);
        (bytes, token)
    }

    /// Lets bytes go as they are; whether anybody takes them shows in what is heard.
    pub async fn write(&mut self, bytes: &[u8]) {
        let _ = self.stream.write_all(bytes).await;
    }

    /// Sends a body in a message of its own.
    pub async fn send(&mut self, body: impl Into<Bytes>) -> MsgId {
        let (msg_id, seq_no) = (self.next_id(), self.next_seq_no());
        let bytes = self.seal(msg_id, seq_no, body);
        self.write(&bytes).await;
        msg_id
    }

    /// Sends a request, and waits for what it comes to. What else is heard is kept.
    pub async fn call<F: Function>(&mut self, request: &F) -> Result<F::Return, Refusal> {
        let msg_id = self.send(introduced(request)).await;
        let result = self.result(msg_id).await?;
        Ok(F::Return::from_bytes(&result).expect("the result is of the type that the schema says"))
    }

    /// Logs in with a test number's code.
    pub async fn log_in(&mut self, phone: &str, code: &str) {
        let request = tl::auth::SendCode {
            phone_number: phone.into(),
            api_id: 1,
            api_hash: "hash".into(),
            settings: tl::types::CodeSettings::default().into(),
        };
        let sent = self.call(&request).await.expect("the number is good");
        let tl::auth::SentCode::SentCode(sent) = sent else { panic!("no code is asked for") };
        let request = tl::auth::SignIn {
            phone_number: phone.into(),
            phone_code_hash: sent.phone_code_hash,
            phone_code: Some(code.into()),
            email_verification: None,
        };
        let done = self.call(&request).await.expect("the code is good");
        assert!(
            matches!(done, tl::auth::Authorization::Authorization(_)),
            "not logged in: {done:?}"
        );
    }

    /// The result of a request that was sent.
    pub async fn result(&mut self, request: MsgId) -> Result<Bytes, Refusal> {
        let heard = self.find(|heard| answered(heard) == Some(request)).await;
        let object = unpacked(heard.body.slice(12..));
        if Reader::of(&object).peek_u32() != Ok(tl::mtproto::types::RpcError::ID) {
            return Ok(object);
        }
        let error = tl::mtproto::types::RpcError::from_bytes(&object).expect("errors can be read");
        Err(Refusal { code: error.error_code, text: error.error_message.to_string() })
    }

    /// The first message, of those that were kept and those to come, that is `wanted`.
    pub async fn find(&mut self, wanted: impl Fn(&Heard) -> bool) -> Heard {
        let kept = self.heard.iter().position(&wanted);
        if let Some(heard) = kept.and_then(|place| self.heard.remove(place)) {
            return heard;
        }
        loop {
            let before = self.heard.len();
            let open = soon("a message of the server", self.read()).await;
            let found = (before..self.heard.len()).find(|place| wanted(&self.heard[*place]));
            if let Some(heard) = found.and_then(|place| self.heard.remove(place)) {
                return heard;
            }
            assert!(open, "the server closed the connection; heard before: {:?}", self.heard);
        }
    }

    /// The message with a body of that constructor.
    pub async fn find_object(&mut self, id: u32) -> Heard {
        self.find(|heard| Reader::of(&heard.body).peek_u32() == Ok(id)).await
    }

    /// The next error that comes in place of a message: −404, −429, −444.
    pub async fn error(&mut self) -> i32 {
        loop {
            if let Some(code) = self.errors.pop_front() {
                return code;
            }
            let open = soon("a transport error", self.read()).await;
            assert!(open || !self.errors.is_empty(), "the server closed without an error");
        }
    }

    /// The next quick acknowledgement.
    pub async fn quick_ack(&mut self) -> u32 {
        loop {
            if let Some(token) = self.quick_acks.pop_front() {
                return token;
            }
            let open = soon("a quick acknowledgement", self.read()).await;
            assert!(open || !self.quick_acks.is_empty(), "the server closed without a token");
        }
    }

    /// What was heard and not asked for yet.
    pub fn kept(&self) -> &VecDeque<Heard> {
        &self.heard
    }

    /// Waits until the server closes the connection; whatever it says before is kept.
    pub async fn closed(&mut self) {
        while soon("the server to close", self.read()).await {}
    }

    async fn flush(&mut self) {
        let mut bytes = Vec::new();
        self.link.poll_transmit(&mut bytes);
        self.write(&bytes).await;
    }

    /// Takes what comes next; false once the server has closed.
    async fn read(&mut self) -> bool {
        let mut buffer = vec![0; 1 << 16];
        let read = self.stream.read(&mut buffer).await.unwrap_or(0);
        let now = self.clock.now();
        let alive = read > 0
            && self.link.handle_bytes(now, &mut buffer[..read], &self.keys, &mut OsRandom).is_ok();
        while let Some(event) = self.link.poll_event() {
            match event {
                ClientEvent::KeyReady(ready) => {
                    self.salt = ready.salt;
                    self.keys.0.push((ready.auth_key, ready.salt));
                }
                ClientEvent::Opened(opened) => {
                    self.take(opened.msg_id, opened.seq_no, opened.body);
                }
                ClientEvent::HandshakeFailed(error) => panic!("no key: {error}"),
                ClientEvent::TransportError(code) => self.errors.push_back(code),
                ClientEvent::QuickAck(token) => self.quick_acks.push_back(token),
            }
        }
        alive
    }

    fn take(&mut self, msg_id: MsgId, seq_no: i32, body: Bytes) {
        let body = unpacked(body);
        if !container::is_container(&body) {
            return self.heard.push_back(Heard { msg_id, seq_no, body });
        }
        for message in container::parse(&body).expect("the server's containers are sound") {
            self.take(message.msg_id, message.seq_no, message.body);
        }
    }
}

/// How a permanent key is asked for, without naming a data centre.
pub fn handshake(rsa_key: PublicKey) -> HandshakeConfig {
    HandshakeConfig {
        rsa_keys: Arc::new([rsa_key]),
        dc: None,
        expires_in: None,
        padding: RsaPadding::Pad,
    }
}

fn link() -> ClientLink {
    let transport = ClientTransport::Plain(Framing::Intermediate);
    ClientLink::new(&ClientConfig { transport, limits: LinkLimits::DEFAULT }, &mut OsRandom)
}

/// A request as the first of a connection has to be: with our layer and name around it.
pub fn introduced<F: Function>(request: &F) -> Bytes {
    let init = tl::InitConnection {
        api_id: 1,
        device_model: "testkit".into(),
        system_version: "1".into(),
        app_version: "1".into(),
        system_lang_code: "en".into(),
        lang_pack: tl::Str::new(),
        lang_code: "en".into(),
        proxy: None,
        params: None,
        query: Raw(request.to_bytes().into()),
    };
    tl::InvokeWithLayer { layer: tl::LAYER, query: Raw(init.to_bytes().into()) }.to_bytes().into()
}

/// The request that a message answers, if it is an `rpc_result`.
fn answered(heard: &Heard) -> Option<MsgId> {
    let mut reader = Reader::of(&heard.body);
    if reader.u32() != Ok(RPC_RESULT) {
        return None;
    }
    reader.i64().ok().map(MsgId)
}

fn unpacked(body: Bytes) -> Bytes {
    match gzip::is_packed(&body) {
        true => gzip::unpack(&body, 1 << 24).expect("the server packs soundly"),
        false => body,
    }
}

/// `rpc_result`, which the schema cannot describe.
const RPC_RESULT: u32 = 0xf35c_6d01;
