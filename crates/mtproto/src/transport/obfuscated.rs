//! Obfuscation: a key stream per direction, keyed by 64 random-looking bytes sent first.
//!
//! It hides the protocol from a glance, not from an adversary: the keys lie in the open.
//! Spec: mtproto/mtproto-transports#transport-obfuscation

use std::fmt;

use heliogram_crypto::{AesCtr, Random, sha256};

use super::Framing;

/// Length of the preamble that keys both streams.
pub(crate) const PREAMBLE_BYTES: usize = 64;

/// Secret that a proxy, or a data centre reached through one, mixes into the keys.
#[derive(Clone, Copy, Eq, PartialEq)]
pub struct ProxySecret(pub [u8; 16]);

impl fmt::Debug for ProxySecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ProxySecret(…)")
    }
}

/// The two key streams of one connection.
#[derive(Debug)]
pub(crate) struct Obfuscation {
    inbound: AesCtr,
    outbound: AesCtr,
}

/// What a server reads out of an accepted preamble.
#[derive(Debug)]
pub(crate) struct Accepted {
    pub(crate) obfuscation: Obfuscation,
    pub(crate) framing: Framing,
    /// The data centre it names, which only a proxy may believe.
    pub(crate) dc: i16,
}

impl Obfuscation {
    /// A client's side: the streams, and the preamble to send before anything else.
    ///
    /// `dc` is what a proxy needs to know: the data centre's number, plus 10,000 in the test
    /// environment, negative for media. A data centre ignores it.
    pub(crate) fn start(
        tag: [u8; 4],
        dc: i16,
        secret: Option<&ProxySecret>,
        rng: &mut dyn Random,
    ) -> (Self, [u8; PREAMBLE_BYTES]) {
        let mut preamble = random_preamble(rng);
        let (_, tail) = preamble.split_at_mut(ENCRYPTED_FROM);
        let (tail_tag, tail_dc) = tail.split_at_mut(tag.len());
        tail_tag.copy_from_slice(&tag);
        let (tail_dc, _) = tail_dc.split_at_mut(2);
        tail_dc.copy_from_slice(&dc.to_le_bytes());

        let (outbound, inbound) = streams(&preamble, secret);
        let mut obfuscation = Self { inbound, outbound };
        let mut encrypted = preamble;
        obfuscation.outbound.apply(&mut encrypted);
        let (_, tail) = preamble.split_at_mut(ENCRYPTED_FROM);
        tail.copy_from_slice(encrypted.split_at(ENCRYPTED_FROM).1);
        (obfuscation, preamble)
    }

    /// A server's side, from the preamble it received.
    ///
    /// `None` if the preamble names no framing: noise, a wrong secret, or another protocol.
    // Seen: pyrogram 2025-01, telethon 2024-10, mtcute leave random bytes where the number of the data
    // centre belongs, so a data centre must not look at it.
    pub(crate) fn accept(
        preamble: &[u8; PREAMBLE_BYTES],
        secret: Option<&ProxySecret>,
    ) -> Option<Accepted> {
        let (inbound, outbound) = streams(preamble, secret);
        let mut obfuscation = Self { inbound, outbound };
        let mut plain = *preamble;
        obfuscation.inbound.apply(&mut plain);
        let (tag, rest) = plain.split_at(ENCRYPTED_FROM).1.split_first_chunk()?;
        let framing = Framing::ALL.into_iter().find(|framing| framing.tag() == Some(*tag))?;
        let dc = i16::from_le_bytes(*rest.first_chunk()?);
        Some(Accepted { obfuscation, framing, dc })
    }

    /// Removes the disguise of received bytes, in place.
    pub(crate) fn reveal(&mut self, bytes: &mut [u8]) {
        self.inbound.apply(bytes);
    }

    /// Disguises bytes to be sent, in place.
    pub(crate) fn disguise(&mut self, bytes: &mut [u8]) {
        self.outbound.apply(bytes);
    }
}

/// Tells whether random bytes may open an obfuscated connection, that is, cannot be mistaken for
/// another transport.
pub fn is_preamble_allowed(preamble: &[u8; PREAMBLE_BYTES]) -> bool {
    let &[a, b, c, d, e, f, g, h, ..] = preamble;
    a != 0xef && !RESERVED.contains(&[a, b, c, d]) && [e, f, g, h] != [0; 4]
}

fn random_preamble(rng: &mut dyn Random) -> [u8; PREAMBLE_BYTES] {
    let mut preamble = [0; PREAMBLE_BYTES];
    loop {
        rng.fill(&mut preamble);
        if is_preamble_allowed(&preamble) {
            return preamble;
        }
    }
}

