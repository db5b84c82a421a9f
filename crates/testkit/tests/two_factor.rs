//! The second factor, from its setting to a login on another device.

#![allow(clippy::unwrap_used, reason = "in a test a panic is the report")]

use heliogram_client::{InvokeError, LoginStep, PasswordStep};
use heliogram_crypto::{Random as _, srp};
use heliogram_net::OsRandom;
use heliogram_testkit::{Person, World};
use heliogram_tl as tl;
use tl::PasswordKdfAlgo::PasswordKdfAlgoSha256Sha256Pbkdf2Hmacsha512iter100000Sha256ModPow as Algo;

async fn set_password(person: &Person, password: &str, hint: &str) {
    let tl::account::Password::Password(state) =
        person.client.invoke(&tl::account::GetPassword {}).await.unwrap();
    assert!(!state.has_password);
    let Algo(mut algo) = state.new_algo else { panic!("not the algorithm of today") };
    let mut salt1 = algo.salt1.to_vec();
    let mut own = [0; 32];
    OsRandom.fill(&mut own);
    salt1.extend(own);
    algo.salt1 = salt1.clone().into();
    let p = algo.p.as_ref().try_into().unwrap();
    let params = srp::Params { salt1, salt2: algo.salt2.to_vec(), g: algo.g, p };
    let verifier = srp::verifier(password, &params).unwrap();
    let new = tl::types::account::PasswordInputSettings {
        new_algo: Some(Algo(algo)),
        new_password_hash: Some(verifier.to_vec().into()),
        hint: Some(hint.into()),
        ..Default::default()
    };
    let request = tl::account::UpdatePasswordSettings {
        password: tl::InputCheckPasswordSrp::InputCheckPasswordEmpty,
        new_settings: new.into(),
    };
    assert!(person.client.invoke(&request).await.unwrap());
}

async fn begin(world: &World, phone: &str) -> (heliogram_client::Client, PasswordStep) {
    let client = world.client().connect().await.unwrap();
    let LoginStep::Code(code) = client.login_phone(phone).await.unwrap() else { panic!("no code") };
    let step = code.submit("11111").await.unwrap();
    let LoginStep::Password(password) = step else { panic!("no password is asked for: {step:?}") };
    (client, password)
}

#[tokio::test]
async fn the_password_opens_what_the_code_alone_does_not() {
    let world = World::in_memory();
    let alice = world.person("Alice").await;
    set_password(&alice, "correct horse", "a battery").await;

    let (client, password) = begin(&world, &alice.phone).await;
    assert_eq!(password.hint(), Some("a battery"));
    let locked = client.me().await.unwrap_err();
    assert!(locked.is("AUTH_KEY_UNREGISTERED") || locked.is("SESSION_PASSWORD_NEEDED"), "{locked}");

    let wrong = password.submit("wrong horse").await.unwrap_err();
    assert!(wrong.is("PASSWORD_HASH_INVALID"), "{wrong}");
    assert!(client.me().await.is_err(), "a wrong password opened the account");

    let login = password.submit("correct horse").await.unwrap();
    assert_eq!(login.user_id, alice.id);
    assert_eq!(client.me().await.unwrap().id, alice.id.get());
    world.stop().await;
}

#[tokio::test]
async fn a_proof_cannot_be_used_twice() {
    let world = World::in_memory();
    let alice = world.person("Alice").await;
    set_password(&alice, "correct horse", "").await;

    let (client, _) = begin(&world, &alice.phone).await;
    let tl::account::Password::Password(state) =
        client.invoke(&tl::account::GetPassword {}).await.unwrap();
    let Some(Algo(algo)) = state.current_algo else { panic!("no password is set") };
    let params = srp::Params {
        salt1: algo.salt1.to_vec(),
        salt2: algo.salt2.to_vec(),
        g: algo.g,
        p: algo.p.as_ref().try_into().unwrap(),
    };
    let srp_b = state.srp_b.unwrap();
    let proof = srp::prove("correct horse", &params, &srp_b, &mut OsRandom).unwrap();
    let proof = tl::types::InputCheckPasswordSrp {
        srp_id: state.srp_id.unwrap(),
        a: proof.a.to_vec().into(),
        m1: proof.m1.to_vec().into(),
    };
    let request = tl::auth::CheckPassword { password: proof.into() };
    client.invoke(&request).await.unwrap();

    let (thief, _) = begin(&world, &alice.phone).await;
    let replayed = thief.invoke(&request).await.unwrap_err();
    assert!(matches!(&replayed, InvokeError::Rpc(error) if error.code == 400), "{replayed}");
    assert!(thief.me().await.is_err(), "a stolen proof opened the account");
    world.stop().await;
}
