//! P12 to P14, as far as the store goes: durable sends in the data centre's layout of rows on the
//! engine of production, and a page of history read back.

use std::collections::BTreeMap;
use std::fs::File;
use std::hint::black_box;
use std::io::Write as _;

use heliogram_ids::{MessageId, Peer, UserId};
use heliogram_store::Store;

use super::postgres::Postgres;
use super::sends::{self, BURST, PAGE, Send, Senders, USERS, page, post, user};
use crate::rounds::{Own, race, race_between};
use crate::row::{Bar, Outcome, Row, Unit};
use crate::{Trouble, place};

/// Messages of the dialog whose newest page is read; a page asks for 100.
const HISTORY: i32 = 34;
/// The bar of P13.
const OVERHEAD_NANOS_MAX: f64 = 150e3;
const MANY: &str = "durable sends, 256 in flight, store part";

pub(super) fn rows() -> Result<Vec<Row>, Trouble> {
    let dir = place::scratch()?;
    let store = sends::open(&dir.path().join("hot"))?;
    let mut disk = Disk { file: File::create(dir.path().join("bare"))?, block: [1; 4096] };
    let mut senders = Senders::new(4);
    sends::agree(&store, &mut senders)?;

    let mut rows = sending(&store, &mut disk, &mut senders);
    rows.push(against_postgres(&store, &mut senders)?);
    Ok(rows)
}

/// P14.
pub(super) fn history_rows() -> Result<Vec<Row>, Trouble> {
    let dir = place::scratch()?;
    let (hot, cold) =
        (sends::open(&dir.path().join("hot"))?, sends::open_cold(&dir.path().join("cold"))?);
    // Many other boxes, so that no page is alone in its memory.
    for (store, seed) in [(&hot, 8), (&cold, 8)] {
        sends::burst(store, &mut Senders::new(seed));
    }
    Ok(history(&hot, &cold)?.into())
}

/// P12.
fn against_postgres(store: &Store, senders: &mut Senders) -> Result<Row, Trouble> {
    let mut postgres = match Postgres::start() {
        Ok(postgres) => postgres,
        Err(why) => return Ok(Row::failed("P12", "the store against PostgreSQL", &*why)),
    };
    postgres.agree()?;
    let times =
        race_between(&mut [&mut Own(|| sends::burst(store, senders)), &mut postgres.bursts()])?;
    let rate = |who| Unit::PerSecond.of(BURST as f64 * 1e9 / times.nanos(who));
    Ok(Row {
        target: "P12",
        what: MANY,
        outcome: Outcome::Measured {
            ours: rate(0),
            partner: "PostgreSQL, 8 connections",
            theirs: rate(1),
            figure: Unit::Times.of(times.ratio(1, 0)),
            bar: Bar::AtLeast(3.0),
        },
    })
}

fn sending(store: &Store, disk: &mut Disk, senders: &mut Senders) -> Vec<Row> {
    let mut others = Senders::new(5);
    let times = race(&mut [
        &mut || post(store, senders.next()).wait().expect("the store takes a message"),
        &mut || disk.commit().expect("the disk takes a block"),
        &mut || sends::burst(store, &mut others),
    ]);
    let (alone, bare) = (times.nanos(0), times.nanos(1));
    let each = times.nanos(2) / BURST as f64;
    let disk = "append 4 KiB + fdatasync";
    let spread = times.spread(1);
    let one = if spread > OVERHEAD_NANOS_MAX {
        // The difference of two such times says nothing about what lies between them.
        let (alone, bare) = (Unit::Nanos.of(alone), Unit::Nanos.of(bare));
        let spread = Unit::Nanos.of(spread);
        Outcome::NotMeasured(format!(
            "bare commits take {bare} here and vary by {spread}, more than the bar; a send {alone}"
        ))
    } else {
        Outcome::Measured {
            ours: Unit::Nanos.of(alone),
            partner: disk,
            theirs: Unit::Nanos.of(bare),
            figure: Unit::Nanos.of(alone - bare),
            bar: Bar::AtMost(OVERHEAD_NANOS_MAX),
        }
    };
    let many = Outcome::Measured {
        ours: Unit::PerSecond.of(1e9 / each),
        partner: disk,
        theirs: Unit::PerSecond.of(1e9 / bare),
        figure: Unit::Times.of(BURST as f64 * times.ratio(1, 2)),
        bar: Bar::Open,
    };
    vec![
        Row {
            target: "P13",
            what: "durable send, store part, less the disk's commit",
            outcome: one,
        },
        Row { target: "P12", what: MANY, outcome: many },
    ]
}

/// The same page from hot rows and from the engine below.
fn history(hot: &Store, cold: &Store) -> Result<[Row; 2], Trouble> {
    let (me, peer) = (user(USERS + 1), user(USERS + 2));
    for store in [hot, cold] {
        for n in 0..HISTORY {
            post(store, Send { from: me, to: peer, random_id: i64::from(n) + 1 }).wait()?;
        }
    }
    let peer = Peer::User(peer);
    let pages = [page(&hot.snapshot()?, me, peer)?, page(&cold.snapshot()?, me, peer)?];
    if pages[0] != pages[1] || pages[0].len() != HISTORY as usize {
        return Err(format!("a history of {HISTORY} has {} messages", pages[0].len()).into());
    }
    let [boxed, _] = pages;
    let boxed: BTreeMap<(UserId, Peer, MessageId), Vec<u8>> =
        boxed.into_iter().map(|(id, body)| ((me, peer, id), body)).collect();
    let read = |store: &Store| {
        let snapshot = store.snapshot().expect("the store is open");
        black_box(page(&snapshot, me, peer).expect("the page is there"));
    };
    let times = race(&mut [&mut || read(hot), &mut || read(cold), &mut || {
        let rows = boxed.range((me, peer, MessageId::MIN)..).rev().take(PAGE);
        let page: Vec<_> = rows.map(|((_, _, id), body)| (*id, body.clone())).collect();
        black_box(page);
    }]);
    let row = |who, what, bar| Row {
        target: "P14",
        what,
        outcome: Outcome::Measured {
            ours: Unit::Nanos.of(times.nanos(who)),
            partner: "BTreeMap in memory",
            theirs: Unit::Nanos.of(times.nanos(2)),
            figure: Unit::Nanos.of(times.nanos(who)),
            bar,
        },
    };
    Ok([
        row(0, "newest page of history, 34 rows, from hot rows", Bar::AtMost(10e3)),
        row(1, "the same from the engine", Bar::Open),
    ])
}

/// The disk without an engine.
struct Disk {
    file: File,
    block: [u8; 4096],
}

impl Disk {
    fn commit(&mut self) -> std::io::Result<()> {
        self.file.write_all(&self.block)?;
        self.file.sync_data()
    }
}
