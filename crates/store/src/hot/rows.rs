//! All hot rows of a store, and how far they have followed its commits.

use std::hash::BuildHasher;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering::SeqCst};

use bytes::Bytes;
use foldhash::quality::RandomState;
use parking_lot::Mutex;

use super::entry::Kept;
use super::newest::Newest;
use super::plan::{Home, Plan};
use super::shard::{Place, Shard};
use super::{HotTable, HotView};
use crate::engine::{Engine, Row, View, Writes};
use crate::meta::{self, Meta};
use crate::{Read, StoreError};

/// What is kept of the hot tables. Only the store's writer may change the engine below.
#[derive(Debug)]
pub(crate) struct HotRows {
    plan: Plan,
    shards: Vec<Mutex<Shard>>,
    hasher: RandomState,
    /// The newest commit that the engine may have made visible.
    begun: AtomicU64,
    /// The newest commit that all entries have followed.
    followed: AtomicU64,
}

const SHARDS: usize = 64;

impl HotRows {
    /// Nothing yet, in a store whose newest commit is `seq`.
    pub(crate) fn new(hot: &[HotTable], bytes_max: usize, seq: u64) -> Self {
        let shard = || Mutex::new(Shard::new(bytes_max / SHARDS));
        Self {
            plan: Plan::new(hot),
            shards: std::iter::repeat_with(shard).take(SHARDS).collect(),
            hasher: RandomState::default(),
            begun: AtomicU64::new(seq),
            followed: AtomicU64::new(seq),
        }
    }

    /// The present moment of an engine, seen through what is kept.
    ///
    /// # Errors
    /// If the engine fails.
    pub(crate) fn view(self: &Arc<Self>, engine: &dyn Engine) -> Result<Box<dyn View>, StoreError> {
        if self.plan.is_empty() {
            return engine.snapshot();
        }
        let quiet = self.quiet();
        let view = engine.snapshot()?;
        let seq = match quiet.filter(|seq| self.quiet() == Some(*seq)) {
            Some(seq) => seq,
            // A commit was under way: only the view itself knows whether it has it.
            None => view.get::<Meta>(&meta::COMMIT_SEQ.to_owned())?.unwrap_or(0),
        };
        Ok(Box::new(HotView::new(view, Arc::clone(self), seq)))
    }

    /// The newest commit, if none is under way.
    fn quiet(&self) -> Option<u64> {
        let followed = self.followed.load(SeqCst);
        (self.begun.load(SeqCst) == followed).then_some(followed)
    }

    /// A commit is about to become visible.
    pub(crate) fn begin(&self, seq: u64) {
        self.begun.store(seq, SeqCst);
    }

    /// Follows a commit that has become visible.
    pub(crate) fn follow(&self, seq: u64, writes: &Writes) {
        if !self.plan.is_empty() {
            for (key, value) in writes.iter() {
                self.follow_row(seq, key, value.as_ref());
            }
        }
        self.followed.store(seq, SeqCst);
    }

    fn follow_row(&self, seq: u64, key: &Bytes, value: Option<&Bytes>) {
        let (place, shard) = match self.plan.home(key) {
            None => return,
            Some(Home::Row) => self.shard(key),
            Some(Home::Newest(lead)) => self.shard(lead),
        };
        shard.lock().write(seq, place, key, value);
    }

    pub(super) const fn plan(&self) -> &Plan {
        &self.plan
    }

    /// A row as it is at `seq`, if that is known here; it may be known to be absent.
    pub(super) fn row(&self, seq: u64, key: &[u8]) -> Option<Option<Bytes>> {
        self.at(seq, key, |kept| match kept {
            Kept::Row(value) => Some(value.clone()),
            Kept::Newest(_) => None,
        })
    }

    /// Reads the newest rows of a lead as they are at `seq`, if they are known here.
    pub(super) fn newest<R>(
        &self,
        seq: u64,
        lead: &[u8],
        read: impl FnOnce(&Newest) -> R,
    ) -> Option<R> {
        self.at(seq, lead, |kept| match kept {
            Kept::Newest(newest) => Some(read(newest)),
            Kept::Row(_) => None,
        })
    }

