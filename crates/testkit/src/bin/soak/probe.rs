//! Two people who do the same three things every few seconds for as long as the soak lasts: how long
//! those take is how the server feels.

use std::error::Error;
use std::sync::Arc;
use std::time::{Duration, Instant};

use heliogram_client::Client;
use heliogram_client::updates::UpdateStream;
use heliogram_ids::Salt;
use heliogram_testkit::outside::{Cloud, arrive};
use heliogram_testkit::{Heard, Wire};
use heliogram_tl as tl;
use heliogram_tl::{Constructor as _, Decode as _, Encode as _, Reader};
use tokio::io::duplex;
use tokio::net::TcpStream;
use tokio::sync::watch;
use tokio::task::JoinHandle;

use crate::diary::Diary;
use crate::idle::{ACCOUNTS, ADDRESSES, door};
use crate::listen::new_text;

/// The probe at work.
pub(crate) struct Probe {
    stop: watch::Sender<bool>,
    task: JoinHandle<Vec<String>>,
}

impl Probe {
    /// Has both arrive and begin.
    ///
    /// # Errors
    /// If the server cannot be reached.
    pub(crate) async fn start(cloud: &Cloud, diary: Arc<Diary>) -> Result<Self, Box<dyn Error>> {
        let speaker = arrive(door(cloud, ADDRESSES)?, ACCOUNTS, "probe_speaker").await;
        let listener = arrive(door(cloud, ADDRESSES + 1)?, ACCOUNTS + 1, LISTENER).await;
        let pair = Pair { wire: wire(cloud).await?, speaker, updates: listener.updates()?, diary };
        let (stop, stopped) = watch::channel(false);
        Ok(Self { stop, task: tokio::spawn(pair.work(stopped)) })
    }

    /// Ends it; what went wrong with it.
    pub(crate) async fn stop(self) -> Vec<String> {
        let _ = self.stop.send(true);
        match self.task.await {
            Ok(faults) => faults,
            Err(error) => vec![format!("the probe: {error}")],
        }
    }
}

/// A connection without a client framework around it: pings are not for its callers.
async fn wire(cloud: &Cloud) -> Result<Wire, Box<dyn Error>> {
    let mut stream = TcpStream::connect(cloud.address()).await?;
    stream.set_nodelay(true)?;
    let (near, mut far) = duplex(1 << 16);
    // It ends with either side, and nobody asks how.
    tokio::spawn(async move { tokio::io::copy_bidirectional(&mut stream, &mut far).await });
    Ok(Wire::open(near, cloud.key()?).await)
}

struct Pair {
    wire: Wire,
    speaker: Client,
    updates: UpdateStream,
    diary: Arc<Diary>,
}

impl Pair {
    async fn work(mut self, mut stopped: watch::Receiver<bool>) -> Vec<String> {
        let mut faults = Vec::new();
        for number in 0.. {
            let pause = tokio::time::timeout(EVERY, stopped.wait_for(|stopped| *stopped));
            if pause.await.is_ok() {
                break;
            }
            match tokio::time::timeout(PATIENCE, self.round(number)).await {
                Ok(Ok(())) => {}
                Ok(Err(error)) => faults.push(format!("probe {number}: {error}")),
                Err(_) => faults.push(format!("probe {number}: nothing for {PATIENCE:?}")),
            }
        }
        faults
    }

    /// Pings, under another salt if the one in use is over: a wire has no manners of its own.
    async fn ping(&mut self, number: i64) -> Result<(), Box<dyn Error + Send + Sync>> {
        loop {
            self.wire.send(tl::mtproto::Ping { ping_id: number }.to_bytes()).await;
            let heard = self.wire.find(|heard| is(heard, PONG) || is(heard, BAD_SALT)).await;
            if is(&heard, PONG) {
                return Ok(());
            }
            let bad = tl::mtproto::types::BadServerSalt::from_bytes(&heard.body)?;
            self.wire.salt = Salt(bad.new_server_salt);
        }
    }

    async fn round(&mut self, number: i64) -> Result<(), Box<dyn Error + Send + Sync>> {
        let began = Instant::now();
        self.ping(number).await?;
        self.diary.note_latency("ping", began.elapsed());

        let began = Instant::now();
        self.speaker.invoke(&tl::updates::GetState {}).await?;
        self.diary.note_latency("get_state", began.elapsed());

        let (began, text) = (Instant::now(), format!("probe {number}"));
        let sending = async { self.speaker.send_message(LISTENER, text.as_str()).await };
        let (sent, heard) = tokio::join!(sending, hear(&mut self.updates, &text));
        sent?;
        self.diary.note_latency("send_receive", began.elapsed());
        heard
    }
}

fn is(heard: &Heard, id: u32) -> bool {
    Reader::of(&heard.body).peek_u32() == Ok(id)
}

/// Listens until that is said.
async fn hear(updates: &mut UpdateStream, text: &str) -> Result<(), Box<dyn Error + Send + Sync>> {
    loop {
        if new_text(&updates.next().await?).is_some_and(|heard| heard == text) {
            return Ok(());
        }
    }
}

const PONG: u32 = tl::mtproto::types::Pong::ID;
const BAD_SALT: u32 = tl::mtproto::types::BadServerSalt::ID;
const LISTENER: &str = "probe_listener";
const EVERY: Duration = Duration::from_secs(3);
/// After this long without an answer something is wrong, not slow.
const PATIENCE: Duration = Duration::from_secs(30);
