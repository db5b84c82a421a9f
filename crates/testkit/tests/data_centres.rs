//! Several data centres behind one server: each has its manners, and they share what they know.

#![allow(clippy::unwrap_used, reason = "in a test a panic is the report")]

use heliogram_mtproto::handshake::HandshakeConfig;
use heliogram_testkit::{Refusal, Wire, World, handshake};
use heliogram_tl as tl;

const CODE: &str = "11111";

async fn wire_to(world: &World, dc: i32) -> Wire {
    Wire::open(world.pipe_to(dc), *world.key()).await
}

/// The data centre that the server thinks the client means.
async fn this_dc(wire: &mut Wire) -> i32 {
    let tl::Config::Config(config) = wire.call(&tl::help::GetConfig {}).await.unwrap();
    config.this_dc
}

fn migrate(to: &str) -> Result<(), Refusal> {
    Err(Refusal { code: 303, text: to.to_owned() })
}

#[tokio::test]
async fn a_data_centre_is_known_by_the_address_that_was_dialled() {
    let world = World::in_memory();
    assert_eq!(this_dc(&mut wire_to(&world, 2).await).await, 2);
    assert_eq!(this_dc(&mut wire_to(&world, 4).await).await, 4);
    world.stop().await;
}

#[tokio::test]
async fn a_data_centre_that_is_named_in_the_handshake_is_the_one_that_is_meant() {
    let world = World::in_memory();
    for (named, meant) in [(2, 2), (-2, 2), (4, 4), (-4, 4), (10_004, 4), (-10_004, 4)] {
        let mut wire = Wire::silent(world.pipe_to(2));
        wire.agree(HandshakeConfig { dc: Some(named), ..handshake(*world.key()) }).await;
        assert_eq!(this_dc(&mut wire).await, meant, "named {named}");
        // And it stays that of the key, by whatever address the client comes back.
        wire.move_to(world.pipe_to(4));
        assert_eq!(this_dc(&mut wire).await, meant, "named {named}");
    }
    world.stop().await;
}

#[tokio::test]
async fn a_login_that_was_carried_over_is_served_files_and_sent_home_for_the_rest() {
    let world = World::in_memory();
    let alice = world.person("Alice").await;
    let mut home = wire_to(&world, 2).await;
    home.log_in(&alice.phone, CODE).await;

    let mut away = wire_to(&world, 4).await;
    let send_code = tl::auth::SendCode {
        phone_number: alice.phone.as_str().into(),
        api_id: 1,
        api_hash: "hash".into(),
        settings: tl::types::CodeSettings::default().into(),
    };
    assert_eq!(away.call(&send_code).await.map(drop), migrate("PHONE_MIGRATE_2"));

    let export = tl::auth::ExportAuthorization { dc_id: 4 };
    let tl::auth::ExportedAuthorization::ExportedAuthorization(carried) =
        home.call(&export).await.unwrap();
    let import = tl::auth::ImportAuthorization { id: carried.id, bytes: carried.bytes };
    away.call(&import).await.unwrap();
    assert_eq!(away.call(&import).await.unwrap_err().text, "AUTH_BYTES_INVALID");

    let part = tl::upload::SaveFilePart { file_id: 1, file_part: 0, bytes: vec![1; 9].into() };
    assert!(away.call(&part).await.unwrap());
    assert_eq!(away.call(&tl::updates::GetState {}).await.map(drop), migrate("USER_MIGRATE_2"));
    assert_eq!(this_dc(&mut away).await, 4);
    assert!(home.call(&tl::updates::GetState {}).await.is_ok());

    // What is sent home is not told of anything either.
    let bob = world.person("Bob").await;
    bob.say(&alice, "for her home alone").await;
    let needle = b"her home";
    home.find(|heard| heard.body.windows(needle.len()).any(|window| window == needle)).await;
    away.call(&tl::help::GetConfig {}).await.unwrap();
    let overheard = |heard: &heliogram_testkit::Heard| {
        heard.body.windows(needle.len()).any(|window| window == needle)
    };
    assert!(!away.kept().iter().any(overheard));
    world.stop().await;
}

#[tokio::test]
async fn who_is_within_the_process_is_at_home_everywhere() {
    let world = World::in_memory();
    let alice = world.person("Alice").await;
    assert_eq!(this_dc(&mut world.wire_of(&alice).await).await, 2);
    assert!(world.wire_of(&alice).await.call(&tl::updates::GetState {}).await.is_ok());
    world.stop().await;
}
