//! Accounts as their owners manage them.

use std::time::Duration;

use heliogram_ids::UserId;
use heliogram_tl as tl;
use heliogram_tl::types;

use crate::domain::presence::Seen;
use crate::error::{Rpc, RpcError};
use crate::fanout::{Effect, Notice};
use crate::fixture::Fixture;
use crate::record::PrivacyKey;

fn own(answer: Rpc<tl::User>) -> types::User {
    match answer {
        Ok(tl::User::User(user)) => *user,
        other => panic!("{other:?}"),
    }
}

fn update_username(cloud: &mut Fixture, me: UserId, username: &str) -> Rpc<tl::User> {
    cloud.call(me, tl::account::UpdateUsername { username: username.into() })
}

/// Makes two people acquaintances by a message.
fn meet(cloud: &mut Fixture, a: UserId, b: UserId) {
    let peer = cloud.input_peer(a, b);
    let message = "hello".into();
    let send = tl::messages::SendMessage { peer, message, random_id: 1, ..Default::default() };
    cloud.call(a, send).expect("a message");
}

#[test]
fn a_profile_changes_what_is_given_and_others_learn_of_it() {
    let mut cloud = Fixture::new();
    let (alice, bob) = (cloud.person("Alice"), cloud.person("Bob"));
    meet(&mut cloud, alice, bob);
    let request =
        tl::account::UpdateProfile { last_name: Some(" Lee ".into()), ..Default::default() };
    let user = own(cloud.call(alice, request));
    assert_eq!(user.first_name.as_deref(), Some("Alice"));
    assert_eq!(user.last_name.as_deref(), Some("Lee"));
    let told: Vec<_> = cloud.outbox.notices.iter().map(|told| told.to).collect();
    assert_eq!(told, [alice, bob]);

    let empty = tl::account::UpdateProfile { first_name: Some(" ".into()), ..Default::default() };
    assert_eq!(cloud.call(alice, empty), Err(RpcError::FIRSTNAME_INVALID));
    let about = Some("x".repeat(71).into());
    let long = tl::account::UpdateProfile { about, ..Default::default() };
    assert_eq!(cloud.call(alice, long), Err(RpcError::ABOUT_TOO_LONG));
}

#[test]
fn a_username_belongs_to_one_account_at_a_time() {
    let mut cloud = Fixture::new();
    let (alice, bob) = (cloud.person("Alice"), cloud.person("Bob"));
    assert_eq!(
        own(update_username(&mut cloud, alice, "Wonder")).username.as_deref(),
        Some("Wonder")
    );
    assert_eq!(update_username(&mut cloud, alice, "Wonder"), Err(RpcError::USERNAME_NOT_MODIFIED));
    assert_eq!(update_username(&mut cloud, bob, "wonder"), Err(RpcError::USERNAME_OCCUPIED));
    assert_eq!(update_username(&mut cloud, bob, "no"), Err(RpcError::USERNAME_INVALID));
    let check = |username: &str| tl::account::CheckUsername { username: username.into() };
    assert_eq!(cloud.call(bob, check("WONDER")), Ok(false));
    assert_eq!(cloud.call(bob, check("_")), Err(RpcError::USERNAME_INVALID));

    assert_eq!(
        own(update_username(&mut cloud, alice, "wONDER")).username.as_deref(),
        Some("wONDER")
    );
    assert_eq!(own(update_username(&mut cloud, alice, "")).username, None);
    assert_eq!(cloud.call(bob, check("wonder")), Ok(true));
    assert!(update_username(&mut cloud, bob, "wonder").is_ok());
}

#[test]
fn only_acquaintances_learn_of_a_status() {
    let mut cloud = Fixture::new();
    let (alice, bob, carol) = (cloud.person("Alice"), cloud.person("Bob"), cloud.person("Carol"));
    meet(&mut cloud, alice, bob);
    assert_eq!(cloud.call(alice, tl::account::UpdateStatus { offline: false }), Ok(true));
    let until = Seen::OnlineUntil(cloud.now + Duration::from_secs(300));
    assert!(matches!(cloud.outbox.effects[..], [Effect::Seen { user, seen }]
        if user == alice && seen == until));
    assert!(matches!(&cloud.outbox.notices[..], [told] if told.to == bob
        && matches!(told.notice, Notice::Status { of, seen } if of == alice && seen == until)));
    assert_ne!(bob, carol);

    let id = cloud.input_peer(alice, bob);
    cloud.call(alice, tl::contacts::Block { my_stories_from: false, id }).expect("a block");
    assert_eq!(cloud.call(alice, tl::account::UpdateStatus { offline: true }), Ok(true));
    assert!(cloud.outbox.notices.is_empty(), "who is blocked learns nothing");
}

