//! The stream of updates: drives the gap engine from a connection.
//!
//! There is no task behind it. Whoever asks for the next update runs the engine meanwhile, so a
//! slow consumer slows nothing but itself, and asking again is what says that the last update is
//! handled.

use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use futures_util::StreamExt;
use futures_util::stream::FuturesUnordered;
use heliogram_ids::{ChannelId, Peer, Timestamp};
use heliogram_tl as tl;
use heliogram_tl::Decode;

use super::entities::Entities;
use super::gap::{Fetched, GapEngine, GapEvent, state_of};
use super::progress::Progress;
use super::tap::Tapped;
use crate::session::UpdateState;
use crate::{Client, InvokeError};

/// Every update of an account: once, in order, from where the last run stopped.
pub struct UpdateStream {
    client: Client,
    engine: GapEngine,
    fetches: FuturesUnordered<Fetching>,
    progress: Progress,
}

/// What happened next.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum Incoming {
    /// An update.
    Update {
        /// The update, as the schema has it.
        update: Box<tl::Update>,
        /// The users and chats that came in the same batch.
        entities: Arc<Entities>,
    },
    /// Updates are gone for good: more was missed than the server keeps.
    Lost {
        /// The channel they were in, or the common box.
        channel: Option<ChannelId>,
        /// The position before the loss.
        from: i32,
        /// The position after it.
        to: i32,
    },
}

/// A difference on its way.
type Fetching = Pin<Box<dyn Future<Output = Fetch> + Send>>;

enum Fetch {
    State(Result<tl::updates::State, InvokeError>),
    Difference(Result<tl::updates::Difference, InvokeError>),
    Channel(ChannelId, Result<tl::updates::ChannelDifference, InvokeError>),
}

impl UpdateStream {
    pub(crate) fn new(client: Client) -> Result<Self, InvokeError> {
        let login = client.login().ok_or(InvokeError::GivenUp("nobody is logged in"))?;
        let now = client.clock().now();
        client.tap().open();
        let engine = client.book().read(|snapshot| {
            let channels = snapshot.channels.iter().map(|(id, pts)| (*id, *pts));
            GapEngine::new(now, login.user_id, snapshot.updates, channels)
        });
        let progress = Progress::new(Arc::clone(client.book()), client.errands(), now);
        Ok(Self { client, engine, fetches: FuturesUnordered::new(), progress })
    }

    /// The next update. Asking for it says that the one before is handled: its position is
    /// written down, and a restart will not bring it again.
    ///
    /// Dropping the future loses nothing.
    ///
    /// # Errors
    /// `Closed` when the client is shut down, `Rpc` when the authorization is gone.
    pub async fn next(&mut self) -> Result<Incoming, InvokeError> {
        loop {
            self.progress.flush_if_due(self.now()).await;
            match self.engine.poll_event() {
                Some(GapEvent::Deliver { update, entities }) => {
                    self.client.book().learn_entities(&entities);
                    return Ok(Incoming::Update { update, entities });
                }
                Some(GapEvent::Lost { channel, from, to }) => {
                    return Ok(Incoming::Lost { channel, from, to });
                }
                Some(GapEvent::Handled(mark)) => self.client.book().mark(mark),
                Some(GapEvent::FetchState) => self.fetch_state(),
                Some(GapEvent::FetchDifference(from)) => self.fetch_difference(from),
                Some(GapEvent::FetchChannelDifference { id, pts }) => self.fetch_channel(id, pts),
                None => self.wait().await?,
            }
        }
    }

    async fn wait(&mut self) -> Result<(), InvokeError> {
        let dues = [self.engine.poll_timeout(), self.progress.poll_timeout()];
        let due = dues.into_iter().flatten().min();
        let clock = self.client.clock().clone();
        let sleep = async {
            match due {
                Some(due) => tokio::time::sleep_until(clock.instant(due)).await,
                None => std::future::pending().await,
            }
        };
        // What comes seldom goes first: pushes may come without end.
        tokio::select! {
            biased;
            Some(fetch) = self.fetches.next() => self.on_fetch(fetch)?,
            () = sleep => self.engine.handle_timeout(clock.now()),
            tapped = self.client.tap().next() => self.on_tapped(tapped)?,
        }
        Ok(())
    }

