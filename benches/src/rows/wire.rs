//! A client that only counts: blocking, one socket, many questions before the first answer is read.

use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use heliogram_crypto::rsa::PublicKey;
use heliogram_crypto::{AuthKey, SeededRandom};
use heliogram_ids::{MsgId, Salt, SessionId};
use heliogram_mtproto::handshake::{HandshakeConfig, RsaPadding};
use heliogram_mtproto::link::{ClientConfig, ClientEvent, ClientLink, ClientTransport, LinkLimits};
use heliogram_mtproto::message::{Outgoing, container, gzip};
use heliogram_mtproto::transport::Framing;
use heliogram_net::Clock;
use heliogram_tl::{self as api, Decode as _, Encode as _, Function, mtproto as tl};

use crate::Trouble;

/// One connection.
pub(super) struct Client {
    stream: TcpStream,
    link: ClientLink,
    clock: Clock,
    rng: SeededRandom,
    login: Option<Login>,
    session_id: SessionId,
    last_msg_id: i64,
    content_sent: i32,
    owed: Vec<i64>,
    input: Vec<u8>,
    output: Vec<u8>,
}

/// A key and a salt that the server accepts.
#[derive(Clone)]
pub(super) struct Login {
    pub(super) key: Arc<AuthKey>,
    pub(super) salt: Salt,
}

impl Client {
    /// Connects; `login` is a key agreed upon before. `number` names the session.
    pub(super) fn connect(
        address: SocketAddr,
        number: u32,
        login: Option<Login>,
    ) -> Result<Self, Trouble> {
        Self::connect_by(ClientTransport::Plain(Framing::Intermediate), address, number, login)
    }

    /// The same, by another transport.
    pub(super) fn connect_by(
        transport: ClientTransport,
        address: SocketAddr,
        number: u32,
        login: Option<Login>,
    ) -> Result<Self, Trouble> {
        let stream = TcpStream::connect(address)?;
        stream.set_nodelay(true)?;
        stream.set_read_timeout(Some(Duration::from_secs(20)))?;
        let mut rng = SeededRandom::new(u64::from(number));
        let config = ClientConfig { transport, limits: LinkLimits::DEFAULT };
        let link = ClientLink::new(&config, &mut rng);
        Ok(Self {
            stream,
            link,
            clock: Clock::start(),
            rng,
            login,
            session_id: SessionId(i64::from(number) + 1),
            last_msg_id: 0,
            content_sent: 0,
            owed: Vec::new(),
            input: vec![0; INPUT_BYTES],
            output: Vec::new(),
        })
    }

    /// Makes a key with the server.
    pub(super) fn shake_hands(&mut self, public_key: &str) -> Result<Login, Trouble> {
        let rsa_keys = Arc::from([PublicKey::from_pem(public_key)?]);
        let padding = RsaPadding::default();
        let config = HandshakeConfig { rsa_keys, dc: None, expires_in: None, padding };
        self.link.start_handshake(self.clock.now(), config, &mut self.rng);
        loop {
            self.flush()?;
            self.receive()?;
            match self.link.poll_event() {
                Some(ClientEvent::KeyReady(ready)) => {
                    let login = Login { key: ready.auth_key, salt: ready.salt };
                    self.login = Some(login.clone());
                    return Ok(login);
                }
                Some(other) => return Err(format!("no key was made: {other:?}").into()),
                None => {}
            }
        }
    }

    /// Asks the same `outstanding` times at once and waits for as many answers, acknowledging what
    /// came before. Returns the last one: an `rpc_result` or a pong, as it came.
    pub(super) fn ask(&mut self, question: &Bytes, outstanding: usize) -> Result<Bytes, Trouble> {
        for _ in 0..outstanding {
            self.queue(question.clone())?;
        }
        let mut last = Bytes::new();
        let mut answers = 0;
        while answers < outstanding {
            answers += self.hear(&mut |answer| last = answer)?;
        }
        Ok(last)
    }

    /// Asks one thing and reads the answer to it.
    pub(super) fn call<F: Function>(&mut self, request: &F) -> Result<F::Return, Trouble> {
        let result = self.ask(&request.to_bytes().into(), 1)?.slice(12..);
        let object =
            if gzip::is_packed(&result) { gzip::unpack(&result, 1 << 24)? } else { result };
        Ok(F::Return::from_bytes(&object)?)
    }

    /// Logs in with the code of a test number.
    pub(super) fn log_in(&mut self, phone: &str, code: &str) -> Result<(), Trouble> {
        let settings = api::types::CodeSettings::default().into();
        let (api_id, api_hash) = (4, "hash".into());
        let ask = api::auth::SendCode { phone_number: phone.into(), api_id, api_hash, settings };
        let api::auth::SentCode::SentCode(sent) = self.call(&ask)? else {
            return Err("no code is asked for".into());
        };
        self.call(&api::auth::SignIn {
            phone_number: phone.into(),
            phone_code_hash: sent.phone_code_hash,
            phone_code: Some(code.into()),
            email_verification: None,
        })?;
        Ok(())
    }

