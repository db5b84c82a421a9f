//! A store with hot rows and one without are the same to whoever reads.

#![allow(clippy::unwrap_used)] // Helpers of tests are tests.

use std::ops::Bound;
use std::thread;

use heliogram_store::engine::MemoryEngine;
use heliogram_store::{
    HotTable, Options, Prefix, Read, Snapshot, Store, StoreError, Table, Within, WriterMode,
};
use proptest::prelude::*;

macro_rules! tables {
    ($($id:literal $name:ident($key:ty) = $value:ty;)*) => {$(
        enum $name {}
        impl Table for $name {
            const NAME: &'static str = stringify!($name);
            const ID: u16 = $id;
            type Key = $key;
            type Value = $value;
        }
    )*};
}

tables! {
    16 Single(u8) = u64;
    17 Log((u8, u8)) = u64;
    18 Cold(u8) = u64;
}

const HOT: &[HotTable] = &[HotTable::rows::<Single>(), HotTable::newest::<Log, u8>()];

fn store(hot: &'static [HotTable], hot_bytes_max: usize, writer: WriterMode) -> Store {
    let options = Options { writer, hot, hot_bytes_max, ..Options::DEFAULT };
    Store::open(Box::new(MemoryEngine::new()), None, &options).unwrap()
}

/// What can be done to a store, and asked of one of its moments.
#[derive(Clone, Debug)]
enum Op {
    /// One transaction.
    Write { rows: Vec<(bool, u8, u8, Option<u64>)>, is_refused: bool },
    /// Keeps the present moment, beside those before.
    Look,
    /// Forgets one.
    LookAway(usize),
    /// Reads a row of one moment.
    Get { moment: usize, key: u8 },
    /// Reads a range of one moment, and stops after so many rows.
    Scan { moment: usize, lead: u8, start: Bound<u8>, end: Bound<u8>, is_down: bool, take: usize },
    /// Reads a range over several leads.
    All { moment: usize },
}

fn bound() -> impl Strategy<Value = Bound<u8>> {
    prop_oneof![
        2 => Just(Bound::Unbounded),
        1 => (0..40_u8).prop_map(Bound::Included),
        1 => (0..40_u8).prop_map(Bound::Excluded),
    ]
}

fn op() -> impl Strategy<Value = Op> {
    let value = prop_oneof![3 => any::<u64>().prop_map(Some), 1 => Just(None)];
    let row = (any::<bool>(), 0..4_u8, 0..40_u8, value);
    let moment = 0..4_usize;
    prop_oneof![
        6 => (prop::collection::vec(row, 1..6), prop::bool::weighted(0.1))
            .prop_map(|(rows, is_refused)| Op::Write { rows, is_refused }),
        3 => Just(Op::Look),
        1 => moment.clone().prop_map(Op::LookAway),
        4 => (moment.clone(), 0..40_u8).prop_map(|(moment, key)| Op::Get { moment, key }),
        8 => (moment.clone(), 0..4_u8, bound(), bound(), any::<bool>(), 0..50_usize).prop_map(
            |(moment, lead, start, end, is_down, take)| {
                Op::Scan { moment, lead, start, end, is_down, take }
            }
        ),
        1 => moment.prop_map(|moment| Op::All { moment }),
    ]
}

fn write(store: &Store, rows: &[(bool, u8, u8, Option<u64>)], is_refused: bool) {
    let rows = rows.to_vec();
    let ticket = store.write(move |txn| {
        for (is_log, lead, key, value) in &rows {
            match (is_log, value) {
                (true, Some(value)) => txn.put::<Log>(&(*lead, *key), value)?,
                (true, None) => txn.delete::<Log>(&(*lead, *key))?,
                (false, Some(value)) => txn.put::<Single>(key, value)?,
                (false, None) => txn.delete::<Single>(key)?,
            }
        }
        if is_refused { Err(StoreError::Closed) } else { Ok(()) }
    });
    assert_eq!(ticket.wait().is_err(), is_refused);
}