    fn on_tapped(&mut self, tapped: Tapped) -> Result<(), InvokeError> {
        let now = self.now();
        match tapped {
            Tapped::Container(bytes) => match tl::Updates::from_bytes(&bytes) {
                Ok(updates) => self.engine.handle_updates(now, updates),
                Err(error) => {
                    // What it held can still be had, in a form that we may be able to read.
                    tracing::warn!(%error, "updates cannot be read");
                    self.engine.handle_interruption();
                }
            },
            Tapped::Affected { pts, count } => self.engine.handle_affected(now, pts, count),
            Tapped::Interrupted => self.engine.handle_interruption(),
            Tapped::Closed => return Err(InvokeError::Closed),
        }
        Ok(())
    }

    fn on_fetch(&mut self, fetch: Fetch) -> Result<(), InvokeError> {
        let now = self.now();
        match fetch {
            Fetch::State(Ok(state)) => self.engine.handle_state(now, state_of(&state)),
            Fetch::Difference(Ok(difference)) => self.engine.handle_difference(now, difference),
            Fetch::Channel(id, Ok(difference)) => {
                self.engine.handle_channel_difference(now, id, difference);
            }
            Fetch::Channel(id, Err(error)) if is_out_of_reach(&error) => {
                tracing::debug!(%id, %error, "channel is not ours to read");
                self.engine.handle_left(id);
            }
            Fetch::State(Err(error)) | Fetch::Difference(Err(error)) => {
                self.on_failure(now, Fetched::Common, error)?;
            }
            Fetch::Channel(id, Err(error)) => {
                self.on_failure(now, Fetched::Channel(id), error)?;
            }
        }
        Ok(())
    }

    fn on_failure(
        &mut self,
        now: Timestamp,
        what: Fetched,
        error: InvokeError,
    ) -> Result<(), InvokeError> {
        let rpc = match &error {
            InvokeError::Closed => return Err(error),
            other => other.rpc(),
        };
        if rpc.is_some_and(crate::RpcError::is_logout) {
            return Err(error);
        }
        tracing::warn!(%error, ?what, "difference failed");
        if what == Fetched::Common && rpc.is_some_and(is_position_refused) {
            // The server counts anew, or we come from another one.
            self.engine.handle_lost_place();
        }
        let wait = rpc.and_then(crate::RpcError::wait).unwrap_or(RETRY_WAIT);
        self.engine.handle_failure(now, what, wait);
        Ok(())
    }

    fn fetch_state(&self) {
        let client = self.client.clone();
        self.fetches.push(Box::pin(async move {
            Fetch::State(client.invoke(&tl::updates::GetState {}).await)
        }));
    }

    fn fetch_difference(&self, from: UpdateState) {
        let client = self.client.clone();
        let request = tl::updates::GetDifference {
            pts: from.pts,
            pts_limit: None,
            pts_total_limit: None,
            date: from.date,
            qts: from.qts,
            qts_limit: None,
        };
        self.fetches
            .push(Box::pin(async move { Fetch::Difference(client.invoke(&request).await) }));
    }

    fn fetch_channel(&mut self, id: ChannelId, pts: i32) {
        let Some(hash) = self.client.book().access_hash(Peer::Channel(id)) else {
            // It was never introduced to us other than as a bystander.
            return self.engine.handle_left(id);
        };
        let is_bot = self.client.login().is_some_and(|login| login.is_bot);
        let channel = tl::types::InputChannel { channel_id: id.get(), access_hash: hash.get() };
        let request = tl::updates::GetChannelDifference {
            force: false,
            channel: channel.into(),
            filter: tl::ChannelMessagesFilter::ChannelMessagesFilterEmpty,
            pts,
            limit: if is_bot { BOT_LIMIT } else { USER_LIMIT },
        };
        let client = self.client.clone();
        self.fetches
            .push(Box::pin(async move { Fetch::Channel(id, client.invoke(&request).await) }));
    }

    fn now(&self) -> Timestamp {
        self.client.clock().now()
    }
}

fn is_out_of_reach(error: &InvokeError) -> bool {
    let names = ["CHANNEL_PRIVATE", "CHANNEL_INVALID", "CHANNEL_PUBLIC_GROUP_NA"];
    names.iter().any(|name| error.is(name))
}

fn is_position_refused(error: &crate::RpcError) -> bool {
    error.is("PERSISTENT_TIMESTAMP_INVALID") || error.is("PERSISTENT_TIMESTAMP_EMPTY")
}

/// Pause before a failed difference is tried again, if the server names none.
const RETRY_WAIT: Duration = Duration::from_secs(5);
// Spec: updates.getChannelDifference. Bots may ask for more, and miss less.
const BOT_LIMIT: i32 = 100_000;
const USER_LIMIT: i32 = 100;
