//! The queue of one bot, kept in an append-only file: a record per update and per removal, each
//! with its checksum. A torn tail is what a crash leaves; it is cut off on opening. A damaged record
//! in the middle costs itself: those behind it are found again, and the file is kept aside.

use std::collections::BTreeMap;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};

use heliogram_ids::Timestamp;

/// One update that waits.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct Waiting {
    /// Unix time after which it is not delivered any more.
    pub(crate) expires: i64,
    /// Updates with the same key are delivered in turn; 0 stands alone.
    pub(crate) key: i64,
    /// The object without `update_id`: `"message":{…}`.
    pub(crate) body: String,
}

impl Waiting {
    /// The whole `Update` object. The line break is the official server's.
    pub(crate) fn json(&self, id: i32) -> String {
        format!("{{\"update_id\":{id},\n{}}}", self.body)
    }
}

/// A first-in-first-out queue that survives restarts.
#[derive(Debug)]
pub(crate) struct Queue {
    path: PathBuf,
    file: File,
    waiting: BTreeMap<i32, Waiting>,
    next_id: i32,
    live_bytes: usize,
    file_bytes: usize,
}

/// Updates that wait for one bot; more are dropped, as by the official server.
const UPDATES_MAX: usize = 100_000;
/// The same in bytes.
const BYTES_MAX: usize = 128 << 20;
/// A single update; a larger one is dropped.
const UPDATE_BYTES_MAX: usize = 512 << 10;
/// The file is rewritten when it holds this much more than its live records do.
const SLACK_BYTES: usize = 4 << 20;
const ID_MAX: i32 = 2_000_000_000;

const NEXT: u8 = 0;
const PUSH: u8 = 1;
const REMOVE: u8 = 2;
const FORGET: u8 = 3;

impl Queue {
    /// Opens or creates the queue. A new one begins at an id derived from `seed`.
    pub(crate) fn open(path: &Path, seed: u64, now: Timestamp) -> io::Result<Self> {
        let mut file = OpenOptions::new().read(true).append(true).create(true).open(path)?;
        let mut bytes = Vec::new();
        file.read_to_end(&mut bytes)?;
        let mut queue = Self {
            path: path.to_owned(),
            file,
            waiting: BTreeMap::new(),
            next_id: 0,
            live_bytes: 0,
            file_bytes: 0,
        };
        queue.replay(&bytes)?;
        if queue.next_id == 0 {
            queue.restart(seed)?;
        }
        queue.expire(now)?;
        Ok(queue)
    }

    /// How many bytes of the queue at `path` are no whole records, without a change to it.
    pub(crate) fn unreadable(path: &Path) -> io::Result<usize> {
        let bytes = fs::read(path)?;
        let (mut rest, mut lost) = (bytes.as_slice(), 0);
        loop {
            while let Some((_, _, after)) = read_record(rest) {
                rest = after;
            }
            match next_record(rest) {
                Some(resumed) => {
                    lost += resumed;
                    rest = rest.get(resumed..).unwrap_or_default();
                }
                None => return Ok(lost + rest.len()),
            }
        }
    }

    /// Appends an update and returns its id; `None` when the queue is full or the update is too
    /// large, and then it is lost, as on the official server.
    pub(crate) fn push(&mut self, update: Waiting, seed: u64) -> io::Result<Option<i32>> {
        let size = update.body.len();
        let full = self.waiting.len() >= UPDATES_MAX || self.live_bytes + size > BYTES_MAX;
        if full || size > UPDATE_BYTES_MAX {
            return Ok(None);
        }
        if self.next_id >= ID_MAX {
            self.forget_below(i32::MAX)?;
            self.restart(seed)?;
        }
        let id = self.next_id;
        let fields =
            [&id.to_le_bytes()[..], &update.expires.to_le_bytes(), &update.key.to_le_bytes()];
        self.append(PUSH, &[&fields.concat(), update.body.as_bytes()].concat())?;
        self.insert(id, update);
        Ok(Some(id))
    }

