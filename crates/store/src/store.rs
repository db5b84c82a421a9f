//! The store as its users hold it: opened once, cloned freely, closed with its last clone.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::task::{Context, Poll};
use std::thread::{self, JoinHandle};

use parking_lot::Mutex;

use crate::engine::{Engine, FjallEngine, Gap, Journals, MemoryEngine, Usage, survey, verify};
use crate::hot::HotRows;
use crate::lock::DirLock;
use crate::meta::{self, Meta};
use crate::migrate::migrate;
use crate::watermark::Watermark;
use crate::writer::Core;
use crate::{Loss, Options, Read, Snapshot, StoreError, Txn, Witness, WriteTicket, WriterMode};

/// All tables, and the one writer that changes them. Clones share everything.
///
/// Dropping the last clone closes the store: what waits is still run and committed first.
#[derive(Clone)]
pub struct Store {
    handle: Arc<Handle>,
}

struct Handle {
    core: Arc<Core>,
    mode: WriterMode,
    thread: Mutex<Option<JoinHandle<()>>>,
}

impl Store {
    /// Opens a store over `engine`.
    ///
    /// With `watermark`, the path of a small file outside the engine, the store notices at the
    /// next start if the engine has lost what it acknowledged.
    ///
    /// # Errors
    /// If data is missing, damaged, or from a newer release; if a migration fails.
    pub fn open(
        engine: Box<dyn Engine>,
        watermark: Option<PathBuf>,
        options: &Options,
    ) -> Result<Self, StoreError> {
        Self::open_locked(engine, watermark, None, options)
    }

    /// Opens the embedded engine in `dir`, or creates it there, and locks the directory.
    ///
    /// # Errors
    /// If another process has the directory, and as [`Store::open`].
    pub fn open_dir(dir: impl AsRef<Path>, options: &Options) -> Result<Self, StoreError> {
        let dir = dir.as_ref();
        std::fs::create_dir_all(dir).map_err(StoreError::io("create", dir))?;
        let lock = DirLock::acquire(dir)?;
        let rows = dir.join("rows");
        let tables = survey(&rows)?;
        let (watermark, keep_dir) = (dir.join("commit.seq"), dir.join("damaged-journals"));
        let acknowledged = Watermark::peek(&watermark);
        let journals = Journals::inspect(&rows, keep_dir, acknowledged, options.loss)?;
        let engine = FjallEngine::open(&rows, options.cache_bytes);
        // The engine does not say which table it could not read.
        let engine = engine.map_err(|error| match tables.iter().find_map(|t| verify(t).err()) {
            Some(named) => named,
            None => error,
        });
        let store = engine.and_then(|engine| {
            let gap = missing_in_the_middle(&engine, &journals, options.loss)?;
            let watermark = Some(watermark);
            let store = Self::open_locked(Box::new(engine), watermark, Some(lock), options)?;
            gap.map_or(Ok(()), |after| store.accept_gap(after))?;
            Ok(store)
        });
        journals.settle(store)
    }

    /// A store that lives in memory, with a writer thread.
    pub fn memory() -> Self {
        Self::open(Box::new(MemoryEngine::new()), None, &Options::DEFAULT)
            .expect("an empty engine in memory has nothing to refuse")
    }

    /// A store that lives in memory and whose writer is driven by hand, for deterministic runs.
    pub fn inline() -> Self {
        let options = Options { writer: WriterMode::ByHand, ..Options::DEFAULT };
        Self::open(Box::new(MemoryEngine::new()), None, &options)
            .expect("an empty engine in memory has nothing to refuse")
    }

    fn open_locked(
        engine: Box<dyn Engine>,
        watermark: Option<PathBuf>,
        lock: Option<DirLock>,
        options: &Options,
    ) -> Result<Self, StoreError> {
        let found = engine.snapshot()?.get::<Meta>(&meta::COMMIT_SEQ.to_owned())?.unwrap_or(0);
        let (watermark, seq) = match watermark {
            Some(path) => {
                let (watermark, seq) = Watermark::open(path, found, options.loss)?;
                (Some(watermark), seq)
            }
            None => (None, found),
        };
        let hot = HotRows::new(options.hot, options.hot_bytes_max, seq);
        let core = Arc::new(Core::new(engine, hot, watermark, lock, seq, options.limits));
        if found < seq {
            // The engine has to catch up at once, or the next start would find the loss again.
            let accept = move |txn: &mut Txn| {
                txn.put::<Meta>(&meta::LOSS_ACCEPTED.to_owned(), &found)?;
                // No journal will ever hold what lies in between.
                let after = txn.seq();
                txn.put::<Meta>(&meta::GAP_ACCEPTED.to_owned(), &after)?;
                Ok::<_, StoreError>(())
            };
            core.enqueue(accept, Some(Arc::clone(&core))).wait()?;
        }
        migrate(&core, options)?;
        let thread = match options.writer {
            WriterMode::Thread => Some(start_thread(Arc::clone(&core))?),
            WriterMode::ByHand => None,
        };
        Ok(Self { handle: Arc::new(Handle { core, mode: options.writer, thread: thread.into() }) })
    }

