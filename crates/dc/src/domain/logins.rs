//! Logins: for which account a key speaks.

use std::time::Duration;

use heliogram_ids::{AuthKeyId, Peer, Timestamp, UserId};
use heliogram_store::engine::View;
use heliogram_store::{Prefix, Read, StoreError, Txn};

use crate::config::Mode;
use crate::cx::{Cx, StrangerWriting, Writing};
use crate::domain::messages::post::{self, Draft};
use crate::domain::text::Text;
use crate::domain::users;
use crate::error::{Rpc, RpcError};
use crate::fanout::{Effect, Notice};
use crate::record::AuthKeyRow;
use crate::tables::{AuthKeys, ExportedLogins, LoginTtls, Logins};

/// The row of a key that requests arrive under.
///
/// # Errors
/// `AUTH_KEY_INVALID` if it was destroyed meanwhile.
pub(crate) fn require(db: &dyn View, key: AuthKeyId) -> Rpc<AuthKeyRow> {
    db.get::<AuthKeys>(&key)?.ok_or(RpcError::AUTH_KEY_INVALID)
}

/// Logs the caller's key in as `user`; whoever it spoke for before is logged out.
pub(crate) fn begin<M>(cx: &mut Cx<'_, Txn, M>, user: UserId) -> Rpc<()> {
    let key = cx.caller.auth_key;
    let mut row = require(cx.db, key)?;
    let had_login = row.user.is_some();
    if let Some(before) = row.user.filter(|before| *before != user) {
        cx.db.delete::<Logins>(&(before, key))?;
    }
    row.user = Some(user);
    row.password_pending = None;
    // Zero names the login that asks. Who let this device in may know it by a hash already.
    if row.hash == 0 || had_login {
        row.hash = cx.rng.i64() | 1;
    }
    row.logged_in = cx.now.unix();
    row.active = cx.now.unix();
    row.ip = cx.caller.ip.map(|ip| ip.to_string()).unwrap_or_default();
    cx.db.put::<AuthKeys>(&key, &row)?;
    cx.db.put::<Logins>(&(user, key), &())?;
    cx.outbox.then(Effect::LoginChanged(key));
    Ok(())
}

/// Notes that the caller has shown the code of `user` and still owes the password.
pub(crate) fn owe_password(cx: &mut StrangerWriting<'_>, user: UserId) -> Rpc<()> {
    let key = cx.caller.auth_key;
    let mut row = require(cx.db, key)?;
    row.password_pending = Some(user);
    Ok(cx.db.put::<AuthKeys>(&key, &row)?)
}

/// Tells the account of a login: its other sessions, and its dialog with the service account.
pub(crate) fn announce(cx: &mut StrangerWriting<'_>, user: UserId) -> Rpc<()> {
    let key = cx.caller.auth_key;
    cx.outbox.tell(user, Notice::NewLogin { key });
    let text = announcement(&require(cx.db, key)?, &users::require(cx.db, user)?.first_name);
    tell(cx, user, Text::plain(text))
}

/// Writes to an account in the name of the cloud.
pub(crate) fn tell<M>(cx: &mut Cx<'_, Txn, M>, user: UserId, text: Text) -> Rpc<()> {
    let draft = Draft { text, ..Draft::default() };
    post::post(&mut cx.speaking_as(users::SERVICE), users::SERVICE, Peer::User(user), draft)?;
    Ok(())
}

/// Ends the login of a key. The key itself goes on without an account.
pub(crate) fn end(txn: &mut Txn, key: AuthKeyId) -> Rpc<()> {
    let mut row = require(txn, key)?;
    if let Some(user) = row.user.take() {
        txn.delete::<Logins>(&(user, key))?;
    }
    row.password_pending = None;
    row.hash = 0;
    Ok(txn.put::<AuthKeys>(&key, &row)?)
}

/// Ends all logins of `user` except that of `keep`, and cuts their sessions.
pub(crate) fn end_others<M>(
    cx: &mut Cx<'_, Txn, M>,
    user: UserId,
    keep: Option<AuthKeyId>,
) -> Rpc<()> {
    for key in keys_of(cx.db, user)? {
        if Some(key) != keep {
            end(cx.db, key)?;
            cx.outbox.then(Effect::LoginEnded(key));
        }
    }
    Ok(())
}

