//! Transactions on every engine: order, isolation, groups and limits.

#![allow(clippy::unwrap_used)] // Helpers of tests are tests.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Barrier, mpsc};

use heliogram_store::{
    Limits, Migration, Options, Prefix, Read, Step, Store, StoreError, Table, Txn, WriterMode,
    catalogue,
};
use proptest::prelude::*;

enum Balances {}
impl Table for Balances {
    const NAME: &'static str = "balances";
    const ID: u16 = 16;
    type Key = (u8, u8);
    type Value = i64;
}

enum Notes {}
impl Table for Notes {
    const NAME: &'static str = "notes";
    const ID: u16 = 17;
    type Key = u32;
    type Value = Vec<u8>;
}

const BY_HAND: Options = Options { writer: WriterMode::ByHand, ..Options::DEFAULT };

/// Runs a test on each engine, with the writer driven by hand.
fn on_each_engine(test: impl Fn(Store)) {
    test(Store::inline());
    let dir = tempfile::tempdir().unwrap();
    test(Store::open_dir(dir.path(), &BY_HAND).unwrap());
}

#[test]
fn whoever_runs_the_writer_by_hand_is_woken_for_work() {
    struct Bell(AtomicUsize);
    impl std::task::Wake for Bell {
        fn wake(self: Arc<Self>) {
            self.0.fetch_add(1, Ordering::Relaxed);
        }
    }
    let (store, bell) = (Store::inline(), Arc::new(Bell(AtomicUsize::new(0))));
    let waker = std::task::Waker::from(Arc::clone(&bell));
    let cx = std::task::Context::from_waker(&waker);
    assert!(store.poll_queued(&cx).is_pending());
    let tickets = [1, 2].map(|note| store.write(move |txn| txn.put::<Notes>(&note, &vec![1])));
    assert_eq!(bell.0.load(Ordering::Relaxed), 1, "one task is woken once");
    assert!(store.poll_queued(&cx).is_ready());
    assert_eq!(store.run_writer_once(), 2);
    assert!(store.poll_queued(&cx).is_pending());
    for ticket in tickets {
        ticket.wait().unwrap();
    }
}

fn balance(read: &impl Read, key: (u8, u8)) -> Option<i64> {
    read.get::<Balances>(&key).unwrap()
}

#[test]
fn a_later_transaction_sees_an_earlier_one_of_its_group() {
    on_each_engine(|store| {
        let first = store.write(|txn| txn.put::<Balances>(&(1, 1), &10));
        let second = store.write(|txn| Ok::<_, StoreError>(balance(txn, (1, 1))));
        assert!(store.snapshot().unwrap().get::<Balances>(&(1, 1)).unwrap().is_none());
        assert_eq!(store.run_writer_once(), 2);
        first.wait().unwrap();
        assert_eq!(second.wait().unwrap(), Some(10));
    });
}

#[test]
fn an_error_takes_back_its_own_writes_only() {
    on_each_engine(|store| {
        let before = store.write(|txn| txn.put::<Balances>(&(1, 1), &10));
        let failing = store.write(|txn| {
            txn.put::<Balances>(&(1, 1), &99)?;
            txn.put::<Balances>(&(1, 1), &98)?;
            txn.put::<Balances>(&(1, 2), &99)?;
            txn.delete::<Balances>(&(1, 1))?;
            assert_eq!(balance(txn, (1, 1)), None);
            Err::<(), _>(StoreError::Closed)
        });
        let after = store.write(|txn| {
            let found = (balance(txn, (1, 1)), balance(txn, (1, 2)));
            txn.put::<Balances>(&(1, 3), &30)?;
            Ok::<_, StoreError>(found)
        });
        assert_eq!(store.run_writer_once(), 3);
        before.wait().unwrap();
        assert!(matches!(failing.wait(), Err(StoreError::Closed)));
        assert_eq!(after.wait().unwrap(), (Some(10), None));
        let snapshot = store.snapshot().unwrap();
        let rows: Vec<_> = snapshot.range::<Balances>(Prefix(1)).map(Result::unwrap).collect();
        assert_eq!(rows, [((1, 1), 10), ((1, 3), 30)]);
    });
}

#[test]
fn a_panic_fails_its_own_transaction_only() {
    on_each_engine(|store| {
        let failing = store.write(|txn| -> Result<(), StoreError> {
            txn.put::<Balances>(&(1, 1), &99)?;
            panic!("on purpose")
        });
        let after = store.write(|txn| Ok::<_, StoreError>(balance(txn, (1, 1))));
        assert!(matches!(failing.wait(), Err(StoreError::Panicked(why)) if &*why == "on purpose"));
        assert_eq!(after.wait().unwrap(), None);
    });
}

