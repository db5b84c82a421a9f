//! P12 to P14, as far as the store goes: durable sends in the data centre's layout of rows on the
//! engine of production, and a page of history read back.

use std::collections::{BTreeMap, VecDeque};
use std::fs::{self, File};
use std::hint::black_box;
use std::io::Write as _;
use std::path::Path;

use heliogram_crypto::{Random as _, SeededRandom};
use heliogram_ids::{MessageId, Peer, Pts, RandomId, UserId};
use heliogram_store::{Options, Read as _, Store, StoreError, Table, Txn, Within, catalogue};

use crate::Trouble;
use crate::rounds::race;
use crate::row::{Bar, Outcome, Row, Unit};

/// Accounts; a few of them write most.
const USERS: u64 = 10_000;
const IN_FLIGHT: usize = 256;
/// Sends of one burst.
const BURST: usize = 1024;
/// Messages of the dialog whose newest page is read; a page asks for 100.
const HISTORY: i32 = 34;
const PAGE: usize = 100;
/// The bar of P13.
const OVERHEAD_NANOS_MAX: f64 = 150e3;

pub(super) fn rows() -> Result<Vec<Row>, Trouble> {
    // Beside the build, on a real disk: the system's directory for temporary files may be memory.
    let target = Path::new(env!("CARGO_MANIFEST_DIR")).join("../target");
    fs::create_dir_all(&target)?;
    let dir = tempfile::tempdir_in(target)?;
    let store = Store::open_dir(dir.path(), &Options { catalogue: TABLES, ..Options::DEFAULT })?;
    let mut disk = Disk { file: File::create(dir.path().join("bare"))?, block: [1; 4096] };
    let mut senders = Senders { rng: SeededRandom::new(4) };
    agree(&store, &mut senders)?;

    let mut rows = sending(&store, &mut disk, &mut senders);
    rows.push(history(&store)?);
    Ok(rows)
}

