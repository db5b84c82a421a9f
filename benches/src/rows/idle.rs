//! P17: what a connection holds while nothing happens on it, its session included.

use std::net::TcpStream;
use std::thread;
use std::time::Duration;

use bytes::Bytes;
use heliogram_tl::{self as tl, Encode as _};

use super::cloud::{Cloud, introduction};
use super::wire::{Client, Login};
use crate::Trouble;
use crate::heap;
use crate::row::{Bar, Outcome, Row, Unit};

/// Two descriptors each, in one process: below the usual limit of 1024.
const CONNECTIONS: u32 = 400;
/// A key has 64 sessions at most: one more, and another is closed.
const OF_A_KEY: usize = 50;

pub(super) fn rows() -> Result<Vec<Row>, Trouble> {
    let cloud = Cloud::in_memory()?;
    // The first ones pay for what all share: the keys, the buffers of the thread.
    let (_client, login) = cloud.greet()?;
    let mut logins = Vec::new();
    for _ in 0..(CONNECTIONS as usize).div_ceil(OF_A_KEY) {
        logins.push(cloud.greet()?.1);
    }
    let mut streams = Vec::with_capacity(2 * CONNECTIONS as usize);
    for number in 0..16 {
        streams.push(idle(&cloud, number + 100, &login)?);
    }
    settle();
    let (result, bytes) = heap::growth(|| {
        for number in 0..CONNECTIONS {
            let login = &logins[number as usize / OF_A_KEY];
            streams.push(idle(&cloud, number + 1000, login)?);
        }
        settle();
        Ok::<_, Trouble>(())
    });
    result?;
    let each = bytes as f64 / f64::from(CONNECTIONS);
    let bare = size_of::<heliogram_mtproto::link::ServerLink>()
        + size_of::<heliogram_mtproto::session::ServerSession>();
    Ok(vec![Row {
        target: "P17",
        what: "heap of an idle connection and its session",
        outcome: Outcome::Measured {
            ours: Unit::Bytes.of(each),
            partner: "size_of link + session",
            theirs: Unit::Bytes.of(bare as f64),
            figure: Unit::Bytes.of(each),
            bar: Bar::AtMost(4096.0),
        },
    }])
}

/// Opens a session as a stock client does, acknowledges everything, and falls silent.
fn idle(cloud: &Cloud, number: u32, login: &Login) -> Result<TcpStream, Trouble> {
    let mut client = Client::connect(cloud.address, number, Some(login.clone()))?;
    client.ask(&introduction(), 1)?;
    client.acknowledge()?;
    let ping = tl::mtproto::Ping { ping_id: 1 };
    client.ask(&Bytes::from(ping.to_bytes()), 1)?;
    Ok(client.into_stream())
}

/// Lets the server finish what it does after an answer.
fn settle() {
    thread::sleep(Duration::from_millis(300));
}
