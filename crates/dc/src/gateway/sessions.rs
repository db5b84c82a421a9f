//! The sessions of all keys.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use heliogram_ids::{AuthKeyId, SessionId, Timestamp};
use heliogram_mtproto::session::ServerLimits;
use parking_lot::Mutex;

use super::keys::LinkKey;
use super::session::{Session, SessionKey};

/// How long a session is kept after its last link: a client that returns within it is spared the
/// difference that a new session costs.
const KEPT: Duration = Duration::from_secs(10 * 60);
/// Sessions of one key; the one that is away longest makes room.
const PER_KEY_MAX: usize = 64;

/// Every session that is live or may come back.
pub(crate) struct Sessions {
    limits: Arc<ServerLimits>,
    /// Ordered, so that a run can be repeated: who is found first is told first.
    all: Mutex<BTreeMap<AuthKeyId, BTreeMap<SessionId, Arc<Session>>>>,
}

impl Sessions {
    pub(crate) fn new(limits: ServerLimits) -> Self {
        Self { limits: Arc::new(limits), all: Mutex::default() }
    }

    /// The session of a key, made if it is new.
    pub(super) fn of(&self, key: &LinkKey, id: SessionId) -> (Arc<Session>, Option<Arc<Session>>) {
        let mut all = self.all.lock();
        let sessions = all.entry(key.id()).or_default();
        if let Some(session) = sessions.get(&id) {
            return (Arc::clone(session), None);
        }
        let displaced = if sessions.len() >= PER_KEY_MAX { longest_away(sessions) } else { None };
        let displaced = displaced.and_then(|id| sessions.remove(&id));
        let session = Arc::new(Session::new(key.clone(), id, Arc::clone(&self.limits)));
        sessions.insert(id, Arc::clone(&session));
        (session, displaced)
    }

    /// Forgets one session.
    pub(super) fn remove(&self, (key, id): SessionKey) -> Option<Arc<Session>> {
        let mut all = self.all.lock();
        let sessions = all.get_mut(&key)?;
        let removed = sessions.remove(&id);
        if sessions.is_empty() {
            all.remove(&key);
        }
        removed
    }

    /// Whether a session has not been forgotten.
    pub(super) fn has(&self, session: &Session) -> bool {
        let (key, id) = session.name();
        self.all.lock().get(&key).is_some_and(|sessions| sessions.contains_key(&id))
    }

    /// All sessions under one key.
    pub(crate) fn of_key(&self, key: AuthKeyId) -> Vec<Arc<Session>> {
        self.all
            .lock()
            .get(&key)
            .map(|sessions| sessions.values().map(Arc::clone).collect())
            .unwrap_or_default()
    }

    /// All sessions that act for a permanent key, those under its temporary keys included.
    pub(crate) fn acting_for(&self, permanent: AuthKeyId) -> Vec<Arc<Session>> {
        let all = self.all.lock();
        let acts = |session: &&Arc<Session>| {
            session.key.permanent().is_some_and(|key| key.id == permanent)
        };
        all.values().flat_map(BTreeMap::values).filter(acts).map(Arc::clone).collect()
    }

    /// Takes out the sessions that have been away too long.
    pub(crate) fn sweep(&self, now: Timestamp) -> Vec<Arc<Session>> {
        let mut gone = Vec::new();
        let mut all = self.all.lock();
        all.retain(|_, sessions| {
            sessions.retain(|_, session| {
                let idle = session.state.lock().idle_since;
                let over = idle.is_some_and(|since| now.saturating_since(since) >= KEPT);
                if over {
                    gone.push(Arc::clone(session));
                }
                !over
            });
            !sessions.is_empty()
        });
        gone
    }

    /// How many sessions there are.
    pub(crate) fn len(&self) -> usize {
        self.all.lock().values().map(BTreeMap::len).sum()
    }
}

fn longest_away(sessions: &BTreeMap<SessionId, Arc<Session>>) -> Option<SessionId> {
    let away = |session: &Arc<Session>| session.state.lock().idle_since;
    let oldest = sessions.values().filter_map(|session| Some((away(session)?, session.id))).min();
    oldest.map(|(_, id)| id)
}
