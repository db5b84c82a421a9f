//! Authorization keys, and who stands behind them.
//!
//! Permanent keys live in the store and are kept here while they are in use. Temporary keys live in
//! memory only: whoever loses one makes another.

use std::collections::{BTreeMap, HashMap, VecDeque};
use std::sync::Arc;
use std::time::Duration;

use heliogram_crypto::AuthKey;
use heliogram_ids::{AuthKeyId, DcId, Layer, Salt, Timestamp, UserId};
use heliogram_mtproto::link::AuthKeys;
use heliogram_mtproto::session::SaltSchedule;
use heliogram_store::{Read as _, Store};
use parking_lot::{Mutex, RwLock};

use super::introduction::Introductions;
use crate::domain::users;
use crate::record::AuthKeyRow;
use crate::tables;

/// How many keys are kept in memory, and what they are good for.
#[derive(Clone, Copy, Debug)]
pub(crate) struct KeyLimits {
    /// Permanent keys kept in memory before those without sessions are let go. They are in the
    /// store.
    pub(crate) cached_max: usize,
    /// Temporary keys at once. Beyond, the one that is found first makes room; its client makes
    /// another.
    pub(crate) temporary_max: usize,
    /// Those of them behind which nobody is logged in, of all clients; the oldest makes room.
    pub(crate) temporary_strangers_max: usize,
    /// Those bound to one permanent key; the one bound first makes room, and its links are closed.
    pub(crate) temporary_each_max: usize,
    /// How long a temporary key lives at most, whatever was agreed upon.
    pub(crate) temporary_lifetime_max: Duration,
    /// Longest frame under a key behind which nobody is logged in; a longer one ends the link
    /// before it is held.
    pub(crate) stranger_frame_bytes_max: usize,
}

impl KeyLimits {
    /// Room for a million clients that change their keys each day.
    pub(crate) const DEFAULT: Self = Self {
        cached_max: 100_000,
        temporary_max: 1_000_000,
        temporary_strangers_max: 50_000,
        // A client has one for each of its connections, about ten.
        temporary_each_max: 64,
        temporary_lifetime_max: Duration::from_secs(7 * 86_400),
        stranger_frame_bytes_max: 128 << 10,
    };
}

/// All keys this process can open messages of.
pub(crate) struct Keys {
    store: Store,
    limits: KeyLimits,
    permanent: Mutex<Cache>,
    temporary: RwLock<Temporary>,
}

/// Permanent keys in memory.
#[derive(Default)]
struct Cache {
    keys: HashMap<AuthKeyId, Arc<PermKey>>,
    /// How many there may be before the next look for those that nobody uses.
    full_at: usize,
}

/// Temporary keys.
#[derive(Default)]
struct Temporary {
    keys: BTreeMap<AuthKeyId, Arc<TempKey>>,
    /// Those that were made with nobody behind them, the oldest first. Some of them have somebody
    /// by now, some are gone.
    strangers: VecDeque<AuthKeyId>,
}

/// A permanent key in use.
pub(crate) struct PermKey {
    pub(crate) id: AuthKeyId,
    pub(crate) key: Arc<AuthKey>,
    pub(crate) salts: SaltSchedule,
    /// The data centre that it was agreed upon with.
    pub(crate) dc: Option<DcId>,
    identity: RwLock<Identity>,
    /// Temporary keys bound to it, the first first. Some of them may be gone.
    bound: Mutex<VecDeque<AuthKeyId>>,
    pub(super) introductions: Introductions,
}

/// Who stands behind a permanent key.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub(crate) struct Identity {
    pub(crate) user: Option<UserId>,
    pub(crate) is_bot: bool,
    /// The data centre that is noted as the account's home.
    pub(crate) home: Option<DcId>,
    /// The layer last declared on this key.
    pub(crate) layer: Option<Layer>,
}

/// A temporary key: nobody until it is bound.
pub(crate) struct TempKey {
    pub(crate) id: AuthKeyId,
    pub(crate) key: Arc<AuthKey>,
    pub(crate) salts: SaltSchedule,
    expires: Timestamp,
    binding: RwLock<Option<Binding>>,
}

