//! Finding out, from its first bytes, what a client speaks.

use super::Framing;

/// What the first bytes of a connection tell.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Detected {
    /// Nothing yet: at least this many bytes are needed altogether.
    More(usize),
    /// A framing in the open, after a preamble of so many bytes.
    Plain {
        /// The framing.
        framing: Framing,
        /// Length of the preamble; the first frame lies behind it.
        preamble_len: usize,
    },
    /// Random-looking bytes: the 64 of an obfuscated preamble, if anything.
    Obfuscated,
    /// The first letters of an HTTP request. The payloads lie in request bodies, or behind a
    /// WebSocket upgrade.
    Http,
    /// A TLS handshake: real, or a proxy's disguise.
    Tls,
}

/// Judges the first bytes of a connection.
// The order matters: an abridged client may send one byte and wait for nothing else.
// Spec: mtproto/mtproto-transports
pub fn detect(first: &[u8]) -> Detected {
    if first.first() == Some(&0xef) {
        return Detected::Plain { framing: Framing::Abridged, preamble_len: 1 };
    }
    let Some((word, rest)) = first.split_first_chunk::<4>() else { return Detected::More(4) };
    match word {
        b"GET " | b"POST" | b"HEAD" | b"OPTI" => return Detected::Http,
        [0xee, 0xee, 0xee, 0xee] => {
            return Detected::Plain { framing: Framing::Intermediate, preamble_len: 4 };
        }
        [0xdd, 0xdd, 0xdd, 0xdd] => {
            return Detected::Plain { framing: Framing::Padded, preamble_len: 4 };
        }
        [0x16, 0x03, 0x01, 0x02] => return Detected::Tls,
        _ => {}
    }
    match rest.first_chunk::<4>() {
        None => Detected::More(8),
        // The full transport has no preamble, but its first frame has the number zero.
        Some([0, 0, 0, 0]) => Detected::Plain { framing: Framing::Full, preamble_len: 0 },
        Some(_) => Detected::Obfuscated,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(first: &[u8], expected: Detected) {
        assert_eq!(detect(first), expected);
    }

    fn plain(framing: Framing, preamble_len: usize) -> Detected {
        Detected::Plain { framing, preamble_len }
    }

    #[test]
    fn one_byte_is_enough_for_abridged() {
        check(&[0xef], plain(Framing::Abridged, 1));
        check(&[0xef, 0xee, 0xee, 0xee], plain(Framing::Abridged, 1));
    }

    #[test]
    fn four_bytes_are_enough_for_the_intermediate_ones() {
        check(&[0xee; 3], Detected::More(4));
        check(&[0xee; 4], plain(Framing::Intermediate, 4));
        check(&[0xdd; 4], plain(Framing::Padded, 4));
    }

    #[test]
    fn full_is_known_by_its_first_frame_number() {
        check(&[0x28, 0, 0, 0], Detected::More(8));
        check(&[0x28, 0, 0, 0, 0, 0, 0, 0], plain(Framing::Full, 0));
    }

    #[test]
    fn other_protocols_are_told_apart() {
        check(b"GET /apiws HTTP/1.1", Detected::Http);
        check(b"POST /api HTTP/1.1", Detected::Http);
        check(b"OPTIONS", Detected::Http);
        check(&[0x16, 0x03, 0x01, 0x02, 0x00], Detected::Tls);
        // A real hello of another length is not TLS to us but noise, as it is to Telegram.
        check(&[0x16, 0x03, 0x01, 0x01, 0xfc, 0x03, 0x03, 0x11], Detected::Obfuscated);
    }

    #[test]
    fn anything_else_may_be_obfuscated() {
        check(&[], Detected::More(4));
        check(&[1, 2, 3, 4, 5, 6, 7], Detected::More(8));
        check(&[1, 2, 3, 4, 5, 6, 7, 8], Detected::Obfuscated);
    }
}
