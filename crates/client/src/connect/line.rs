//! One session with the data centre, kept alive across links.
//!
//! A line is one task while it has something to do: it connects, drives a [`Machine`] until the
//! link ends, pauses, and connects again. Requests under way stay in the session meanwhile and
//! are sent again under their old numbers, so the server executes each once.

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;
use std::time::Duration;

use heliogram_crypto::{AuthKey, rsa};
use heliogram_ids::DcId;
use heliogram_mtproto::session::{ClientSession, RequestId};
use heliogram_net::{Clock, Driver, DriverLimits, Entropy, Waker};
use parking_lot::Mutex;
use tokio::sync::{Notify, watch};

use super::backoff::Backoff;
use super::call::Call;
use super::connector::{BoxStream, Connector};
use super::device::{Device, Hearing};
use super::machine::Machine;
use crate::InvokeError;
use crate::book::Book;
use crate::error::LinkError;
use crate::updates::Tap;

/// What all lines of a client share.
pub(crate) struct LineConfig {
    pub(crate) dc: DcId,
    pub(crate) connector: Arc<dyn Connector>,
    pub(crate) rsa_keys: Arc<[rsa::PublicKey]>,
    pub(crate) api_id: i32,
    pub(crate) device: Device,
    pub(crate) clock: Clock,
    pub(crate) entropy: Entropy,
    pub(crate) book: Arc<Book>,
    pub(crate) tap: Arc<Tap>,
}

/// How a connection stands.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Status {
    /// The first connection is coming about.
    Connecting,
    /// Requests reach the server.
    Online,
    /// The connection is lost and another is coming about; with the reason.
    Offline(Arc<str>),
    /// The client is shut down.
    Closed,
}

/// One session with the data centre.
pub(crate) struct Line {
    pub(super) config: Arc<LineConfig>,
    pub(super) hearing: Hearing,
    pub(super) state: Mutex<State>,
    status: watch::Sender<Status>,
    hurry: Notify,
}

/// What outlives a link.
#[derive(Default)]
pub(super) struct State {
    pub(super) key: Option<Arc<AuthKey>>,
    /// There is one as soon as there is a key.
    pub(super) session: Option<ClientSession>,
    /// Not yet taken by the session.
    pub(super) queue: VecDeque<Call>,
    pub(super) under_way: BTreeMap<RequestId, Call>,
    /// Links in a row over which the server did not know our key.
    refusals: u32,
    waker: Option<Waker>,
    running: bool,
    closed: bool,
}

impl Line {
    pub(super) fn new(config: Arc<LineConfig>, hearing: Hearing) -> Arc<Self> {
        Arc::new(Self {
            config,
            hearing,
            state: Mutex::default(),
            status: watch::Sender::new(Status::Connecting),
            hurry: Notify::new(),
        })
    }

    /// Begins to connect, unless that has begun already.
    pub(super) fn start(self: &Arc<Self>) {
        let mut state = self.state.lock();
        if !state.running && !state.closed {
            state.running = true;
            tokio::spawn(Arc::clone(self).run());
        }
    }

    /// Hands a request to the line; the answer goes to its `reply`.
    pub(super) fn submit(self: &Arc<Self>, call: Call) {
        let mut state = self.state.lock();
        if state.closed {
            return call.answer(Err(InvokeError::Closed));
        }
        if state.queue.len() + state.under_way.len() >= CALLS_MAX {
            return call.answer(Err(InvokeError::Busy));
        }
        state.queue.push_back(call);
        if let Some(waker) = &state.waker {
            waker.wake();
        }
        drop(state);
        self.start();
    }

    /// Has the line look for requests that nobody waits for any more.
    pub(super) fn look_for_abandoned(&self) {
        if let Some(waker) = &self.state.lock().waker {
            waker.wake();
        }
    }

    pub(super) fn status(&self) -> watch::Receiver<Status> {
        self.status.subscribe()
    }

    pub(super) fn set_status(&self, status: Status) {
        self.status.send_if_modified(|current| {
            let moved = *current != status && *current != Status::Closed;
            if moved {
                *current = status;
            }
            moved
        });
    }