/// Whether the caller's login is old enough to end others: a thief must not lock the owner out.
/// A development server does not wait.
///
/// # Errors
/// `FRESH_RESET_AUTHORISATION_FORBIDDEN`.
pub(crate) fn require_settled(cx: &Writing<'_>) -> Rpc<()> {
    let own = require(&*cx.db, cx.caller.auth_key)?;
    let settled = (cx.now - cx.world.limits().fresh_login).unix();
    if cx.world.config.mode == Mode::Production && own.logged_in > settled {
        return Err(RpcError::FRESH_RESET_AUTHORISATION_FORBIDDEN);
    }
    Ok(())
}

/// The keys on which `user` is logged in.
pub(crate) fn keys_of(db: &dyn View, user: UserId) -> Result<Vec<AuthKeyId>, StoreError> {
    db.range::<Logins>(Prefix(user)).map(|row| row.map(|((_, key), ())| key)).collect()
}

/// A secret with which another key may take over the caller's login, once and soon.
pub(crate) fn export(cx: &mut Cx<'_, Txn>) -> Rpc<Vec<u8>> {
    let stale: Vec<_> = cx
        .db
        .range::<ExportedLogins>(Prefix(cx.me))
        .filter_map(Result::ok)
        .filter(|(_, expires)| *expires <= cx.now.unix())
        .map(|(key, _)| key)
        .collect();
    for key in stale {
        cx.db.delete::<ExportedLogins>(&key)?;
    }
    let mut secret = vec![0; 32];
    cx.rng.fill(&mut secret);
    let expires = cx.now + cx.world.limits().exported_login_ttl;
    cx.db.put::<ExportedLogins>(&(cx.me, secret.clone()), &expires.unix())?;
    Ok(secret)
}

/// Logs the caller in as `user` with such a secret.
///
/// # Errors
/// `AUTH_BYTES_INVALID`.
pub(crate) fn import(cx: &mut StrangerWriting<'_>, user: UserId, secret: &[u8]) -> Rpc<()> {
    let exported = (user, secret.to_vec());
    let expires = cx.db.get::<ExportedLogins>(&exported)?;
    if expires.is_none_or(|expires| expires <= cx.now.unix()) {
        return Err(RpcError::AUTH_BYTES_INVALID);
    }
    cx.db.delete::<ExportedLogins>(&exported)?;
    begin(cx, user)
}

/// Days without a sign of life after which a login of `user` ends.
pub(crate) fn ttl(db: &dyn View, user: UserId) -> Result<i32, StoreError> {
    Ok(db.get::<LoginTtls>(&user)?.unwrap_or(TTL_DAYS))
}

/// Changes what [`ttl`] says of the caller's account.
pub(crate) fn set_ttl(cx: &mut Writing<'_>, days: i32) -> Result<(), StoreError> {
    cx.db.put::<LoginTtls>(&cx.me, &days)
}

/// Logins that nobody has used for as long as their accounts allow; at most `limit`.
pub(crate) fn idle(
    db: &dyn View,
    now: Timestamp,
    limit: usize,
) -> Result<Vec<(UserId, AuthKeyId)>, StoreError> {
    let mut idle = Vec::new();
    for row in db.range::<Logins>(..) {
        let ((user, key), ()) = row?;
        if idle.len() >= limit {
            break;
        }
        if is_idle(db, user, key, now)? {
            idle.push((user, key));
        }
    }
    Ok(idle)
}

/// Ends a login if nobody has used it for as long as its account allows; whether it did.
pub(crate) fn end_idle(txn: &mut Txn, user: UserId, key: AuthKeyId, now: Timestamp) -> Rpc<bool> {
    let over = is_idle(txn, user, key, now)?;
    if over {
        end(txn, key)?;
    }
    Ok(over)
}

fn is_idle(
    db: &dyn View,
    user: UserId,
    key: AuthKeyId,
    now: Timestamp,
) -> Result<bool, StoreError> {
    let Some(row) = db.get::<AuthKeys>(&key)?.filter(|row| row.user == Some(user)) else {
        return Ok(false);
    };
    let days = u64::try_from(ttl(db, user)?).unwrap_or(0);
    Ok(row.active < (now - Duration::from_secs(days * 86_400)).unix())
}

/// What holds until somebody chooses.
const TTL_DAYS: i32 = 183;

fn announcement(row: &AuthKeyRow, name: &str) -> String {
    let client = row.client.clone().unwrap_or_default();
    let mut text = format!("New login. {name}, somebody has just logged in to your account.\n");
    let facts = [
        ("Device", client.device_model),
        ("System", client.system_version),
        ("App version", client.app_version),
        ("Address", row.ip.clone()),
    ];
    for (label, fact) in facts {
        if !fact.is_empty() {
            text.push_str(&format!("\n{label}: {fact}"));
        }
    }
    text.push_str("\n\nIf it was not you, end that session in your settings and set a password.");
    text
}
