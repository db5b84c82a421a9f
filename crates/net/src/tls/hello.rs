//! Telling a client's hello from everything else, by as few bytes as it takes.

/// What the first bytes of a connection are.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Opening {
    /// The beginning of a hello, perhaps.
    Unclear,
    /// A hello.
    Tls,
    /// Anything else.
    Other,
}

/// Judges the first bytes of a connection.
///
/// Only what begins like a record of a handshake is kept waiting, and nobody else begins like
/// that: the length of a frame is no such number, and obfuscated preambles avoid a hello of the
/// usual length. One of them in 2³² would be taken for another.
pub(super) fn opening(first: &[u8]) -> Opening {
    let expected: [fn(u8) -> bool; HELLO_BYTES] = [
        |kind| kind == HANDSHAKE,
        |major| major == 3,
        |minor| minor <= 4,
        |len_high| len_high <= RECORD_LEN_HIGH_MAX,
        |_len_low| true,
        |message| message == CLIENT_HELLO,
    ];
    if !first.iter().zip(expected).all(|(byte, fits)| fits(*byte)) {
        return Opening::Other;
    }
    if first.len() < HELLO_BYTES { Opening::Unclear } else { Opening::Tls }
}

/// Bytes after which a hello is known.
pub(super) const HELLO_BYTES: usize = 6;

const HANDSHAKE: u8 = 22;
const CLIENT_HELLO: u8 = 1;
/// A record holds at most 2¹⁴ bytes.
const RECORD_LEN_HIGH_MAX: u8 = 0x40;

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(first: &[u8], expected: Opening) {
        assert_eq!(opening(first), expected, "{first:02x?}");
    }

    #[test]
    fn a_hello_is_known_by_six_bytes() {
        let hello = [0x16, 3, 1, 0, 0xf5, 1];
        for len in 0..HELLO_BYTES {
            check(&hello[..len], Opening::Unclear);
        }
        check(&hello, Opening::Tls);
        check(&[0x16, 3, 3, 6, 0xc4, 1], Opening::Tls);
    }

    #[test]
    fn all_other_transports_are_known_by_their_first_byte() {
        for first in [0xef, 0xee, 0xdd, b'G', b'P', b'H', b'O', 0x28] {
            check(&[first], Opening::Other);
        }
        check(&[0x16, 3, 1, 0x41], Opening::Other);
        check(&[0x16, 3, 9], Opening::Other);
        check(&[0x16, 3, 1, 2, 0, 2], Opening::Other);
    }
}