/// For whom a temporary key acts, and until when.
struct Binding {
    key: Arc<PermKey>,
    expires: Timestamp,
}

/// The key under which a message came.
#[derive(Clone)]
pub(crate) enum LinkKey {
    Permanent(Arc<PermKey>),
    Temporary(Arc<TempKey>),
}

impl LinkKey {
    pub(crate) fn id(&self) -> AuthKeyId {
        match self {
            Self::Permanent(key) => key.id,
            Self::Temporary(key) => key.id,
        }
    }

    pub(crate) fn key(&self) -> &Arc<AuthKey> {
        match self {
            Self::Permanent(key) => &key.key,
            Self::Temporary(key) => &key.key,
        }
    }

    pub(crate) fn salts(&self) -> &SaltSchedule {
        match self {
            Self::Permanent(key) => &key.salts,
            Self::Temporary(key) => &key.salts,
        }
    }

    /// Who is logged in behind it.
    pub(crate) fn user(&self) -> Option<UserId> {
        self.permanent().and_then(|key| key.identity().user)
    }

    /// The permanent key that acts; none behind a temporary key that is not bound.
    pub(crate) fn permanent(&self) -> Option<Arc<PermKey>> {
        match self {
            Self::Permanent(key) => Some(Arc::clone(key)),
            Self::Temporary(key) => {
                key.binding.read().as_ref().map(|binding| Arc::clone(&binding.key))
            }
        }
    }
}

impl PermKey {
    pub(crate) fn identity(&self) -> Identity {
        *self.identity.read()
    }

    pub(crate) fn set_layer(&self, layer: Layer) {
        self.identity.write().layer = Some(layer);
    }
}

impl TempKey {
    /// Whether somebody is logged in behind it.
    fn is_somebodys(&self) -> bool {
        self.binding.read().as_ref().is_some_and(|it| it.key.identity().user.is_some())
    }

    /// Whether its time is over: the one that was agreed upon, or the one that the client set when
    /// it bound the key.
    fn is_over(&self, now: Timestamp) -> bool {
        self.expires <= now || self.binding.read().as_ref().is_some_and(|it| it.expires <= now)
    }
}

impl Keys {
    pub(crate) fn new(store: Store) -> Self {
        Self::with_limits(store, KeyLimits::DEFAULT)
    }

    fn with_limits(store: Store, limits: KeyLimits) -> Self {
        let (permanent, temporary) = (Mutex::default(), RwLock::default());
        Self { store, limits, permanent, temporary }
    }

    /// The key behind an id; `None` if it never was, or is no more.
    pub(crate) fn find(&self, id: AuthKeyId, now: Timestamp) -> Option<LinkKey> {
        if let Some(key) = self.temporary.read().keys.get(&id) {
            return (!key.is_over(now)).then(|| LinkKey::Temporary(Arc::clone(key)));
        }
        self.permanent(id).map(LinkKey::Permanent)
    }

    /// A permanent key, from memory or from the store.
    pub(crate) fn permanent(&self, id: AuthKeyId) -> Option<Arc<PermKey>> {
        if let Some(key) = self.permanent.lock().keys.get(&id) {
            return Some(Arc::clone(key));
        }
        let (row, identity) = self.load(id)?;
        let Ok(bytes) = <[u8; 256]>::try_from(row.key.as_slice()) else {
            tracing::error!(key = id.get(), "stored key has the wrong length");
            return None;
        };
        let key = Arc::new(AuthKey::new(bytes));
        let created = Timestamp::from_secs(u64::try_from(row.created).unwrap_or(0));
        let salts = SaltSchedule::of(&key).with_agreed(Salt(row.salt_seed), created);
        let identity = RwLock::new(identity);
        let (dc, bound, introductions) = (row.dc, Mutex::default(), Introductions::default());
        let entry = Arc::new(PermKey { id, key, salts, dc, identity, bound, introductions });
        Some(self.keep(entry))
    }

    /// Whether somebody holds a permanent key: a session, a link, a temporary key.
    pub(crate) fn is_in_use(&self, id: AuthKeyId) -> bool {
        let all = self.permanent.lock();
        all.keys.get(&id).is_some_and(|key| Arc::strong_count(key) > 1)
    }