    /// Removes one update, wherever it stands.
    pub(crate) fn remove(&mut self, id: i32) -> io::Result<()> {
        if let Some(update) = self.waiting.remove(&id) {
            self.live_bytes -= update.body.len();
            self.append(REMOVE, &id.to_le_bytes())?;
            self.compact_if_due()?;
        }
        Ok(())
    }

    /// Removes every update below `id`.
    pub(crate) fn forget_below(&mut self, id: i32) -> io::Result<()> {
        if self.waiting.first_key_value().is_none_or(|(first, _)| *first >= id) {
            return Ok(());
        }
        self.drop_below(id);
        self.append(FORGET, &id.to_le_bytes())?;
        self.compact_if_due()
    }

    /// Removes what is past its time.
    pub(crate) fn expire(&mut self, now: Timestamp) -> io::Result<()> {
        let now = i64::from(now.unix());
        let stale: Vec<i32> = self
            .waiting
            .iter()
            .filter(|(_, update)| update.expires < now)
            .map(|(id, _)| *id)
            .collect();
        stale.into_iter().try_for_each(|id| self.remove(id))
    }

    /// Updates from `id` on, in order.
    pub(crate) fn from(&self, id: i32) -> impl Iterator<Item = (i32, &Waiting)> {
        self.waiting.range(id..).map(|(id, update)| (*id, update))
    }

    pub(crate) fn find(&self, id: i32) -> Option<&Waiting> {
        self.waiting.get(&id)
    }

    /// Id of the oldest update, or of the one to come.
    pub(crate) fn head(&self) -> i32 {
        self.waiting.first_key_value().map_or(self.next_id, |(id, _)| *id)
    }

    /// Id of the update to come.
    pub(crate) const fn tail(&self) -> i32 {
        self.next_id
    }

    pub(crate) fn len(&self) -> usize {
        self.waiting.len()
    }

    fn insert(&mut self, id: i32, update: Waiting) {
        self.live_bytes += update.body.len();
        self.waiting.insert(id, update);
        self.next_id = id.saturating_add(1);
    }

    fn drop_below(&mut self, id: i32) {
        let kept = self.waiting.split_off(&id);
        let dropped = std::mem::replace(&mut self.waiting, kept);
        self.live_bytes -= dropped.values().map(|update| update.body.len()).sum::<usize>();
    }

    /// Begins a new run of ids, above two million and far from the end.
    fn restart(&mut self, seed: u64) -> io::Result<()> {
        let span = seed % 998_000_000;
        self.next_id = 2_000_001 + i32::try_from(span).unwrap_or_default();
        self.append(NEXT, &self.next_id.to_le_bytes())
    }

    /// Record: length of the payload, its checksum, then the payload.
    fn append(&mut self, kind: u8, payload: &[u8]) -> io::Result<()> {
        let record = record(kind, payload);
        self.file_bytes += record.len();
        self.file.write_all(&record)
    }

    /// Moves the ids of updates to come on by `count`, so that none is given out again that a bot
    /// may have seen.
    pub(crate) fn skip(&mut self, count: i32) -> io::Result<()> {
        self.next_id = self.next_id.saturating_add(count);
        self.append(NEXT, &self.next_id.to_le_bytes())
    }

    fn replay(&mut self, bytes: &[u8]) -> io::Result<()> {
        let mut rest = bytes;
        let mut lost = 0;
        loop {
            while let Some((kind, payload, after)) = read_record(rest) {
                self.apply(kind, payload);
                rest = after;
            }
            let Some(resumed) = next_record(rest) else { break };
            lost += resumed;
            rest = &rest[resumed..];
        }
        if lost > 0 {
            return self.mend(lost);
        }
        self.file_bytes = bytes.len() - rest.len();
        if !rest.is_empty() {
            tracing::warn!(
                path = %self.path.display(),
                bytes = rest.len(),
                "the tail of an update queue is torn"
            );
            self.file.set_len(self.file_bytes as u64)?;
        }
        Ok(())
    }

    /// Keeps a damaged file aside, and goes on with what could be read of it.
    fn mend(&mut self, lost: usize) -> io::Result<()> {
        let aside = self.path.with_extension("damaged");
        fs::copy(&self.path, &aside)?;
        tracing::error!(
            path = %self.path.display(),
            kept = %aside.display(),
            bytes = lost,
            "an update queue is damaged: updates in it are lost"
        );
        // More than can have been in there, so that no lost id is given out again.
        self.next_id = self.next_id.saturating_add(i32::try_from(lost).unwrap_or(i32::MAX));
        self.rewrite()
    }

