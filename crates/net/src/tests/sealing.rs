//! Links that answer with long messages: together they are sealed, and each gets its own.

use std::collections::HashMap;
use std::sync::Arc;

use heliogram_crypto::{AuthKey, Random, SeededRandom};
use heliogram_ids::{AuthKeyId, MsgId, Salt, SessionId, Timestamp};
use heliogram_mtproto::Fault;
use heliogram_mtproto::link::{
    ClientConfig, ClientEvent, ClientLink, ClientTransport, LinkEvent, LinkLimits, SealedFrame,
    ServerConfig, ServerLink, UnsealedFrame,
};
use heliogram_mtproto::message::Outgoing;
use heliogram_mtproto::transport::Framing;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _, DuplexStream};
use tokio::task::JoinHandle;

use crate::{Clock, Closed, Connection, Driver, DriverLimits, Waker};

const NOW: Timestamp = Timestamp::from_secs(1_700_000_000);

/// Answers each message with three of the same content, repeated as often as the first byte says.
struct Parrot {
    machine: ServerLink,
    keys: HashMap<AuthKeyId, Arc<AuthKey>>,
    lent: usize,
    closing: bool,
}

impl Connection for Parrot {
    fn handle_bytes(
        &mut self,
        now: Timestamp,
        bytes: &mut [u8],
        rng: &mut dyn Random,
    ) -> Result<(), Fault> {
        assert_eq!(self.lent, 0, "nothing is asked while frames are away");
        self.machine.handle_bytes(now, bytes, &self.keys, rng)?;
        while let Some(LinkEvent::Opened(opened)) = self.machine.poll_event() {
            for at in 0..3 {
                let times = usize::from(opened.body[0]) * 1000;
                let body = opened.body.repeat(if at == 1 { 1 } else { times });
                let msg_id = MsgId(opened.msg_id.get() + at);
                let message = message(msg_id, body);
                self.machine.send(rng, &opened.auth_key, &message);
            }
            self.closing |= opened.body[1] == b'.';
        }
        Ok(())
    }

    fn handle_wake(&mut self, _: Timestamp, _: &mut dyn Random) -> Result<(), Fault> {
        Ok(())
    }

    fn handle_timeout(&mut self, _: Timestamp, _: &mut dyn Random) -> Result<(), Fault> {
        Ok(())
    }

    fn poll_transmit(&mut self, _: Timestamp, _: &mut dyn Random, out: &mut Vec<u8>) {
        assert_eq!(self.lent, 0, "nothing is asked while frames are away");
        self.machine.poll_transmit_sealed(out);
    }

    fn poll_unsealed(&mut self) -> Vec<UnsealedFrame> {
        let frames = self.machine.poll_unsealed();
        self.lent = frames.len();
        frames
    }

    fn handle_sealed(&mut self, frames: Vec<SealedFrame>) {
        assert_eq!(frames.len(), std::mem::take(&mut self.lent));
        self.machine.handle_sealed(frames);
    }

    fn poll_timeout(&self) -> Option<Timestamp> {
        None
    }

    fn is_closing(&self) -> bool {
        self.closing
    }

    fn handle_closed(&mut self, _: Timestamp, _: &Closed) {}
}

fn message(msg_id: MsgId, body: Vec<u8>) -> Outgoing {
    let (salt, session_id) = (Salt(1), SessionId(2));
    Outgoing { salt, session_id, msg_id, seq_no: 1, body: body.into() }
}

/// A client of a parrot, each pair with a key of its own.
struct Client {
    link: ClientLink,
    key: Arc<AuthKey>,
    stream: DuplexStream,
    waker: Waker,
    task: JoinHandle<Closed>,
}

