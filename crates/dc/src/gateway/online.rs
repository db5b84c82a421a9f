//! Which sessions are told of an account's updates.

use std::collections::HashMap;
use std::sync::Arc;

use heliogram_ids::UserId;
use parking_lot::RwLock;

use super::session::Session;

/// Sessions by the account whose updates they receive.
#[derive(Default)]
pub(crate) struct Online {
    by_user: RwLock<HashMap<UserId, Vec<Arc<Session>>>>,
}

impl Online {
    /// The sessions that receive `user`'s updates.
    pub(crate) fn sessions(&self, user: UserId) -> Vec<Arc<Session>> {
        self.by_user.read().get(&user).cloned().unwrap_or_default()
    }

    /// Whether anybody would hear of `user`'s updates.
    pub(crate) fn is_heard(&self, user: UserId) -> bool {
        self.by_user.read().contains_key(&user)
    }

    /// From now on the session receives the updates of `user`, or nobody's.
    pub(crate) fn subscribe(&self, session: &Arc<Session>, user: Option<UserId>) {
        let before = std::mem::replace(&mut session.state.lock().subscribed, user);
        if before == user {
            return;
        }
        let mut by_user = self.by_user.write();
        if let Some(before) = before {
            let left = by_user.get_mut(&before).map(|sessions| {
                sessions.retain(|other| !Arc::ptr_eq(other, session));
                sessions.len()
            });
            if left == Some(0) {
                by_user.remove(&before);
            }
        }
        if let Some(user) = user {
            by_user.entry(user).or_default().push(Arc::clone(session));
        }
    }
}
