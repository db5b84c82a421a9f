//! Encrypted messages, as they come from the network and from somebody who has the key.
//!
//! The first byte says what the rest is: noise, a plaintext under a right message key, or changes to a
//! message that was sound. Nothing with a wrong message key is delivered, and what is delivered is what
//! was sealed.

use std::sync::{Arc, LazyLock};

use bytes::Bytes;
use heliogram_crypto::{AuthKey, SeededRandom, Side};
use heliogram_ids::{MsgId, Salt, SessionId};
use heliogram_mtproto::Fault;
use heliogram_mtproto::fuzzing::{open, seal, seal_anything};
use heliogram_mtproto::message::{Opened, Outgoing};

static KEY: LazyLock<Arc<AuthKey>> =
    LazyLock::new(|| Arc::new(AuthKey::new(std::array::from_fn(|at| at as u8))));

/// Nothing is ever sealed with this one: the fuzzer sees what is compared with what, and would copy it.
static UNUSED_KEY: LazyLock<Arc<AuthKey>> =
    LazyLock::new(|| Arc::new(AuthKey::new(std::array::from_fn(|at| !(at as u8)))));

pub(super) fn check(input: &[u8]) {
    let Some((&[kind, extra], rest)) = input.split_first_chunk() else { return };
    let from = if kind & 8 == 0 { Side::Client } else { Side::Server };
    match kind & 3 {
        0 => check_noise(rest, from, extra),
        1 => check_anything(rest, from),
        2 => check_changed(rest, from, extra),
        _ => check_sealed(rest, from, extra),
    }
}

fn check_noise(payload: &[u8], from: Side, extra: u8) {
    let opened = open(payload.to_vec(), &UNUSED_KEY, from, extra & 1 == 0);
    assert!(opened.is_err(), "forged: {opened:?}");
}

/// Whoever has the key may write any plaintext; it is judged by what the protocol says of it.
fn check_anything(plaintext: &[u8], from: Side) {
    let opened = open(seal_anything(plaintext, &KEY, from), &KEY, from, false);
    let len = plaintext.len().next_multiple_of(16);
    let word = |at: usize| plaintext.get(at..at + 4).and_then(|word| word.first_chunk().copied());
    let body_len = word(28).map_or(0, i32::from_le_bytes);
    let is_sound = plaintext.len() >= 32
        && usize::try_from(body_len).is_ok_and(|body| {
            body >= 4 && body % 4 == 0 && (12..=1024).contains(&(len - 32).wrapping_sub(body))
        });
    assert_eq!(opened.is_ok(), is_sound && len >= 48, "{opened:?}");
    if let Ok(opened) = opened {
        let mut filled = plaintext.to_vec();
        filled.resize(len, 0);
        assert_eq!(opened.body, filled[32..32 + opened.body.len()]);
    }
}

/// A message, and what the network made of it: pairs of a place and a change.
fn check_changed(changes: &[u8], from: Side, extra: u8) {
    let sent = message(&vec![extra; 4 + usize::from(extra & 31) * 4]);
    let mut payload = Vec::new();
    seal(&mut payload, &KEY, from, &sent, &mut SeededRandom::new(1));
    let sound = payload.clone();
    for change in changes.as_chunks::<3>().0 {
        let [low, high, xor] = *change;
        let len = payload.len();
        payload[usize::from(u16::from_le_bytes([low, high])) % len] ^= xor;
    }
    // The id of the key is the link's to compare.
    let is_changed = payload[8..] != sound[8..];
    match open(payload, &KEY, from, false) {
        Ok(opened) => {
            assert!(!is_changed, "a change went unnoticed");
            check_same(&opened, &sent);
        }
        Err(fault) => assert!(is_changed && fault == Fault::MsgKey, "{fault}"),
    }
}

fn check_sealed(body: &[u8], from: Side, extra: u8) {
    let whole = body.len() / 4 * 4;
    if whole == 0 {
        return;
    }
    let sent = message(&body[..whole]);
    let mut payload = Vec::new();
    seal(&mut payload, &KEY, from, &sent, &mut SeededRandom::new(extra.into()));
    payload.resize(payload.len() + usize::from(extra & 15), extra);
    let opened = open(payload.clone(), &KEY, from, true).expect("a trailer is no harm");
    check_same(&opened, &sent);
    assert!(open(payload, &KEY, from.peer(), true).is_err(), "sent back to its sender");
}

fn check_same(opened: &Opened, sent: &Outgoing) {
    assert_eq!(opened.body, sent.body);
    assert_eq!((opened.salt, opened.session_id), (sent.salt, sent.session_id));
    assert_eq!((opened.msg_id, opened.seq_no), (sent.msg_id, sent.seq_no));
}

fn message(body: &[u8]) -> Outgoing {
    Outgoing {
        salt: Salt(0x0807_0605_0403_0201),
        session_id: SessionId(0x1817_1615_1413_1211),
        msg_id: MsgId(0x5e0b_700a_0000_0000),
        seq_no: 3,
        body: Bytes::copy_from_slice(body),
    }
}

pub(super) fn seeds() -> Vec<Vec<u8>> {
    let plaintext = |body_len: i32, rest: usize| {
        let mut plaintext = vec![1; 28];
        plaintext.extend_from_slice(&body_len.to_le_bytes());
        plaintext.resize(32 + rest, 7);
        [&[1, 0][..], &plaintext].concat()
    };
    let mut noise = vec![0, 0];
    noise.resize(90, 3);
    vec![
        noise,
        plaintext(4, 16),
        plaintext(16, 1040),
        plaintext(12, 1040),
        plaintext(-4, 32),
        vec![2, 9, 20, 0, 1],
        vec![2, 9],
        vec![3, 5, 1, 2, 3, 4, 5, 6, 7, 8],
    ]
}