fn sending(store: &Store, disk: &mut Disk, senders: &mut Senders) -> Vec<Row> {
    let mut others = Senders { rng: SeededRandom::new(5) };
    let times = race(&mut [
        &mut || post(store, senders.next()).wait().expect("the store takes a message"),
        &mut || disk.commit().expect("the disk takes a block"),
        &mut || burst(store, &mut others),
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
        Row { target: "P12", what: "durable sends, 256 in flight, store part", outcome: many },
    ]
}

fn history(store: &Store) -> Result<Row, Trouble> {
    let (me, peer) = (user(USERS + 1), user(USERS + 2));
    for n in 0..HISTORY {
        post(store, Send { from: me, to: peer, random_id: i64::from(n) + 1 }).wait()?;
    }
    let peer = Peer::User(peer);
    let snapshot = store.snapshot()?;
    let boxed: BTreeMap<(UserId, Peer, MessageId), Vec<u8>> =
        page(&snapshot, me, peer)?.into_iter().map(|(id, body)| ((me, peer, id), body)).collect();
    if boxed.len() != HISTORY as usize {
        return Err(format!("a history of {HISTORY} has {} messages", boxed.len()).into());
    }
    let times = race(&mut [
        &mut || {
            let snapshot = store.snapshot().expect("the store is open");
            black_box(page(&snapshot, me, peer).expect("the page is there"));
        },
        &mut || {
            let rows = boxed.range((me, peer, MessageId::MIN)..).rev().take(PAGE);
            let page: Vec<_> = rows.map(|((_, _, id), body)| (*id, body.clone())).collect();
            black_box(page);
        },
    ]);
    Ok(Row {
        target: "P14",
        what: "newest page of history, 34 rows, from the engine",
        outcome: Outcome::Measured {
            ours: Unit::Nanos.of(times.nanos(0)),
            partner: "BTreeMap in memory",
            theirs: Unit::Nanos.of(times.nanos(1)),
            figure: Unit::Nanos.of(times.nanos(0)),
            bar: Bar::AtMost(10e3),
        },
    })
}

/// Keeps 256 sends waiting until the burst is over, then waits for the last.
fn burst(store: &Store, senders: &mut Senders) {
    let mut waiting = VecDeque::with_capacity(IN_FLIGHT);
    for _ in 0..BURST {
        if waiting.len() == IN_FLIGHT {
            finish(waiting.pop_front());
        }
        waiting.push_back(post(store, senders.next()));
    }
    while !waiting.is_empty() {
        finish(waiting.pop_front());
    }
}

type Ticket = heliogram_store::WriteTicket<Result<(), StoreError>>;

fn finish(ticket: Option<Ticket>) {
    if let Some(ticket) = ticket {
        ticket.wait().expect("the store takes a message");
    }
}

/// A repeated send changes nothing, and both sides have the message.
fn agree(store: &Store, senders: &mut Senders) -> Result<(), Trouble> {
    let send = senders.next();
    post(store, send).wait()?;
    post(store, send).wait()?;
    let snapshot = store.snapshot()?;
    for (me, peer) in [(send.from, send.to), (send.to, send.from)] {
        if page(&snapshot, me, Peer::User(peer))?.len() != 1 {
            return Err("a message did not arrive exactly once".into());
        }
    }
    Ok(())
}

/// One private message, as the data centre stores it.
#[derive(Clone, Copy)]
struct Send {
    from: UserId,
    to: UserId,
    random_id: i64,
}

fn post(store: &Store, send: Send) -> Ticket {
    store.write(move |txn| {
        let Send { from, to, random_id } = send;
        let sent = (from, RandomId(random_id));
        if txn.contains::<SentIds>(&sent)? {
            return Ok(());
        }
        let id = deliver(txn, from, Peer::User(to), random_id)?;
        deliver(txn, to, Peer::User(from), random_id)?;
        txn.put::<SentIds>(&sent, &record(id.get(), 16))
    })
}

/// The copy of one box: a counter, the message and its indexes, the dialog, the event.
fn deliver(txn: &mut Txn, me: UserId, peer: Peer, copy: i64) -> Result<MessageId, StoreError> {
    let last = txn.get::<Boxes>(&me)?.map_or(0, |row| number(&row));
    let id = MessageId::new(last + 1).expect("a bench sends fewer than 2^31 messages");
    let pts = Pts::new(last + 1).expect("positions are numbered like messages here");
    txn.put::<Messages>(&(me, id), &record(id.get(), 180))?;
    txn.put::<History>(&(me, peer, id), &())?;
    txn.put::<Copies>(&(copy, me), &record(id.get(), 4))?;
    if let Some(dialog) = txn.get::<Dialogs>(&(me, peer))? {
        let top = MessageId::new(number(&dialog)).expect("only ids are stored here");
        txn.delete::<DialogOrder>(&(me, DATE, top, peer))?;
    }
    txn.put::<Dialogs>(&(me, peer), &record(id.get(), 60))?;
    txn.put::<DialogOrder>(&(me, DATE, id, peer), &())?;
    txn.put::<Updates>(&(me, pts), &record(id.get(), 12))?;
    txn.put::<Boxes>(&me, &record(id.get(), 16))?;
    Ok(id)
}

const DATE: i32 = 1_800_000_000;

fn page(
    db: &heliogram_store::Snapshot,
    me: UserId,
    peer: Peer,
) -> Result<Vec<(MessageId, Vec<u8>)>, StoreError> {
    let mut page = Vec::with_capacity(PAGE);
    for row in db.range_rev::<History>(Within((me, peer), ..)).take(PAGE) {
        let ((_, _, id), ()) = row?;
        if let Some(message) = db.get::<Messages>(&(me, id))? {
            page.push((id, message));
        }
    }
    Ok(page)
}

/// A value of a typical length that begins with a number.
fn record(number: i32, len: usize) -> Vec<u8> {
    let mut bytes = number.to_le_bytes().to_vec();
    bytes.resize(len, 0x5a);
    bytes
}

fn number(record: &[u8]) -> i32 {
    record.first_chunk().map_or(0, |bytes| i32::from_le_bytes(*bytes))
}

/// Who writes to whom: the smaller a number, the more often.
struct Senders {
    rng: SeededRandom,
}

impl Senders {
    fn next(&mut self) -> Send {
        let from = self.draw();
        let mut to = self.draw();
        while to == from {
            to = self.draw();
        }
        Send { from: user(from), to: user(to), random_id: self.rng.i64() | 1 }
    }

    /// The least of three: a tail as long as that of real mailboxes, and no table to be kept.
    fn draw(&mut self) -> u64 {
        (0..3).map(|_| 1 + self.rng.below(USERS)).min().unwrap_or(1)
    }
}

fn user(number: u64) -> UserId {
    UserId::new(number.cast_signed()).expect("accounts are numbered from one")
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

macro_rules! tables {
    ($($id:literal $name:ident($key:ty) = $value:ty;)*) => {
        $(
            enum $name {}
            impl Table for $name {
                const NAME: &'static str = stringify!($name);
                const ID: u16 = $id;
                type Key = $key;
                type Value = $value;
            }
        )*
        catalogue! {
            const TABLES = [$($name),*];
        }
    };
}

// The data centre's keys; values are as long as those of a line of text.
tables! {
    24 Boxes(UserId) = Vec<u8>;
    25 Messages((UserId, MessageId)) = Vec<u8>;
    26 History((UserId, Peer, MessageId)) = ();
    27 Copies((i64, UserId)) = Vec<u8>;
    28 Updates((UserId, Pts)) = Vec<u8>;
    29 SentIds((UserId, RandomId)) = Vec<u8>;
    30 Dialogs((UserId, Peer)) = Vec<u8>;
    31 DialogOrder((UserId, i32, MessageId, Peer)) = ();
}
