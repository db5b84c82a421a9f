//! Logins from the first code to the last.

use std::sync::Arc;
use std::time::Duration;

use heliogram_crypto::{AuthKey, SeededRandom, srp};
use heliogram_ids::{AuthKeyId, MsgId, SessionId, UserId};
use heliogram_mtproto::bind;
use heliogram_store::Read as _;
use heliogram_tl as tl;
use heliogram_tl::types;

use crate::config::Mode;
use crate::error::{Rpc, RpcError};
use crate::fanout::{Effect, Notice};
use crate::fixture::Fixture;
use crate::record::AuthKeyRow;
use crate::tables::{AuthKeys, Logins};

/// Alice of the fixture.
const PHONE: &str = "9996600478";
/// Nobody's, with the code 33333.
const UNKNOWN: &str = "+999 66 31234";

fn ask(cloud: &mut Fixture, phone: &str) -> Rpc<types::auth::SentCode> {
    let request =
        tl::auth::SendCode { phone_number: phone.into(), api_id: 1, ..Default::default() };
    match cloud.call_stranger(request)? {
        tl::auth::SentCode::SentCode(sent) => Ok(*sent),
        other => panic!("{other:?}"),
    }
}

fn sign_in(
    cloud: &mut Fixture,
    phone: &str,
    hash: &str,
    code: &str,
) -> Rpc<tl::auth::Authorization> {
    cloud.call_stranger(tl::auth::SignIn {
        phone_number: phone.into(),
        phone_code_hash: hash.into(),
        phone_code: Some(code.into()),
        ..Default::default()
    })
}

fn sign_up(cloud: &mut Fixture, hash: &str, name: &str) -> Rpc<tl::auth::Authorization> {
    cloud.call_stranger(tl::auth::SignUp {
        phone_number: UNKNOWN.into(),
        phone_code_hash: hash.into(),
        first_name: name.into(),
        ..Default::default()
    })
}

fn user_of(answer: Rpc<tl::auth::Authorization>) -> UserId {
    match answer {
        Ok(tl::auth::Authorization::Authorization(answer)) => match answer.user {
            tl::User::User(user) => UserId::new(user.id).expect("a user has an id"),
            other => panic!("{other:?}"),
        },
        other => panic!("{other:?}"),
    }
}

fn row(cloud: &Fixture, key: AuthKeyId) -> AuthKeyRow {
    let row = cloud.store.read(|db| db.get::<AuthKeys>(&key));
    row.expect("the store reads").expect("the key exists")
}

/// Alice, logged in on the key of this seed.
fn log_in(cloud: &mut Fixture, seed: u8) -> AuthKeyId {
    let key = cloud.key(seed);
    let sent = ask(cloud, PHONE).expect("a code");
    user_of(sign_in(cloud, PHONE, &sent.phone_code_hash, "00000"));
    key
}

/// What 777000 has written to `user`, the newest first.
fn service_messages(cloud: &mut Fixture, user: UserId) -> Vec<String> {
    let peer = cloud.input_peer(user, crate::domain::users::SERVICE);
    let page = cloud.call(user, tl::messages::GetHistory { peer, limit: 10, ..Default::default() });
    let Ok(tl::messages::Messages::Messages(page)) = page else { panic!("{page:?}") };
    let text = |message: &tl::Message| match message {
        tl::Message::Message(message) => message.message.to_string(),
        other => panic!("{other:?}"),
    };
    page.messages.iter().map(text).collect()
}

fn with_service() -> Fixture {
    let mut cloud = Fixture::new();
    let now = cloud.now;
    cloud.write(move |txn| crate::domain::service::install(txn, now)).expect("service accounts");
    cloud
}

