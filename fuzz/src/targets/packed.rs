//! Containers and packed objects: shapes that an authentic message may claim.
//!
//! A container that is taken apart and put together again is the same; what does not fit is refused. A
//! packed object unpacks within its limit, in memory too, and what is packed unpacks to itself.

use bytes::Bytes;
use heliogram_mtproto::message::{container, gzip};
use heliogram_tl::write_bytes;

use crate::heap;

pub(super) fn check(input: &[u8]) {
    let Some((&kind, rest)) = input.split_first() else { return };
    match kind & 3 {
        0 => check_container(rest),
        1 => check_unpacked(&Bytes::copy_from_slice(rest)),
        2 => {
            // The stream alone, with its string around it as it should be.
            let mut object = gzip::ID.to_le_bytes().to_vec();
            write_bytes(rest, &mut object);
            check_unpacked(&object.into());
        }
        _ => check_packed(rest, kind),
    }
}

fn check_container(body: &[u8]) {
    let body = Bytes::copy_from_slice(body);
    let (parsed, peak) = heap::peak(|| container::parse(&body));
    assert!(peak <= 1024 + 8 * body.len(), "{} bytes cost {peak}", body.len());
    let Ok(messages) = parsed else { return };
    assert!(messages.len() <= container::MESSAGES_MAX);
    let mut again = Vec::new();
    container::encode(&messages, &mut again);
    assert_eq!(again, body);
    assert_eq!(again.len(), container::encoded_len(&messages));
    assert!(messages.iter().all(|message| !container::is_container(&message.body)));
}

fn check_unpacked(object: &Bytes) {
    for limit in [64, LIMIT] {
        let (unpacked, peak) = heap::peak(|| gzip::unpack(object, limit));
        // Twice the limit, for a buffer doubles, and what the decompressor needs.
        assert!(peak <= INFLATE_BYTES + 2 * limit, "{peak} for {limit}");
        if let Ok(unpacked) = unpacked {
            assert!(gzip::is_packed(object));
            assert!(!unpacked.is_empty() && unpacked.len() <= limit && unpacked.len() % 4 == 0);
        }
    }
}

fn check_packed(object: &[u8], kind: u8) {
    // Something that shrinks, and something that may not.
    for object in [object.repeat(1 + usize::from(kind >> 2)), object.to_vec()] {
        let Some(packed) = gzip::pack(&object) else { continue };
        assert!(packed.len() < object.len() && packed.len() % 4 == 0);
        let unpacked = gzip::unpack(&packed, object.len());
        match object.len() % 4 {
            0 => assert_eq!(unpacked.as_deref(), Ok(&object[..])),
            _ => assert_eq!(unpacked, Err(gzip::BadGzip::Damaged)),
        }
    }
}

pub(super) fn seeds() -> Vec<Vec<u8>> {
    let message = |msg_id, body: &[u8]| container::Message {
        msg_id: heliogram_ids::MsgId(msg_id),
        seq_no: 1,
        body: Bytes::copy_from_slice(body),
    };
    let mut container = vec![0];
    container::encode(&[message(4, b"ping"), message(8, b"pingpong")], &mut container);
    let packed = gzip::pack(&b"word and ".repeat(100)[..896]).unwrap_or_default();
    let bomb = gzip::pack(&vec![0; 1 << 20]).unwrap_or_default();
    let stream = packed.get(8..).unwrap_or_default();
    vec![
        container,
        [&[1][..], &packed].concat(),
        [&[1][..], &bomb].concat(),
        [&[2][..], stream].concat(),
        [&[3 | 40][..], b"something"].concat(),
    ]
}

const LIMIT: usize = 1 << 16;
/// A window of 32 KiB, tables and buffers.
const INFLATE_BYTES: usize = 160 << 10;