/// The stream from client to server and the one back.
fn streams(preamble: &[u8; PREAMBLE_BYTES], secret: Option<&ProxySecret>) -> (AesCtr, AesCtr) {
    let mut reversed = *preamble;
    reversed.reverse();
    (stream(preamble, secret), stream(&reversed, secret))
}

/// Bytes 8 to 40 are the key, 40 to 56 the counter.
fn stream(preamble: &[u8; PREAMBLE_BYTES], secret: Option<&ProxySecret>) -> AesCtr {
    let keyed = preamble.split_at(8).1.split_first_chunk::<32>();
    let (key, rest) = keyed.expect("56 of 64 bytes are left");
    let iv = rest.first_chunk().expect("24 of 64 bytes are left");
    match secret {
        Some(ProxySecret(secret)) => AesCtr::new(&sha256(&[key, secret]), iv),
        None => AesCtr::new(key, iv),
    }
}

/// First words that begin other transports: HTTP verbs, plain intermediate framings, TLS.
const RESERVED: [[u8; 4]; 7] =
    [*b"HEAD", *b"POST", *b"GET ", *b"OPTI", [0xee; 4], [0xdd; 4], [0x16, 0x03, 0x01, 0x02]];

/// Everything before is sent as it is, because it holds the keys.
const ENCRYPTED_FROM: usize = 56;

#[cfg(test)]
mod tests {
    use super::*;

    /// A source that yields one byte for ever.
    struct Constant(u8);

    impl Random for Constant {
        fn fill(&mut self, out: &mut [u8]) {
            out.fill(self.0);
        }
    }

    #[track_caller]
    fn check_tail(dc: i16, secret: Option<ProxySecret>, expected: &str) {
        let (_, preamble) = Obfuscation::start([0xee; 4], dc, secret.as_ref(), &mut Constant(0xff));
        assert_eq!(preamble[..56], [0xff; 56]);
        let tail: String = preamble[56..].iter().map(|byte| format!("{byte:02x}")).collect();
        assert_eq!(tail, expected);
    }

    // Seen: mtcute's own tests use these values.
    #[test]
    fn preamble_matches_known_ones() {
        check_tail(-1, None, "fce8ab2203db2bff");
        let secret = Some(ProxySecret([0; 16]));
        check_tail(1, secret, "ecec4cbda8bb188b");
        check_tail(10_001, secret, "ecec4cbdb89c188b");
        check_tail(-1, secret, "ecec4cbd5644188b");
    }

    #[test]
    fn a_server_reads_what_a_client_wrote() {
        let mut rng = heliogram_crypto::SeededRandom::new(1);
        for secret in [None, Some(ProxySecret([7; 16]))] {
            for framing in [Framing::Abridged, Framing::Intermediate, Framing::Padded] {
                let (mut client, preamble) =
                    Obfuscation::start(framing.tag().unwrap(), 2, secret.as_ref(), &mut rng);
                let accepted = Obfuscation::accept(&preamble, secret.as_ref()).unwrap();
                let mut server = accepted.obfuscation;
                assert_eq!(accepted.framing, framing);
                let mut there = *b"from the client";
                client.disguise(&mut there);
                assert_ne!(&there, b"from the client");
                server.reveal(&mut there);
                assert_eq!(&there, b"from the client");
                let mut back = *b"from the server";
                server.disguise(&mut back);
                client.reveal(&mut back);
                assert_eq!(&back, b"from the server");
            }
        }
    }

    #[test]
    fn a_wrong_secret_is_refused() {
        let mut rng = heliogram_crypto::SeededRandom::new(1);
        let secret = ProxySecret([7; 16]);
        let (_, preamble) = Obfuscation::start([0xee; 4], 2, Some(&secret), &mut rng);
        assert!(Obfuscation::accept(&preamble, None).is_none());
        assert!(Obfuscation::accept(&preamble, Some(&ProxySecret([8; 16]))).is_none());
    }

    #[test]
    fn preambles_that_look_like_other_transports_are_drawn_again() {
        let mut preamble = [1; PREAMBLE_BYTES];
        assert!(is_preamble_allowed(&preamble));
        for word in RESERVED {
            preamble[..4].copy_from_slice(&word);
            assert!(!is_preamble_allowed(&preamble));
        }
        let mut abridged = [1; PREAMBLE_BYTES];
        abridged[0] = 0xef;
        assert!(!is_preamble_allowed(&abridged));
        let mut full = [1; PREAMBLE_BYTES];
        full[4..8].fill(0);
        assert!(!is_preamble_allowed(&full));
    }
}
