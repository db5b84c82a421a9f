//! Authorization keys, and who stands behind them.
//!
//! Permanent keys live in the store and are kept here while they are in use. Temporary keys live in
//! memory only: whoever loses one makes another.

use std::collections::HashMap;
use std::sync::Arc;

use heliogram_crypto::AuthKey;
use heliogram_ids::{AuthKeyId, Layer, Salt, Timestamp, UserId};
use heliogram_mtproto::link::AuthKeys;
use heliogram_mtproto::session::SaltSchedule;
use heliogram_store::{Read as _, Store};
use parking_lot::{Mutex, RwLock};

use crate::domain::users;
use crate::record::AuthKeyRow;
use crate::tables;

/// Permanent keys kept in memory before those without sessions are let go.
const CACHED_MAX: usize = 100_000;
/// Temporary keys at once.
const TEMPORARY_MAX: usize = 1_000_000;

/// All keys this process can open messages of.
pub(crate) struct Keys {
    store: Store,
    permanent: Mutex<HashMap<AuthKeyId, Arc<PermKey>>>,
    temporary: RwLock<HashMap<AuthKeyId, Arc<TempKey>>>,
}

/// A permanent key in use.
pub(crate) struct PermKey {
    pub(crate) id: AuthKeyId,
    pub(crate) key: Arc<AuthKey>,
    pub(crate) salts: SaltSchedule,
    identity: RwLock<Identity>,
}

/// Who stands behind a permanent key.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub(crate) struct Identity {
    pub(crate) user: Option<UserId>,
    pub(crate) is_bot: bool,
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

    pub(crate) fn key(&self) -> &AuthKey {
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
    /// Whether its time is over: the one that was agreed upon, or the one that the client set when
    /// it bound the key.
    fn is_over(&self, now: Timestamp) -> bool {
        self.expires <= now || self.binding.read().as_ref().is_some_and(|it| it.expires <= now)
    }
}

impl Keys {
    pub(crate) fn new(store: Store) -> Self {
        Self { store, permanent: Mutex::default(), temporary: RwLock::default() }
    }

    /// The key behind an id; `None` if it never was, or is no more.
    pub(crate) fn find(&self, id: AuthKeyId, now: Timestamp) -> Option<LinkKey> {
        if let Some(key) = self.temporary.read().get(&id) {
            return (!key.is_over(now)).then(|| LinkKey::Temporary(Arc::clone(key)));
        }
        self.permanent(id).map(LinkKey::Permanent)
    }

    /// A permanent key, from memory or from the store.
    pub(crate) fn permanent(&self, id: AuthKeyId) -> Option<Arc<PermKey>> {
        if let Some(key) = self.permanent.lock().get(&id) {
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
        let entry = Arc::new(PermKey { id, key, salts, identity: RwLock::new(identity) });
        Some(self.keep(entry))
    }

    /// A key that was just agreed upon, known before its first use and stored soon after.
    pub(crate) fn add_permanent(&self, key: Arc<AuthKey>, salt: Salt, now: Timestamp) {
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
        };
        self.keep(Arc::new(PermKey { id, key, salts, identity: RwLock::default() }));
        let ticket = self.store.write(move |txn| txn.put::<tables::AuthKeys>(&id, &row));
        ticket.on_complete(move |stored| {
            if let Err(error) = stored {
                tracing::error!(%error, "a new key was not stored");
            }
        });
    }

    /// A temporary key that was just agreed upon. With too many of them about, those that nobody
    /// bound make room, and if there are none it is not kept: its client will make another.
    pub(crate) fn add_temporary(
        &self,
        key: Arc<AuthKey>,
        salt: Salt,
        expires: Timestamp,
        now: Timestamp,
    ) {
        let id = AuthKeyId(key.id());
        let salts = SaltSchedule::of(&key).with_agreed(salt, now);
        let mut all = self.temporary.write();
        if all.len() >= TEMPORARY_MAX {
            all.retain(|_, key| !key.is_over(now) && key.binding.read().is_some());
        }
        if all.len() < TEMPORARY_MAX {
            let binding = RwLock::default();
            all.insert(id, Arc::new(TempKey { id, key, salts, expires, binding }));
        }
    }

    /// A temporary key acts for a permanent one from now on.
    pub(crate) fn bind(&self, temporary: AuthKeyId, permanent: AuthKeyId, expires: Timestamp) {
        let bound = self.temporary.read().get(&temporary).map(Arc::clone);
        if let (Some(bound), Some(key)) = (bound, self.permanent(permanent)) {
            *bound.binding.write() = Some(Binding { key, expires });
        }
    }

    /// Forgets the temporary keys of a permanent one, except some; returns those forgotten.
    pub(crate) fn drop_temporary(
        &self,
        permanent: AuthKeyId,
        except: &[AuthKeyId],
    ) -> Vec<AuthKeyId> {
        let of_key =
            |key: &TempKey| key.binding.read().as_ref().is_some_and(|it| it.key.id == permanent);
        let mut all = self.temporary.write();
        let doomed: Vec<AuthKeyId> = all
            .values()
            .filter(|key| of_key(key) && !except.contains(&key.id))
            .map(|key| key.id)
            .collect();
        all.retain(|id, _| !doomed.contains(id));
        doomed
    }

    /// A login on this key changed: reads again who stands behind it.
    pub(crate) fn refresh(&self, id: AuthKeyId) {
        let known = self.permanent.lock().get(&id).map(Arc::clone);
        if let Some(key) = known {
            let identity = self.load(id).map(|(_, identity)| identity).unwrap_or_default();
            let layer = identity.layer.or_else(|| key.identity().layer);
            *key.identity.write() = Identity { layer, ..identity };
        }
    }

    /// The key is destroyed, with everything that rests on it.
    pub(crate) fn forget(&self, id: AuthKeyId) {
        self.permanent.lock().remove(&id);
        self.temporary.write().remove(&id);
        self.drop_temporary(id, &[]);
    }

    /// Lets go of temporary keys whose time is over.
    pub(crate) fn sweep(&self, now: Timestamp) {
        self.temporary.write().retain(|_, key| !key.is_over(now));
    }

    fn keep(&self, entry: Arc<PermKey>) -> Arc<PermKey> {
        let mut all = self.permanent.lock();
        if all.len() >= CACHED_MAX {
            all.retain(|_, key| Arc::strong_count(key) > 1);
        }
        // Somebody else may have loaded it in the meantime: then all must share that one.
        Arc::clone(all.entry(entry.id).or_insert(entry))
    }

    fn load(&self, id: AuthKeyId) -> Option<(AuthKeyRow, Identity)> {
        let loaded = self.store.read(|db| {
            let Some(row) = db.get::<tables::AuthKeys>(&id)? else { return Ok(None) };
            let is_bot = match row.user {
                Some(user) => users::find(db, user)?.is_some_and(|user| user.is_bot()),
                None => false,
            };
            let identity = Identity { user: row.user, is_bot, layer: row.layer };
            Ok::<_, heliogram_store::StoreError>(Some((row, identity)))
        });
        loaded.unwrap_or_else(|error| {
            tracing::error!(%error, "cannot read a key");
            None
        })
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
}
