//! Private messages in the data centre's layout of rows, without the data centre: what a store has
//! to take, whoever asks it to.

use std::collections::VecDeque;
use std::path::Path;

use heliogram_crypto::{Random as _, SeededRandom};
use heliogram_ids::{MessageId, Peer, Pts, RandomId, UserId};
use heliogram_store::{
    HotTable, Options, Read as _, Store, StoreError, Table, Txn, Within, catalogue,
};

use crate::Trouble;

/// Accounts; a few of them write most.
pub(super) const USERS: u64 = 10_000;
/// Sends that wait for their commit.
pub(super) const IN_FLIGHT: usize = 256;
/// Sends of one burst.
pub(super) const BURST: usize = 1024;
/// Messages that a page asks for.
pub(super) const PAGE: usize = 100;

/// A store on the engine of production, with hot rows as the data centre has them.
pub(super) fn open(dir: &Path) -> Result<Store, StoreError> {
    Store::open_dir(dir, &Options { catalogue: TABLES, hot: HOT, ..Options::DEFAULT })
}

/// The same without them.
pub(super) fn open_cold(dir: &Path) -> Result<Store, StoreError> {
    Store::open_dir(dir, &Options { catalogue: TABLES, ..Options::DEFAULT })
}

const HOT: &[HotTable] = &[
    HotTable::rows::<Boxes>(),
    HotTable::rows::<Messages>(),
    HotTable::rows::<Dialogs>(),
    HotTable::newest::<History, (UserId, Peer)>(),
    HotTable::newest::<Updates, UserId>(),
    HotTable::newest::<DialogOrder, UserId>(),
];

/// Keeps 256 sends waiting until the burst is over, then waits for the last.
pub(super) fn burst(store: &Store, senders: &mut Senders) {
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

pub(super) type Ticket = heliogram_store::WriteTicket<Result<(), StoreError>>;

fn finish(ticket: Option<Ticket>) {
    if let Some(ticket) = ticket {
        ticket.wait().expect("the store takes a message");
    }
}

/// A repeated send changes nothing, and both sides have the message.
pub(super) fn agree(store: &Store, senders: &mut Senders) -> Result<(), Trouble> {
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
pub(super) struct Send {
    pub(super) from: UserId,
    pub(super) to: UserId,
    pub(super) random_id: i64,
}

pub(super) fn post(store: &Store, send: Send) -> Ticket {
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

pub(super) fn page(
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
pub(super) struct Senders {
    rng: SeededRandom,
}

impl Senders {
    pub(super) fn new(seed: u64) -> Self {
        Self { rng: SeededRandom::new(seed) }
    }

    pub(super) fn next(&mut self) -> Send {
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

pub(super) fn user(number: u64) -> UserId {
    UserId::new(number.cast_signed()).expect("accounts are numbered from one")
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
