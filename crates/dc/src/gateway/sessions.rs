//! The sessions of all keys.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use heliogram_ids::{AuthKeyId, SessionId, Timestamp};
use heliogram_mtproto::session::ServerLimits;
use parking_lot::Mutex;

use super::keys::LinkKey;
use super::session::{Session, SessionKey};

/// How many sessions there are, and how long they are kept without a link.
#[derive(Clone, Copy, Debug)]
pub(crate) struct SessionsLimits {
    /// How long a session is kept after its last link: a client that returns within it is spared
    /// the difference that a new session costs.
    pub(crate) kept: Duration,
    /// The same if nobody is logged in, who could miss something.
    pub(crate) kept_stranger: Duration,
    /// Sessions of one key. The one that is away longest makes room, or else the one that was
    /// begun first, whose links are closed.
    pub(crate) each_max: usize,
    /// Sessions of all keys. Beyond, those that are away make room, the longest first and those of
    /// strangers before all others. Those with a link are bounded by the links.
    pub(crate) all_max: usize,
}

impl SessionsLimits {
    /// As long as clients remember.
    pub(crate) const DEFAULT: Self = Self {
        kept: Duration::from_secs(10 * 60),
        kept_stranger: Duration::from_secs(60),
        each_max: 64,
        all_max: 300_000,
    };
}

/// Every session that is live or may come back.
pub(crate) struct Sessions {
    machine_limits: Arc<ServerLimits>,
    limits: SessionsLimits,
    all: Mutex<Table>,
    /// How many were begun.
    begun: AtomicU64,
}

#[derive(Default)]
struct Table {
    /// Ordered, so that a run can be repeated: who is found first is told first.
    by_key: BTreeMap<AuthKeyId, BTreeMap<SessionId, Arc<Session>>>,
    count: usize,
    /// How many there may be before the next look for those that are away.
    full_at: usize,
}

impl Sessions {
    pub(crate) fn new(machine_limits: ServerLimits, limits: SessionsLimits) -> Self {
        Self {
            machine_limits: Arc::new(machine_limits),
            limits,
            all: Mutex::default(),
            begun: AtomicU64::new(0),
        }
    }

    /// The session of a key, made if it is new, and those that made room for it.
    pub(super) fn of(&self, key: &LinkKey, id: SessionId) -> (Arc<Session>, Vec<Arc<Session>>) {
        let mut all = self.all.lock();
        let own = all.by_key.get(&key.id());
        if let Some(session) = own.and_then(|own| own.get(&id)) {
            return (Arc::clone(session), Vec::new());
        }
        let crowded = own.filter(|own| own.len() >= self.limits.each_max);
        let superfluous = crowded.and_then(superfluous).map(|session| session.name());
        let mut displaced: Vec<_> =
            superfluous.and_then(|name| all.remove(name)).into_iter().collect();
        displaced.extend(all.make_room(&self.limits));
        let number = self.begun.fetch_add(1, Ordering::Relaxed);
        let limits = Arc::clone(&self.machine_limits);
        let session = Arc::new(Session::new(key.clone(), id, number, limits));
        all.by_key.entry(key.id()).or_default().insert(id, Arc::clone(&session));
        all.count += 1;
        (session, displaced)
    }

    /// Forgets one session.
    pub(super) fn remove(&self, name: SessionKey) -> Option<Arc<Session>> {
        self.all.lock().remove(name)
    }

    /// Whether a session has not been forgotten.
    pub(super) fn has(&self, session: &Session) -> bool {
        let (key, id) = session.name();
        self.all.lock().by_key.get(&key).is_some_and(|own| own.contains_key(&id))
    }

    /// All sessions under one key.
    pub(crate) fn of_key(&self, key: AuthKeyId) -> Vec<Arc<Session>> {
        self.all
            .lock()
            .by_key
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
        all.by_key.values().flat_map(BTreeMap::values).filter(acts).map(Arc::clone).collect()
    }

    /// Takes out the sessions that have been away too long.
    pub(crate) fn sweep(&self, now: Timestamp) -> Vec<Arc<Session>> {
        let mut gone = Vec::new();
        let mut all = self.all.lock();
        all.by_key.retain(|_, sessions| {
            sessions.retain(|_, session| {
                let idle = session.state.lock().idle_since;
                let away = idle.map_or(Duration::ZERO, |since| now.saturating_since(since));
                let is_old = away >= self.limits.kept_stranger && idle.is_some();
                let over = is_old && (away >= self.limits.kept || !session.is_somebodys());
                if over {
                    gone.push(Arc::clone(session));
                }
                !over
            });
            !sessions.is_empty()
        });
        all.count -= gone.len();
        gone
    }

    /// How many sessions there are.
    pub(crate) fn len(&self) -> usize {
        self.all.lock().count
    }
}