#[test]
fn notification_settings_are_kept_by_scope() {
    let mut cloud = Fixture::new();
    let (alice, bob) = (cloud.person("Alice"), cloud.person("Bob"));
    let peer: tl::InputNotifyPeer =
        types::InputNotifyPeer { peer: cloud.input_peer(alice, bob) }.into();
    let settings = types::InputPeerNotifySettings {
        mute_until: Some(i32::MAX),
        silent: Some(true),
        ..Default::default()
    };
    let update =
        tl::account::UpdateNotifySettings { peer: peer.clone(), settings: settings.into() };
    assert_eq!(cloud.call(alice, update), Ok(true));

    let muted = |answer: Rpc<tl::PeerNotifySettings>| match answer {
        Ok(tl::PeerNotifySettings::PeerNotifySettings(settings)) => settings.mute_until,
        Err(error) => panic!("{error}"),
    };
    let all = tl::InputNotifyPeer::InputNotifyUsers;
    let ask = |peer: &tl::InputNotifyPeer| tl::account::GetNotifySettings { peer: peer.clone() };
    assert_eq!(muted(cloud.call(alice, ask(&peer))), Some(i32::MAX));
    assert_eq!(muted(cloud.call(alice, ask(&all))), None);
    assert_eq!(cloud.call(alice, tl::account::ResetNotifySettings {}), Ok(true));
    assert_eq!(muted(cloud.call(alice, ask(&peer))), None);
}

#[test]
fn an_account_chooses_how_long_it_is_kept() {
    let mut cloud = Fixture::new();
    let alice = cloud.person("Alice");
    let days = |days| tl::account::SetAccountTtl { ttl: types::AccountDaysTtl { days }.into() };
    assert_eq!(cloud.call(alice, days(1)), Err(RpcError::TTL_DAYS_INVALID));
    assert_eq!(cloud.call(alice, days(90)), Ok(true));
    let kept = cloud.call(alice, tl::account::GetAccountTtl {});
    assert_eq!(kept, Ok(types::AccountDaysTtl { days: 90 }.into()));
}

/// Logs Alice of the fixture in on the key of this seed.
fn log_in(cloud: &mut Fixture, seed: u8) {
    cloud.key(seed);
    let phone_number = tl::Str::from("9996600478");
    let ask =
        tl::auth::SendCode { phone_number: phone_number.clone(), api_id: 1, ..Default::default() };
    let Ok(tl::auth::SentCode::SentCode(sent)) = cloud.call_stranger(ask) else {
        panic!("a code is sent")
    };
    let phone_code_hash = sent.phone_code_hash.clone();
    let phone_code = Some("00000".into());
    let sign_in =
        tl::auth::SignIn { phone_number, phone_code_hash, phone_code, ..Default::default() };
    cloud.call_stranger(sign_in).expect("a login");
}

#[test]
fn another_login_is_listed_and_ended_by_its_hash() {
    let mut cloud = Fixture::new();
    let alice = cloud.person("Alice");
    log_in(&mut cloud, 1);
    let first = cloud.auth_key;
    log_in(&mut cloud, 2);
    let listed = |cloud: &mut Fixture| match cloud.call(alice, tl::account::GetAuthorizations {}) {
        Ok(tl::account::Authorizations::Authorizations(list)) => list.authorizations,
        Err(error) => panic!("{error}"),
    };
    let hashes: Vec<_> = listed(&mut cloud)
        .into_iter()
        .map(|tl::Authorization::Authorization(login)| (login.current, login.hash))
        .collect();
    let [(true, 0), (false, hash)] = hashes[..] else { panic!("{hashes:?}") };

    let unknown = tl::account::ResetAuthorization { hash: hash ^ 2 };
    assert_eq!(cloud.call(alice, unknown), Err(RpcError::HASH_INVALID));
    assert_eq!(cloud.call(alice, tl::account::ResetAuthorization { hash }), Ok(true));
    assert!(matches!(cloud.outbox.effects[..], [Effect::LoginEnded(ended)] if ended == first));
    assert_eq!(listed(&mut cloud).len(), 1);
}

#[test]
fn a_rule_decides_who_sees_a_number_and_a_status() {
    let mut cloud = Fixture::new();
    let (alice, bob, carol) = (cloud.person("Alice"), cloud.person("Bob"), cloud.person("Carol"));
    let phone = |cloud: &mut Fixture, viewer: UserId| {
        let id = vec![cloud.input_user(viewer, alice)];
        own(cloud.call(viewer, tl::users::GetUsers { id }).map(|mut found| found.remove(0))).phone
    };
    assert_eq!(phone(&mut cloud, bob), None);
    let users = vec![cloud.input_user(alice, bob)];
    let rules = vec![
        types::InputPrivacyValueAllowUsers { users }.into(),
        tl::InputPrivacyRule::InputPrivacyValueDisallowAll,
    ];
    let key = tl::InputPrivacyKey::InputPrivacyKeyPhoneNumber;
    let set = tl::account::SetPrivacy { key: key.clone(), rules };
    let answer = cloud.call(alice, set).expect("rules");
    assert!(matches!(&cloud.outbox.notices[..], [told] if told.to == alice
        && matches!(told.notice, Notice::Privacy { key: PrivacyKey::PhoneNumber })));
    assert_eq!(cloud.call(alice, tl::account::GetPrivacy { key }), Ok(answer));
    assert!(phone(&mut cloud, bob).is_some());
    assert_eq!(phone(&mut cloud, carol), None);

    meet(&mut cloud, alice, bob);
    let key = tl::InputPrivacyKey::InputPrivacyKeyStatusTimestamp;
    let rules = vec![tl::InputPrivacyRule::InputPrivacyValueDisallowAll];
    cloud.call(alice, tl::account::SetPrivacy { key, rules }).expect("rules");
    cloud.call(alice, tl::account::UpdateStatus { offline: false }).expect("a status");
    assert!(cloud.outbox.notices.is_empty());
    cloud.call(bob, tl::account::UpdateStatus { offline: false }).expect("a status");
    assert!(cloud.outbox.notices.is_empty(), "who hides it does not see it either");
}
