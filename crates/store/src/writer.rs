//! The one writer: runs transactions in order and commits them in groups.
//!
//! A group is whatever waits when the writer comes round, up to the limits. No timer is involved:
//! while the disk syncs one group, the next one gathers.

use std::collections::VecDeque;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, OnceLock};
use std::task::{Context, Poll, Waker};

use parking_lot::{Condvar, Mutex};

use crate::engine::{Engine, Outcome, Usage};
use crate::hot::HotRows;
use crate::lock::DirLock;
use crate::meta::{self, Meta};
use crate::ticket::{Completer, WriteTicket};
use crate::watermark::Watermark;
use crate::witness::{Commit, Witness};
use crate::{Limits, Snapshot, StoreError, Txn};

/// What the store's handles and its writer share.
pub(crate) struct Core {
    engine: Box<dyn Engine>,
    hot: Arc<HotRows>,
    limits: Limits,
    queue: Mutex<Queue>,
    ready: Condvar,
    writer: Mutex<Writer>,
    witness: OnceLock<Arc<dyn Witness>>,
    /// Let go of after the engine and the watermark, hence the last field.
    _lock: Option<DirLock>,
}

#[derive(Default)]
struct Queue {
    jobs: VecDeque<Box<dyn Job>>,
    closed: bool,
    /// Who runs the writer by hand and waits for work.
    idler: Option<Waker>,
}

struct Writer {
    /// The number of the newest commit.
    seq: u64,
    watermark: Option<Watermark>,
    /// Why nothing is committed any more.
    stopped: Option<Arc<str>>,
}

impl Core {
    pub(crate) fn new(
        engine: Box<dyn Engine>,
        hot: HotRows,
        watermark: Option<Watermark>,
        lock: Option<DirLock>,
        seq: u64,
        limits: Limits,
    ) -> Self {
        Self {
            engine,
            hot: Arc::new(hot),
            limits,
            queue: Mutex::default(),
            ready: Condvar::new(),
            writer: Mutex::new(Writer { seq, watermark, stopped: None }),
            witness: OnceLock::new(),
            _lock: lock,
        }
    }

    /// Has somebody watch the writer; the first who comes stays.
    pub(crate) fn watch(&self, witness: Arc<dyn Witness>) {
        // Two witnesses are a mistake of ours that harms nobody.
        let _ = self.witness.set(witness);
    }

    /// How many transactions wait.
    pub(crate) fn queue_len(&self) -> usize {
        self.queue.lock().jobs.len()
    }

    pub(crate) fn usage(&self) -> Usage {
        let mut usage = self.engine.usage();
        usage.memory.get_or_insert_default().hot = self.hot.bytes() as u64;
        usage
    }

    pub(crate) fn settle(&self) -> Result<bool, StoreError> {
        self.hot.sweep();
        self.engine.settle()
    }

    pub(crate) fn snapshot(&self) -> Result<Snapshot, StoreError> {
        self.hot.view(&*self.engine).map(Snapshot::new)
    }

    /// Queues a transaction. A full queue and a closed one refuse it.
    pub(crate) fn enqueue<R, E, F>(
        &self,
        run: F,
        by_hand: Option<Arc<Self>>,
    ) -> WriteTicket<Result<R, E>>
    where
        R: Send + 'static,
        E: From<StoreError> + Send + 'static,
        F: FnMut(&mut Txn) -> Result<R, E> + Send + 'static,
    {
        let (completer, ticket) = Completer::pair(by_hand);
        let mut queue = self.queue.lock();
        let waiting = queue.jobs.len();
        if queue.closed || waiting >= self.limits.queue_txns_max {
            let closed = queue.closed;
            drop(queue);
            let error = if closed { StoreError::Closed } else { StoreError::Overloaded(waiting) };
            completer.complete(Err(E::from(error)));
            return ticket;
        }
        queue.jobs.push_back(Box::new(Transaction { run, result: None, completer }));
        let idler = queue.idler.take();
        drop(queue);
        if let Some(idler) = idler {
            idler.wake();
        }
        self.ready.notify_one();
        ticket
    }

    /// Ready once a transaction waits.
    pub(crate) fn poll_queued(&self, cx: &Context<'_>) -> Poll<()> {
        let mut queue = self.queue.lock();
        if queue.jobs.is_empty() {
            queue.idler = Some(cx.waker().clone());
            return Poll::Pending;
        }
        Poll::Ready(())
    }

    /// Refuses further transactions; those that wait are still run.
    pub(crate) fn close(&self) {
        self.queue.lock().closed = true;
        self.ready.notify_all();
    }

    /// The writer's thread: works until the store is closed and the queue is empty.
    pub(crate) fn run(&self) {
        loop {
            let mut queue = self.queue.lock();
            while queue.jobs.is_empty() && !queue.closed {
                self.ready.wait(&mut queue);
            }
            if queue.jobs.is_empty() {
                return;
            }
            drop(queue);
            self.run_once();
        }
    }

    /// Runs and commits one group; returns how many transactions were in it.
    pub(crate) fn run_once(&self) -> usize {
        let mut writer = self.writer.lock();
        let mut group = Vec::new();
        let fate = self.commit(&mut writer, &mut group);
        drop(writer);

        let count = group.len();
        for job in group {
            // A callback that panics must not take the writer with it.
            if catch_unwind(AssertUnwindSafe(|| job.settle(fate.clone()))).is_err() {
                tracing::error!("a completion callback panicked");
            }
        }
        count
    }