#[test]
fn a_code_logs_a_known_number_in() {
    let mut cloud = with_service();
    let alice = cloud.person("Alice");
    let key = cloud.key(1);

    let sent = ask(&mut cloud, PHONE).expect("a code");
    assert!(
        matches!(sent.r#type, tl::auth::SentCodeType::SentCodeTypeSms(kind) if kind.length == 5)
    );
    assert!(matches!(
        &cloud.outbox.effects[..],
        [Effect::DeliverCode { phone, code }] if phone == PHONE && code == "00000"
    ));

    assert_eq!(user_of(sign_in(&mut cloud, PHONE, &sent.phone_code_hash, "00000")), alice);
    assert_eq!(row(&cloud, key).user, Some(alice));
    assert!(matches!(cloud.outbox.effects[..], [Effect::LoginChanged(changed)] if changed == key));
    let told = service_messages(&mut cloud, alice);
    assert!(told[0].starts_with("New login. Alice,"), "{told:?}");
    assert!(told[1].starts_with("Login code: 00000."), "{told:?}");

    cloud.key(2);
    let again = sign_in(&mut cloud, PHONE, &sent.phone_code_hash, "00000");
    assert_eq!(again, Err(RpcError::PHONE_CODE_EXPIRED), "a code works once");
}

#[test]
fn a_login_whose_answer_was_lost_is_answered_again() {
    let mut cloud = with_service();
    let alice = cloud.person("Alice");
    cloud.key(1);
    let sent = ask(&mut cloud, PHONE).expect("a code");
    let hash = sent.phone_code_hash.as_str();
    user_of(sign_in(&mut cloud, PHONE, hash, "00000"));
    let told = service_messages(&mut cloud, alice);

    assert_eq!(user_of(sign_in(&mut cloud, PHONE, hash, "00000")), alice);
    assert!(cloud.outbox.effects.is_empty(), "it is no other login");
    assert_eq!(service_messages(&mut cloud, alice), told);
    let wrong = sign_in(&mut cloud, PHONE, hash, "00001");
    assert_eq!(wrong, Err(RpcError::PHONE_CODE_EXPIRED));
    cloud.call(alice, tl::auth::LogOut {}).expect("goodbye");
    let late = sign_in(&mut cloud, PHONE, hash, "00000");
    assert_eq!(late, Err(RpcError::PHONE_CODE_EXPIRED), "it opens nothing");

    let sent = ask(&mut cloud, UNKNOWN).expect("a code");
    let hash = sent.phone_code_hash.as_str();
    sign_in(&mut cloud, UNKNOWN, hash, "33333").expect("the number may sign up");
    let carol = user_of(sign_up(&mut cloud, hash, "Carol"));
    assert_eq!(user_of(sign_up(&mut cloud, hash, "Carol")), carol);
    cloud.key(2);
    assert_eq!(sign_up(&mut cloud, hash, "Eve"), Err(RpcError::PHONE_CODE_EXPIRED));
}

#[test]
fn logins_take_no_room_of_questions() {
    let mut cloud = Fixture::new();
    Arc::get_mut(&mut cloud.world).expect("the only holder").config.mode = Mode::Production;
    cloud.person("Alice");
    for seed in 0..20 {
        cloud.key(seed);
        let sent = ask(&mut cloud, PHONE).expect("a code");
        let code = match &cloud.outbox.effects[..] {
            [Effect::DeliverCode { code, .. }] => code.clone(),
            other => panic!("{other:?}"),
        };
        user_of(sign_in(&mut cloud, PHONE, &sent.phone_code_hash, &code));
    }
}

#[test]
fn a_second_login_gets_its_code_in_the_app_and_is_announced() {
    let mut cloud = with_service();
    let alice = cloud.person("Alice");
    log_in(&mut cloud, 1);
    let second = cloud.key(2);
    let sent = ask(&mut cloud, PHONE).expect("a code");
    assert!(matches!(sent.r#type, tl::auth::SentCodeType::SentCodeTypeApp(_)));
    assert_eq!(sent.next_type, Some(tl::auth::CodeType::CodeTypeSms));

    user_of(sign_in(&mut cloud, PHONE, &sent.phone_code_hash, "00000"));
    assert!(
        cloud.outbox.notices.iter().any(|told| told.to == alice
            && matches!(told.notice, Notice::NewLogin { key } if key == second))
    );
}

#[test]
fn an_unknown_number_signs_up_after_its_code() {
    let mut cloud = Fixture::new();
    cloud.key(1);
    let sent = ask(&mut cloud, UNKNOWN).expect("a code");
    let hash = sent.phone_code_hash.as_str();
    assert_eq!(sign_up(&mut cloud, hash, "Carol"), Err(RpcError::PHONE_CODE_EMPTY));
    assert!(matches!(
        sign_in(&mut cloud, UNKNOWN, hash, "33333"),
        Ok(tl::auth::Authorization::AuthorizationSignUpRequired(_))
    ));
    assert_eq!(sign_up(&mut cloud, hash, " "), Err(RpcError::FIRSTNAME_INVALID));
    let carol = user_of(sign_up(&mut cloud, hash, "Carol"));
    assert_eq!(row(&cloud, cloud.auth_key).user, Some(carol));

    let other = ask(&mut cloud, UNKNOWN).expect("a code");
    user_of(sign_in(&mut cloud, UNKNOWN, &other.phone_code_hash, "33333"));
}

#[test]
fn a_number_that_signs_up_becomes_a_contact_of_who_saved_it() {
    let mut cloud = Fixture::new();
    let alice = cloud.person("Alice");
    let contact = types::InputPhoneContact {
        phone: UNKNOWN.into(),
        first_name: "Caz".into(),
        ..Default::default()
    };
    let contacts = vec![contact.into()];
    cloud.call(alice, tl::contacts::ImportContacts { contacts }).expect("an import");

    cloud.key(1);
    let sent = ask(&mut cloud, UNKNOWN).expect("a code");
    sign_in(&mut cloud, UNKNOWN, &sent.phone_code_hash, "33333").expect("the code is right");
    let carol = user_of(sign_up(&mut cloud, &sent.phone_code_hash, "Carol"));
    let book = cloud.call(alice, tl::contacts::GetContacts { hash: 0 });
    let Ok(tl::contacts::Contacts::Contacts(book)) = book else { panic!("{book:?}") };
    assert!(matches!(&book.users[..], [tl::User::User(user)]
        if user.id == carol.get() && user.first_name.as_deref() == Some("Caz")));
}

#[test]
fn wrong_codes_count_although_they_are_refused() {
    let mut cloud = Fixture::new();
    cloud.person("Alice");
    cloud.key(1);
    let sent = ask(&mut cloud, PHONE).expect("a code");
    let hash = sent.phone_code_hash.as_str();
    assert_eq!(sign_in(&mut cloud, PHONE, hash, ""), Err(RpcError::PHONE_CODE_EMPTY));
    assert_eq!(sign_in(&mut cloud, PHONE, "", "00000"), Err(RpcError::PHONE_CODE_HASH_EMPTY));
    for _ in 0..5 {
        assert_eq!(sign_in(&mut cloud, PHONE, hash, "12345"), Err(RpcError::PHONE_CODE_INVALID));
    }
    assert_eq!(sign_in(&mut cloud, PHONE, hash, "00000"), Err(RpcError::PHONE_CODE_EXPIRED));
}

#[test]
fn codes_run_out_and_can_be_cancelled_and_sent_again() {
    let mut cloud = Fixture::new();
    cloud.person("Alice");
    cloud.key(1);
    let sent = ask(&mut cloud, PHONE).expect("a code");
    let (phone_number, phone_code_hash) = (tl::Str::from(PHONE), sent.phone_code_hash.clone());
    cloud.wait(Duration::from_secs(200));
    let again = tl::auth::ResendCode {
        phone_number: phone_number.clone(),
        phone_code_hash: phone_code_hash.clone(),
        reason: None,
    };
    assert!(cloud.call_stranger(again).is_ok());
    cloud.wait(Duration::from_secs(200));
    assert!(sign_in(&mut cloud, PHONE, &phone_code_hash, "00000").is_ok(), "the time runs anew");

    let sent = ask(&mut cloud, PHONE).expect("a code");
    let phone_code_hash = sent.phone_code_hash.clone();
    let cancel = tl::auth::CancelCode { phone_number, phone_code_hash };
    assert_eq!(cloud.call_stranger(cancel), Ok(true));
    let late = sign_in(&mut cloud, PHONE, &sent.phone_code_hash, "00000");
    assert_eq!(late, Err(RpcError::PHONE_CODE_EXPIRED));

    let sent = ask(&mut cloud, PHONE).expect("a code");
    cloud.wait(Duration::from_secs(301));
    let late = sign_in(&mut cloud, PHONE, &sent.phone_code_hash, "00000");
    assert_eq!(late, Err(RpcError::PHONE_CODE_EXPIRED));
}

#[test]
fn in_production_codes_are_random_and_few() {
    let mut cloud = Fixture::new();
    Arc::get_mut(&mut cloud.world).expect("the only holder").config.mode = Mode::Production;
    cloud.key(1);
    let mut codes = Vec::new();
    for _ in 0..5 {
        ask(&mut cloud, UNKNOWN).expect("a code");
        match &cloud.outbox.effects[..] {
            [Effect::DeliverCode { code, .. }] => codes.push(code.clone()),
            other => panic!("{other:?}"),
        }
    }
    codes.dedup();
    assert!(codes.len() > 1 && codes.iter().all(|code| code.len() == 5), "{codes:?}");
    assert_eq!(
        ask(&mut cloud, UNKNOWN).err(),
        Some(RpcError::flood_wait(Duration::from_secs(300)))
    );
    cloud.wait(Duration::from_secs(301));
    assert!(ask(&mut cloud, UNKNOWN).is_ok());
}

#[test]
fn in_production_guessing_a_code_comes_to_an_end() {
    let mut cloud = Fixture::new();
    Arc::get_mut(&mut cloud.world).expect("the only holder").config.mode = Mode::Production;
    let limits = *cloud.world.limits();
    cloud.key(1);
    let mut wrong = 0;
    let began = cloud.now;
    'guessing: loop {
        let sent = match ask(&mut cloud, UNKNOWN) {
            Ok(sent) => sent,
            Err(RpcError::PHONE_NUMBER_FLOOD) => break,
            Err(error) => panic!("{error:?} after {wrong} wrong codes"),
        };
        for _ in 0..=limits.login_attempts_max {
            match sign_in(&mut cloud, UNKNOWN, &sent.phone_code_hash, "no code") {
                Err(RpcError::PHONE_CODE_INVALID) => wrong += 1,
                Err(RpcError::PHONE_CODE_EXPIRED) => break,
                Err(RpcError::PHONE_NUMBER_FLOOD) => break 'guessing,
                other => panic!("{other:?}"),
            }
        }
        cloud.wait(limits.login_code_ttl);
    }
    assert_eq!(wrong, limits.wrong_codes_max);
    assert_eq!(ask(&mut cloud, UNKNOWN).err(), Some(RpcError::PHONE_NUMBER_FLOOD));
    assert!(ask(&mut cloud, PHONE).is_ok(), "other numbers are not concerned");
    let over = began + limits.wrong_codes_span;
    cloud.wait(over.saturating_since(cloud.now));
    assert!(ask(&mut cloud, UNKNOWN).is_ok());
}

#[test]
fn senseless_numbers_are_refused() {
    let mut cloud = Fixture::new();
    assert_eq!(ask(&mut cloud, "12").err(), Some(RpcError::PHONE_NUMBER_INVALID));
    let request = tl::auth::SendCode { phone_number: PHONE.into(), ..Default::default() };
    assert_eq!(cloud.call_stranger(request), Err(RpcError::API_ID_INVALID));
}

fn asked_password(cloud: &mut Fixture, me: Option<UserId>) -> types::account::Password {
    let answer = match me {
        Some(me) => cloud.call(me, tl::account::GetPassword {}),
        None => cloud.call_stranger(tl::account::GetPassword {}),
    };
    match answer {
        Ok(tl::account::Password::Password(password)) => *password,
        other => panic!("{other:?}"),
    }
}

type Algo = types::PasswordKdfAlgoSha256Sha256Pbkdf2Hmacsha512iter100000Sha256ModPow;

fn algo(algo: &tl::PasswordKdfAlgo) -> Algo {
    match algo {
        tl::PasswordKdfAlgo::PasswordKdfAlgoSha256Sha256Pbkdf2Hmacsha512iter100000Sha256ModPow(
            algo,
        ) => (**algo).clone(),
        other => panic!("{other:?}"),
    }
}

fn params(algo: &Algo) -> srp::Params {
    let p = algo.p[..].try_into().expect("256 bytes");
    srp::Params { salt1: algo.salt1.to_vec(), salt2: algo.salt2.to_vec(), g: algo.g, p }
}

fn prove(asked: &types::account::Password, password: &str) -> tl::InputCheckPasswordSrp {
    let algo = algo(asked.current_algo.as_ref().expect("there is a password"));
    let srp_b = asked.srp_b.as_ref().expect("there is a challenge");
    let proof = srp::prove(password, &params(&algo), srp_b, &mut SeededRandom::new(9));
    let proof = proof.expect("the challenge is sound");
    types::InputCheckPasswordSrp {
        srp_id: asked.srp_id.expect("there is a challenge"),
        a: proof.a.to_vec().into(),
        m1: proof.m1.to_vec().into(),
    }
    .into()
}

fn settings(
    offered: &types::account::Password,
    password: &str,
) -> tl::account::PasswordInputSettings {
    let mut algo = algo(&offered.new_algo);
    algo.salt1 = [&algo.salt1[..], &[5; 32]].concat().into();
    let verifier = srp::verifier(password, &params(&algo)).expect("the group is sound");
    types::account::PasswordInputSettings {
        new_algo: Some(algo.into()),
        new_password_hash: Some(verifier.to_vec().into()),
        hint: Some("colour".into()),
        ..Default::default()
    }
    .into()
}

fn set_password(
    cloud: &mut Fixture,
    me: UserId,
    password: tl::InputCheckPasswordSrp,
    new_settings: tl::account::PasswordInputSettings,
) -> Rpc<bool> {
    cloud.call(me, tl::account::UpdatePasswordSettings { password, new_settings })
}

#[test]
fn an_account_with_a_password_wants_both_factors() {
    let mut cloud = Fixture::new();
    let alice = cloud.person("Alice");
    log_in(&mut cloud, 1);
    let offered = asked_password(&mut cloud, Some(alice));
    assert!(!offered.has_password);
    let unknown = tl::SecurePasswordKdfAlgo::SecurePasswordKdfAlgoUnknown;
    assert_ne!(offered.new_secure_algo, unknown);
    let empty = tl::InputCheckPasswordSrp::InputCheckPasswordEmpty;
    let new = settings(&offered, "blue");
    assert_eq!(set_password(&mut cloud, alice, empty.clone(), new), Ok(true));

    let key = cloud.key(2);
    let sent = ask(&mut cloud, PHONE).expect("a code");
    let answer = sign_in(&mut cloud, PHONE, &sent.phone_code_hash, "00000");
    assert_eq!(answer, Err(RpcError::SESSION_PASSWORD_NEEDED));
    assert_eq!(row(&cloud, key).password_pending, Some(alice));
    assert_eq!(row(&cloud, key).user, None);

    let asked = asked_password(&mut cloud, None);
    assert!(asked.has_password && asked.hint.as_deref() == Some("colour"));
    let wrong = tl::auth::CheckPassword { password: prove(&asked, "red") };
    assert_eq!(cloud.call_stranger(wrong.clone()), Err(RpcError::PASSWORD_HASH_INVALID));
    assert_eq!(
        cloud.call_stranger(wrong),
        Err(RpcError::SRP_ID_INVALID),
        "a question is asked once"
    );

    let asked = asked_password(&mut cloud, None);
    let right = tl::auth::CheckPassword { password: prove(&asked, "blue") };
    assert_eq!(user_of(cloud.call_stranger(right)), alice);
    assert_eq!(row(&cloud, key).user, Some(alice));
    assert_eq!(row(&cloud, key).password_pending, None);
}

#[test]
fn a_password_is_changed_and_removed_only_with_the_old_one() {
    let mut cloud = Fixture::new();
    let alice = cloud.person("Alice");
    log_in(&mut cloud, 1);
    let empty = tl::InputCheckPasswordSrp::InputCheckPasswordEmpty;
    let offered = asked_password(&mut cloud, Some(alice));
    let unlengthened = types::account::PasswordInputSettings {
        new_algo: Some(offered.new_algo.clone()),
        new_password_hash: Some(vec![9; 256].into()),
        ..Default::default()
    };
    let refused = set_password(&mut cloud, alice, empty.clone(), unlengthened.into());
    assert_eq!(refused, Err(RpcError::NEW_SALT_INVALID));
    let new = settings(&offered, "blue");
    assert_eq!(set_password(&mut cloud, alice, empty.clone(), new), Ok(true));

    let asked = asked_password(&mut cloud, Some(alice));
    let new = settings(&asked, "green");
    let refused = set_password(&mut cloud, alice, empty, new.clone());
    assert_eq!(refused, Err(RpcError::PASSWORD_HASH_INVALID));
    let proof = prove(&asked, "blue");
    assert_eq!(set_password(&mut cloud, alice, proof, new), Ok(true));

    let asked = asked_password(&mut cloud, Some(alice));
    let none = types::account::PasswordInputSettings {
        new_algo: Some(tl::PasswordKdfAlgo::PasswordKdfAlgoUnknown),
        new_password_hash: Some(tl::Bytes::new()),
        ..Default::default()
    };
    let proof = prove(&asked, "green");
    assert_eq!(set_password(&mut cloud, alice, proof, none.into()), Ok(true));
    assert!(!asked_password(&mut cloud, Some(alice)).has_password);
}

#[test]
fn a_question_for_a_password_that_changed_since_is_void() {
    let mut cloud = Fixture::new();
    let alice = cloud.person("Alice");
    let first = log_in(&mut cloud, 1);
    let offered = asked_password(&mut cloud, Some(alice));
    let empty = tl::InputCheckPasswordSrp::InputCheckPasswordEmpty;
    let new = settings(&offered, "blue");
    set_password(&mut cloud, alice, empty, new).expect("a password");
    cloud.key(2);
    let sent = ask(&mut cloud, PHONE).expect("a code");
    sign_in(&mut cloud, PHONE, &sent.phone_code_hash, "00000").expect_err("a password is owed");
    let (second, early) = (cloud.auth_key, asked_password(&mut cloud, None));

    cloud.auth_key = first;
    let asked = asked_password(&mut cloud, Some(alice));
    let (proof, new) = (prove(&asked, "blue"), settings(&asked, "green"));
    set_password(&mut cloud, alice, proof, new).expect("another password");

    cloud.auth_key = second;
    let late = tl::auth::CheckPassword { password: prove(&early, "blue") };
    assert_eq!(cloud.call_stranger(late), Err(RpcError::SRP_PASSWORD_CHANGED));
}

#[test]
fn without_a_code_there_is_no_second_factor() {
    let mut cloud = Fixture::new();
    cloud.key(1);
    let refused = cloud.call_stranger(tl::account::GetPassword {});
    assert_eq!(refused, Err(RpcError::AUTH_KEY_UNREGISTERED));
    let check = tl::auth::CheckPassword::default();
    assert_eq!(cloud.call_stranger(check), Err(RpcError::AUTH_KEY_UNREGISTERED));
}

#[test]
fn a_key_logs_out_and_in_again() {
    let mut cloud = Fixture::new();
    let alice = cloud.person("Alice");
    let key = log_in(&mut cloud, 1);
    assert!(cloud.call(alice, tl::auth::LogOut {}).is_ok());
    assert!(matches!(cloud.outbox.effects[..], [Effect::LoginChanged(changed)] if changed == key));
    assert_eq!(row(&cloud, key).user, None);
    let login = cloud.store.read(|db| db.contains::<Logins>(&(alice, key)));
    assert!(!login.expect("the store reads"));

    let sent = ask(&mut cloud, PHONE).expect("a code");
    assert_eq!(user_of(sign_in(&mut cloud, PHONE, &sent.phone_code_hash, "00000")), alice);
}

#[test]
fn all_other_logins_end_at_once() {
    let mut cloud = Fixture::new();
    let alice = cloud.person("Alice");
    let (first, second) = (log_in(&mut cloud, 1), log_in(&mut cloud, 2));
    assert_eq!(cloud.call(alice, tl::auth::ResetAuthorizations {}), Ok(true));
    assert!(matches!(cloud.outbox.effects[..], [Effect::LoginEnded(ended)] if ended == first));
    assert_eq!(row(&cloud, first).user, None);
    assert_eq!(row(&cloud, second).user, Some(alice));
}

#[test]
fn in_production_a_fresh_login_ends_no_others() {
    let mut cloud = Fixture::new();
    let alice = cloud.person("Alice");
    log_in(&mut cloud, 1);
    log_in(&mut cloud, 2);
    Arc::get_mut(&mut cloud.world).expect("the only holder").config.mode = Mode::Production;
    let refused = cloud.call(alice, tl::auth::ResetAuthorizations {});
    assert_eq!(refused, Err(RpcError::FRESH_RESET_AUTHORISATION_FORBIDDEN));
    cloud.wait(Duration::from_secs(86_400));
    assert_eq!(cloud.call(alice, tl::auth::ResetAuthorizations {}), Ok(true));
}

#[test]
fn an_exported_login_is_imported_once() {
    let mut cloud = Fixture::new();
    let alice = cloud.person("Alice");
    log_in(&mut cloud, 1);
    let elsewhere = tl::auth::ExportAuthorization { dc_id: 4 };
    assert_eq!(cloud.call(alice, elsewhere), Err(RpcError::DC_ID_INVALID));
    let exported = cloud.call(alice, tl::auth::ExportAuthorization { dc_id: 2 });
    let Ok(tl::auth::ExportedAuthorization::ExportedAuthorization(exported)) = exported else {
        panic!("{exported:?}")
    };

    let key = cloud.key(2);
    let import = tl::auth::ImportAuthorization { id: exported.id, bytes: exported.bytes };
    assert_eq!(user_of(cloud.call_stranger(import.clone())), alice);
    assert_eq!(row(&cloud, key).user, Some(alice));
    assert_eq!(cloud.call_stranger(import), Err(RpcError::AUTH_BYTES_INVALID));
}

#[test]
fn an_exported_login_runs_out() {
    let mut cloud = Fixture::new();
    let alice = cloud.person("Alice");
    log_in(&mut cloud, 1);
    let exported = cloud.call(alice, tl::auth::ExportAuthorization { dc_id: 2 });
    let Ok(tl::auth::ExportedAuthorization::ExportedAuthorization(exported)) = exported else {
        panic!("{exported:?}")
    };
    cloud.wait(Duration::from_secs(301));
    let import = tl::auth::ImportAuthorization { id: exported.id, bytes: exported.bytes };
    assert_eq!(cloud.call_stranger(import), Err(RpcError::AUTH_BYTES_INVALID));
}

#[test]
fn a_bot_logs_in_with_its_token_and_with_nothing_else() {
    let mut cloud = with_service();
    let alice = cloud.person("Alice");
    let bot = cloud.bot("helper_bot", alice);
    let key = cloud.key(1);
    let request = |token: String| tl::auth::ImportBotAuthorization {
        api_id: 1,
        bot_auth_token: token.into(),
        ..Default::default()
    };
    let secret = "A".repeat(35);
    for wrong in [
        format!("{bot}:{}", "B".repeat(35)),
        format!("{bot}:{}", "A".repeat(34)),
        format!("{bot}"),
        format!("{alice}:{secret}"),
        format!("{}:", crate::domain::users::BOT_FATHER),
        format!("x:{secret}"),
    ] {
        let refused = cloud.call_stranger(request(wrong.clone()));
        assert_eq!(refused, Err(RpcError::ACCESS_TOKEN_INVALID), "{wrong}");
    }
    assert_eq!(user_of(cloud.call_stranger(request(format!("{bot}:{secret}")))), bot);
    assert_eq!(row(&cloud, key).user, Some(bot));
}

/// A binding as a client would make it for the next call, which comes on a temporary key.
fn binding(cloud: &mut Fixture) -> bind::Binding {
    let perm = cloud.key(1);
    let temp = AuthKeyId(AuthKey::new([9; 256]).id());
    cloud.link_key = Some(temp);
    bind::Binding {
        nonce: 77,
        temp_auth_key_id: temp,
        perm_auth_key_id: perm,
        temp_session_id: SessionId(1),
        expires_at: cloud.now.unix() + 100,
    }
}

fn bind_request(binding: &bind::Binding) -> tl::auth::BindTempAuthKey {
    let sealed = bind::seal(binding, MsgId(4), &AuthKey::new([1; 256]), &mut SeededRandom::new(1));
    tl::auth::BindTempAuthKey {
        perm_auth_key_id: binding.perm_auth_key_id.get(),
        nonce: binding.nonce,
        expires_at: binding.expires_at,
        encrypted_message: sealed.into(),
    }
}

#[test]
fn a_temporary_key_is_bound_by_a_proof_under_the_permanent_one() {
    let mut cloud = Fixture::new();
    let binding = binding(&mut cloud);
    let request = bind_request(&binding);
    assert_eq!(cloud.call_stranger(request.clone()), Ok(true));
    assert!(matches!(cloud.outbox.effects[..], [Effect::BindTempKey { temp, perm, expires_at }]
        if temp == binding.temp_auth_key_id
            && perm == binding.perm_auth_key_id
            && expires_at == binding.expires_at));

    let refused = Err(RpcError::ENCRYPTED_MESSAGE_INVALID);
    let other_nonce = tl::auth::BindTempAuthKey { nonce: 78, ..request.clone() };
    assert_eq!(cloud.call_stranger(other_nonce), refused);
    let other_session = bind::Binding { temp_session_id: SessionId(2), ..binding };
    assert_eq!(cloud.call_stranger(bind_request(&other_session)), refused);
    let other_key = bind::Binding { temp_auth_key_id: AuthKeyId(3), ..binding };
    assert_eq!(cloud.call_stranger(bind_request(&other_key)), refused);
    let unknown = tl::auth::BindTempAuthKey { perm_auth_key_id: 3, ..request.clone() };
    let bound = Err(RpcError::TEMP_AUTH_KEY_ALREADY_BOUND);
    assert_eq!(cloud.call_stranger(unknown.clone()), bound, "it speaks for another");
    cloud.auth_key = AuthKeyId(3);
    assert_eq!(cloud.call_stranger(unknown), refused);
    cloud.auth_key = binding.perm_auth_key_id;

    let late = bind::Binding { expires_at: cloud.now.unix(), ..binding };
    assert_eq!(cloud.call_stranger(bind_request(&late)), Err(RpcError::EXPIRES_AT_INVALID));
    cloud.link_key = None;
    assert_eq!(cloud.call_stranger(request), Err(RpcError::TEMP_AUTH_KEY_EMPTY));
}

#[test]
fn temporary_keys_are_dropped_but_for_some() {
    let mut cloud = Fixture::new();
    let key = cloud.key(1);
    let drop = tl::auth::DropTempAuthKeys { except_auth_keys: vec![5] };
    assert_eq!(cloud.call_stranger(drop), Ok(true));
    assert!(matches!(&cloud.outbox.effects[..], [Effect::DropTempKeys { perm, except }]
        if *perm == key && except[..] == [AuthKeyId(5)]));
}
