//! The journal of the rows, byte by byte, and what happens to it.

use std::sync::Arc;

use bytes::Bytes;
use heliogram_store::engine::Writes;
use parking_lot::Mutex;

use crate::sim::dice::Dice;

/// Batches one after the other: length, checksum, rows.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub(in crate::sim) struct Journal(Vec<u8>);

/// The rows of a batch: `None` deletes.
pub(super) type Batch = Vec<(Bytes, Option<Bytes>)>;

/// What goes wrong with the next commit.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Mishap {
    /// The power fails in mid-write: some of the batch is on the disk.
    Torn,
    /// The power fails after the sync, before anybody is told.
    Unsaid,
    /// The sync fails; what was written may be on the disk or not.
    SyncFailed,
    /// There is no room; some of the batch is on the disk.
    Full,
    /// The disk says that it has the batch, and has not. No promise holds on such a disk: no script
    /// has it, and tests do, to see that it is found out.
    Lied,
}

/// How a machine goes down.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Outage {
    /// The process dies. The kernel keeps what it was given.
    Kill,
    /// The machine dies. What was not synced is lost, or some of it is.
    Power,
}

/// A disk. Clones are one disk.
#[derive(Clone, Debug)]
pub(in crate::sim) struct Disk(Arc<Mutex<State>>);

#[derive(Debug)]
struct State {
    durable: Journal,
    /// The engine that may write; those of dead processes may not.
    tenant: u64,
    /// How much of the journal it could read: it goes on from there, and the rest is cut off.
    readable: Option<usize>,
    mishap: Option<Mishap>,
    /// The power has failed in mid-commit, and the rest of the world does not know yet.
    outage: Option<Outage>,
    dice: Dice,
}

impl Journal {
    /// The whole batches from the beginning on, and how many bytes they take.
    fn batches(&self) -> (Vec<Batch>, usize) {
        let (mut batches, mut rest) = (Vec::new(), self.0.as_slice());
        while let Some((batch, after)) = read(rest) {
            batches.push(batch);
            rest = after;
        }
        (batches, self.0.len() - rest.len())
    }
}

impl Disk {
    /// A disk with a journal on it.
    pub(in crate::sim) fn holding(durable: Journal, seed: u64) -> Self {
        let dice = Dice::new(seed, "disk", 0);
        let state = State { durable, tenant: 0, readable: None, mishap: None, outage: None, dice };
        Self(Arc::new(Mutex::new(state)))
    }

    /// What is on it.
    pub(in crate::sim) fn journal(&self) -> Journal {
        self.0.lock().durable.clone()
    }

    /// Takes the disk, and says what can be read of it: whoever had it before has it no more.
    pub(super) fn take(&self) -> (u64, Vec<Batch>) {
        let mut state = self.0.lock();
        let (batches, readable) = state.durable.batches();
        state.tenant += 1;
        state.readable = Some(readable);
        (state.tenant, batches)
    }

    /// Something will go wrong with the next commit.
    pub(in crate::sim) fn plan(&self, mishap: Mishap) {
        self.0.lock().mishap = Some(mishap);
    }

    /// Nothing will go wrong any more.
    pub(in crate::sim) fn heal(&self) {
        self.0.lock().mishap = None;
    }

    /// Whether the power has failed, and how; told once.
    pub(in crate::sim) fn outage(&self) -> Option<Outage> {
        self.0.lock().outage.take()
    }

    /// Nobody writes any more until somebody takes the disk.
    pub(in crate::sim) fn shut(&self) {
        let mut state = self.0.lock();
        state.tenant += 1;
        state.mishap = None;
        state.outage = None;
    }

    /// Flips one bit; where, so that it can be flipped back.
    pub(in crate::sim) fn flip(&self) -> (usize, u8) {
        let State { durable, dice, .. } = &mut *self.0.lock();
        let (place, bit) = (dice.place(durable.0.len()), 1 << dice.below(8));
        flip(durable, place, bit);
        (place, bit)
    }