    /// Fills `group` from the queue and commits it, again if a shared engine saw a conflict.
    fn commit(&self, writer: &mut Writer, group: &mut Vec<Box<dyn Job>>) -> Result<(), StoreError> {
        for _ in 0..=self.limits.conflict_retries_max {
            let txn = writer.begin(&*self.engine, self.limits);
            let txn = txn.and_then(|mut txn| {
                group.iter_mut().for_each(|job| job.run(&mut txn));
                self.gather(&mut txn, group);
                txn.seal()
            });
            let txn = match txn {
                Ok(Some(txn)) => txn,
                Ok(None) => return Ok(()),
                Err(error) => {
                    self.drain(group);
                    return Err(error);
                }
            };
            match self.watched(group.len(), txn, |txn| writer.commit(txn, &self.hot))? {
                Outcome::Committed => return Ok(()),
                Outcome::Conflict => {}
            }
        }
        Err(StoreError::Conflict(self.limits.conflict_retries_max))
    }

    /// Commits before the eyes of the witness, if there is one.
    fn watched(
        &self,
        txns: usize,
        txn: Txn,
        commit: impl FnOnce(Txn) -> Result<Outcome, StoreError>,
    ) -> Result<Outcome, StoreError> {
        let Some(witness) = self.witness.get() else { return commit(txn) };
        let bytes = txn.group_bytes();
        witness.commit_begins();
        let ended = commit(txn);
        witness.commit_ends(&Commit { txns, bytes, outcome: ended.as_ref().ok().copied() });
        ended
    }

    /// Runs what waits until the group is full.
    fn gather(&self, txn: &mut Txn, group: &mut Vec<Box<dyn Job>>) {
        while group.len() < self.limits.group_txns_max
            && txn.group_bytes() < self.limits.group_bytes_max
        {
            let Some(mut job) = self.queue.lock().jobs.pop_front() else { return };
            job.run(txn);
            group.push(job);
        }
    }

    /// Takes what waits without running it, so that its tickets can be told of a failure.
    fn drain(&self, group: &mut Vec<Box<dyn Job>>) {
        let mut queue = self.queue.lock();
        let count = queue.jobs.len().min(self.limits.group_txns_max.saturating_sub(group.len()));
        group.extend(queue.jobs.drain(..count));
    }
}

impl Writer {
    fn begin(&self, engine: &dyn Engine, limits: Limits) -> Result<Txn, StoreError> {
        match &self.stopped {
            Some(reason) => Err(StoreError::Stopped(Arc::clone(reason))),
            None => Ok(Txn::new(engine.begin()?, self.seq + 1, limits)),
        }
    }

    fn commit(&mut self, txn: Txn, hot: &HotRows) -> Result<Outcome, StoreError> {
        let seq = txn.seq();
        hot.begin(seq);
        let committed = txn.commit().and_then(|(outcome, writes)| {
            if let (Outcome::Committed, Some(watermark)) = (outcome, &mut self.watermark) {
                watermark.advance(seq)?;
            }
            // Before the tickets: who is told of a commit finds it here, too.
            if outcome == Outcome::Committed {
                hot.follow(seq, &writes);
            }
            Ok(outcome)
        });
        match committed {
            Ok(Outcome::Committed) => {
                self.seq = seq;
                Ok(Outcome::Committed)
            }
            Ok(Outcome::Conflict) => Ok(Outcome::Conflict),
            // After a failed sync the kernel may have dropped the dirty pages, and a second sync
            // would succeed without them. Nothing may be acknowledged on top of that.
            Err(error) => {
                tracing::error!(
                    %error,
                    "commit failed, nothing is written any more and reads go on: make room or mend \
                     the disk, then restart"
                );
                let reason: Arc<str> = error.to_string().into();
                self.stopped = Some(Arc::clone(&reason));
                Err(StoreError::Stopped(reason))
            }
        }
    }
}

impl Txn {
    /// Adds the commit sequence, unless there is nothing to commit.
    fn seal(mut self) -> Result<Option<Self>, StoreError> {
        if self.is_unchanged() {
            return Ok(None);
        }
        let seq = self.seq();
        self.put::<Meta>(&meta::COMMIT_SEQ.to_owned(), &seq)?;
        self.keep()?;
        Ok(Some(self))
    }
}

/// A queued transaction with its types erased.
trait Job: Send {
    fn run(&mut self, txn: &mut Txn);
    fn settle(self: Box<Self>, fate: Result<(), StoreError>);
}

struct Transaction<F, R, E: From<StoreError>> {
    run: F,
    result: Option<Result<R, E>>,
    completer: Completer<R, E>,
}

impl<F, R, E> Job for Transaction<F, R, E>
where
    R: Send,
    E: From<StoreError> + Send,
    F: FnMut(&mut Txn) -> Result<R, E> + Send,
{
    fn run(&mut self, txn: &mut Txn) {
        let result = match catch_unwind(AssertUnwindSafe(|| (self.run)(txn))) {
            Ok(Ok(value)) => txn.keep().map(|()| value).map_err(E::from),
            Ok(Err(error)) => {
                txn.take_back();
                Err(error)
            }
            Err(panic) => {
                txn.take_back();
                Err(E::from(StoreError::Panicked(panic_text(&*panic).into())))
            }
        };
        self.result = Some(result);
    }

    fn settle(self: Box<Self>, fate: Result<(), StoreError>) {
        let result = match (fate, self.result) {
            (Ok(()), Some(result)) => result,
            (Ok(()), None) => unreachable!("a group that commits has run all its transactions"),
            // Even a refusal may rest on what this group wrote and lost.
            (Err(error), _) => Err(E::from(error)),
        };
        self.completer.complete(result);
    }
}

fn panic_text(panic: &(dyn std::any::Any + Send)) -> &str {
    panic
        .downcast_ref::<&str>()
        .copied()
        .or_else(|| panic.downcast_ref::<String>().map(String::as_str))
        .unwrap_or("without a message")
}