#[test]
fn a_snapshot_does_not_move() {
    on_each_engine(|store| {
        let put = |value: i64| store.write(move |txn| txn.put::<Balances>(&(1, 1), &value));
        put(1).wait().unwrap();
        let old = store.snapshot().unwrap();
        put(2).wait().unwrap();
        store.write(|txn| txn.delete::<Balances>(&(1, 1))).wait().unwrap();
        assert_eq!(balance(&old, (1, 1)), Some(1));
        assert_eq!(old.count::<Balances>(.., 9).unwrap(), 1);
        assert_eq!(balance(&store.snapshot().unwrap(), (1, 1)), None);
    });
}

#[test]
fn the_sequence_grows_with_each_group_that_writes() {
    on_each_engine(|store| {
        let seq = || store.write(|txn| Ok::<_, StoreError>(txn.seq())).wait().unwrap();
        let start = seq();
        assert_eq!(seq(), start, "nothing was written");
        let pair = [1, 2]
            .map(|key| store.write(move |txn| txn.put::<Notes>(&key, &vec![]).map(|()| txn.seq())));
        assert_eq!(pair.map(|ticket| ticket.wait().unwrap()), [start, start]);
        assert_eq!(seq(), start + 1);
    });
}

#[test]
fn limits_fail_the_transaction_even_if_it_goes_on() {
    let refused = |write: fn(&mut Txn)| {
        let store = Store::inline();
        let ticket = store.write(move |txn| {
            txn.put::<Notes>(&1, &vec![1])?;
            write(txn);
            Ok::<_, StoreError>(())
        });
        let error = ticket.wait().unwrap_err();
        assert_eq!(store.snapshot().unwrap().count::<Notes>(.., 9).unwrap(), 0);
        error
    };
    let value = refused(|txn| drop(txn.put::<Notes>(&2, &vec![0; (64 << 10) + 1])));
    assert!(matches!(value, StoreError::ValueTooLarge { found: 65537, limit: 65536 }));
    let whole = refused(|txn| {
        (2..20).for_each(|key| drop(txn.put::<Notes>(&key, &vec![0; 64 << 10])));
    });
    assert!(matches!(whole, StoreError::TxnTooLarge { limit: 1_048_576, .. }), "{whole}");
}

#[test]
fn a_group_ends_at_its_limits() {
    let limits = Limits { group_txns_max: 3, group_bytes_max: 2000, ..Limits::DEFAULT };
    let engine = Box::new(heliogram_store::engine::MemoryEngine::new());
    let store = Store::open(engine, None, &Options { limits, ..BY_HAND }).unwrap();
    let small = |key| drop(store.write(move |txn| txn.put::<Notes>(&key, &vec![0; 10])));
    let large = |key| drop(store.write(move |txn| txn.put::<Notes>(&key, &vec![0; 1500])));
    (0..4).for_each(small);
    (4..7).for_each(large);
    let groups: Vec<_> = std::iter::repeat_with(|| store.run_writer_once()).take(4).collect();
    assert_eq!(groups, [3, 3, 1, 0]);
}

#[test]
fn a_full_queue_refuses() {
    let limits = Limits { queue_txns_max: 2, ..Limits::DEFAULT };
    let engine = Box::new(heliogram_store::engine::MemoryEngine::new());
    let store = Store::open(engine, None, &Options { limits, ..BY_HAND }).unwrap();
    let write = || store.write(|txn| txn.put::<Notes>(&1, &vec![]));
    let (first, second, third) = (write(), write(), write());
    assert!(matches!(third.wait(), Err(StoreError::Overloaded(2))));
    first.wait().unwrap();
    second.wait().unwrap();
}

#[test]
fn many_threads_share_commits_and_lose_nothing() {
    let dir = tempfile::tempdir().unwrap();
    let store = Store::open_dir(dir.path(), &Options::DEFAULT).unwrap();
    let (threads, each) = (8, 50);
    let start = Arc::new(Barrier::new(threads));
    let runs: Vec<_> = (0..threads)
        .map(|_| {
            let (store, start) = (store.clone(), Arc::clone(&start));
            std::thread::spawn(move || {
                start.wait();
                let add = |txn: &mut Txn| {
                    let sum = txn.get::<Balances>(&(0, 0))?.unwrap_or(0);
                    txn.put::<Balances>(&(0, 0), &(sum + 1)).map(|()| txn.seq())
                };
                let tickets: Vec<_> = (0..each).map(|_| store.write(add)).collect();
                tickets.into_iter().map(|ticket| ticket.wait().unwrap()).max().unwrap()
            })
        })
        .collect();
    let last_seq = runs.into_iter().map(|run| run.join().unwrap()).max().unwrap();
    assert_eq!(balance(&store.snapshot().unwrap(), (0, 0)), Some((threads * each) as i64));
    assert!(last_seq < (threads * each) as u64, "{last_seq} commits were not shared");
}