impl Table {
    fn remove(&mut self, (key, id): SessionKey) -> Option<Arc<Session>> {
        let sessions = self.by_key.get_mut(&key)?;
        let removed = sessions.remove(&id)?;
        if sessions.is_empty() {
            self.by_key.remove(&key);
        }
        self.count -= 1;
        Some(removed)
    }

    /// Forgets an eighth of what there may be, of those that are away, if there are too many.
    fn make_room(&mut self, limits: &SessionsLimits) -> Vec<Arc<Session>> {
        if self.count < self.full_at.max(limits.all_max) {
            return Vec::new();
        }
        let step = (limits.all_max / 8).max(1);
        let mut away: Vec<_> = self
            .by_key
            .values()
            .flat_map(BTreeMap::values)
            .filter_map(|session| {
                let since = session.state.lock().idle_since?;
                Some((session.is_somebodys(), since, session.name()))
            })
            .collect();
        away.sort_unstable();
        let names = away.into_iter().take(step).map(|(_, _, name)| name);
        let displaced: Vec<_> = names.filter_map(|name| self.remove(name)).collect();
        // If all are here, looking again for each newcomer would be in vain.
        self.full_at = limits.all_max.max(self.count + step);
        displaced
    }
}

/// The session of a key that is missed least: away longest, or else begun first.
fn superfluous(sessions: &BTreeMap<SessionId, Arc<Session>>) -> Option<Arc<Session>> {
    let away = |session: &Arc<Session>| session.state.lock().idle_since;
    let longest = sessions.values().filter_map(|session| Some((away(session)?, session.number)));
    let number = longest.min().map(|(_, number)| number);
    let number = number.or_else(|| sessions.values().map(|session| session.number).min())?;
    sessions.values().find(|session| session.number == number).map(Arc::clone)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixture::Fixture;
    use crate::gateway::keys::Keys;

    const NOW: Timestamp = Timestamp::from_secs(1_800_000_000);
    const SECOND: Duration = Duration::from_secs(1);

    fn sessions(each_max: usize, all_max: usize) -> Sessions {
        let limits = SessionsLimits { each_max, all_max, ..SessionsLimits::DEFAULT };
        Sessions::new(ServerLimits::DEFAULT, limits)
    }

    /// The keys of two strangers.
    fn keys() -> [LinkKey; 2] {
        let mut cloud = Fixture::new();
        let ids = [1, 2].map(|seed| cloud.key(seed));
        let keys = Keys::new(cloud.store.clone());
        ids.map(|id| keys.find(id, cloud.now).expect("its row was written"))
    }

    /// Opens a session, and gives the numbers of those that made room.
    fn open(sessions: &Sessions, key: &LinkKey, id: i64) -> Vec<i64> {
        let (_, displaced) = sessions.of(key, SessionId(id));
        displaced.iter().map(|session| session.id.get()).collect()
    }

    fn leave(sessions: &Sessions, key: &LinkKey, id: i64, since: Timestamp) {
        sessions.of(key, SessionId(id)).0.state.lock().idle_since = Some(since);
    }

    #[test]
    fn a_key_has_only_so_many_sessions_even_if_all_are_here() {
        let ([key, other], sessions) = (keys(), sessions(3, 100));
        for id in 1..=3 {
            assert_eq!(open(&sessions, &key, id), []);
        }
        assert_eq!(open(&sessions, &other, 9), []);
        assert_eq!(open(&sessions, &key, 2), [], "it is there already");
        assert_eq!(open(&sessions, &key, 4), [1], "begun first");
        leave(&sessions, &key, 4, NOW);
        leave(&sessions, &key, 3, NOW - SECOND);
        assert_eq!(open(&sessions, &key, 5), [3], "away longest");
        assert_eq!(sessions.len(), 4);
    }

    #[test]
    fn who_is_away_makes_room_when_there_are_too_many_sessions() {
        let ([key, other], sessions) = (keys(), sessions(100, 4));
        for id in 1..=4 {
            open(&sessions, if id % 2 == 0 { &key } else { &other }, id);
        }
        leave(&sessions, &key, 2, NOW);
        leave(&sessions, &other, 3, NOW - SECOND);
        assert_eq!(open(&sessions, &key, 5), [3]);
        assert_eq!(open(&sessions, &key, 6), [2]);
        assert_eq!(open(&sessions, &key, 7), [], "those with a link are bounded by the links");
        assert_eq!(sessions.len(), 5);
    }

    #[test]
    fn a_strangers_session_ends_soon_after_its_last_link() {
        let ([key, _], sessions) = (keys(), sessions(3, 100));
        leave(&sessions, &key, 1, NOW);
        open(&sessions, &key, 2);
        assert_eq!(sessions.sweep(NOW + 59 * SECOND).len(), 0);
        assert_eq!(sessions.sweep(NOW + 60 * SECOND).len(), 1);
        assert_eq!(sessions.len(), 1);
    }
}