    fn apply(&mut self, kind: u8, payload: &[u8]) {
        let Some((id, rest)) =
            payload.split_first_chunk().map(|(id, r)| (i32::from_le_bytes(*id), r))
        else {
            return;
        };
        match kind {
            NEXT => self.next_id = id,
            REMOVE => {
                if let Some(update) = self.waiting.remove(&id) {
                    self.live_bytes -= update.body.len();
                }
            }
            FORGET => self.drop_below(id),
            PUSH => {
                let Some((expires, rest)) = rest.split_first_chunk() else { return };
                let Some((key, body)) = rest.split_first_chunk() else { return };
                let Ok(body) = std::str::from_utf8(body) else { return };
                let (expires, key) = (i64::from_le_bytes(*expires), i64::from_le_bytes(*key));
                self.insert(id, Waiting { expires, key, body: body.to_owned() });
            }
            _ => {}
        }
    }

    /// Writes the file anew, beside the old one, and puts it in its place.
    fn compact_if_due(&mut self) -> io::Result<()> {
        if self.file_bytes < 2 * self.live_bytes + SLACK_BYTES {
            return Ok(());
        }
        self.rewrite()
    }

    fn rewrite(&mut self) -> io::Result<()> {
        let temporary = self.path.with_extension("new");
        let mut bytes = record(NEXT, &self.next_id.to_le_bytes());
        for (id, update) in &self.waiting {
            let fields =
                [&id.to_le_bytes()[..], &update.expires.to_le_bytes(), &update.key.to_le_bytes()];
            bytes.extend(record(PUSH, &[&fields.concat(), update.body.as_bytes()].concat()));
        }
        bytes.extend(record(NEXT, &self.next_id.to_le_bytes()));
        fs::write(&temporary, &bytes)?;
        fs::rename(&temporary, &self.path)?;
        self.file = OpenOptions::new().append(true).open(&self.path)?;
        self.file_bytes = bytes.len();
        Ok(())
    }
}

fn record(kind: u8, payload: &[u8]) -> Vec<u8> {
    let mut body = Vec::with_capacity(payload.len() + 9);
    body.extend_from_slice(&u32::try_from(payload.len() + 1).unwrap_or(u32::MAX).to_le_bytes());
    body.extend_from_slice(&checksum(kind, payload).to_le_bytes());
    body.push(kind);
    body.extend_from_slice(payload);
    body
}

fn checksum(kind: u8, payload: &[u8]) -> u32 {
    let mut hasher = crc32fast::Hasher::new();
    hasher.update(&[kind]);
    hasher.update(payload);
    hasher.finalize()
}

/// The first whole record: its kind, its payload, and what follows it.
fn read_record(bytes: &[u8]) -> Option<(u8, &[u8], &[u8])> {
    let (length, rest) = bytes.split_first_chunk()?;
    let (sum, rest) = rest.split_first_chunk()?;
    let length = usize::try_from(u32::from_le_bytes(*length)).ok()?;
    let (kind, payload) = rest.get(..length)?.split_first()?;
    let whole = checksum(*kind, payload) == u32::from_le_bytes(*sum);
    whole.then_some((*kind, payload, rest.get(length..)?))
}