    /// Remembers that a person went on although commits before `after` are missing.
    fn accept_gap(&self, after: u64) -> Result<(), StoreError> {
        self.write(move |txn| txn.put::<Meta>(&meta::GAP_ACCEPTED.to_owned(), &after)).wait()
    }

    /// One moment of all tables.
    ///
    /// # Errors
    /// If the engine cannot be reached.
    pub fn snapshot(&self) -> Result<Snapshot, StoreError> {
        self.handle.core.snapshot()
    }

    /// Runs `f` on one moment of all tables.
    ///
    /// # Errors
    /// Those of `f`, and if the engine cannot be reached.
    pub fn read<R, E: From<StoreError>>(
        &self,
        f: impl FnOnce(&Snapshot) -> Result<R, E>,
    ) -> Result<R, E> {
        f(&self.snapshot()?)
    }

    /// Queues a transaction for the writer.
    ///
    /// Transactions run one after the other in the order of the calls, each seeing all before it.
    /// One that returns an error or panics leaves no trace and disturbs no other. The closure may
    /// be run again if a shared engine reports a conflict, so what it does outside of the store
    /// must wait for the ticket.
    pub fn write<R, E>(
        &self,
        f: impl FnMut(&mut Txn) -> Result<R, E> + Send + 'static,
    ) -> WriteTicket<Result<R, E>>
    where
        R: Send + 'static,
        E: From<StoreError> + Send + 'static,
    {
        let by_hand = match self.handle.mode {
            WriterMode::Thread => None,
            WriterMode::ByHand => Some(Arc::clone(&self.handle.core)),
        };
        self.handle.core.enqueue(f, by_hand)
    }

    /// Ready once a transaction waits; one task at a time is woken for it. For those who run the
    /// writer by hand.
    pub fn poll_queued(&self, cx: &Context<'_>) -> Poll<()> {
        self.handle.core.poll_queued(cx)
    }

    /// Commits a row of the store's own, to see whether anything can be committed; returns the
    /// number of the commit.
    pub fn heartbeat(&self) -> WriteTicket<Result<u64, StoreError>> {
        self.write(|txn| {
            let seq = txn.seq();
            txn.put::<Meta>(&meta::HEARTBEAT.to_owned(), &seq)?;
            Ok(seq)
        })
    }

    /// Has somebody watch the writer from now on; the first who comes stays.
    pub fn watch(&self, witness: Arc<dyn Witness>) {
        self.handle.core.watch(witness);
    }

    /// How many transactions wait for the writer now.
    pub fn queue_len(&self) -> usize {
        self.handle.core.queue_len()
    }

    /// What the engine takes, as far as it tells, and the hot rows.
    pub fn usage(&self) -> Usage {
        self.handle.core.usage()
    }

    /// Gives back memory that nobody has needed since the last call: rows that could stand in a table
    /// are moved there, and hot rows that nobody asked for are dropped. Cheap enough for every
    /// minute; seldom calls cost nothing but memory.
    ///
    /// # Errors
    /// If the engine cannot be reached.
    pub fn settle(&self) -> Result<(), StoreError> {
        if self.handle.core.settle()? {
            // For the next time; whether it arrives is seen by others.
            drop(self.heartbeat());
        }
        Ok(())
    }

    /// Runs and commits one group of what waits; returns how many transactions were in it.
    pub fn run_writer_once(&self) -> usize {
        self.handle.core.run_once()
    }
}

/// Whether commits are missing although the newest is there, as when an older journal is gone.
///
/// Returns the oldest commit behind what is missing, if a person accepts that now.
fn missing_in_the_middle(
    engine: &FjallEngine,
    journals: &Journals,
    loss: Loss,
) -> Result<Option<u64>, StoreError> {
    let accepted = engine.snapshot()?.get::<Meta>(&meta::GAP_ACCEPTED.to_owned())?.unwrap_or(0);
    let mut gaps = journals.gaps.clone();
    if let Some((path, first)) = &journals.first
        && let Some(before) = engine.commit_before(*first)?
        && before + 1 < first.commit
    {
        gaps.push(Gap { path: path.clone(), before, after: first.commit });
    }
    gaps.retain(|gap| gap.after > accepted);
    for Gap { path, before, after } in &gaps {
        let what = format!(
            "begins with commit {after}, but the rows before it end at commit {before}: what was \
             committed in between is lost"
        );
        match loss {
            Loss::Refused => return Err(StoreError::damaged_or_accept(path, what)),
            Loss::Accepted => {
                tracing::error!(path = %path.display(), what, "starting all the same")
            }
        }
    }
    Ok(gaps.iter().map(|gap| gap.after).max())
}

fn start_thread(core: Arc<Core>) -> Result<JoinHandle<()>, StoreError> {
    thread::Builder::new()
        .name("store-writer".into())
        .spawn(move || core.run())
        .map_err(StoreError::io("start", Path::new("the writer's thread")))
}

impl Drop for Handle {
    fn drop(&mut self) {
        self.core.close();
        let Some(thread) = self.thread.lock().take() else {
            while self.core.run_once() > 0 {}
            return;
        };
        // A completion callback may hold the last clone: the thread cannot wait for itself.
        if thread.thread().id() != thread::current().id() && thread.join().is_err() {
            tracing::error!("the writer panicked");
        }
    }
}