    /// A key that was just agreed upon, known before its first use and stored soon after.
    pub(crate) fn add_permanent(
        &self,
        key: Arc<AuthKey>,
        salt: Salt,
        dc: Option<DcId>,
        now: Timestamp,
    ) {
        let id = AuthKeyId(key.id());
        let salts = SaltSchedule::of(&key).with_agreed(salt, now);
        let row = AuthKeyRow {
            key: key.bytes().to_vec(),
            created: now.unix(),
            user: None,
            password_pending: None,
            layer: None,
            client: None,
            hash: 0,
            logged_in: 0,
            active: now.unix(),
            ip: String::new(),
            salt_seed: salt.get(),
            dc,
        };
        let (identity, bound, introductions) = Default::default();
        self.keep(Arc::new(PermKey { id, key, salts, dc, identity, bound, introductions }));
        let ticket = self.store.write(move |txn| txn.put::<tables::AuthKeys>(&id, &row));
        ticket.on_complete(move |stored| {
            if let Err(error) = stored {
                tracing::error!(%error, "a new key was not stored");
            }
        });
    }

    /// A temporary key that was just agreed upon. With too many of them about, the oldest that
    /// nobody is logged in with makes room.
    pub(crate) fn add_temporary(
        &self,
        key: Arc<AuthKey>,
        salt: Salt,
        expires: Timestamp,
        now: Timestamp,
    ) {
        let id = AuthKeyId(key.id());
        let salts = SaltSchedule::of(&key).with_agreed(salt, now);
        let expires = expires.min(now + self.limits.temporary_lifetime_max);
        let binding = RwLock::default();
        let mut all = self.temporary.write();
        all.keys.insert(id, Arc::new(TempKey { id, key, salts, expires, binding }));
        all.strangers.push_back(id);
        all.make_room(&self.limits);
    }

    /// A temporary key acts for a permanent one from now on. Gives the one that makes room for it,
    /// if there were too many.
    pub(crate) fn bind(
        &self,
        temporary: AuthKeyId,
        permanent: AuthKeyId,
        expires: Timestamp,
    ) -> Option<AuthKeyId> {
        let temp = self.temporary.read().keys.get(&temporary).map(Arc::clone)?;
        let key = self.permanent(permanent)?;
        *temp.binding.write() = Some(Binding { key: Arc::clone(&key), expires });
        let mut bound = key.bound.lock();
        bound.retain(|other| *other != temporary);
        bound.push_back(temporary);
        let displaced = (bound.len() > self.limits.temporary_each_max).then(|| bound.pop_front());
        drop(bound);
        let displaced = displaced.flatten()?;
        self.temporary.write().keys.remove(&displaced).map(|key| key.id)
    }

    /// Forgets the temporary keys of a permanent one, except some; returns those forgotten.
    pub(crate) fn drop_temporary(
        &self,
        permanent: AuthKeyId,
        except: &[AuthKeyId],
    ) -> Vec<AuthKeyId> {
        let Some(key) = self.permanent(permanent) else { return Vec::new() };
        let mut bound = key.bound.lock();
        let doomed: Vec<_> = bound.iter().copied().filter(|id| !except.contains(id)).collect();
        bound.retain(|id| except.contains(id));
        drop(bound);
        let mut all = self.temporary.write();
        doomed.into_iter().filter(|id| all.keys.remove(id).is_some()).collect()
    }

    /// A login on this key changed: reads again who stands behind it.
    pub(crate) fn refresh(&self, id: AuthKeyId) {
        let known = self.permanent.lock().keys.get(&id).map(Arc::clone);
        if let Some(key) = known {
            let identity = self.load(id).map(|(_, identity)| identity).unwrap_or_default();
            let layer = identity.layer.or_else(|| key.identity().layer);
            *key.identity.write() = Identity { layer, ..identity };
        }
    }

    /// The key is destroyed, with everything that rests on it.
    pub(crate) fn forget(&self, id: AuthKeyId) {
        self.drop_temporary(id, &[]);
        self.permanent.lock().keys.remove(&id);
        self.temporary.write().keys.remove(&id);
    }

