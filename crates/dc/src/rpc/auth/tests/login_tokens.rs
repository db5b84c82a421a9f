//! Logins by a picture, from the token to the login.

use std::sync::Arc;
use std::time::Duration;

use heliogram_ids::{AuthKeyId, DcId, UserId};
use heliogram_store::Read as _;
use heliogram_tl as tl;
use tl::auth::LoginToken as Answer;

use crate::config::FurtherDc;
use crate::domain::{logins, service, users};
use crate::error::{Rpc, RpcError};
use crate::fanout::Effect;
use crate::fixture::Fixture;
use crate::record::Password;
use crate::tables::{AuthKeys, Passwords, Users};

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
    let password =
        Password { salt1: vec![1], salt2: vec![2], verifier: vec![3; 256], hint: String::new() };
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
