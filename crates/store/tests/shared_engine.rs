//! Engines that others write to as well: conflicts run the group again, failures stop the store.

#![allow(clippy::unwrap_used)] // Helpers of tests are tests.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use bytes::Bytes;
use heliogram_store::engine::{
    Engine, EngineTxn, MemoryEngine, Order, Outcome, Scan, View, Writes,
};
use heliogram_store::{
    ByteRange, Commit, Options, Read, Store, StoreError, Table, Witness, WriterMode,
};

enum Counters {}
impl Table for Counters {
    const NAME: &'static str = "counters";
    const ID: u16 = 16;
    type Key = u8;
    type Value = u64;
}

/// An engine that answers each commit as it is told, and commits when it has no more to say.
struct Scripted {
    memory: MemoryEngine,
    script: Arc<Script>,
}

#[derive(Default)]
struct Script {
    conflicts: AtomicUsize,
    failures: AtomicUsize,
}

struct ScriptedTxn {
    txn: Box<dyn EngineTxn>,
    script: Arc<Script>,
}

impl Engine for Scripted {
    fn snapshot(&self) -> Result<Box<dyn View>, StoreError> {
        self.memory.snapshot()
    }

    fn begin(&self) -> Result<Box<dyn EngineTxn>, StoreError> {
        let script = Arc::clone(&self.script);
        Ok(Box::new(ScriptedTxn { txn: self.memory.begin()?, script }))
    }
}

impl View for ScriptedTxn {
    fn fetch(&self, key: &[u8]) -> Result<Option<Bytes>, StoreError> {
        self.txn.fetch(key)
    }

    fn scan<'a>(&'a self, range: &ByteRange, order: Order) -> Scan<'a> {
        self.txn.scan(range, order)
    }
}

impl EngineTxn for ScriptedTxn {
    fn commit(self: Box<Self>, writes: &Writes) -> Result<Outcome, StoreError> {
        if take_one(&self.script.failures) {
            return Err(StoreError::Engine("the disk is gone".into()));
        }
        if take_one(&self.script.conflicts) {
            return Ok(Outcome::Conflict);
        }
        self.txn.commit(writes)
    }
}

fn take_one(count: &AtomicUsize) -> bool {
    count.try_update(Ordering::Relaxed, Ordering::Relaxed, |left| left.checked_sub(1)).is_ok()
}

fn scripted() -> (Store, Arc<Script>) {
    let script = Arc::new(Script::default());
    let engine = Scripted { memory: MemoryEngine::new(), script: Arc::clone(&script) };
    let options = Options { writer: WriterMode::ByHand, ..Options::DEFAULT };
    (Store::open(Box::new(engine), None, &options).unwrap(), script)
}

fn add_one(store: &Store) -> heliogram_store::WriteTicket<Result<u64, StoreError>> {
    store.write(|txn| {
        let sum = txn.get::<Counters>(&0)?.unwrap_or(0) + 1;
        txn.put::<Counters>(&0, &sum).map(|()| sum)
    })
}

#[test]
fn a_conflict_runs_the_whole_group_again() {
    let (store, script) = scripted();
    script.conflicts.store(3, Ordering::Relaxed);
    let tickets = [add_one(&store), add_one(&store)];
    assert_eq!(store.run_writer_once(), 2);
    assert_eq!(tickets.map(|ticket| ticket.wait().unwrap()), [1, 2]);
    assert_eq!(store.snapshot().unwrap().get::<Counters>(&0).unwrap(), Some(2));
}

#[test]
fn endless_conflicts_give_up_and_leave_the_store_usable() {
    let (store, script) = scripted();
    script.conflicts.store(17, Ordering::Relaxed);
    assert!(matches!(add_one(&store).wait(), Err(StoreError::Conflict(16))));
    assert_eq!(add_one(&store).wait().unwrap(), 1);
}

#[test]
fn a_failed_commit_fails_its_group_and_stops_the_store() {
    let (store, script) = scripted();
    assert_eq!(add_one(&store).wait().unwrap(), 1);
    script.failures.store(1, Ordering::Relaxed);
    let tickets = [add_one(&store), add_one(&store)];
    for ticket in tickets {
        let error = ticket.wait().unwrap_err();
        assert!(matches!(&error, StoreError::Stopped(why) if why.contains("the disk is gone")));
    }
    // Nobody knows what the disk holds now, so nothing may be acknowledged on top of it.
    let error = add_one(&store).wait().unwrap_err();
    assert!(matches!(&error, StoreError::Stopped(why) if why.contains("the disk is gone")));
    assert_eq!(store.snapshot().unwrap().get::<Counters>(&0).unwrap(), Some(1));
}

/// Writes down what it is told.
#[derive(Default)]
struct Diary {
    begun: AtomicUsize,
    ended: Mutex<Vec<Commit>>,
}

impl Witness for Diary {
    fn commit_begins(&self) {
        self.begun.fetch_add(1, Ordering::Relaxed);
    }

    fn commit_ends(&self, commit: &Commit) {
        self.ended.lock().unwrap().push(*commit);
    }
}

#[test]
fn a_witness_sees_every_group_that_the_engine_gets() {
    let (store, script) = scripted();
    let diary = Arc::new(Diary::default());
    store.watch(Arc::clone(&diary) as Arc<dyn Witness>);
    let count = |txn: &mut heliogram_store::Txn| txn.put::<Counters>(&1, &1);
    let tickets = [store.write(count), store.write(count)];
    assert_eq!(store.queue_len(), 2);
    store.run_writer_once();
    assert_eq!(store.queue_len(), 0);
    tickets.into_iter().for_each(|ticket| ticket.wait().unwrap());
    // Who changes nothing costs no commit.
    store.write(|txn| txn.get::<Counters>(&1)).wait().unwrap();
    script.conflicts.store(1, Ordering::Relaxed);
    store.write(count).wait().unwrap();
    script.failures.store(1, Ordering::Relaxed);
    store.write(count).wait().unwrap_err();
    let ended = diary.ended.lock().unwrap().clone();
    assert_eq!(diary.begun.load(Ordering::Relaxed), ended.len());
    let seen: Vec<_> = ended.iter().map(|commit| (commit.txns, commit.outcome)).collect();
    let (good, again) = (Some(Outcome::Committed), Some(Outcome::Conflict));
    assert_eq!(seen, [(2, good), (1, again), (1, good), (1, None)]);
    assert!(ended.iter().all(|commit| commit.bytes > 0));
}

#[test]
fn a_heart_beats_until_the_store_has_stopped() {
    let (store, script) = scripted();
    let first = store.heartbeat().wait().unwrap();
    assert_eq!(store.heartbeat().wait().unwrap(), first + 1);
    script.failures.store(1, Ordering::Relaxed);
    store.heartbeat().wait().unwrap_err();
    assert!(matches!(store.heartbeat().wait(), Err(StoreError::Stopped(_))));
}
