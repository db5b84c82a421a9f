//! Handshakes that come to nothing, by the hundred.

use heliogram_testkit::{Wire, World, soon};
use heliogram_tl::Encode as _;
use heliogram_tl::mtproto::ReqPqMulti;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

use crate::Bystanders;

/// A plain message in the intermediate framing, behind its preamble.
fn plain(body: &[u8]) -> Vec<u8> {
    let len = u32::try_from(body.len()).unwrap();
    let head = [&(20 + len).to_le_bytes()[..], &[0; 8], &4_i64.to_le_bytes(), &len.to_le_bytes()];
    [&head.concat(), body].concat()
}

#[tokio::test]
async fn endless_beginnings_keep_nobody_from_an_end() {
    let world = World::in_memory();
    let mut bystanders = Bystanders::of(&world).await;
    let mut pipe = world.pipe();
    pipe.write_all(&[0xee; 4]).await.unwrap();
    let mut heard = vec![0; 1 << 16];
    for number in 0..500_u32 {
        let mut nonce = [0; 16];
        nonce[..4].copy_from_slice(&number.to_le_bytes());
        pipe.write_all(&plain(&ReqPqMulti { nonce }.to_bytes())).await.unwrap();
        assert_ne!(soon("an offer", pipe.read(&mut heard)).await.unwrap(), 0);
    }
    world.wire().await;
    bystanders.talk().await;
    world.stop().await;
}

#[tokio::test]
async fn keys_are_made_while_others_make_keys() {
    let world = World::in_memory();
    let mut bystanders = Bystanders::of(&world).await;
    let mut making = tokio::task::JoinSet::new();
    for _ in 0..40 {
        making.spawn(Wire::open(world.pipe(), *world.key()));
    }
    bystanders.talk().await;
    let keys = soon("keys", making.join_all()).await;
    assert_eq!(keys.len(), 40);
    bystanders.talk().await;
    world.stop().await;
}
