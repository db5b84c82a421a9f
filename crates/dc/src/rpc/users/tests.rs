//! What one account sees of another.

use heliogram_ids::UserId;
use heliogram_tl as tl;
use heliogram_tl::types;

use crate::error::RpcError;
use crate::fixture::Fixture;

fn full(cloud: &mut Fixture, me: UserId, of: UserId) -> types::UserFull {
    let id = cloud.input_user(me, of);
    match cloud.call(me, tl::users::GetFullUser { id }) {
        Ok(tl::users::UserFull::UserFull(answer)) => match answer.full_user {
            tl::UserFull::UserFull(full) => *full,
        },
        Err(error) => panic!("{error}"),
    }
}

#[test]
fn a_profile_shows_the_text_and_what_one_may_do() {
    let mut cloud = Fixture::new();
    let (alice, bob) = (cloud.person("Alice"), cloud.person("Bob"));
    let about =
        tl::account::UpdateProfile { about: Some("Mathematician".into()), ..Default::default() };
    cloud.call(bob, about).expect("a text");
    let id = cloud.input_peer(alice, bob);
    cloud.call(alice, tl::contacts::Block { my_stories_from: false, id }).expect("a block");

    let seen = full(&mut cloud, alice, bob);
    assert_eq!(seen.id, bob.get());
    assert_eq!(seen.about.as_deref(), Some("Mathematician"));
    assert!(seen.blocked);
    let tl::PeerSettings::PeerSettings(settings) = seen.settings;
    assert!(settings.add_contact && !settings.block_contact);

    let own = full(&mut cloud, bob, bob);
    assert!(!own.blocked);
    let tl::PeerSettings::PeerSettings(settings) = own.settings;
    assert!(!settings.add_contact);
}

#[test]
fn a_bot_tells_of_itself_in_its_profile() {
    let mut cloud = Fixture::new();
    let alice = cloud.person("Alice");
    let bot = cloud.bot("helper_bot", alice);
    let seen = full(&mut cloud, alice, bot);
    let Some(tl::BotInfo::BotInfo(info)) = seen.bot_info else { panic!("a bot has its info") };
    assert_eq!(info.user_id, Some(bot.get()));
}

#[test]
fn nobody_is_opened_without_their_access_hash() {
    let mut cloud = Fixture::new();
    let (alice, bob) = (cloud.person("Alice"), cloud.person("Bob"));
    let id = types::InputUser { user_id: bob.get(), access_hash: 1 }.into();
    let refused = cloud.call(alice, tl::users::GetFullUser { id });
    assert_eq!(refused.err(), Some(RpcError::USER_ID_INVALID));
}
