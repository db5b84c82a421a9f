//! Messages that say much in few bytes.

use std::io;

use heliogram_mtproto::message::container::{self, Message};
use heliogram_mtproto::message::gzip;
use heliogram_testkit::introduced;
use heliogram_tl as tl;
use heliogram_tl::{Bytes, Encode as _, Raw, mtproto};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

use crate::field::{Field, Source};
use crate::raider::Raider;

/// Connections of each act.
const MANY: usize = 20;
/// As many messages as one container may hold.
const FULL: usize = container::MESSAGES_MAX;

/// Says the same things over and over, and reads what comes of it.
async fn repeat(
    field: &Field,
    number: usize,
    mut next: impl FnMut(&mut Raider) -> Vec<Vec<u8>>,
) -> io::Result<()> {
    let mut raider = Raider::arrive(field, Source::of_many(number)).await?;
    // Whoever is introduced need not say who they are each time.
    let _ = raider.ask(&tl::help::GetConfig {}).await?;
    while !field.is_over() {
        for bytes in next(&mut raider) {
            field.tally.tried();
            raider.say(&bytes).await?;
        }
        let heard = raider.hear().await?;
        field.tally.got(if heard.is_empty() { "half an answer" } else { "answers" });
    }
    Ok(())
}

/// Containers of pings.
pub(super) async fn pings(field: Field) -> io::Result<()> {
    field
        .swarm(MANY, |field: Field, number| async move {
            let ping: Bytes = mtproto::Ping { ping_id: 1 }.to_bytes().into();
            repeat(&field, number, |raider| vec![raider.contain(&ping, FULL)]).await
        })
        .await;
    Ok(())
}

/// Containers of requests, some of which write.
pub(super) async fn requests(field: Field) -> io::Result<()> {
    field
        .swarm(MANY, |field: Field, number| async move {
            let config = tl::help::GetConfig {}.to_bytes().into();
            let countries = tl::help::GetCountriesList::default().to_bytes().into();
            let introduction = introduced(&tl::help::GetNearestDc {});
            let all: [Bytes; 3] = [config, countries, introduction];
            repeat(&field, number, |raider| {
                all.iter().map(|body| raider.contain(body, FULL)).collect()
            })
            .await
        })
        .await;
    Ok(())
}

/// Containers of gzip bombs.
pub(super) async fn bombs(field: Field) -> io::Result<()> {
    let zeros = [&tl::help::GetConfig {}.to_bytes()[..], &[0; (1 << 24) - 1024]].concat();
    let bomb = gzip::pack(&zeros).ok_or(io::ErrorKind::InvalidData)?;
    // As many as a stranger's frame holds.
    let count = ((100 << 10) / bomb.len()).clamp(1, FULL);
    field
        .swarm(MANY, move |field: Field, number| {
            let bomb = bomb.clone();
            async move { repeat(&field, number, |raider| vec![raider.contain(&bomb, count)]).await }
        })
        .await;
    Ok(())
}

/// Everything that can be put into itself.
pub(super) async fn nesting(field: Field) -> io::Result<()> {
    let config = tl::help::GetConfig {}.to_bytes();
    let mut inside = Vec::new();
    let member =
        Message { msg_id: heliogram_ids::MsgId(4), seq_no: 1, body: config.clone().into() };
    container::encode(&[member], &mut inside);
    let mut bomb = config.clone();
    for _ in 0..12 {
        let padded = [&bomb[..], &vec![0; 1 << 20]].concat();
        bomb = gzip::pack(&padded).ok_or(io::ErrorKind::InvalidData)?.to_vec();
    }
    let mut wrapped = config;
    for _ in 0..1000 {
        wrapped = tl::InvokeWithoutUpdates { query: Raw(wrapped.into()) }.to_bytes();
    }
    let all: [Bytes; 3] = [inside.into(), bomb.into(), wrapped.into()];
    field
        .swarm(MANY, move |field: Field, number| {
            let all = all.clone();
            async move {
                repeat(&field, number, |raider| {
                    all.iter().map(|body| raider.contain(body, 20)).collect()
                })
                .await
            }
        })
        .await;
    Ok(())
}

