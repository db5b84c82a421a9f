//! P2 and P7 against what Python clients use: TgCrypto, in C with tables, and cryptg, in Rust.
//!
//! They run in a child process and look at their own clock, in turns with ours.

use std::cell::RefCell;
use std::fmt::Write as _;
use std::hint::black_box;

use heliogram_crypto::batch::{self, IgeJob};
use heliogram_crypto::{aes_ige, sha256};

use crate::Trouble;
use crate::python::{Peer, Python, Timed};
use crate::rounds::{Own, race_between};
use crate::row::{Bar, Outcome, Row, Unit};

const SMALL: usize = 16 << 10;
const LARGE: usize = 512 << 10;
const STREAMS: usize = 8;

type Cipher = fn(&mut [u8], &[u8; 32], &[u8; 32]);

/// One line of P2.
struct Match {
    what: &'static str,
    direction: &'static str,
    ours: Cipher,
    bytes: usize,
    library: &'static str,
    bar: Bar,
}

const MATCHES: &[Match] = &[
    encrypting("IGE, 16 KB, encrypt", SMALL, "TgCrypto", Bar::AtLeast(5.0)),
    decrypting("IGE, 16 KB, decrypt", SMALL, "TgCrypto", Bar::AtLeast(5.0)),
    encrypting("IGE, 512 KB, encrypt", LARGE, "TgCrypto", Bar::AtLeast(5.0)),
    decrypting("IGE, 512 KB, decrypt", LARGE, "TgCrypto", Bar::AtLeast(5.0)),
    encrypting("IGE, 16 KB, encrypt", SMALL, "cryptg", Bar::Open),
    decrypting("IGE, 16 KB, decrypt", SMALL, "cryptg", Bar::Open),
];

const fn encrypting(what: &'static str, bytes: usize, library: &'static str, bar: Bar) -> Match {
    Match { what, direction: "encrypt", ours: aes_ige::encrypt, bytes, library, bar }
}

const fn decrypting(what: &'static str, bytes: usize, library: &'static str, bar: Bar) -> Match {
    Match { what, direction: "decrypt", ours: aes_ige::decrypt, bytes, library, bar }
}

pub(super) fn rows() -> Result<Vec<Row>, Trouble> {
    let peer = match Python::ready().and_then(|python| python.start("ige.py", &[])) {
        Ok(peer) => RefCell::new(peer),
        Err(why) => {
            let what = "IGE against TgCrypto and cryptg";
            return Ok(vec![Row::failed("P2", what, &*why), Row::failed("P7", what, &*why)]);
        }
    };
    for one in MATCHES {
        agree(one, &peer)?;
    }
    let mut rows: Vec<Row> = MATCHES.iter().map(|one| one.row(&peer)).collect::<Result<_, _>>()?;
    rows.push(many(&peer)?);
    Ok(rows)
}

impl Match {
    fn row(&self, peer: &RefCell<Peer>) -> Result<Row, Trouble> {
        let mut data = vec![0; self.bytes];
        let (key, iv) = secrets();
        let times = race_between(&mut [
            &mut Own(|| (self.ours)(black_box(&mut data), &key, &iv)),
            &mut Timed { peer, work: self.work() },
        ])?;
        let outcome = Outcome::Measured {
            ours: Unit::Nanos.of(times.nanos(0)),
            partner: self.library,
            theirs: Unit::Nanos.of(times.nanos(1)),
            figure: Unit::Times.of(times.ratio(1, 0)),
            bar: self.bar,
        };
        Ok(Row { target: "P2", what: self.what, outcome })
    }

    fn work(&self) -> String {
        format!("{} {} {}", self.library, self.direction, self.bytes)
    }
}

/// P7.
fn many(peer: &RefCell<Peer>) -> Result<Row, Trouble> {
    let mut data = vec![vec![0; LARGE]; STREAMS];
    let (key, iv) = &secrets();
    let times = race_between(&mut [
        &mut Own(|| {
            let jobs = data.iter_mut().map(|data| IgeJob { data, key, iv });
            batch::encrypt_ige(&mut jobs.collect::<Vec<_>>());
        }),
        &mut Timed { peer, work: format!("TgCrypto encrypt {LARGE}") },
    ])?;
    let each = times.nanos(0) / STREAMS as f64;
    Ok(Row {
        target: "P7",
        what: "IGE, 8 streams of 512 KB, each",
        outcome: Outcome::Measured {
            ours: Unit::Nanos.of(each),
            partner: "TgCrypto",
            theirs: Unit::Nanos.of(times.nanos(1)),
            figure: Unit::Times.of(STREAMS as f64 * times.ratio(1, 0)),
            bar: Bar::AtLeast(25.0),
        },
    })
}

/// Both sides must make the same of the same bytes before anybody is timed.
fn agree(one: &Match, peer: &RefCell<Peer>) -> Result<(), Trouble> {
    let mut data = vec![0; one.bytes];
    let (key, iv) = secrets();
    (one.ours)(&mut data, &key, &iv);
    let theirs = peer.borrow_mut().ask(&format!("check {}", one.work()))?;
    if hex(&sha256(&[&data])) == theirs {
        Ok(())
    } else {
        Err(format!("{}: {} makes something else of it", one.what, one.library).into())
    }
}

/// Those of the script.
fn secrets() -> ([u8; 32], [u8; 32]) {
    let count_from = |first: u8| std::array::from_fn(|at| first + at as u8);
    (count_from(0), count_from(32))
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        write!(text, "{byte:02x}").expect("a string takes all");
        text
    })
}