    /// How many permanent and how many temporary keys are in memory.
    pub(crate) fn len(&self) -> (usize, usize) {
        (self.permanent.lock().keys.len(), self.temporary.read().keys.len())
    }

    /// Lets go of temporary keys whose time is over; returns which.
    pub(crate) fn sweep(&self, now: Timestamp) -> Vec<AuthKeyId> {
        let mut all = self.temporary.write();
        all.keys.extract_if(.., |_, key| key.is_over(now)).map(|(id, _)| id).collect()
    }

    fn keep(&self, entry: Arc<PermKey>) -> Arc<PermKey> {
        let mut all = self.permanent.lock();
        let max = self.limits.cached_max;
        if all.keys.len() >= all.full_at.max(max) {
            all.keys.retain(|_, key| Arc::strong_count(key) > 1);
            // If all are in use, looking again for each newcomer would be in vain.
            all.full_at = max.max(all.keys.len() + max / 8);
        }
        // Somebody else may have loaded it in the meantime: then all must share that one.
        Arc::clone(all.keys.entry(entry.id).or_insert(entry))
    }

    fn load(&self, id: AuthKeyId) -> Option<(AuthKeyRow, Identity)> {
        let loaded = self.store.read(|db| {
            let Some(row) = db.get::<tables::AuthKeys>(&id)? else { return Ok(None) };
            let account = match row.user {
                Some(user) => users::find(db, user)?,
                None => None,
            };
            let identity = Identity {
                user: row.user,
                is_bot: account.as_ref().is_some_and(|account| account.is_bot()),
                home: account.and_then(|account| account.home),
                layer: row.layer,
            };
            Ok::<_, heliogram_store::StoreError>(Some((row, identity)))
        });
        loaded.unwrap_or_else(|error| {
            tracing::error!(%error, "cannot read a key");
            None
        })
    }
}

impl Temporary {
    /// Lets go of the oldest keys without anybody behind them, until there are few enough.
    fn make_room(&mut self, limits: &KeyLimits) {
        while self.strangers.len() > limits.temporary_strangers_max
            && let Some(oldest) = self.strangers.pop_front()
        {
            if self.keys.get(&oldest).is_some_and(|key| !key.is_somebodys()) {
                self.keys.remove(&oldest);
            }
        }
        while self.keys.len() > limits.temporary_max
            && let Some(any) = self.keys.keys().next().copied()
        {
            self.keys.remove(&any);
        }
    }
}

/// The keys as a link sees them at one moment.
pub(super) struct KeysAt<'a> {
    pub(super) keys: &'a Keys,
    pub(super) now: Timestamp,
}

