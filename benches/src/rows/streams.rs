//! P7: the cipher over several long messages at once, against the same one after the other.

use std::hint::black_box;

use heliogram_crypto::batch::{self, IgeJob};
use heliogram_crypto::{Random as _, SeededRandom, aes_ige};

use crate::Trouble;
use crate::rounds::race;
use crate::row::{Bar, Outcome, Row, Unit};

const STREAMS: usize = 8;
const BYTES: usize = 512 << 10;

/// A message, its key, and its IV.
type Stream = (Vec<u8>, [u8; 32], [u8; 32]);

pub(super) fn rows() -> Result<Vec<Row>, Trouble> {
    let mut rng = SeededRandom::new(7);
    let mut streams: Vec<Stream> = (0..STREAMS)
        .map(|_| {
            let mut data = vec![0; BYTES];
            rng.fill(&mut data);
            (data, rng.bytes(), rng.bytes())
        })
        .collect();
    let mut others = streams.clone();
    encrypt_together(&mut streams);
    encrypt_alone(&mut others);
    if streams != others {
        return Err("IGE: many streams at once differ from one".into());
    }
    let times = race(&mut [&mut || encrypt_together(black_box(&mut streams)), &mut || {
        encrypt_alone(black_box(&mut others))
    }]);
    let bytes = (STREAMS * BYTES) as f64;
    Ok(vec![Row {
        target: "P7",
        what: "IGE, 8 streams of 512 KB, bytes",
        outcome: Outcome::Measured {
            ours: Unit::PerSecond.of(bytes * 1e9 / times.nanos(0)),
            partner: "ours, one by one",
            theirs: Unit::PerSecond.of(bytes * 1e9 / times.nanos(1)),
            figure: Unit::Times.of(times.ratio(1, 0)),
            bar: Bar::Open,
        },
    }])
}

fn encrypt_together(streams: &mut [Stream]) {
    let jobs = streams.iter_mut().map(|(data, key, iv)| IgeJob { data, key, iv });
    batch::encrypt_ige(&mut jobs.collect::<Vec<_>>());
}

fn encrypt_alone(streams: &mut [Stream]) {
    streams.iter_mut().for_each(|(data, key, iv)| aes_ige::encrypt(data, key, iv));
}
