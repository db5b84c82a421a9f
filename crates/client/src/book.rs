//! What the client knows, and what of it is not yet written down.
//!
//! Everything that has to survive goes through here. Changes gather in memory and are committed
//! together: a busy bot would otherwise sync its disk for every message.

use std::collections::BTreeSet;

use heliogram_ids::{AccessHash, ChannelId, DcId, Peer, Salt, Timestamp};
use heliogram_tl as tl;
use parking_lot::Mutex;

use crate::peers::{chat_record, user_record};
use crate::session::{
    Change, Home, Login, PeerRecord, SessionError, SessionStore, Snapshot, StoredKey, UpdateState,
};
use crate::updates::{Entities, Mark};

/// The memory of one client, with its store behind it.
pub(crate) struct Book {
    page: Mutex<Page>,
    /// Held while a batch is committed, so that batches reach the store in order. None once it
    /// is closed.
    store: Mutex<Option<Box<dyn SessionStore>>>,
}

#[derive(Debug, Default)]
struct Page {
    snapshot: Snapshot,
    pending: Vec<Change>,
    /// Positions move with every update: only the last one of a batch is written.
    state_moved: bool,
    channels_moved: BTreeSet<ChannelId>,
}

impl Book {
    pub(crate) fn open(store: Box<dyn SessionStore>) -> Result<Self, SessionError> {
        let snapshot = store.load()?;
        let page = Mutex::new(Page { snapshot, ..Page::default() });
        Ok(Self { page, store: Mutex::new(Some(store)) })
    }

    pub(crate) fn read<R>(&self, read: impl FnOnce(&Snapshot) -> R) -> R {
        read(&self.page.lock().snapshot)
    }

    pub(crate) fn key(&self, dc: DcId) -> Option<StoredKey> {
        self.read(|snapshot| snapshot.keys.get(&dc).cloned())
    }

    pub(crate) fn login(&self) -> Option<Login> {
        self.read(|snapshot| snapshot.login)
    }

    pub(crate) fn set_home(&self, home: Home) {
        let mut page = self.page.lock();
        if page.snapshot.home.as_ref() != Some(&home) {
            page.make(Change::Home(home));
        }
    }

    pub(crate) fn set_key(&self, dc: DcId, key: Option<StoredKey>) {
        self.page.lock().make(Change::Key { dc, key });
    }

    pub(crate) fn set_salt(&self, dc: DcId, salt: Salt) {
        let mut page = self.page.lock();
        if let Some(key) = page.snapshot.keys.get(&dc)
            && key.salt != salt
        {
            let key = Some(StoredKey { salt, ..key.clone() });
            page.make(Change::Key { dc, key });
        }
    }

    /// Somebody logged in or out. Positions belong to an account and do not outlive it.
    pub(crate) fn set_login(&self, login: Option<Login>) {
        let mut page = self.page.lock();
        let account = |login: Option<Login>| login.map(|login| login.user_id);
        if account(page.snapshot.login) != account(login) {
            let channels: Vec<_> = page.snapshot.channels.keys().copied().collect();
            for id in channels {
                page.make(Change::Channel { id, pts: None });
            }
            page.make(Change::Updates(None));
            page.channels_moved.clear();
            page.state_moved = false;
        }
        page.make(Change::Login(login));
    }

    /// Remembers the peers of a batch.
    pub(crate) fn learn_entities(&self, entities: &Entities) {
        self.learn(entities.users(), entities.chats());
    }

