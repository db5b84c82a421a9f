//! Where a link finds the key that a message names.

use std::collections::HashMap;
use std::hash::BuildHasher;
use std::sync::Arc;

use heliogram_crypto::AuthKey;
use heliogram_ids::AuthKeyId;

/// Authorization keys by id: permanent ones, and temporary ones that have not expired.
pub trait AuthKeys {
    /// The key of this id, if it exists and is still valid.
    fn auth_key(&self, id: AuthKeyId) -> Option<Arc<AuthKey>>;

    /// How long a frame under this key may be, if less than the link allows. Anybody can make a
    /// key; who stands behind it decides how much of an unfinished frame is worth holding.
    fn frame_bytes_max(&self, id: AuthKeyId) -> usize {
        let _ = id;
        usize::MAX
    }
}

/// Exactly one key: what a client has.
impl AuthKeys for Arc<AuthKey> {
    fn auth_key(&self, id: AuthKeyId) -> Option<Arc<AuthKey>> {
        (AuthKeyId(self.id()) == id).then(|| Self::clone(self))
    }
}

/// One key or none: what a client has before and after its first handshake.
impl<K: AuthKeys> AuthKeys for Option<K> {
    fn auth_key(&self, id: AuthKeyId) -> Option<Arc<AuthKey>> {
        self.as_ref()?.auth_key(id)
    }
}

impl<S: BuildHasher> AuthKeys for HashMap<AuthKeyId, Arc<AuthKey>, S> {
    fn auth_key(&self, id: AuthKeyId) -> Option<Arc<AuthKey>> {
        self.get(&id).map(Arc::clone)
    }
}