/// How far behind the beginning of `bytes` a whole record begins again; none if there is no further.
///
/// A wrong guess takes a checksum of 32 bits that fits by chance, over bytes whose length fits too.
fn next_record(bytes: &[u8]) -> Option<usize> {
    (1..bytes.len()).find(|at| bytes.get(*at..).is_some_and(|rest| read_record(rest).is_some()))
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp::from_secs(1000);

    fn update(text: &str) -> Waiting {
        Waiting { expires: 2000, key: 7, body: format!("\"message\":{{\"text\":\"{text}\"}}") }
    }

    fn ids(queue: &Queue) -> Vec<i32> {
        queue.from(0).map(|(id, _)| id - 2_000_001).collect()
    }

    #[test]
    fn a_queue_reopens_as_it_was() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("updates.log");
        let mut queue = Queue::open(&path, 0, NOW).unwrap();
        for text in ["a", "b", "c", "d"] {
            queue.push(update(text), 0).unwrap();
        }
        queue.forget_below(2_000_002).unwrap();
        queue.remove(2_000_003).unwrap();
        drop(queue);
        let mut queue = Queue::open(&path, 99, NOW).unwrap();
        assert_eq!(ids(&queue), [1, 3]);
        assert_eq!(queue.push(update("e"), 0).unwrap(), Some(2_000_005));
        assert_eq!(queue.find(2_000_002).unwrap(), &update("b"));
    }

    #[test]
    fn a_torn_tail_costs_only_itself() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("updates.log");
        let mut queue = Queue::open(&path, 0, NOW).unwrap();
        queue.push(update("a"), 0).unwrap();
        queue.push(update("b"), 0).unwrap();
        drop(queue);
        let bytes = fs::read(&path).unwrap();
        fs::write(&path, &bytes[..bytes.len() - 3]).unwrap();
        let mut queue = Queue::open(&path, 0, NOW).unwrap();
        assert_eq!(ids(&queue), [0]);
        queue.push(update("c"), 0).unwrap();
        drop(queue);
        assert_eq!(ids(&Queue::open(&path, 0, NOW).unwrap()), [0, 1]);
    }

    #[test]
    fn compaction_keeps_what_waits_and_the_next_id() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("updates.log");
        let mut queue = Queue::open(&path, 0, NOW).unwrap();
        let large = "x".repeat(500 << 10);
        for _ in 0..12 {
            let id = queue.push(update(&large), 0).unwrap().unwrap();
            queue.remove(id).unwrap();
        }
        assert!(fs::metadata(&path).unwrap().len() < 5 << 20);
        drop(queue);
        assert_eq!(Queue::open(&path, 5, NOW).unwrap().tail(), 2_000_013);
    }

    #[test]
    fn stale_updates_are_dropped_and_oversized_ones_refused() {
        let folder = tempfile::tempdir().unwrap();
        let mut queue = Queue::open(&folder.path().join("q"), 0, NOW).unwrap();
        queue.push(Waiting { expires: 1500, ..update("a") }, 0).unwrap();
        queue.push(update("b"), 0).unwrap();
        queue.expire(Timestamp::from_secs(1600)).unwrap();
        assert_eq!(ids(&queue), [1]);
        assert_eq!(queue.push(update(&"x".repeat(600 << 10)), 0).unwrap(), None);
    }

    #[test]
    fn a_damaged_record_costs_only_itself_and_no_id_comes_twice() {
        for flipped in [20, 3, 45] {
            let folder = tempfile::tempdir().unwrap();
            let path = folder.path().join("updates.log");
            let mut queue = Queue::open(&path, 0, NOW).unwrap();
            for text in ["a", "b", "c"] {
                queue.push(update(text), 0).unwrap();
            }
            drop(queue);
            let mut bytes = fs::read(&path).unwrap();
            bytes[13 + flipped] ^= 1;
            fs::write(&path, &bytes).unwrap();
            let mut queue = Queue::open(&path, 0, NOW).unwrap();
            assert_eq!(ids(&queue), [1, 2]);
            let next = queue.push(update("d"), 0).unwrap().unwrap();
            assert!(next > 2_000_004, "{next}");
            drop(queue);
            assert_eq!(ids(&Queue::open(&path, 0, NOW).unwrap()), [1, 2, next - 2_000_001]);
            assert_eq!(fs::read(path.with_extension("damaged")).unwrap(), bytes);
        }
    }

    #[test]
    fn ids_that_were_skipped_stay_skipped() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("updates.log");
        let mut queue = Queue::open(&path, 0, NOW).unwrap();
        queue.push(update("a"), 0).unwrap();
        queue.skip(1000).unwrap();
        drop(queue);
        let mut queue = Queue::open(&path, 0, NOW).unwrap();
        assert_eq!(queue.push(update("b"), 0).unwrap(), Some(2_001_002));
    }
}