    fn at<R>(&self, seq: u64, place: &[u8], read: impl FnOnce(&Kept) -> Option<R>) -> Option<R> {
        if self.followed.load(SeqCst) < seq {
            return None;
        }
        let (place, shard) = self.shard(place);
        shard.lock().find(seq, place).and_then(read)
    }

    /// Keeps a row that was read at `seq`.
    pub(super) fn keep_row(&self, seq: u64, key: &[u8], value: Option<&Bytes>) {
        let (place, shard) = self.shard(key);
        shard.lock().keep(seq, place, Kept::Row(value.cloned()));
    }

    /// Keeps what was read at `seq`: all rows of a lead from `floor` upwards, in key order.
    pub(super) fn keep_newest(
        &self,
        seq: u64,
        lead: &[u8],
        floor: &[u8],
        rows: impl IntoIterator<Item = Row>,
    ) {
        let (place, shard) = self.shard(lead);
        let mut shard = shard.lock();
        // Somebody else may have read more of it in the meantime.
        let known = shard.find(seq, place);
        if !matches!(known, Some(Kept::Newest(newest)) if newest.floor() <= floor) {
            shard.keep(seq, place, Kept::Newest(Newest::new(floor, rows).into()));
        }
    }

    /// Keeps what was read at `seq`: the rows below `from` down to `floor`, the greatest first.
    pub(super) fn extend_newest(
        &self,
        seq: u64,
        lead: &[u8],
        from: &[u8],
        rows: Vec<Row>,
        floor: &[u8],
    ) {
        let (place, shard) = self.shard(lead);
        shard.lock().extend(seq, place, |kept| {
            if let Kept::Newest(newest) = kept
                && newest.floor() == from
            {
                newest.extend_down(rows, floor);
            }
        });
    }