    pub(crate) fn learn<'a>(
        &self,
        users: impl IntoIterator<Item = &'a tl::User>,
        chats: impl IntoIterator<Item = &'a tl::Chat>,
    ) {
        let users = users.into_iter().filter_map(user_record);
        let records = users.chain(chats.into_iter().filter_map(chat_record));
        let mut page = self.page.lock();
        for record in records {
            if page.snapshot.peers.learn(record.clone()) && page.pending.len() < PENDING_MAX {
                page.pending.push(Change::Peer(record));
            }
        }
    }

    pub(crate) fn peer(&self, peer: Peer) -> Option<PeerRecord> {
        let mut page = self.page.lock();
        page.snapshot.peers.touch(peer);
        page.snapshot.peers.peer(peer).cloned()
    }

    pub(crate) fn username(&self, username: &str) -> Option<PeerRecord> {
        self.read(|snapshot| snapshot.peers.username(username).cloned())
    }

    /// The hash to address `peer` with. Without one a bot sends zero, which the server accepts
    /// from bots for peers that they have met.
    pub(crate) fn access_hash(&self, peer: Peer) -> Option<AccessHash> {
        let record = self.peer(peer).map(|record| record.access_hash);
        let spare = match peer {
            Peer::Chat(_) => Some(AccessHash(0)),
            _ if self.login().is_some_and(|login| login.is_bot) => Some(AccessHash(0)),
            _ => None,
        };
        record.or(spare)
    }

    /// Places a session that never read updates before the oldest of them.
    pub(crate) fn begin_at_oldest(&self, now: Timestamp) {
        let mut page = self.page.lock();
        if page.snapshot.updates.is_none() {
            page.place(UpdateState { pts: 1, qts: 1, date: now.unix(), seq: 0 });
        }
    }

    /// The handlers have come as far as `mark`.
    pub(crate) fn mark(&self, mark: Mark) {
        let mut page = self.page.lock();
        let state = page.snapshot.updates.unwrap_or_default();
        match mark {
            Mark::Common(pts) => page.place(UpdateState { pts, ..state }),
            Mark::Secondary(qts) => page.place(UpdateState { qts, ..state }),
            Mark::Container { seq, date } => page.place(UpdateState { seq, date, ..state }),
            Mark::State(state) => page.place(state),
            Mark::Channel(id, pts) => {
                page.snapshot.channels.insert(id, pts);
                page.channels_moved.insert(id);
            }
            Mark::Left(id) => {
                page.snapshot.channels.remove(&id);
                page.channels_moved.insert(id);
            }
        }
    }

    pub(crate) fn is_dirty(&self) -> bool {
        let page = self.page.lock();
        page.state_moved || !page.channels_moved.is_empty() || !page.pending.is_empty()
    }

    /// Writes down what has changed, unless the store is closed. Blocks while the store does.
    pub(crate) fn flush(&self) -> Result<(), SessionError> {
        self.write(self.store.lock().as_deref())
    }

    /// Writes down what has changed and lets go of the store, whoever else still holds the book:
    /// the lines of a client end a little after it, and its session must be free before.
    ///
    /// A store that fails is kept, so that this can be tried again.
    pub(crate) fn close(&self) -> Result<(), SessionError> {
        let mut store = self.store.lock();
        self.write(store.as_deref())?;
        *store = None;
        Ok(())
    }

    fn write(&self, store: Option<&dyn SessionStore>) -> Result<(), SessionError> {
        let Some(store) = store else { return Ok(()) };
        let changes = self.page.lock().take_changes();
        if changes.is_empty() {
            return Ok(());
        }
        store.commit(&changes).inspect_err(|_| {
            // Tried again with the next batch: nothing in it is lost, and the order stays.
            self.page.lock().put_back(changes);
        })
    }
}

impl Page {
    fn make(&mut self, change: Change) {
        self.snapshot.apply(&change);
        self.pending.push(change);
    }

    fn place(&mut self, state: UpdateState) {
        self.snapshot.updates = Some(state);
        self.state_moved = true;
    }

    fn take_changes(&mut self) -> Vec<Change> {
        let mut changes = std::mem::take(&mut self.pending);
        if std::mem::take(&mut self.state_moved) {
            changes.push(Change::Updates(self.snapshot.updates));
        }
        let channels = std::mem::take(&mut self.channels_moved);
        changes.extend(
            channels
                .into_iter()
                .map(|id| Change::Channel { id, pts: self.snapshot.channels.get(&id).copied() }),
        );
        changes
    }

    fn put_back(&mut self, mut changes: Vec<Change>) {
        changes.append(&mut self.pending);
        self.pending = changes;
    }
}

/// Changes that may wait to be written; peers beyond are only remembered in memory.
const PENDING_MAX: usize = 16_384;

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use heliogram_ids::UserId;

    use super::*;
    use crate::session::MemorySession;

    struct Shared(Arc<MemorySession>);

    impl SessionStore for Shared {
        fn load(&self) -> Result<Snapshot, SessionError> {
            self.0.load()
        }

        fn commit(&self, changes: &[Change]) -> Result<(), SessionError> {
            self.0.commit(changes)
        }
    }

    fn book() -> (Arc<MemorySession>, Book) {
        let store = Arc::new(MemorySession::default());
        let book = Book::open(Box::new(Shared(Arc::clone(&store)))).unwrap();
        (store, book)
    }

    fn login(id: i64) -> Option<Login> {
        UserId::new(id).map(|user_id| Login { user_id, is_bot: true })
    }

    #[test]
    fn positions_reach_the_store_with_the_next_flush() {
        let (store, book) = book();
        let channel = ChannelId::new(5).expect("in range");
        book.mark(Mark::Common(7));
        book.mark(Mark::Common(9));
        book.mark(Mark::Channel(channel, 3));
        assert_eq!(store.load().unwrap().updates, None);
        book.flush().unwrap();
        assert_eq!(store.load().unwrap().updates.map(|state| state.pts), Some(9));
        assert_eq!(store.load().unwrap().channels.get(&channel), Some(&3));
        assert!(!book.is_dirty());
    }

    #[test]
    fn a_closed_book_lets_go_of_its_store() {
        let (store, book) = book();
        book.mark(Mark::Common(7));
        book.close().unwrap();
        assert_eq!(Arc::strong_count(&store), 1);
        assert_eq!(store.load().unwrap().updates.map(|state| state.pts), Some(7));
        book.mark(Mark::Common(8));
        book.flush().unwrap();
        assert_eq!(store.load().unwrap().updates.map(|state| state.pts), Some(7));
    }

    #[test]
    fn positions_do_not_outlive_their_account() {
        let (store, book) = book();
        book.set_login(login(1));
        book.mark(Mark::Common(9));
        book.mark(Mark::Channel(ChannelId::MIN, 3));
        book.set_login(login(1));
        assert!(book.read(|snapshot| snapshot.updates.is_some()));
        book.set_login(login(2));
        book.flush().unwrap();
        assert_eq!(store.load().unwrap().updates, None);
        assert!(store.load().unwrap().channels.is_empty());
    }
}