/// Service messages as long as they may be, and longer.
pub(super) async fn service(field: Field) -> io::Result<()> {
    let ids = || (0..8192).map(|id| id * 4).collect::<Vec<i64>>();
    let bodies: Vec<Bytes> = vec![
        mtproto::types::MsgsStateReq { msg_ids: ids() }.to_bytes().into(),
        mtproto::types::MsgResendReq { msg_ids: ids() }.to_bytes().into(),
        mtproto::types::MsgsAck { msg_ids: ids() }.to_bytes().into(),
        mtproto::GetFutureSalts { num: i32::MAX }.to_bytes().into(),
        mtproto::DestroySession { session_id: 7 }.to_bytes().into(),
        mtproto::types::HttpWait { max_delay: 0, wait_after: 0, max_wait: i32::MAX }
            .to_bytes()
            .into(),
    ];
    field
        .swarm(MANY, move |field: Field, number| {
            let bodies = bodies.clone();
            async move {
                repeat(&field, number, |raider| {
                    bodies
                        .iter()
                        .map(|body| raider.contain(body, ((64 << 10) / body.len()).clamp(1, FULL)))
                        .collect()
                })
                .await
            }
        })
        .await;
    Ok(())
}

/// Requests that wait for those before them.
pub(super) async fn chains(field: Field) -> io::Result<()> {
    field
        .swarm(MANY, |field: Field, number| async move {
            repeat(&field, number, |raider| {
                let mut before = Vec::new();
                let mut all = Vec::new();
                for _ in 0..200 {
                    let query = Raw(introduced(&tl::help::GetConfig {}));
                    let chained = tl::InvokeAfterMsgs { msg_ids: before.clone(), query };
                    let id = raider.next_id();
                    before.push(id.get());
                    all.extend(raider.seal(id, chained.to_bytes()));
                }
                vec![all]
            })
            .await
        })
        .await;
    Ok(())
}

/// A session for each message.
pub(super) async fn sessions(field: Field) -> io::Result<()> {
    field
        .swarm(MANY, |field: Field, number| async move {
            let mut raider = Raider::arrive(&field, Source::of_many(number)).await?;
            let ping: Bytes = mtproto::Ping { ping_id: 1 }.to_bytes().into();
            while !field.is_over() {
                for _ in 0..16 {
                    raider.session_id.0 += 1;
                    let bytes = raider.contain(&ping, 100);
                    field.tally.tried();
                    raider.say(&bytes).await?;
                }
                raider.hear().await?;
                field.tally.got("sixteen sessions");
                raider.move_to(&field, Source::of_many(number)).await?;
            }
            Ok(())
        })
        .await;
    Ok(())
}

/// Requests over HTTP that want to wait for as long as they may.
pub(super) async fn http_waits(field: Field) -> io::Result<()> {
    field
        .swarm(200, |field: Field, number| async move {
            let mut raider = Raider::arrive(&field, Source::of_many(number % 50)).await?;
            let wait = mtproto::types::HttpWait { max_delay: 0, wait_after: 0, max_wait: 25_000 };
            let mut stream = field.dial(field.address, Source::of_many(number % 50)).await?;
            for _ in 0..100 {
                let id = raider.next_id();
                let sealed = raider.seal(id, wait.to_bytes());
                // Without what the intermediate framing puts in front of it.
                let body = sealed.get(4..).unwrap_or_default();
                let head = format!("POST /api HTTP/1.1\r\nContent-Length: {}\r\n\r\n", body.len());
                stream.write_all(&[head.as_bytes(), body].concat()).await?;
                field.tally.tried();
            }
            let mut heard = vec![0; 1 << 16];
            while stream.read(&mut heard).await? > 0 {
                field.tally.got("responses");
            }
            field.tally.got("closed by the server");
            Ok(())
        })
        .await;
    Ok(())
}