    /// Puts a question into what is sent with the next [`Self::hear`].
    pub(super) fn queue(&mut self, question: Bytes) -> Result<(), Trouble> {
        // A real client would not spend a message on each acknowledgement either.
        if self.owed.len() >= 64 {
            self.acknowledge()?;
        }
        let seq_no = self.content_sent * 2 + 1;
        self.content_sent += 1;
        self.send(question, seq_no)
    }

    /// Sends what is queued and takes what comes next; each answer is handed on as it came.
    /// Returns how many there were, which may be none.
    pub(super) fn hear(&mut self, on_answer: &mut dyn FnMut(Bytes)) -> Result<usize, Trouble> {
        self.flush()?;
        self.receive()?;
        let mut answers = 0;
        while let Some(event) = self.link.poll_event() {
            let ClientEvent::Opened(opened) = event else {
                return Err(format!("the link failed: {event:?}").into());
            };
            self.owe(opened.msg_id, opened.seq_no);
            if !container::is_container(&opened.body) {
                answers += take(opened.body, on_answer)?;
                continue;
            }
            for message in container::parse(&opened.body)? {
                self.owe(message.msg_id, message.seq_no);
                answers += take(message.body, on_answer)?;
            }
        }
        Ok(answers)
    }

    /// Tells the server everything that arrived, so that it keeps nothing for us.
    pub(super) fn acknowledge(&mut self) -> Result<(), Trouble> {
        if self.owed.is_empty() {
            return Ok(());
        }
        let acks = tl::types::MsgsAck { msg_ids: std::mem::take(&mut self.owed) };
        self.send(acks.to_bytes().into(), self.content_sent * 2)
    }

    /// Asks, and leaves the answer where it comes.
    pub(super) fn put(&mut self, question: &Bytes) -> Result<(), Trouble> {
        let seq_no = self.content_sent * 2 + 1;
        self.content_sent += 1;
        self.send(question.clone(), seq_no)?;
        self.flush()
    }

    /// Reads frames without a look into them, until there was one of at least `bytes_min`.
    pub(super) fn pass_over(&mut self, bytes_min: usize) -> Result<usize, Trouble> {
        loop {
            let mut head = [0; 4];
            self.stream.read_exact(&mut head)?;
            let len = u32::from_le_bytes(head) as usize;
            let mut missing = len;
            while missing > 0 {
                let room = self.input.len().min(missing);
                let read = self.stream.read(&mut self.input[..room])?;
                if read == 0 {
                    return Err("the server hung up".into());
                }
                missing -= read;
            }
            if len >= bytes_min {
                return Ok(len);
            }
        }
    }

    /// The socket alone; the machine is forgotten.
    pub(super) fn into_stream(self) -> TcpStream {
        self.stream
    }

    fn owe(&mut self, id: MsgId, seq_no: i32) {
        if seq_no % 2 == 1 {
            self.owed.push(id.get());
        }
    }

    fn send(&mut self, body: Bytes, seq_no: i32) -> Result<(), Trouble> {
        let Some(Login { key, salt }) = &self.login else { return Err("no key yet".into()) };
        let nanos = i128::from(self.clock.now().nanos());
        let now = i64::try_from((nanos << 32) / 1_000_000_000)? & !3;
        self.last_msg_id = now.max(self.last_msg_id + 4);
        let (session_id, msg_id) = (self.session_id, MsgId(self.last_msg_id));
        let message = Outgoing { salt: *salt, session_id, msg_id, seq_no, body };
        self.link.send(&mut self.rng, key, &message);
        Ok(())
    }

    /// Sends what is queued.
    pub(super) fn flush(&mut self) -> Result<(), Trouble> {
        self.output.clear();
        self.link.poll_transmit(&mut self.output);
        self.stream.write_all(&self.output)?;
        Ok(())
    }

    fn receive(&mut self) -> Result<(), Trouble> {
        let len = self.stream.read(&mut self.input)?;
        if len == 0 {
            return Err("the server hung up".into());
        }
        let keys = self.login.as_ref().map(|login| Arc::clone(&login.key));
        let now = self.clock.now();
        self.link.handle_bytes(now, &mut self.input[..len], &keys, &mut self.rng)?;
        Ok(())
    }
}

/// Hands an answer on and passes over what the server says of its own accord.
fn take(body: Bytes, on_answer: &mut dyn FnMut(Bytes)) -> Result<usize, Trouble> {
    match body.first_chunk().map(|id| u32::from_le_bytes(*id)) {
        Some(RPC_RESULT | PONG) => {
            if body.get(12..16) == Some(&RPC_ERROR.to_le_bytes()) {
                let text = String::from_utf8_lossy(&body[20..]).into_owned();
                return Err(format!("the server answered with an error: {text}").into());
            }
            on_answer(body);
            Ok(1)
        }
        Some(BAD_MSG | BAD_SALT) => Err("the server refused a message".into()),
        _ => Ok(0),
    }
}

/// What is read at once: a part of a file in a few gulps.
const INPUT_BYTES: usize = 256 << 10;
/// `rpc_result`: then the id of the request, then the answer.
pub(super) const RPC_RESULT: u32 = 0xf35c_6d01;
const RPC_ERROR: u32 = 0x2144_ca19;
const PONG: u32 = 0x3477_73c5;
const BAD_MSG: u32 = 0xa7ef_f811;
const BAD_SALT: u32 = 0xedab_447b;