    /// Flips it back, as when a backup is restored.
    pub(in crate::sim) fn restore(&self, (place, bit): (usize, u8)) {
        flip(&mut self.0.lock().durable, place, bit);
    }

    /// Makes a batch durable.
    ///
    /// # Errors
    /// In words, if it is not, or if nobody knows.
    pub(super) fn append(&self, tenant: u64, writes: &Writes) -> Result<(), &'static str> {
        let mut state = self.0.lock();
        if state.tenant != tenant {
            return Err("the machine is down");
        }
        let record = record(writes);
        let State { durable, readable, mishap, outage, dice, .. } = &mut *state;
        if let Some(readable) = readable.take() {
            durable.0.truncate(readable);
        }
        let (kept, fate) = match mishap.take() {
            None => (record.len(), Ok(())),
            Some(Mishap::Torn) => (dice.place(record.len()), Err("the power failed")),
            Some(Mishap::Lied) => (0, Ok(())),
            Some(Mishap::Unsaid) => (record.len(), Err("the power failed")),
            Some(Mishap::SyncFailed) if dice.permille(500) => {
                (record.len(), Err("the sync failed"))
            }
            Some(Mishap::SyncFailed) => (dice.place(record.len()), Err("the sync failed")),
            Some(Mishap::Full) => (dice.place(record.len()), Err("no space left on the disk")),
        };
        if fate == Err("the power failed") {
            *outage = Some(Outage::Power);
        }
        durable.0.extend_from_slice(&record[..kept]);
        if fate.is_err() {
            // Nothing may follow half a batch, and the store must know that without being told.
            state.tenant += 1;
        }
        fate
    }
}

fn flip(journal: &mut Journal, place: usize, bit: u8) {
    if let Some(byte) = journal.0.get_mut(place) {
        *byte ^= bit;
    }
}

fn record(writes: &Writes) -> Vec<u8> {
    let mut payload = Vec::new();
    for (key, value) in writes.iter() {
        put(&mut payload, key);
        payload.push(u8::from(value.is_some()));
        put(&mut payload, value.as_deref().unwrap_or_default());
    }
    let mut record = Vec::with_capacity(payload.len() + 8);
    record.extend(u32::try_from(payload.len()).expect("groups are bounded").to_le_bytes());
    record.extend(crc32fast::hash(&payload).to_le_bytes());
    record.extend(payload);
    record
}

fn put(out: &mut Vec<u8>, bytes: &[u8]) {
    out.extend(u32::try_from(bytes.len()).expect("rows are bounded").to_le_bytes());
    out.extend_from_slice(bytes);
}

/// The first batch, if it is whole, and what follows it.
fn read(bytes: &[u8]) -> Option<(Batch, &[u8])> {
    let (len, rest) = number(bytes)?;
    let (sum, rest) = number(rest)?;
    let (mut payload, after) = rest.split_at_checked(len)?;
    // An empty batch would be one byte of zeros after the other.
    if payload.is_empty() || usize::try_from(crc32fast::hash(payload)).ok()? != sum {
        return None;
    }
    let mut batch = Batch::new();
    while !payload.is_empty() {
        let (key, rest) = take(payload)?;
        let (there, rest) = rest.split_first()?;
        let (value, rest) = take(rest)?;
        batch.push((key, (*there == 1).then_some(value)));
        payload = rest;
    }
    Some((batch, after))
}

fn take(bytes: &[u8]) -> Option<(Bytes, &[u8])> {
    let (len, rest) = number(bytes)?;
    let (taken, rest) = rest.split_at_checked(len)?;
    Some((Bytes::copy_from_slice(taken), rest))
}

fn number(bytes: &[u8]) -> Option<(usize, &[u8])> {
    let (number, rest) = bytes.split_first_chunk()?;
    Some((usize::try_from(u32::from_le_bytes(*number)).ok()?, rest))
}