    fn shard<'a>(&self, bytes: &'a [u8]) -> (Place<'a>, &Mutex<Shard>) {
        let hash = self.hasher.hash_one(bytes);
        // Not by the lower bits: the shard's own map goes by them.
        (Place { bytes, hash }, &self.shards[(hash >> 48) as usize % SHARDS])
    }

    /// Drops what is not new since the last call, and nobody has asked for since then.
    pub(crate) fn sweep(&self) {
        self.shards.iter().for_each(|shard| shard.lock().sweep());
    }

    /// Memory in use, about.
    pub(crate) fn bytes(&self) -> usize {
        self.shards.iter().map(|shard| shard.lock().bytes()).sum()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::{MemoryEngine, Order, Outcome};
    use crate::hot::table::Kept as How;
    use crate::{ByteRange, Record};

    const HOT: &[HotTable] = &[
        HotTable { id: 16, kept: How::Rows },
        HotTable { id: 17, kept: How::Newest { lead_bytes: 3 } },
    ];

    /// An engine, what is kept of it, and the number of the newest commit.
    struct Bench {
        engine: MemoryEngine,
        hot: Arc<HotRows>,
        seq: u64,
    }

    impl Bench {
        fn new() -> Self {
            let hot = Arc::new(HotRows::new(HOT, 1 << 20, 0));
            Self { engine: MemoryEngine::new(), hot, seq: 0 }
        }

        /// Makes a commit visible without anybody following it.
        fn commit(&mut self, key: &[u8], value: Option<&[u8]>) -> Writes {
            self.seq += 1;
            self.hot.begin(self.seq);
            let mut writes = Writes::default();
            writes.set(Bytes::copy_from_slice(key), value.map(Bytes::copy_from_slice));
            let seq = Bytes::from(self.seq.to_record());
            writes
                .set(crate::range::row_key::<Meta>(&meta::COMMIT_SEQ.to_owned()).into(), Some(seq));
            let done = self.engine.begin().and_then(|txn| txn.commit(&writes));
            assert_eq!(done.unwrap(), Outcome::Committed);
            writes
        }

        fn view(&self) -> Box<dyn View> {
            self.hot.view(&self.engine).unwrap()
        }
    }

    fn row(view: &dyn View) -> Option<Bytes> {
        view.fetch(&[0, 16, 1]).unwrap()
    }

    fn newest(view: &dyn View) -> Vec<Bytes> {
        let all = ByteRange::prefix(vec![0, 17, 1]);
        view.scan(&all, Order::Descending).map(|row| row.unwrap().0).collect()
    }

    #[test]
    fn a_commit_that_is_visible_and_not_followed_is_seen() {
        let mut bench = Bench::new();
        let writes = bench.commit(&[0, 16, 1], Some(b"one"));
        bench.hot.follow(1, &writes);
        let before = bench.view();
        assert_eq!(row(&*before).as_deref(), Some(&b"one"[..]));

        let writes = bench.commit(&[0, 16, 1], Some(b"two"));
        let between = bench.view();
        assert_eq!(row(&*between).as_deref(), Some(&b"two"[..]));
        assert_eq!(row(&*before).as_deref(), Some(&b"one"[..]));
        bench.hot.follow(2, &writes);
        assert_eq!(row(&*bench.view()).as_deref(), Some(&b"two"[..]));
        assert_eq!(row(&*before).as_deref(), Some(&b"one"[..]));
    }

    #[test]
    fn a_view_from_before_a_commit_leaves_nothing_behind_for_those_after_it() {
        let mut bench = Bench::new();
        let old = bench.view();
        let writes = bench.commit(&[0, 17, 1, 9], Some(b""));
        bench.hot.follow(1, &writes);
        assert!(newest(&*old).is_empty());
        assert_eq!(newest(&*bench.view()).len(), 1);
    }

    #[test]
    fn a_commit_that_fails_is_never_believed() {
        let mut bench = Bench::new();
        let writes = bench.commit(&[0, 16, 1], Some(b"one"));
        bench.hot.follow(1, &writes);
        assert!(row(&*bench.view()).is_some());
        // Visible, but its durability is unknown: nobody follows, and the engine is asked.
        bench.commit(&[0, 16, 1], None);
        assert_eq!(row(&*bench.view()), None);
    }

    #[test]
    fn what_was_read_once_is_not_asked_for_again() {
        let mut bench = Bench::new();
        let writes = bench.commit(&[0, 17, 1, 9], Some(b"value"));
        bench.hot.follow(1, &writes);
        assert!(bench.hot.newest(1, &[0, 17, 1], |_| ()).is_none());
        newest(&*bench.view());
        row(&*bench.view());
        assert!(bench.hot.newest(1, &[0, 17, 1], |_| ()).is_some());
        assert_eq!(bench.hot.row(1, &[0, 16, 1]), Some(None), "known to be absent");
        assert!(bench.hot.bytes() > 0);
    }

    #[test]
    fn a_page_that_was_read_grows_when_more_is_asked_for() {
        let mut bench = Bench::new();
        for n in 1..=5 {
            let writes = bench.commit(&[0, 17, 1, n], Some(b""));
            bench.hot.follow(bench.seq, &writes);
        }
        let view = bench.view();
        let all = ByteRange::prefix(vec![0, 17, 1]);
        let floor = || bench.hot.newest(5, &[0, 17, 1], |newest| newest.floor().to_vec());
        assert_eq!(view.scan(&all, Order::Descending).take(2).count(), 2);
        assert_eq!(floor(), Some(vec![0, 17, 1, 4]));
        assert_eq!(view.scan(&all, Order::Descending).take(4).count(), 4);
        assert_eq!(floor(), Some(vec![0, 17, 1, 2]));
        assert_eq!(view.scan(&all, Order::Descending).count(), 5);
        assert_eq!(floor(), Some(vec![0, 17, 1]));
    }
}