#[test]
fn tickets_complete_by_callback_and_by_future() {
    let store = Store::memory();
    let (sender, receiver) = mpsc::channel();
    store.write(|txn| txn.put::<Notes>(&1, &vec![])).on_complete(move |result| {
        sender.send(result.is_ok()).unwrap();
    });
    assert!(receiver.recv().unwrap());

    let waker = Arc::new(Flag::default());
    let store = Store::inline();
    let mut ticket = std::pin::pin!(store.write(|txn| txn.put::<Notes>(&1, &vec![])));
    let task = std::task::Waker::from(Arc::clone(&waker));
    let mut cx = std::task::Context::from_waker(&task);
    assert!(ticket.as_mut().poll(&mut cx).is_pending());
    store.run_writer_once();
    assert_eq!(waker.0.load(Ordering::Relaxed), 1);
    assert!(ticket.as_mut().poll(&mut cx).is_ready());
}

#[derive(Default)]
struct Flag(AtomicUsize);
impl std::task::Wake for Flag {
    fn wake(self: Arc<Self>) {
        self.0.fetch_add(1, Ordering::Relaxed);
    }
}

#[test]
fn what_waits_is_committed_when_the_store_closes() {
    let dir = tempfile::tempdir().unwrap();
    let store = Store::open_dir(dir.path(), &BY_HAND).unwrap();
    let ticket = store.write(|txn| txn.put::<Balances>(&(1, 1), &7));
    drop((store, ticket));
    let store = Store::open_dir(dir.path(), &Options::DEFAULT).unwrap();
    assert_eq!(balance(&store.snapshot().unwrap(), (1, 1)), Some(7));
}

#[test]
fn the_last_clone_may_go_inside_a_callback() {
    let store = Store::memory();
    let (sender, receiver) = mpsc::channel();
    let ticket = store.write(|txn| txn.put::<Notes>(&1, &vec![]));
    ticket.on_complete(move |_| {
        drop(store);
        sender.send(()).unwrap();
    });
    receiver.recv().unwrap();
}

catalogue! {
    const TABLES = [Balances, Notes];
}

#[test]
fn a_table_id_keeps_its_table() {
    let dir = tempfile::tempdir().unwrap();
    let open = |catalogue| Store::open_dir(dir.path(), &Options { catalogue, ..BY_HAND });
    drop(open(TABLES).unwrap());
    drop(open(TABLES).unwrap());
    enum Letters {}
    impl Table for Letters {
        const NAME: &'static str = "letters";
        const ID: u16 = 17;
        type Key = u64;
        type Value = String;
    }
    const RENAMED: &[heliogram_store::TableRow] = &[heliogram_store::TableRow::of::<Letters>()];
    let Err(StoreError::TableMismatch { id, stored, declared }) = open(RENAMED) else { panic!() };
    assert_eq!((id, &*stored, declared), (17, "notes", "letters"));
}

#[test]
fn migrations_run_in_pieces_and_once() {
    const DOUBLE: Migration = Migration {
        to: 1,
        name: "double the balances",
        run: |txn, cursor| {
            let next = cursor.map_or(0, |cursor| cursor[0]);
            let Some(value) = txn.get::<Balances>(&(0, next))? else { return Ok(Step::Done) };
            txn.put::<Balances>(&(0, next), &(value * 2))?;
            Ok(Step::Continue(vec![next + 1]))
        },
    };
    const FAIL: Migration =
        Migration { to: 2, name: "fail", run: |_, _| Err(StoreError::BadKey("on purpose")) };

    let dir = tempfile::tempdir().unwrap();
    let open = |migrations| Store::open_dir(dir.path(), &Options { migrations, ..BY_HAND });
    let store = open(&[]).unwrap();
    for key in 0..5 {
        store.write(move |txn| txn.put::<Balances>(&(0, key), &10)).wait().unwrap();
    }
    drop(store);
    for _ in 0..2 {
        let store = open(&[DOUBLE]).unwrap();
        let snapshot = store.snapshot().unwrap();
        let sum: i64 = snapshot.range::<Balances>(..).map(|row| row.unwrap().1).sum();
        assert_eq!(sum, 100);
    }
    assert!(matches!(open(&[DOUBLE, FAIL]), Err(StoreError::Migration { to: 2, .. })));
    assert!(matches!(open(&[]), Err(StoreError::FromTheFuture { found: 1, known: 0, .. })));
    drop(open(&[DOUBLE]).unwrap());
}