    /// Ends the line for good.
    pub(super) fn close(&self) {
        self.set_status(Status::Closed);
        let mut state = self.state.lock();
        state.closed = true;
        if let Some(waker) = &state.waker {
            waker.drain();
        }
        let calls: Vec<_> = state.take_calls().collect();
        drop(state);
        calls.into_iter().for_each(|call| call.answer(Err(InvokeError::Closed)));
        self.hurry.notify_one();
    }

    async fn run(self: Arc<Self>) {
        let mut backoff = Backoff::default();
        while !self.is_done() {
            let link = match self.connect().await {
                Ok(stream) => self.drive(stream).await,
                Err(error) => Link::Useless(error),
            };
            match link {
                Link::Useful => backoff.succeeded(),
                Link::Useless(error) => {
                    tracing::debug!(dc = %self.config.dc, %error, "link failed");
                    self.set_status(Status::Offline(error.to_string().into()));
                }
            }
            // After a useful link as well: a server may answer once and hang up, for ever.
            let pause = backoff.failed(&mut self.config.entropy.clone());
            tokio::select! {
                biased;
                () = self.hurry.notified() => {}
                () = tokio::time::sleep(pause) => {}
            }
        }
    }

    /// Whether the task may end; if so, the next request starts another.
    fn is_done(&self) -> bool {
        let mut state = self.state.lock();
        let idle = state.queue.is_empty() && state.under_way.is_empty();
        let done = state.closed || (self.hearing == Hearing::Nothing && idle);
        state.running = !done;
        done
    }

    async fn connect(&self) -> Result<BoxStream, LinkError> {
        let connecting = self.config.connector.connect();
        match tokio::time::timeout(CONNECT_MAX, connecting).await {
            Ok(stream) => Ok(stream?),
            Err(_) => Err(LinkError::Timeout),
        }
    }

    async fn drive(self: &Arc<Self>, stream: BoxStream) -> Link {
        let waker = Waker::new();
        let (clock, mut entropy) = (self.config.clock.clone(), self.config.entropy.clone());
        let (machine, verdict) = Machine::new(Arc::clone(self), clock.now(), &mut entropy);
        {
            let mut state = self.state.lock();
            if state.closed {
                return Link::Useful;
            }
            state.waker = Some(waker.clone());
        }
        // A request that came between the machine's first look and this moment woke nobody.
        waker.wake();
        let driver = Driver::new(stream, machine, waker, clock, DriverLimits::DEFAULT);
        let why = driver.drawing_from(entropy).await;
        self.state.lock().waker = None;
        verdict.lock().take().unwrap_or_else(|| Link::Useless(LinkError::Closed(why.to_string())))
    }
}

/// How much a link was worth, which decides about the pause before the next.
pub(super) enum Link {
    /// The server understood us.
    Useful,
    Useless(LinkError),
}

impl State {
    /// Every request that has no answer yet, oldest first.
    pub(super) fn take_calls(&mut self) -> impl Iterator<Item = Call> {
        let under_way = std::mem::take(&mut self.under_way);
        let queue = std::mem::take(&mut self.queue);
        under_way.into_values().chain(queue)
    }

    /// Gives up requests whose callers have lost interest: the server may drop their answers.
    pub(super) fn cancel_abandoned(&mut self) {
        let Self { session, under_way, .. } = self;
        under_way.retain(|id, call| {
            let abandoned = call.is_abandoned();
            if abandoned && let Some(session) = session {
                session.cancel(*id);
            }
            !abandoned
        });
    }

    /// Counts one more link over which the server did not know our key.
    pub(super) fn refused(&mut self) -> u32 {
        self.refusals += 1;
        self.refusals
    }

    /// The server understands us.
    pub(super) fn accepted(&mut self) {
        self.refusals = 0;
    }

    /// Drops a key that the server does not know, and the session with it. Requests under way
    /// are asked anew: a server that forgot the key has forgotten them too.
    pub(super) fn forget_key(&mut self) {
        self.queue = self.take_calls().collect();
        self.key = None;
        self.session = None;
        self.refusals = 0;
    }
}

/// How long one connection may take to come about.
const CONNECT_MAX: Duration = Duration::from_secs(15);
/// Requests without an answer, of one line.
const CALLS_MAX: usize = 4096;
