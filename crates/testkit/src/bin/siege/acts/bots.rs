//! The Bot API's port: strangers, floods, and webhooks that do not answer.

use std::io;
use std::io::Write as _;
use std::net::Ipv4Addr;
use std::time::Duration;

use heliogram_crypto::Random as _;
use heliogram_net::OsRandom;
use heliogram_tl as tl;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpListener;

use crate::field::{Field, HOSTILE_BOT, PATIENCE, Source};
use crate::raider::Raider;
use crate::web;

/// Tokens that look like tokens, and that nobody has: some of one bot, some of bots that are none.
pub(super) async fn strangers(field: Field) -> io::Result<()> {
    let id = field.token.split(':').next().unwrap_or_default().to_owned();
    field
        .swarm(40, move |field: Field, number| {
            let id = id.clone();
            async move {
                let id = if number % 2 == 0 { id } else { OsRandom.below(1 << 40).to_string() };
                let path = format!("/bot{id}:AA{:033}/getMe", OsRandom.u64());
                field.tally.tried();
                let answer = web::get(field.bot_api, Source::of_many(number), &path, PATIENCE);
                field.tally.got(format!("status {}", answer.await?.0));
                Ok(())
            }
        })
        .await;
    match field.tally.all().get("status 200") {
        None => Ok(()),
        Some(count) => Err(io::Error::other(format!("{count} tokens were guessed"))),
    }
}

/// Polls of one bot, each of which ends the one before it.
pub(super) async fn polls(field: Field) -> io::Result<()> {
    field
        .swarm(100, |field: Field, number| async move {
            let path = format!("/bot{}/getUpdates?timeout=20&limit=1", field.token);
            field.tally.tried();
            let from = Source::of_many(number);
            let answer = web::get(field.bot_api, from, &path, Duration::from_secs(30)).await?;
            field.tally.got(format!("status {}", answer.0));
            Ok(())
        })
        .await;
    Ok(())
}

/// Bodies: announced and not sent, packed and without end, of a thousand files.
pub(super) async fn bodies(field: Field) -> io::Result<()> {
    let mut bomb = Vec::new();
    let mut encoder = flate2::write::GzEncoder::new(&mut bomb, flate2::Compression::best());
    for _ in 0..64 {
        encoder.write_all(&[b'a'; 1 << 20])?;
    }
    encoder.finish()?;
    field
        .swarm(60, move |field: Field, number| {
            let bomb = bomb.clone();
            async move {
                let mut stream = field.dial(field.bot_api, Source::of_many(number)).await?;
                let path = format!("POST /bot{}/sendMessage HTTP/1.1\r\nHost: siege\r\n", field.token);
                let (head, body) = match number % 3 {
                    0 => ("Content-Type: application/json\r\nContent-Length: 4294967295\r\n", vec![b' '; 1 << 20]),
                    1 => ("Content-Type: application/json\r\nContent-Encoding: gzip\r\nContent-Length: BOMB\r\n", bomb),
                    _ => ("Content-Type: multipart/form-data; boundary=x\r\nContent-Length: 100000000\r\n", files()),
                };
                let head = head.replace("BOMB", &body.len().to_string());
                field.tally.tried();
                stream.write_all(format!("{path}{head}\r\n").as_bytes()).await?;
                stream.write_all(&body).await?;
                let mut heard = vec![0; 1024];
                let read = tokio::time::timeout(PATIENCE, stream.read(&mut heard)).await;
                let status = match read {
                    Ok(read) => String::from_utf8_lossy(&heard[..read?]).chars().skip(9).take(3).collect(),
                    Err(_) => "none".to_owned(),
                };
                field.tally.got(format!("status {status}"));
                Ok(())
            }
        })
        .await;
    Ok(())
}

/// A thousand small files in one body.
fn files() -> Vec<u8> {
    let part = |n| {
        format!(
            "--x\r\nContent-Disposition: form-data; name=\"f{n}\"; filename=\"f{n}\"\r\n\r\n{n}\r\n"
        )
    };
    (0..1000).map(part).collect::<String>().into_bytes()
}

/// A bot has a webhook on this machine that takes updates and never answers; it is written to, and
/// meanwhile the webhook is set again and again.
pub(super) async fn webhooks(field: Field) -> io::Result<()> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
    let url = format!("http://{}/hook", listener.local_addr()?);
    let hung = field.clone();
    let hanging = tokio::spawn(async move {
        let mut held = Vec::new();
        while let Ok((stream, _)) = listener.accept().await {
            hung.tally.got("a delivery hangs");
            held.push(stream);
        }
    });
    let mut writer = Raider::arrive(&field, Source::ONE).await?;
    writer.log_in(0).await?;
    let talk = tokio::spawn(write(field.clone(), writer));
    field
        .swarm(4, move |field: Field, number| {
            let url = web::escaped(&url);
            async move {
                let path = format!("/bot{}/setWebhook?max_connections=100&url={url}", field.token);
                field.tally.tried();
                let from = Source::of_many(number);
                let answer = web::get(field.bot_api, from, &path, PATIENCE).await?;
                field.tally.got(format!("status {}", answer.0));
                tokio::time::sleep(Duration::from_millis(200)).await;
                Ok(())
            }
        })
        .await;
    hanging.abort();
    talk.abort();
    Ok(())
}

/// Writes to the bot.
async fn write(field: Field, mut writer: Raider) -> io::Result<()> {
    let username = HOSTILE_BOT.into();
    let found = writer.ask(&tl::contacts::ResolveUsername { username, referer: None }).await?;
    let tl::contacts::ResolvedPeer::ResolvedPeer(found) = found.map_err(io::Error::other)?;
    let Some(tl::User::User(bot)) = found.users.into_iter().next() else {
        return Err(io::Error::other("nobody is shown"));
    };
    let access_hash = bot.access_hash.unwrap_or_default();
    let peer: tl::InputPeer = tl::types::InputPeerUser { user_id: bot.id, access_hash }.into();
    while !field.is_over() {
        let (peer, random_id) = (peer.clone(), OsRandom.i64());
        let message = "hello".into();
        let request = tl::messages::SendMessage { peer, message, random_id, ..Default::default() };
        writer.ask(&request).await?.map_err(io::Error::other)?;
        field.tally.got("written to the bot");
    }
    Ok(())
}
