//! P20: the same file from the same server, by our client and by those of Python, each as its
//! documentation has it done.
//!
//! The server and our client are threads of this process, the others are children that look at their
//! own clock. Everybody downloads into memory.

use std::cell::RefCell;
use std::fmt::Write as _;
use std::fs;

use heliogram_client::{Client, FileRef};
use heliogram_crypto::sha256;
use tokio::runtime::Runtime;

use super::cloud::{CODE, Cloud, DC, Person};
use super::upload;
use crate::python::{Peer, Python, Timed};
use crate::rounds::{Own, race_of_long};
use crate::row::{Bar, Outcome, Row, Unit};
use crate::{Trouble, place};

const BYTES: usize = 16 << 20;
const WHAT: &str = "client download, 16 MB";

/// Script, what it is, bar.
const STRANGERS: [(&str, &str, f64); 2] = [
    ("telethon_download.py", "Telethon + cryptg", 3.0),
    ("kurigram_download.py", "Pyrogram (Kurigram) + TgCrypto", 5.0),
];

pub(super) fn rows() -> Result<Vec<Row>, Trouble> {
    let python = match Python::ready() {
        Ok(python) => python,
        Err(why) => return Ok(vec![Row::failed("P20", WHAT, &*why)]),
    };
    let dir = place::scratch()?;
    let cloud = Cloud::at(&dir.path().join("cloud"))?;
    let person = cloud.person(1)?;
    let content = upload::content(BYTES);
    upload::to_oneself(&cloud, &person, &content)?;

    let mut ours = Ours::log_in(&cloud, &person)?;
    if ours.download()? != content {
        return Err("another file came back".into());
    }
    let peers =
        STRANGERS.map(|(script, ..)| stranger(&python, script, &cloud, &person, dir.path()));
    let [telethon, kurigram] = peers;
    let peers = [RefCell::new(telethon?), RefCell::new(kurigram?)];
    for (peer, (script, ..)) in peers.iter().zip(STRANGERS) {
        if peer.borrow_mut().ask("check")? != hex(&sha256(&[&content])) {
            return Err(format!("{script} has downloaded something else").into());
        }
    }
    let download = |at: usize| Timed { peer: &peers[at], work: "download".to_owned() };
    let times = race_of_long(&mut [
        &mut Own(|| drop(ours.download().expect("the file is there"))),
        &mut download(0),
        &mut download(1),
    ])?;
    let row = |(at, (_, partner, bar)): (usize, (_, &'static str, f64))| Row {
        target: "P20",
        what: WHAT,
        outcome: Outcome::Measured {
            ours: Unit::Nanos.of(times.nanos(0)),
            partner,
            theirs: Unit::Nanos.of(times.nanos(at + 1)),
            figure: Unit::Times.of(times.ratio(at + 1, 0)),
            bar: Bar::AtLeast(bar),
        },
    };
    Ok(STRANGERS.into_iter().enumerate().map(row).collect())
}

/// Our client, in threads of its own.
struct Ours {
    runtime: Runtime,
    client: Client,
    file: FileRef,
}

impl Ours {
    fn log_in(cloud: &Cloud, person: &Person) -> Result<Self, Trouble> {
        let runtime =
            tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build()?;
        let (client, file) = runtime.block_on(async {
            let client = upload::device(cloud, person).await?;
            let file = upload::newest(&client, &person.username).await?;
            Ok::<_, Trouble>((client, file))
        })?;
        Ok(Self { runtime, client, file })
    }

    fn download(&mut self) -> Result<Vec<u8>, Trouble> {
        let mut bytes = Vec::with_capacity(BYTES);
        let mut download = self.client.download_file(&self.file);
        self.runtime.block_on(download.write_to(&mut bytes))?;
        Ok(bytes)
    }
}

/// A stock client, logged in as the same person.
fn stranger(
    python: &Python,
    script: &str,
    cloud: &Cloud,
    person: &Person,
    dir: &std::path::Path,
) -> Result<Peer, Trouble> {
    let key = dir.join("key.pem");
    fs::write(&key, cloud.server.public_key_pem())?;
    let (port, dc) = (cloud.address.port().to_string(), DC.to_string());
    let key = key.display().to_string();
    python.start(script, &["127.0.0.1", &port, &dc, &key, &person.phone, CODE])
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        write!(text, "{byte:02x}").expect("a string takes all");
        text
    })
}
