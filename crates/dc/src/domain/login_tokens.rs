//! Logins by a picture: a device without a login shows a token, one with a login accepts it.
//!
//! Each key shows one token at a time. A token begins with the id of its key, so that it is found
//! without an index; what follows is the secret.

use heliogram_ids::{AuthKeyId, UserId};
use heliogram_store::Read;
use heliogram_store::engine::View;

use crate::cx::{StrangerWriting, Writing};
use crate::domain::{homes, logins, passwords, users};
use crate::error::{Rpc, RpcError};
use crate::fanout::Effect;
use crate::record::LoginToken;
use crate::tables::{AuthKeys, LoginTokens};

/// How far a login by token is.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) enum Progress {
    /// The token is to be shown until that moment of unix time.
    Shown { token: Vec<u8>, expires: i32 },
    /// Somebody accepted it, whose home is another data centre: the login goes on there.
    Elsewhere { dc: heliogram_ids::DcId, token: Vec<u8> },
    /// The caller's key speaks for this account now.
    Done(UserId),
}

/// The caller's token: a new one, or what became of the one that was accepted.
///
/// # Errors
/// `SESSION_PASSWORD_NEEDED`.
pub(crate) fn export(cx: &mut StrangerWriting<'_>, except: &[i64]) -> Rpc<Progress> {
    let key = cx.caller.auth_key;
    let shown = cx.db.get::<LoginTokens>(&key)?.filter(|row| row.expires > cx.now.unix());
    if let Some(row) = shown
        && let Some(user) = row.accepted_by
    {
        return proceed(cx, key, &row, user);
    }
    let mut secret = vec![0; SECRET_BYTES];
    cx.rng.fill(&mut secret);
    let expires = (cx.now + cx.world.limits().login_token_ttl).unix();
    let token = spell(key, &secret);
    let row = LoginToken {
        secret,
        expires,
        except: except.iter().copied().take(EXCEPT_MAX).collect(),
        accepted_by: None,
    };
    cx.db.put::<LoginTokens>(&key, &row)?;
    Ok(Progress::Shown { token, expires })
}

/// Goes on with a token that was accepted, on the key that showed it or on another one of the same
/// client.
///
/// # Errors
/// `AUTH_TOKEN_INVALID`, `AUTH_TOKEN_EXPIRED`, `SESSION_PASSWORD_NEEDED`.
pub(crate) fn import(cx: &mut StrangerWriting<'_>, token: &[u8]) -> Rpc<Progress> {
    let (key, row) = find(cx.db, token)?;
    if row.expires <= cx.now.unix() {
        return Err(RpcError::AUTH_TOKEN_EXPIRED);
    }
    let user = row.accepted_by.ok_or(RpcError::AUTH_TOKEN_INVALID)?;
    proceed(cx, key, &row, user)
}

/// The caller lets the device that shows a token into their account; returns the device's key.
///
/// # Errors
/// `AUTH_TOKEN_INVALID`, `AUTH_TOKEN_EXPIRED`, `AUTH_TOKEN_ALREADY_ACCEPTED`, and
/// `AUTH_TOKEN_EXCEPTION` if the device has this account already.
pub(crate) fn accept(cx: &mut Writing<'_>, token: &[u8]) -> Rpc<AuthKeyId> {
    let (key, mut row) = find(cx.db, token)?;
    if row.expires <= cx.now.unix() {
        return Err(RpcError::AUTH_TOKEN_EXPIRED);
    }
    if row.accepted_by.is_some() {
        return Err(RpcError::AUTH_TOKEN_ALREADY_ACCEPTED);
    }
    if row.except.contains(&cx.me.get()) {
        return Err(RpcError::AUTH_TOKEN_EXCEPTION);
    }
    row.accepted_by = Some(cx.me);
    // The device may have to change the data centre before it comes back.
    row.expires = (cx.now + cx.world.limits().exported_login_ttl).unix();
    cx.db.put::<LoginTokens>(&key, &row)?;
    // Named now, so that whoever accepts can end what they accepted.
    let mut device = logins::require(cx.db, key)?;
    device.hash = cx.rng.i64() | 1;
    cx.db.put::<AuthKeys>(&key, &device)?;
    cx.outbox.then(Effect::LoginTokenAccepted(key));
    Ok(key)
}

fn proceed(
    cx: &mut StrangerWriting<'_>,
    shown_on: AuthKeyId,
    row: &LoginToken,
    user: UserId,
) -> Rpc<Progress> {
    let home = homes::of_account(&cx.world.config, &users::require(cx.db, user)?);
    if cx.caller.dc.is_some_and(|dc| dc != home) {
        return Ok(Progress::Elsewhere { dc: home, token: spell(shown_on, &row.secret) });
    }
    cx.db.delete::<LoginTokens>(&shown_on)?;
    if passwords::find(cx.db, user)?.is_some() {
        logins::owe_password(cx, user)?;
        return Err(cx.outbox.keep(RpcError::SESSION_PASSWORD_NEEDED));
    }
    logins::begin(cx, user)?;
    logins::announce(cx, user)?;
    Ok(Progress::Done(user))
}

fn find(db: &dyn View, token: &[u8]) -> Rpc<(AuthKeyId, LoginToken)> {
    let invalid = RpcError::AUTH_TOKEN_INVALID;
    let (key, secret) = token.split_first_chunk().ok_or_else(|| invalid.clone())?;
    let key = AuthKeyId(i64::from_le_bytes(*key));
    let row = db.get::<LoginTokens>(&key)?.ok_or_else(|| invalid.clone())?;
    let is_right = heliogram_crypto::constant_time_eq(&row.secret, secret);
    if is_right { Ok((key, row)) } else { Err(invalid) }
}

fn spell(key: AuthKeyId, secret: &[u8]) -> Vec<u8> {
    [&key.get().to_le_bytes(), secret].concat()
}

const SECRET_BYTES: usize = 24;
/// Accounts that a device may name as its own already.
const EXCEPT_MAX: usize = 16;