impl Client {
    fn new(number: u8) -> Self {
        let limits = LinkLimits::DEFAULT;
        let config =
            ServerConfig { rsa_keys: Vec::new(), dc_ids: Vec::new(), secret: None, limits };
        let key = Arc::new(AuthKey::new([number + 1; 256]));
        let parrot = Parrot {
            machine: ServerLink::new(Arc::new(config)),
            keys: HashMap::from([(AuthKeyId(key.id()), Arc::clone(&key))]),
            lent: 0,
            closing: false,
        };
        let (stream, far) = tokio::io::duplex(1 << 20);
        let (waker, clock) = (Waker::new(), Clock::starting_at(NOW));
        let driver = Driver::new(far, parrot, waker.clone(), clock, DriverLimits::DEFAULT);
        let task = tokio::spawn(driver);
        let transport = ClientTransport::Plain(Framing::Full);
        let link = ClientLink::new(&ClientConfig { transport, limits }, &mut rng());
        Self { link, key, stream, waker, task }
    }

    async fn say(&mut self, msg_id: i64, body: &[u8]) {
        let message = message(MsgId(msg_id), body.to_vec());
        self.link.send(&mut rng(), &self.key, &message);
        let mut bytes = Vec::new();
        self.link.poll_transmit(&mut bytes);
        self.stream.write_all(&bytes).await.unwrap();
    }

    /// The lengths of the next `count` messages.
    async fn hear(&mut self, count: usize) -> Vec<usize> {
        let mut heard = Vec::new();
        let mut buffer = vec![0; 64 << 10];
        while heard.len() < count {
            let len = self.stream.read(&mut buffer).await.unwrap();
            assert!(len > 0, "the parrot hung up after {heard:?}");
            let keys = Arc::clone(&self.key);
            self.link.handle_bytes(NOW, &mut buffer[..len], &keys, &mut rng()).unwrap();
            while let Some(ClientEvent::Opened(opened)) = self.link.poll_event() {
                heard.push(opened.body.len());
            }
        }
        heard
    }
}

fn rng() -> SeededRandom {
    SeededRandom::new(1)
}

#[tokio::test]
async fn everybody_gets_what_was_meant_for_them() {
    for count in [1, 2, 7, 30] {
        let mut clients: Vec<Client> = (0..count).map(Client::new).collect();
        for round in 1..4 {
            for (client, words) in clients.iter_mut().zip(1..) {
                client.say(8 * round, &[words, 0, 0, 0]).await;
            }
            for (client, words) in clients.iter_mut().zip(1..) {
                let long = words * 4000;
                assert_eq!(client.hear(3).await, [long, 4, long]);
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn who_moves_to_another_thread_finds_what_was_left_on_the_first() {
    let clients = (0..40).map(Client::new).map(|mut client| {
        tokio::spawn(async move {
            for round in 1..20 {
                client.say(8 * round, &[5, 0, 0, 0]).await;
                assert_eq!(client.hear(3).await, [20_000, 4, 20_000]);
            }
        })
    });
    for client in clients.collect::<Vec<_>>() {
        client.await.unwrap();
    }
}

#[tokio::test]
async fn nobody_leaves_before_the_last_frame_is_written() {
    let mut client = Client::new(0);
    client.say(8, &[5, b'.', 0, 0]).await;
    assert_eq!(client.hear(3).await, [20_000, 4, 20_000]);
    assert!(matches!(client.task.await.unwrap(), Closed::ByUs));

    let mut client = Client::new(0);
    client.say(8, &[5, 0, 0, 0]).await;
    client.waker.drain();
    // It may leave before it has read what was said, but not in the middle of an answer.
    let mut rest = Vec::new();
    client.stream.read_to_end(&mut rest).await.unwrap();
    let keys = Arc::clone(&client.key);
    client.link.handle_bytes(NOW, &mut rest, &keys, &mut rng()).unwrap();
    let heard = std::iter::from_fn(|| client.link.poll_event()).count();
    assert!(heard == 0 || heard == 3, "{heard}");
}

#[tokio::test]
async fn a_link_that_is_cut_off_holds_nobody_up() {
    let (mut gone, mut there) = (Client::new(0), Client::new(1));
    gone.say(8, &[9, 0, 0, 0]).await;
    there.say(8, &[9, 0, 0, 0]).await;
    gone.task.abort();
    drop(gone);
    assert_eq!(there.hear(3).await, [36_000, 4, 36_000]);
}
