//! Much in few bytes: full containers, bombs, frames without end, sessions without number.

use heliogram_crypto::{Random as _, SeededRandom};
use heliogram_mtproto::message::container::MESSAGES_MAX;
use heliogram_mtproto::message::gzip;
use heliogram_testkit::{Wire, World, introduced};
use heliogram_tl as tl;
use heliogram_tl::{Bytes, Encode as _};

use crate::{Bystanders, contain};

#[tokio::test]
async fn every_request_of_a_full_container_is_answered_or_put_off() {
    let world = World::in_memory();
    let mut bystanders = Bystanders::of(&world).await;
    let mut wire = world.wire().await;
    wire.call(&tl::help::GetConfig {}).await.unwrap();
    let body = Bytes::from(tl::help::GetConfig {}.to_bytes());
    let (bytes, ids) = contain(&mut wire, &body, MESSAGES_MAX);
    wire.write(&bytes).await;
    let (mut answered, mut put_off) = (0, 0);
    for id in ids {
        match wire.result(id).await {
            Ok(_) => answered += 1,
            Err(refusal) => {
                assert_eq!(
                    (refusal.code, refusal.text.as_str()),
                    (500, "WORKER_BUSY_TOO_LONG_RETRY")
                );
                put_off += 1;
            }
        }
    }
    // As many as may be under way at once, and more if the first were done before the last came.
    assert!(answered >= 500, "{answered} answered, {put_off} put off");
    wire.call(&tl::help::GetConfig {}).await.unwrap();
    bystanders.talk().await;
    world.stop().await;
}

#[tokio::test]
async fn a_container_of_bombs_is_no_more_than_one_request() {
    let world = World::in_memory();
    let mut bystanders = Bystanders::of(&world).await;
    let alice = world.person("Alice").await;
    // Of a person, two of seven megabytes are let off, and nothing behind them.
    let mut hers = world.wire_of(&alice).await;
    assert_eq!(put_off(&mut hers, 7 << 20).await, 8);
    // Of a stranger, one of them is looked at, and less than a megabyte unpacks to anything.
    let mut stranger = world.wire().await;
    stranger.call(&tl::help::GetConfig {}).await.unwrap();
    assert_eq!(put_off(&mut stranger, 7 << 20).await, 9);
    assert_eq!(put_off(&mut stranger, 500 << 10).await, 8);
    bystanders.talk().await;
    world.stop().await;
}

/// How many of ten bombs that unpack to so many bytes are put off.
async fn put_off(wire: &mut Wire, bytes: usize) -> usize {
    let zeros = [&tl::help::GetConfig {}.to_bytes()[..], &vec![0; bytes]].concat();
    let bomb = gzip::pack(&zeros).unwrap();
    let (bytes, ids) = contain(wire, &bomb, 10);
    wire.write(&bytes).await;
    let mut put_off = 0;
    for id in ids {
        let result = wire.result(id).await;
        put_off += usize::from(result.is_err_and(|refusal| refusal.code == 500));
    }
    put_off
}

#[tokio::test]
async fn a_long_frame_of_nobody_ends_the_connection_and_a_persons_does_not() {
    let world = World::in_memory();
    let alice = world.person("Alice").await;
    let mut noise = vec![0; 200 << 10];
    SeededRandom::new(13).fill(&mut noise);
    let part = tl::upload::SaveFilePart { file_id: 1, file_part: 0, bytes: noise.into() };

    let mut stranger = world.wire().await;
    stranger.call(&tl::help::GetConfig {}).await.unwrap();
    stranger.send(introduced(&part)).await;
    stranger.closed().await;

    let mut hers = world.wire_of(&alice).await;
    assert!(hers.call(&part).await.unwrap());
    world.stop().await;
}

#[tokio::test]
async fn a_key_has_no_more_sessions_than_it_may() {
    let world = World::in_memory();
    let mut bystanders = Bystanders::of(&world).await;
    let before = world.server().load().1;
    let mut wire = world.wire().await;
    for number in 0..200 {
        // A connection carries sixteen; the sessions of those before it are away.
        if number % 16 == 15 {
            wire.move_to(world.pipe());
        }
        wire.start_session();
        wire.call(&tl::help::GetConfig {}).await.unwrap();
    }
    assert_eq!(world.server().load().1 - before, 64);
    bystanders.talk().await;
    world.stop().await;
}

#[tokio::test]
async fn sessions_that_are_all_in_use_are_bounded_too() {
    let world = World::in_memory();
    let before = world.server().load().1;
    let mut wire = world.wire().await;
    let mut kept = Vec::new();
    for number in 0..100 {
        if number % 16 == 15 {
            // The other end stays open, and so do the sessions on it.
            kept.push(wire.move_to(world.pipe()));
        }
        wire.start_session();
        wire.call(&tl::help::GetConfig {}).await.unwrap();
    }
    assert_eq!(world.server().load().1 - before, 64);
    drop(kept);
    world.stop().await;
}
