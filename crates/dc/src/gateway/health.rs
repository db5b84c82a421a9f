//! Whether the data centre does its work, for those who restart or replace it if it does not.

use std::time::Duration;

use heliogram_ids::Timestamp;
use heliogram_store::StoreError;

use super::service::Gateway;

/// What a data centre that is well says of itself.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Health {
    /// Number of a commit that was made to see whether one can be made.
    pub commit: u64,
    /// How long the oldest commit has waited whose sessions are not told yet.
    pub push_backlog: Duration,
}

/// Why a data centre is not well.
#[derive(Clone, Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Ailment {
    /// Nothing can be written, and what was acknowledged may be all there will ever be.
    #[error("the store takes no writes: {0}")]
    Store(StoreError),
    /// A commit was asked for and did not come: the disk hangs, or too much waits before it.
    #[error("a commit has not come for {} s", .0.as_secs())]
    Writer(Duration),
    /// Live sessions are not told what happens.
    #[error("sessions are told of commits {} s late", .0.as_secs())]
    Pushes(Duration),
}

/// The last heartbeat that succeeded: when, and its commit.
pub(super) type Pulse = tokio::sync::Mutex<Option<(Timestamp, u64)>>;

impl Gateway {
    /// Commits something, unless that was done a moment ago, and looks how far pushes are behind.
    ///
    /// # Errors
    /// What is wrong.
    pub(crate) async fn health(&self) -> Result<Health, Ailment> {
        let beat = tokio::time::timeout(COMMIT_MAX, self.heartbeat()).await;
        let commit = beat.unwrap_or(Err(Ailment::Writer(COMMIT_MAX)))?;
        match self.fanout.backlog() {
            (_, push_backlog) if push_backlog < BACKLOG_MAX => Ok(Health { commit, push_backlog }),
            (_, push_backlog) => Err(Ailment::Pushes(push_backlog)),
        }
    }

    /// Whoever asks while another is asking waits for that answer: checks cost one commit, however
    /// many there are.
    async fn heartbeat(&self) -> Result<u64, Ailment> {
        let mut pulse = self.pulse.lock().await;
        let recent =
            |(at, _): &(Timestamp, u64)| self.clock.now().saturating_since(*at) < HEARTBEAT_EVERY;
        if let Some((_, commit)) = pulse.filter(recent) {
            return Ok(commit);
        }
        let commit = self.store.heartbeat().await.map_err(Ailment::Store)?;
        *pulse = Some((self.clock.now(), commit));
        Ok(commit)
    }
}

/// A commit that takes longer does not come.
const COMMIT_MAX: Duration = Duration::from_secs(5);
/// Further behind than any burst leaves the fan-out.
const BACKLOG_MAX: Duration = Duration::from_secs(30);
/// How often checks may write.
const HEARTBEAT_EVERY: Duration = Duration::from_secs(5);

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::sync::atomic::{AtomicBool, Ordering};

    use heliogram_store::engine::{
        Engine, EngineTxn, MemoryEngine, Order, Outcome, Scan, View, Writes,
    };
    use heliogram_store::{ByteRange, Options, Store, WriterMode};

    use super::*;
    use crate::fanout::{Committed, Outbox};
    use crate::fixture::Fixture;
    use crate::gateway::fixture::Desk;

    /// An engine whose disk fails from some moment on.
    struct Failing(MemoryEngine, Arc<AtomicBool>);

    struct FailingTxn(Box<dyn EngineTxn>, Arc<AtomicBool>);

    impl Engine for Failing {
        fn snapshot(&self) -> Result<Box<dyn View>, StoreError> {
            self.0.snapshot()
        }

        fn begin(&self) -> Result<Box<dyn EngineTxn>, StoreError> {
            Ok(Box::new(FailingTxn(self.0.begin()?, Arc::clone(&self.1))))
        }
    }

    impl View for FailingTxn {
        fn fetch(&self, key: &[u8]) -> Result<Option<bytes::Bytes>, StoreError> {
            self.0.fetch(key)
        }

        fn scan<'a>(&'a self, range: &ByteRange, order: Order) -> Scan<'a> {
            self.0.scan(range, order)
        }
    }

    impl EngineTxn for FailingTxn {
        fn commit(self: Box<Self>, writes: &Writes) -> Result<Outcome, StoreError> {
            match self.1.load(Ordering::Relaxed) {
                true => Err(StoreError::Closed),
                false => self.0.commit(writes),
            }
        }
    }

    /// What somebody is told who asks, while the writer has its turn.
    async fn ask(desk: &Desk) -> Result<Health, Ailment> {
        let turn = async {
            desk.cloud.store.run_writer_once();
        };
        tokio::join!(desk.gateway.health(), turn).0
    }

    #[tokio::test(start_paused = true)]
    async fn a_store_that_has_stopped_is_told_of() {
        let fails = Arc::new(AtomicBool::new(false));
        let engine = Failing(MemoryEngine::new(), Arc::clone(&fails));
        let options = Options { writer: WriterMode::ByHand, ..Options::DEFAULT };
        let mut cloud = Fixture::new();
        cloud.store = Store::open(Box::new(engine), None, &options).expect("it is empty");
        let desk = Desk::over(cloud);
        let commit = ask(&desk).await.expect("all is well").commit;
        fails.store(true, Ordering::Relaxed);
        // Nobody is asked twice within a few seconds.
        assert_eq!(ask(&desk).await.expect("it was well").commit, commit);
        tokio::time::advance(HEARTBEAT_EVERY).await;
        let ailment = ask(&desk).await.expect_err("the disk fails");
        assert!(matches!(ailment, Ailment::Store(_)), "{ailment}");
        fails.store(false, Ordering::Relaxed);
        let ailment = ask(&desk).await.expect_err("a store that stopped stays so");
        assert!(ailment.to_string().contains("store stopped after a failed commit"), "{ailment}");
    }

    #[tokio::test(start_paused = true)]
    async fn a_writer_that_does_not_come_round_is_told_of() {
        let desk = Desk::new();
        let ailment = desk.gateway.health().await.expect_err("nobody commits");
        assert!(matches!(ailment, Ailment::Writer(_)), "{ailment}");
    }

    #[tokio::test(start_paused = true)]
    async fn a_fan_out_that_is_stuck_is_told_of() {
        let desk = Desk::new();
        desk.gateway.fanout.send(Committed { outbox: Outbox::default(), origin: None });
        assert!(ask(&desk).await.is_ok());
        tokio::time::advance(BACKLOG_MAX).await;
        let ailment = ask(&desk).await.expect_err("nobody tells");
        assert!(matches!(ailment, Ailment::Pushes(_)), "{ailment}");
        desk.gateway.fanout.run_once();
        assert!(ask(&desk).await.is_ok());
    }
}