/// What a moment says to a question; nothing to a write.
fn answer(moments: &[Snapshot], op: &Op) -> Vec<((u8, u8), u64)> {
    let at = |moment: &usize| moments.get(*moment % moments.len().max(1));
    match op {
        Op::Get { moment, key } => {
            let value = at(moment).and_then(|moment| moment.get::<Single>(key).unwrap());
            value.map(|value| ((0, *key), value)).into_iter().collect()
        }
        Op::Scan { moment, lead, start, end, is_down, take } => {
            let Some(moment) = at(moment) else { return Vec::new() };
            let range = Within(*lead, (*start, *end));
            let rows = if *is_down { moment.range_rev::<Log>(range) } else { moment.range(range) };
            rows.take(*take).map(Result::unwrap).collect()
        }
        Op::All { moment } => {
            let Some(moment) = at(moment) else { return Vec::new() };
            moment.range::<Log>(..).map(Result::unwrap).collect()
        }
        _ => Vec::new(),
    }
}

proptest! {
    #[test]
    fn every_moment_is_the_same_with_hot_rows_and_without(
        ops in prop::collection::vec(op(), 1..120),
        // From next to nothing, where everything is evicted at once, to more than all of it.
        hot_bytes_max in prop_oneof![Just(0_usize), 10_000..200_000_usize, Just(16 << 20)],
    ) {
        let stores = [(HOT, hot_bytes_max), (&[][..], 0)]
            .map(|(hot, bytes)| store(hot, bytes, WriterMode::ByHand));
        let mut moments = [Vec::new(), Vec::new()];
        for op in &ops {
            for (store, moments) in stores.iter().zip(&mut moments) {
                match op {
                    Op::Write { rows, is_refused } => write(store, rows, *is_refused),
                    Op::Look => moments.push(store.snapshot().unwrap()),
                    Op::LookAway(moment) if !moments.is_empty() => {
                        drop(moments.remove(moment % moments.len()));
                    }
                    _ => {}
                }
            }
            prop_assert_eq!(answer(&moments[0], op), answer(&moments[1], op), "{:?}", op);
        }
        for store in &stores {
            prop_assert!(store.read(|now| now.count::<Log>(.., 1000)).is_ok());
        }
        let all = stores.map(|store| answer(&[store.snapshot().unwrap()], &Op::All { moment: 0 }));
        prop_assert_eq!(&all[0], &all[1]);
    }
}

/// Every commit writes its number into all tables; whoever sees two numbers in one moment has seen
/// half a commit.
#[test]
fn a_moment_is_whole_while_commits_go_on() {
    const COMMITS: u64 = 3000;
    let store = store(HOT, 1 << 20, WriterMode::Thread);
    let look = |now: &Snapshot| -> Result<[u64; 4], StoreError> {
        let cold = now.get::<Cold>(&0)?.unwrap_or(0);
        let single = now.get::<Single>(&0)?.unwrap_or(0);
        let last = now.last::<Log>(Prefix(1))?.map_or(0, |(_, number)| number);
        let all: Vec<u64> = now.range_rev::<Log>(Prefix(1)).map(|row| row.unwrap().1).collect();
        assert!(all.is_sorted_by(|a, b| *a == b + 1), "a gap in {all:?}");
        Ok([cold, single, last, all.first().copied().unwrap_or(0)])
    };
    thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| {
                let mut seen = 0;
                while seen < COMMITS {
                    let found = store.read(look).unwrap();
                    assert_eq!(found, [found[0]; 4], "half a commit");
                    assert!(found[0] >= seen, "time went back");
                    seen = found[0];
                }
            });
        }
        for number in 1..=COMMITS {
            let ticket = store.write(move |txn| {
                txn.put::<Cold>(&0, &number)?;
                txn.put::<Single>(&0, &number)?;
                let key = (number % 251) as u8;
                if key == 0 {
                    for key in 0..=250 {
                        txn.delete::<Log>(&(1, key))?;
                    }
                }
                txn.put::<Log>(&(1, key), &number)
            });
            ticket.wait().unwrap();
            assert_eq!(store.read(look).unwrap(), [number; 4], "the ticket came too early");
        }
    });
}