impl AuthKeys for KeysAt<'_> {
    fn auth_key(&self, id: AuthKeyId) -> Option<Arc<AuthKey>> {
        match self.keys.find(id, self.now)? {
            LinkKey::Permanent(key) => Some(Arc::clone(&key.key)),
            LinkKey::Temporary(key) => Some(Arc::clone(&key.key)),
        }
    }

    fn frame_bytes_max(&self, id: AuthKeyId) -> usize {
        match self.keys.find(id, self.now).and_then(|key| key.user()) {
            Some(_) => usize::MAX,
            None => self.keys.limits.stranger_frame_bytes_max,
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::time::Duration;

    use heliogram_crypto::{AuthKey, SeededRandom};
    use heliogram_ids::{AuthKeyId, Layer, Salt, Timestamp, UserId};
    use heliogram_mtproto::bind;
    use heliogram_mtproto::link::AuthKeys as _;
    use heliogram_store::Read as _;
    use heliogram_tl as tl;

    use super::{KeyLimits, Keys, KeysAt, LinkKey};
    use crate::fixture::Fixture;
    use crate::gateway::fixture::Desk;
    use crate::tables::AuthKeys;

    const HOUR: Duration = Duration::from_secs(3600);

    /// A permanent key whose bytes are all `seed`, in the rows and in memory.
    fn permanent(cloud: &mut Fixture, keys: &Keys, seed: u8) -> AuthKeyId {
        let id = cloud.key(seed);
        keys.permanent(id).expect("its row was written");
        id
    }

    /// A temporary key that lives for an hour.
    fn temporary(cloud: &Fixture, keys: &Keys, seed: u8) -> AuthKeyId {
        let key = Arc::new(AuthKey::new([seed; 256]));
        let id = AuthKeyId(key.id());
        keys.add_temporary(key, Salt(5), cloud.now + HOUR, cloud.now);
        id
    }

    /// For whom a key acts at a moment: outer `None` if it is no key, inner if it is nobody's.
    fn acts_for(keys: &Keys, id: AuthKeyId, now: Timestamp) -> Option<Option<AuthKeyId>> {
        keys.find(id, now).map(|key| key.permanent().map(|key| key.id))
    }

    fn change(cloud: &mut Fixture, key: AuthKeyId, user: Option<UserId>, layer: Option<Layer>) {
        let changed = cloud.write(move |txn| {
            let mut row = txn.get::<AuthKeys>(&key)?.expect("the key has a row");
            (row.user, row.layer) = (user, layer);
            txn.put::<AuthKeys>(&key, &row)
        });
        changed.expect("rows can be written");
    }

    #[test]
    fn a_temporary_key_is_nobody_until_it_is_bound() {
        let mut cloud = Fixture::new();
        let keys = Keys::new(cloud.store.clone());
        let (perm, temp) = (permanent(&mut cloud, &keys, 1), temporary(&cloud, &keys, 2));
        assert_eq!(acts_for(&keys, temp, cloud.now), Some(None));
        keys.bind(temp, perm, cloud.now + HOUR);
        assert_eq!(acts_for(&keys, temp, cloud.now), Some(Some(perm)));
        assert_eq!(acts_for(&keys, perm, cloud.now), Some(Some(perm)));
    }

    #[test]
    fn a_temporary_key_ends_when_it_was_agreed_or_when_its_client_said() {
        let mut cloud = Fixture::new();
        let keys = Keys::new(cloud.store.clone());
        let (perm, agreed) = (permanent(&mut cloud, &keys, 1), temporary(&cloud, &keys, 2));
        let (said, late) = (temporary(&cloud, &keys, 3), temporary(&cloud, &keys, 4));
        keys.bind(said, perm, cloud.now + HOUR / 2);
        keys.bind(late, perm, cloud.now + HOUR * 2);
        let alive = |keys: &Keys, now| [agreed, said, late].map(|id| keys.find(id, now).is_some());

        let just_before = cloud.now + HOUR / 2 - Duration::from_nanos(1);
        assert_eq!(alive(&keys, just_before), [true, true, true]);
        assert_eq!(alive(&keys, cloud.now + HOUR / 2), [true, false, true]);
        assert_eq!(alive(&keys, cloud.now + HOUR), [false, false, false]);
        keys.sweep(cloud.now + HOUR / 2);
        assert_eq!(alive(&keys, cloud.now), [true, false, true], "what is swept is gone");
    }

    #[test]
    fn a_key_is_known_before_it_is_stored_and_after_a_restart() {
        let cloud = Fixture::new();
        let keys = Keys::new(cloud.store.clone());
        let key = Arc::new(AuthKey::new([1; 256]));
        let id = AuthKeyId(key.id());
        keys.add_permanent(key, Salt(77), None, cloud.now);
        assert_eq!(acts_for(&keys, id, cloud.now), Some(Some(id)));
        let restarted = Keys::new(cloud.store.clone());
        assert_eq!(acts_for(&restarted, id, cloud.now), None);

        cloud.store.run_writer_once();
        let found = restarted.find(id, cloud.now).expect("the key is stored by now");
        assert_eq!(found.key().bytes(), &[1; 256]);
        assert!(found.salts().accepts(Salt(77), cloud.now), "the agreed salt outlives a restart");
    }

    #[test]
    fn a_permanent_key_has_only_so_many_temporary_ones() {
        let mut cloud = Fixture::new();
        let limits = KeyLimits { temporary_each_max: 2, ..KeyLimits::DEFAULT };
        let keys = Keys::with_limits(cloud.store.clone(), limits);
        let (perm, other) = (permanent(&mut cloud, &keys, 1), permanent(&mut cloud, &keys, 2));
        let temps = [3, 4, 5, 6].map(|seed| temporary(&cloud, &keys, seed));
        let until = cloud.now + HOUR;
        assert_eq!(keys.bind(temps[3], other, until), None);
        assert_eq!(keys.bind(temps[0], perm, until), None);
        assert_eq!(keys.bind(temps[1], perm, until), None);
        assert_eq!(keys.bind(temps[0], perm, until), None, "bound again, it is the newest");
        assert_eq!(keys.bind(temps[2], perm, until), Some(temps[1]));
        let alive = temps.map(|id| keys.find(id, cloud.now).is_some());
        assert_eq!(alive, [true, false, true, true]);
        assert_eq!(keys.drop_temporary(perm, &[temps[2]]), [temps[0]]);
    }

    #[test]
    fn temporary_keys_of_strangers_are_few_and_the_oldest_goes() {
        let mut cloud = Fixture::new();
        let limits = KeyLimits { temporary_strangers_max: 2, ..KeyLimits::DEFAULT };
        let keys = Keys::with_limits(cloud.store.clone(), limits);
        let alice = cloud.person("Alice");
        let perm = permanent(&mut cloud, &keys, 1);
        change(&mut cloud, perm, Some(alice), None);
        keys.refresh(perm);
        let hers = temporary(&cloud, &keys, 2);
        keys.bind(hers, perm, cloud.now + HOUR);
        let others = [3, 4, 5, 6].map(|seed| temporary(&cloud, &keys, seed));
        let alive = others.map(|id| keys.find(id, cloud.now).is_some());
        assert_eq!(alive, [false, false, true, true]);
        assert!(keys.find(hers, cloud.now).is_some(), "somebody is logged in behind it");
    }

    #[test]
    fn a_temporary_key_does_not_live_for_years() {
        let cloud = Fixture::new();
        let keys = Keys::new(cloud.store.clone());
        let key = Arc::new(AuthKey::new([9; 256]));
        let id = AuthKeyId(key.id());
        keys.add_temporary(key, Salt(5), cloud.now + HOUR * 24 * 10_000, cloud.now);
        let last = cloud.now + KeyLimits::DEFAULT.temporary_lifetime_max;
        assert!(keys.find(id, last - Duration::from_secs(1)).is_some());
        assert!(keys.find(id, last).is_none());
    }

    #[test]
    fn long_frames_are_for_who_is_logged_in() {
        let mut cloud = Fixture::new();
        let keys = Keys::new(cloud.store.clone());
        let alice = cloud.person("Alice");
        let perm = permanent(&mut cloud, &keys, 1);
        let temp = temporary(&cloud, &keys, 2);
        let max = |id| KeysAt { keys: &keys, now: cloud.now }.frame_bytes_max(id);
        let strangers = KeyLimits::DEFAULT.stranger_frame_bytes_max;
        assert_eq!((max(perm), max(temp)), (strangers, strangers));
        keys.bind(temp, perm, cloud.now + HOUR);
        assert_eq!(max(temp), strangers);
        change(&mut cloud, perm, Some(alice), None);
        keys.refresh(perm);
        let max = |id| KeysAt { keys: &keys, now: cloud.now }.frame_bytes_max(id);
        assert_eq!((max(perm), max(temp)), (usize::MAX, usize::MAX));
    }

    #[test]
    fn a_change_of_login_is_seen_once_it_is_read_again() {
        let mut cloud = Fixture::new();
        let keys = Keys::new(cloud.store.clone());
        let alice = cloud.person("Alice");
        let bot = cloud.bot("tetris_bot", alice);
        let id = permanent(&mut cloud, &keys, 1);
        let key = keys.permanent(id).expect("the key is known");
        let declared = Layer::new(158);
        for (user, is_bot) in [(Some(alice), false), (Some(bot), true), (None, false)] {
            change(&mut cloud, id, user, declared);
            keys.refresh(id);
            let identity = key.identity();
            assert_eq!((identity.user, identity.is_bot, identity.layer), (user, is_bot, declared));
        }
        change(&mut cloud, id, Some(alice), None);
        assert_eq!(key.identity().user, None, "rows are read again only when asked");
        keys.refresh(id);
        assert_eq!(key.identity().layer, declared, "a layer is not forgotten for want of a row");
    }

    #[test]
    fn a_destroyed_key_takes_its_temporary_keys_along() {
        let mut cloud = Fixture::new();
        let keys = Keys::new(cloud.store.clone());
        let (perm, other) = (permanent(&mut cloud, &keys, 1), permanent(&mut cloud, &keys, 2));
        let (mine, others) = (temporary(&cloud, &keys, 3), temporary(&cloud, &keys, 4));
        keys.bind(mine, perm, cloud.now + HOUR);
        keys.bind(others, other, cloud.now + HOUR);
        cloud.write(move |txn| txn.delete::<AuthKeys>(&perm)).expect("rows can be deleted");
        keys.forget(perm);
        assert_eq!(acts_for(&keys, perm, cloud.now), None);
        assert_eq!(acts_for(&keys, mine, cloud.now), None);
        assert_eq!(acts_for(&keys, others, cloud.now), Some(Some(other)));
    }

    #[test]
    fn temporary_keys_are_dropped_but_for_some_and_those_of_others() {
        let mut cloud = Fixture::new();
        let keys = Keys::new(cloud.store.clone());
        let (perm, other) = (permanent(&mut cloud, &keys, 1), permanent(&mut cloud, &keys, 2));
        let temps = [3, 4, 5].map(|seed| temporary(&cloud, &keys, seed));
        for (temp, perm) in temps.into_iter().zip([perm, perm, other]) {
            keys.bind(temp, perm, cloud.now + HOUR);
        }
        assert_eq!(keys.drop_temporary(perm, &temps[1..]), temps[..1]);
        let left = temps.map(|id| keys.find(id, cloud.now).is_some());
        assert_eq!(left, [false, true, true]);
    }

    /// The proof that the holder of a permanent key, whose bytes are all `seed`, binds a temporary one.
    fn proof(desk: &Desk, seed: u8, temp: AuthKeyId, session: i64) -> tl::auth::BindTempAuthKey {
        let key = AuthKey::new([seed; 256]);
        let binding = bind::Binding {
            nonce: 6,
            temp_auth_key_id: temp,
            perm_auth_key_id: AuthKeyId(key.id()),
            temp_session_id: heliogram_ids::SessionId(session),
            expires_at: (desk.cloud.now + HOUR).unix(),
        };
        let sealed = bind::seal(&binding, desk.next_id(), &key, &mut SeededRandom::new(1));
        tl::auth::BindTempAuthKey {
            perm_auth_key_id: binding.perm_auth_key_id.get(),
            nonce: binding.nonce,
            expires_at: binding.expires_at,
            encrypted_message: sealed.into(),
        }
    }

    #[test]
    fn a_temporary_key_is_bound_before_a_layer_is_named() {
        let mut desk = Desk::new();
        let alice = desk.cloud.person("Alice");
        let perm = desk.cloud.key(1);
        change(&mut desk.cloud, perm, Some(alice), None);
        let temp = temporary(&desk.cloud, &desk.gateway.keys, 2);
        let session = desk.open(temp, 9);
        let answer = |desk: &Desk| {
            let heard = desk.hear(&session).answers;
            heard.into_iter().map(|(_, answer)| answer.map(|_| ())).collect::<Vec<_>>()
        };

        desk.ask(&session, &tl::updates::GetState {});
        assert_eq!(answer(&desk), [Err("AUTH_KEY_PERM_EMPTY".to_owned())]);
        let bind = proof(&desk, 1, temp, 9);
        desk.ask(&session, &bind);
        assert_eq!(answer(&desk), [Ok(())]);
        assert!(matches!(&session.key, LinkKey::Temporary(_)));
        assert_eq!(session.key.permanent().map(|key| key.id), Some(perm));

        desk.ask(&session, &tl::updates::GetState {});
        assert_eq!(answer(&desk), [Err("CONNECTION_NOT_INITED".to_owned())]);
        let query = tl::Raw(tl::Encode::to_bytes(&tl::updates::GetState {}).into());
        desk.ask(&session, &tl::InvokeWithLayer { layer: 158, query });
        assert_eq!(answer(&desk), [Ok(())]);
    }
}
