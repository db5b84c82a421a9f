//! Connections that are there and do not do what they are for.

use std::io;
use std::time::Duration;

use heliogram_tl as tl;
use heliogram_tl::Encode as _;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

use super::{files, openings};
use crate::field::{Field, Source};
use crate::raider::Raider;

/// How many at once. They are of so many addresses.
const CROWD: usize = 5000;
const ADDRESSES: usize = 100;
/// Those of them that need an account first, which takes time.
const FEW: usize = 24;

/// Thousands connect to one port or the other, and say nothing.
pub(super) async fn silence(field: Field) -> io::Result<()> {
    field
        .swarm(CROWD, |field: Field, number| async move {
            let ports = [field.address, field.address, field.proxy, field.bot_api];
            let from = Source::of_many(number % ADDRESSES);
            let mut stream = field.dial(ports[number % ports.len()], from).await?;
            field.tally.tried();
            field.tally.got("connected");
            let _ = stream.read(&mut [0; 1024]).await?;
            field.tally.got("closed by the server");
            Ok(())
        })
        .await;
    Ok(())
}

/// Thousands say a byte now and then.
pub(super) async fn slow_loris(field: Field) -> io::Result<()> {
    field
        .swarm(CROWD, |field: Field, number| async move {
            let opening = openings::all(&field).swap_remove(number % openings::all(&field).len());
            let from = Source::of_many(number % ADDRESSES);
            let mut stream = field.dial(opening.port, from).await?;
            field.tally.tried();
            for byte in opening.bytes {
                let mut heard = [0; 1024];
                stream.write_all(&[byte]).await?;
                if let Ok(0) = stream.try_read(&mut heard) {
                    field.tally.got(format!("{}: closed by the server", opening.name));
                    return Ok(());
                }
                tokio::time::sleep(Duration::from_millis(500)).await;
            }
            Ok(())
        })
        .await;
    Ok(())
}

/// Connections from one address that end as soon as they are there.
pub(super) async fn hang_ups(field: Field) -> io::Result<()> {
    field
        .swarm(100, |field: Field, _| async move {
            let mut stream = field.dial(field.address, Source::ONE).await?;
            field.tally.tried();
            stream.write_all(&[0xef]).await?;
            field.tally.got("connected");
            Ok(())
        })
        .await;
    Ok(())
}

/// People who ask for a file of a megabyte thirty times, in sixteen sessions, and read nothing.
pub(super) async fn deaf(field: Field) -> io::Result<()> {
    let file = files::Stored::prepare(&field).await?;
    field
        .swarm(FEW, move |field: Field, number| async move {
            let mut raider = Raider::arrive(&field, Source::of_many(number % ADDRESSES)).await?;
            raider.log_in(number).await?;
            let get = file.shared_with(&mut raider).await?;
            let body = heliogram_testkit::introduced(&get);
            for _ in 0..16 {
                raider.session_id.0 += 1;
                let bytes = raider.contain(&body, 30);
                raider.say(&bytes).await?;
                (0..30).for_each(|_| field.tally.tried());
            }
            // Not a byte is read. When the server has had enough, writing fails.
            while !field.is_over() {
                tokio::time::sleep(Duration::from_millis(200)).await;
                let ping = raider.contain(&tl::mtproto::Ping { ping_id: 1 }.to_bytes().into(), 1);
                raider.say(&ping).await?;
            }
            Ok(())
        })
        .await;
    Ok(())
}

/// Frames as long as frames may be, of which the last byte never comes: from people, and from keys
/// that nobody is logged in with.
pub(super) async fn long_frames(field: Field) -> io::Result<()> {
    field
        .swarm(FEW, |field: Field, number| async move {
            let mut raider = Raider::arrive(&field, Source::of_many(number % ADDRESSES)).await?;
            let is_person = number % 2 == 0;
            if is_person {
                raider.log_in(number).await?;
            }
            let id = raider.next_id();
            let mut bytes = raider.seal(id, vec![0; (1 << 24) - 1024]);
            bytes.pop();
            field.tally.tried();
            let said = raider.say(&bytes).await;
            let who = if is_person { "people's frames" } else { "strangers' frames" };
            if said.is_err() {
                field.tally.got(format!("{who} refused"));
                return said;
            }
            field.tally.got(format!("{who} taken"));
            raider.hear().await?;
            Ok(())
        })
        .await;
    Ok(())
}
