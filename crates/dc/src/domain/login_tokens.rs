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

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::time::Duration;

    use heliogram_ids::DcId;
    use heliogram_tl as tl;
    use tl::auth::LoginToken as Answer;

    use super::*;
    use crate::config::FurtherDc;
    use crate::domain::service;
    use crate::fixture::Fixture;
    use crate::record::Password;
    use crate::tables::{Passwords, Users};

    const DEVICE: u8 = 1;

    fn dc(id: i32) -> DcId {
        DcId::new(id).expect("a number of a data centre")
    }

    /// A cloud with the service accounts, a device without a login, and Alice.
    fn stage() -> (Fixture, AuthKeyId, UserId) {
        let mut cloud = Fixture::new();
        let now = cloud.now;
        cloud.write(move |txn| service::install(txn, now)).expect("service accounts");
        let alice = cloud.person("Alice");
        let device = cloud.key(DEVICE);
        (cloud, device, alice)
    }

    fn ask(cloud: &mut Fixture, except: &[UserId]) -> Rpc<Answer> {
        cloud.call_stranger(tl::auth::ExportLoginToken {
            api_id: 1,
            api_hash: "hash".into(),
            except_ids: except.iter().map(|user| user.get()).collect(),
        })
    }

    fn shown(answer: Rpc<Answer>) -> tl::Bytes {
        match answer {
            Ok(Answer::LoginToken(shown)) => shown.token,
            other => panic!("{other:?}"),
        }
    }

    fn approve(cloud: &mut Fixture, user: UserId, token: &tl::Bytes) -> Rpc<i64> {
        let request = tl::auth::AcceptLoginToken { token: token.clone() };
        let tl::Authorization::Authorization(device) = cloud.call(user, request)?;
        Ok(device.hash)
    }

    fn logged_in(cloud: &Fixture, key: AuthKeyId) -> Option<UserId> {
        let row = cloud.store.read(|db| db.get::<AuthKeys>(&key)).expect("rows can be read");
        row.and_then(|row| row.user)
    }

    #[test]
    fn a_token_that_was_accepted_logs_the_device_in() {
        let (mut cloud, device, alice) = stage();
        let token = shown(ask(&mut cloud, &[]));
        let hash = approve(&mut cloud, alice, &token).expect("the token is good");
        assert!(
            matches!(&cloud.outbox.effects[..], [Effect::LoginTokenAccepted(key)] if *key == device)
        );
        assert_eq!(logged_in(&cloud, device), None, "the device has not come back yet");
        let answer = ask(&mut cloud, &[]);
        assert!(matches!(answer, Ok(Answer::LoginTokenSuccess(_))), "{answer:?}");
        assert_eq!(logged_in(&cloud, device), Some(alice));
        let row = cloud.store.read(|db| logins::require(db, device)).expect("the key has a row");
        assert_eq!(row.hash, hash, "whoever accepted can end the login by what they were told");

        let again = approve(&mut cloud, alice, &token);
        assert_eq!(again, Err(RpcError::AUTH_TOKEN_INVALID), "a token is used once");
    }

    #[test]
    fn a_token_is_refused_when_it_is_wrong_late_or_of_no_use() {
        let (mut cloud, _, alice) = stage();
        let bob = cloud.person("Bob");
        let token = shown(ask(&mut cloud, &[bob]));
        let mut wrong = token.to_vec();
        wrong[20] ^= 1;
        for wrong in [wrong, b"short".to_vec(), Vec::new()] {
            let refused = approve(&mut cloud, alice, &wrong.into());
            assert_eq!(refused, Err(RpcError::AUTH_TOKEN_INVALID));
        }
        let refused = approve(&mut cloud, bob, &token);
        assert_eq!(refused, Err(RpcError::AUTH_TOKEN_EXCEPTION));
        cloud.wait(Duration::from_secs(30));
        let refused = approve(&mut cloud, alice, &token);
        assert_eq!(refused, Err(RpcError::AUTH_TOKEN_EXPIRED));

        let token = shown(ask(&mut cloud, &[]));
        approve(&mut cloud, alice, &token).expect("the token is good");
        let refused = approve(&mut cloud, bob, &token);
        assert_eq!(refused, Err(RpcError::AUTH_TOKEN_ALREADY_ACCEPTED));
    }

    #[test]
    fn a_token_opens_nothing_before_somebody_accepts() {
        let (mut cloud, device, _) = stage();
        let first = shown(ask(&mut cloud, &[]));
        let import = |token: &tl::Bytes| tl::auth::ImportLoginToken { token: token.clone() };
        let refused = cloud.call_stranger(import(&first));
        assert_eq!(refused, Err(RpcError::AUTH_TOKEN_INVALID));
        let second = shown(ask(&mut cloud, &[]));
        assert_ne!(first, second);
        let refused = cloud.call_stranger(import(&first));
        assert_eq!(refused, Err(RpcError::AUTH_TOKEN_INVALID), "a new token ends the old one");
        assert_eq!(logged_in(&cloud, device), None);
    }

    #[test]
    fn a_password_is_owed_after_a_token_too() {
        let (mut cloud, device, alice) = stage();
        let password = Password {
            salt1: vec![1],
            salt2: vec![2],
            verifier: vec![3; 256],
            hint: String::new(),
        };
        cloud.write(move |txn| txn.put::<Passwords>(&alice, &password)).expect("a password");
        let token = shown(ask(&mut cloud, &[]));
        approve(&mut cloud, alice, &token).expect("the token is good");
        assert_eq!(ask(&mut cloud, &[]), Err(RpcError::SESSION_PASSWORD_NEEDED));
        assert_eq!(logged_in(&cloud, device), None);
        let row = cloud.store.read(|db| logins::require(db, device)).expect("the key has a row");
        assert_eq!(row.password_pending, Some(alice));
    }

    #[test]
    fn a_login_by_token_goes_on_where_the_account_is_at_home() {
        let (mut cloud, device, alice) = stage();
        let addresses = vec![([127, 0, 0, 1], 7701).into()];
        let further = vec![FurtherDc { id: dc(4), addresses }];
        Arc::get_mut(&mut cloud.world).expect("the only holder").config.further = further;
        let settled = cloud.write(move |txn| {
            let mut row = users::require(txn, alice)?;
            row.home = Some(dc(4));
            Ok::<_, RpcError>(txn.put::<Users>(&alice, &row)?)
        });
        settled.expect("rows can be written");

        cloud.dc = Some(dc(2));
        let token = shown(ask(&mut cloud, &[]));
        cloud.dc = Some(dc(4));
        approve(&mut cloud, alice, &token).expect("the token is good");
        cloud.dc = Some(dc(2));
        let answer = ask(&mut cloud, &[]);
        let Ok(Answer::LoginTokenMigrateTo(moved)) = answer else { panic!("{answer:?}") };
        assert_eq!(moved.dc_id, 4);

        cloud.dc = Some(dc(4));
        let there = cloud.key(DEVICE + 1);
        let answer = cloud.call_stranger(tl::auth::ImportLoginToken { token: moved.token });
        assert!(matches!(answer, Ok(Answer::LoginTokenSuccess(_))), "{answer:?}");
        assert_eq!((logged_in(&cloud, there), logged_in(&cloud, device)), (Some(alice), None));
    }
}
