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

    /// How many sessions receive updates.
    pub(crate) fn len(&self) -> usize {
        self.by_user.read().values().map(Vec::len).sum()
    }

    /// Whether anybody would hear of `user`'s updates.
    pub(crate) fn is_heard(&self, user: UserId) -> bool {
        self.by_user.read().contains_key(&user)
    }

    /// From now on the session receives the updates of `user`, or nobody's. Whoever stood in for it
    /// does so no longer.
    pub(crate) fn subscribe(&self, session: &Arc<Session>, user: Option<UserId>) {
        if session.state.lock().is_subscribed(user) {
            return;
        }
        let mut by_user = self.by_user.write();
        let before = {
            let mut state = session.state.lock();
            state.stands_in = false;
            std::mem::replace(&mut state.subscribed, user)
        };
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
            let sessions = by_user.entry(user).or_default();
            sessions.retain(|other| !leaves_for(other, session));
            sessions.push(Arc::clone(session));
        }
    }

    /// Has the session receive the updates of `user` for as long as no other session of its key
    /// does.
    pub(super) fn stand_in(&self, session: &Arc<Session>, user: UserId) {
        let mut by_user = self.by_user.write();
        let sessions = by_user.entry(user).or_default();
        if sessions.iter().any(|other| is_same_login(other, session)) {
            return;
        }
        let mut state = session.state.lock();
        state.subscribed = Some(user);
        state.stands_in = true;
        sessions.push(Arc::clone(session));
    }

    /// Takes the updates away from a session that stands in; whether it did.
    pub(super) fn dismiss(&self, session: &Arc<Session>) -> bool {
        let stands_in = session.state.lock().stands_in;
        if stands_in {
            self.subscribe(session, None);
        }
        stands_in
    }
}

/// Ends what `other` does in the place of `session`, if it does.
fn leaves_for(other: &Arc<Session>, session: &Arc<Session>) -> bool {
    let leaves = is_same_login(other, session) && other.state.lock().stands_in;
    if leaves {
        let mut state = other.state.lock();
        state.subscribed = None;
        state.stands_in = false;
    }
    leaves
}

fn is_same_login(one: &Arc<Session>, other: &Arc<Session>) -> bool {
    let login = |session: &Arc<Session>| session.key.permanent().map(|key| key.id);
    login(one) == login(other)
}