#[derive(Clone, Debug)]
enum Operation {
    Put((u8, u8), i64),
    Delete((u8, u8)),
    Scan(u8),
    End { keep: bool },
    Commit,
}

fn operations() -> impl Strategy<Value = Vec<Operation>> {
    let key = || (0u8..3, 0u8..6);
    let operation = prop_oneof![
        4 => (key(), any::<i64>()).prop_map(|(key, value)| Operation::Put(key, value)),
        2 => key().prop_map(Operation::Delete),
        2 => (0u8..3).prop_map(Operation::Scan),
        2 => prop::bool::weighted(0.7).prop_map(|keep| Operation::End { keep }),
        1 => Just(Operation::Commit),
    ];
    prop::collection::vec(operation, 0..60)
}

type Model = BTreeMap<(u8, u8), i64>;

fn scan(read: &impl Read, first: u8) -> [Vec<((u8, u8), i64)>; 2] {
    let forth = read.range::<Balances>(Prefix(first)).map(Result::unwrap).collect();
    let mut back: Vec<_> = read.range_rev::<Balances>(Prefix(first)).map(Result::unwrap).collect();
    back.reverse();
    [forth, back]
}

/// Runs one transaction's operations against the store and the model at once.
fn run(txn: &mut Txn, model: &mut Model, operations: &[Operation]) -> Result<(), StoreError> {
    for operation in operations {
        match operation {
            Operation::Put(key, value) => {
                txn.put::<Balances>(key, value)?;
                model.insert(*key, *value);
            }
            Operation::Delete(key) => {
                txn.delete::<Balances>(key)?;
                model.remove(key);
            }
            Operation::Scan(first) => {
                let expected: Vec<_> = model
                    .range((*first, 0)..=(*first, 255))
                    .map(|(key, value)| (*key, *value))
                    .collect();
                assert_eq!(scan(txn, *first), [expected.clone(), expected]);
            }
            Operation::End { .. } | Operation::Commit => {}
        }
    }
    Ok(())
}

/// Queues every transaction, so that groups of several form; `Commit` ends a group.
fn check_against_model(store: &Store, operations: &[Operation]) {
    let mut model = Model::new();
    let mut tickets = Vec::new();
    let mut frozen = Vec::new();
    for part in operations.split_inclusive(|op| matches!(op, Operation::End { .. })) {
        let keep = !matches!(part.last(), Some(Operation::End { keep: false }));
        if part.iter().any(|op| matches!(op, Operation::Commit)) {
            store.run_writer_once();
            frozen.push((store.snapshot().unwrap(), model.clone()));
        }
        let (before, part_run) = (model.clone(), part.to_vec());
        tickets.push(store.write(move |txn| {
            run(txn, &mut before.clone(), &part_run)?;
            if keep { Ok(()) } else { Err(StoreError::BadKey("on purpose")) }
        }));
        if keep {
            apply(&mut model, part);
        }
    }
    for ticket in tickets {
        let result = ticket.wait();
        assert!(matches!(result, Ok(()) | Err(StoreError::BadKey(_))), "{result:?}");
    }
    frozen.push((store.snapshot().unwrap(), model));
    for (snapshot, model) in frozen {
        let rows: Model = snapshot.range::<Balances>(..).map(Result::unwrap).collect();
        assert_eq!(rows, model);
    }
}

fn apply(model: &mut Model, operations: &[Operation]) {
    for operation in operations {
        match operation {
            Operation::Put(key, value) => drop(model.insert(*key, *value)),
            Operation::Delete(key) => drop(model.remove(key)),
            _ => {}
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn memory_behaves_like_a_map(operations in operations()) {
        check_against_model(&Store::inline(), &operations);
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(8))]

    #[test]
    fn fjall_behaves_like_a_map(operations in operations()) {
        let dir = tempfile::tempdir().unwrap();
        check_against_model(&Store::open_dir(dir.path(), &BY_HAND).unwrap(), &operations);
    }
}
