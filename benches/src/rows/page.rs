//! P8: a page of history, 50 messages of 20 people in about 10 KB, decoded and encoded.

use std::hint::black_box;

use grammers_tl_types::{Deserializable as _, Serializable as _, enums};
use heliogram_tl::{self as tl, Bytes, Constructor, Decode as _, Encode as _, VECTOR_ID, types};

use crate::Trouble;
use crate::rounds::race;
use crate::row::{Bar, Outcome, Row, Unit};

const MESSAGES: i32 = 50;
const USERS: i32 = 20;
const PEER: &str = "grammers-tl-types";

pub(super) fn rows() -> Result<Vec<Row>, Trouble> {
    if grammers_tl_types::LAYER != tl::LAYER {
        return Err(format!("grammers is of layer {}", grammers_tl_types::LAYER).into());
    }
    let bytes = Bytes::from(page());
    let ours = tl::messages::Messages::from_bytes(&bytes)?;
    let theirs = enums::messages::Messages::from_bytes(&bytes)
        .map_err(|error| format!("grammers does not read the page: {error}"))?;
    if ours.to_bytes() != bytes || theirs.to_bytes() != bytes {
        return Err("the page changes when it is decoded and encoded".into());
    }

    let decode = race(&mut [
        &mut || drop(black_box(tl::messages::Messages::from_bytes(black_box(&bytes)))),
        &mut || drop(black_box(enums::messages::Messages::from_bytes(black_box(&bytes)))),
    ]);
    let encode = race(&mut [&mut || drop(black_box(black_box(&ours).to_bytes())), &mut || {
        drop(black_box(black_box(&theirs).to_bytes()))
    }]);
    let row = |what, times: &crate::rounds::Times, bar| Row {
        target: "P8",
        what,
        outcome: Outcome::Measured {
            ours: Unit::Nanos.of(times.nanos(0)),
            partner: PEER,
            theirs: Unit::Nanos.of(times.nanos(1)),
            figure: Unit::Times.of(times.ratio(1, 0)),
            bar: Bar::AtLeast(bar),
        },
    };
    Ok(vec![
        row("TL, page of 50 messages, decode", &decode, 5.0),
        row("TL, page of 50 messages, encode", &encode, 1.5),
    ])
}

/// Written by hand, so that neither contestant has made its own task.
fn page() -> Vec<u8> {
    let mut out = Vec::new();
    id::<types::messages::MessagesSlice>(&mut out);
    int(0, &mut out);
    int(12_345, &mut out);
    vector(MESSAGES, &mut out, message);
    vector(0, &mut out, |_, _| {});
    vector(0, &mut out, |_, _| {});
    vector(USERS, &mut out, user);
    out
}

/// A line of text; every third is an answer, every fifth has two entities.
fn message(n: i32, out: &mut Vec<u8>) {
    let (is_reply, is_rich) = (n % 3 == 0, n % 5 == 0);
    id::<types::Message>(out);
    int(1 << 8 | i32::from(is_reply) << 3 | i32::from(is_rich) << 7, out);
    int(0, out);
    int(10_000 - n, out);
    peer(n % USERS, out);
    peer(0, out);
    if is_reply {
        id::<types::MessageReplyHeader>(out);
        int(1 << 4, out);
        int(9_000 - n, out);
    }
    int(1_800_000_000 - 60 * n, out);
    let text = "The ship sails at dawn, whoever is aboard. ".repeat(1 + n as usize % 3);
    tl::write_bytes(text.as_bytes(), out);
    if is_rich {
        vector(2, out, |at, out| {
            if at == 0 {
                id::<types::MessageEntityBold>(out);
            } else {
                id::<types::MessageEntityUrl>(out);
            }
            int(4 * at, out);
            int(3, out);
        });
    }
}

fn user(n: i32, out: &mut Vec<u8>) {
    id::<types::User>(out);
    // access_hash, first_name, last_name, username, phone, photo, status
    int(0b111_1111, out);
    int(0, out);
    long(user_id(n), out);
    long(0x5eed_0000_0000 + i64::from(n), out);
    tl::write_bytes(format!("First{n}").as_bytes(), out);
    tl::write_bytes(format!("Lastname{n}").as_bytes(), out);
    tl::write_bytes(format!("some_username_{n}").as_bytes(), out);
    tl::write_bytes(format!("99966{n:05}").as_bytes(), out);
    id::<types::UserProfilePhoto>(out);
    int(1 << 1, out);
    long(7_000_000_000 + i64::from(n), out);
    tl::write_bytes(&[1; 40], out);
    int(2, out);
    id::<types::UserStatusRecently>(out);
    int(0, out);
}

fn peer(n: i32, out: &mut Vec<u8>) {
    id::<types::PeerUser>(out);
    long(user_id(n), out);
}

fn user_id(n: i32) -> i64 {
    5_000_000_000 + i64::from(n)
}

fn vector(len: i32, out: &mut Vec<u8>, mut item: impl FnMut(i32, &mut Vec<u8>)) {
    out.extend_from_slice(&VECTOR_ID.to_le_bytes());
    int(len, out);
    for at in 0..len {
        item(at, out);
    }
}

fn id<T: Constructor>(out: &mut Vec<u8>) {
    out.extend_from_slice(&T::ID.to_le_bytes());
}

fn int(value: i32, out: &mut Vec<u8>) {
    out.extend_from_slice(&value.to_le_bytes());
}

fn long(value: i64, out: &mut Vec<u8>) {
    out.extend_from_slice(&value.to_le_bytes());
}
