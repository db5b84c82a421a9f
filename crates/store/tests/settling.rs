//! What a store gives back when it is left alone.

#![allow(clippy::unwrap_used)] // Helpers of tests are tests.
#![allow(clippy::disallowed_methods)] // The engine writes on threads of its own.

use std::time::{Duration, Instant};

use heliogram_store::{HotTable, Options, Read, Store, StoreError, Table, Txn, WriterMode};

enum Notes {}
impl Table for Notes {
    const NAME: &'static str = "notes";
    const ID: u16 = 16;
    type Key = u64;
    type Value = Vec<u8>;
}

const HOT: &[HotTable] = &[HotTable::rows::<Notes>()];
const OPTIONS: Options = Options { writer: WriterMode::ByHand, hot: HOT, ..Options::DEFAULT };

fn note(number: u64) -> Vec<u8> {
    vec![number as u8; 1000]
}

fn write(store: &Store, numbers: std::ops::Range<u64>) {
    for number in numbers {
        let put = move |txn: &mut Txn| txn.put::<Notes>(&number, &note(number));
        store.write(put).wait().unwrap();
    }
}

fn kept(store: &Store) -> heliogram_store::engine::Memory {
    store.usage().memory.unwrap()
}

#[test]
fn what_is_left_alone_goes_to_its_tables_and_is_still_there() {
    let dir = tempfile::tempdir().unwrap();
    let store = Store::open_dir(dir.path(), &OPTIONS).unwrap();
    let all_are_there = |store: &Store| -> Result<bool, StoreError> {
        let snapshot = store.snapshot()?;
        let same = |number| Ok(snapshot.get::<Notes>(&number)? == Some(note(number)));
        (0..2010).map(same).try_fold(true, |all, one| Ok(all && one?))
    };
    write(&store, 0..2000);
    store.settle().unwrap();
    write(&store, 2000..2010);
    let written = kept(&store).unflushed;
    assert!(written > 2_000_000, "{written} bytes, which are too young to be moved");
    assert!(all_are_there(&store).unwrap());
    assert!(kept(&store).hot > 2_000_000);

    store.settle().unwrap();
    store.settle().unwrap();
    let patience = Instant::now() + Duration::from_secs(60);
    while kept(&store).unflushed > written / 2 {
        assert!(Instant::now() < patience, "nothing was moved");
        std::thread::sleep(Duration::from_millis(10));
    }
    assert_eq!(kept(&store).hot, 0);
    // The first call finds nothing to write, the second what was written for its sake.
    for _ in 0..2 {
        assert!(store.settle().is_ok());
        store.run_writer_once();
    }
    assert!(all_are_there(&store).unwrap());

    drop(store);
    assert!(all_are_there(&Store::open_dir(dir.path(), &OPTIONS).unwrap()).unwrap());
}

#[test]
fn a_little_is_left_where_it_is() {
    let dir = tempfile::tempdir().unwrap();
    let store = Store::open_dir(dir.path(), &OPTIONS).unwrap();
    write(&store, 0..10);
    (0..3).for_each(|_| store.settle().unwrap());
    let tables = std::fs::read_dir(dir.path().join("rows/keyspaces/1/tables")).unwrap();
    assert_eq!(tables.count(), 0);
}
