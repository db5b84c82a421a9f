//! P2 against TDLib's way of calling OpenSSL.

use std::hint::black_box;

use heliogram_crypto::{Random as _, SeededRandom, aes_ige};

use super::tdlib::{self, BLOCKS_AT_ONCE, Openssl};
use crate::Trouble;
use crate::rounds::race;
use crate::row::{Bar, Outcome, Row, Unit};

const BYTES: usize = 16 << 10;

pub(super) fn rows() -> Result<Vec<Row>, Trouble> {
    let mut rng = SeededRandom::new(6);
    let (key, iv): ([u8; 32], [u8; 32]) = (rng.bytes(), rng.bytes());
    let openssl = Openssl::fetch()?;
    agree(&openssl, &mut rng, &key, &iv)?;
    let (mut ours, mut theirs) = (vec![0; BYTES], vec![0; BYTES]);
    let encrypt =
        race(&mut [&mut || aes_ige::encrypt(black_box(&mut ours), &key, &iv), &mut || {
            openssl.encrypt(black_box(&mut theirs), &key, &iv).expect("it did before")
        }]);
    let decrypt =
        race(&mut [&mut || aes_ige::decrypt(black_box(&mut ours), &key, &iv), &mut || {
            openssl.decrypt(black_box(&mut theirs), &key, &iv).expect("it did before")
        }]);
    let row = |what, times: crate::rounds::Times| Row {
        target: "P2",
        what,
        outcome: Outcome::Measured {
            ours: Unit::Nanos.of(times.nanos(0)),
            partner: tdlib::NAME,
            theirs: Unit::Nanos.of(times.nanos(1)),
            figure: Unit::Times.of(times.ratio(1, 0)),
            bar: Bar::AtLeast(1.4),
        },
    };
    Ok(vec![row("IGE, 16 KB, encrypt", encrypt), row("IGE, 16 KB, decrypt", decrypt)])
}

/// Both sides must make the same of the same bytes before anybody is timed.
fn agree(
    openssl: &Openssl,
    rng: &mut SeededRandom,
    key: &[u8; 32],
    iv: &[u8; 32],
) -> Result<(), Trouble> {
    // Not a multiple of the blocks that go together.
    for len in [16, 32, BLOCKS_AT_ONCE * 16, BYTES] {
        let mut plain = vec![0; len];
        rng.fill(&mut plain);
        let (mut ours, mut theirs) = (plain.clone(), plain.clone());
        aes_ige::encrypt(&mut ours, key, iv);
        openssl.encrypt(&mut theirs, key, iv)?;
        if ours != theirs {
            return Err("IGE: TDLib's pattern encrypts differently".into());
        }
        openssl.decrypt(&mut theirs, key, iv)?;
        if theirs != plain {
            return Err("IGE: TDLib's pattern decrypts differently".into());
        }
    }
    Ok(())
}
