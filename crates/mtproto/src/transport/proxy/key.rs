//! The secret of a proxy as people pass it around: in a link, with a mark of how connections have
//! to look.

use std::fmt::Write as _;
use std::str::FromStr;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD_NO_PAD;

use crate::transport::ProxySecret;

/// What a client must know of a proxy besides its address.
// Spec: mtproto/mtproto-transports#transport-obfuscation
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct ProxyKey {
    /// What is mixed into the key streams.
    pub secret: ProxySecret,
    /// What the connection pretends to be.
    pub guise: ProxyGuise,
}

/// How a proxied connection looks to those who watch the network.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum ProxyGuise {
    /// Random bytes in any framing.
    Bare,
    /// Random bytes, frames of random length: a secret that begins with `dd`.
    Padded,
    /// A TLS session with a site of this name, padded frames in it: a secret that begins with `ee`.
    Tls {
        /// The name that is asked for in the open.
        domain: String,
    },
}

/// Text that is no secret of a proxy.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
pub enum BadProxyKey {
    /// Neither hexadecimal nor base64.
    #[error("proxy secret is neither hexadecimal nor base64")]
    Encoding,
    /// The right alphabet, but not 16 bytes, `dd` and 16 bytes, or `ee`, 16 bytes and a name.
    #[error("proxy secret of {0} bytes is none of the known kinds")]
    Kind(usize),
    /// The name behind an `ee` secret cannot be that of a site.
    #[error("proxy secret names no usable domain")]
    Domain,
}

impl ProxyKey {
    /// The hexadecimal form for links, which every client reads. It holds the secret in the open.
    pub fn to_link_text(&self) -> String {
        let (mark, domain) = match &self.guise {
            ProxyGuise::Bare => ("", ""),
            ProxyGuise::Padded => ("dd", ""),
            ProxyGuise::Tls { domain } => ("ee", domain.as_str()),
        };
        let mut text = mark.to_owned();
        for byte in self.secret.0.iter().chain(domain.as_bytes()) {
            write!(text, "{byte:02x}").expect("a string takes whatever is written");
        }
        text
    }
}

impl FromStr for ProxyKey {
    type Err = BadProxyKey;

    fn from_str(text: &str) -> Result<Self, BadProxyKey> {
        let bytes = decode(text.trim()).ok_or(BadProxyKey::Encoding)?;
        let kind = BadProxyKey::Kind(bytes.len());
        if let Ok(secret) = <[u8; 16]>::try_from(bytes.as_slice()) {
            return Ok(Self { secret: ProxySecret(secret), guise: ProxyGuise::Bare });
        }
        let (mark, rest) = bytes.split_first().ok_or(kind)?;
        let (secret, domain) = rest.split_first_chunk::<16>().ok_or(kind)?;
        let guise = match (mark, domain) {
            (0xdd, []) => ProxyGuise::Padded,
            (0xee, [_, ..]) => ProxyGuise::Tls { domain: domain_of(domain)? },
            _ => return Err(kind),
        };
        Ok(Self { secret: ProxySecret(*secret), guise })
    }
}

/// Hexadecimal where it can be that, since 32 hexadecimal digits are base64 as well.
fn decode(text: &str) -> Option<Vec<u8>> {
    let pairs = text.as_bytes().as_chunks::<2>();
    if text.bytes().all(|byte| byte.is_ascii_hexdigit()) && pairs.1.is_empty() {
        let byte = |pair: &[u8; 2]| u8::from_str_radix(str::from_utf8(pair).ok()?, 16).ok();
        return pairs.0.iter().map(byte).collect();
    }
    let standard = text.trim_end_matches('=').replace('-', "+").replace('_', "/");
    STANDARD_NO_PAD.decode(standard).ok()
}

fn domain_of(bytes: &[u8]) -> Result<String, BadProxyKey> {
    let is_name = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-' | b'_');
    if bytes.len() > DOMAIN_BYTES_MAX || !bytes.iter().all(is_name) {
        return Err(BadProxyKey::Domain);
    }
    String::from_utf8(bytes.to_vec()).map_err(|_| BadProxyKey::Domain)
}

// Seen: tdlib 2026-07 cuts longer names off.
const DOMAIN_BYTES_MAX: usize = 182;

#[cfg(test)]
mod tests {
    use super::*;

    const SECRET: ProxySecret = ProxySecret([
        0xb0, 0xcb, 0xce, 0xf5, 0xa4, 0x86, 0xd9, 0x63, 0x6f, 0x27, 0xff, 0xff, 0xf8, 0xef, 0x79,
        0xa9,
    ]);

    #[track_caller]
    fn check(text: &str, expected: Result<ProxyGuise, BadProxyKey>) {
        let expected = expected.map(|guise| ProxyKey { secret: SECRET, guise });
        assert_eq!(text.parse::<ProxyKey>(), expected, "{text}");
    }

    #[test]
    fn secrets_are_read_in_every_spelling() {
        check("b0cbcef5a486d9636f27fffff8ef79a9", Ok(ProxyGuise::Bare));
        check("B0CBCEF5A486D9636F27FFFFF8EF79A9", Ok(ProxyGuise::Bare));
        check("sMvO9aSG2WNvJ///+O95qQ==", Ok(ProxyGuise::Bare));
        check("sMvO9aSG2WNvJ___-O95qQ", Ok(ProxyGuise::Bare));
        check("ddb0cbcef5a486d9636f27fffff8ef79a9", Ok(ProxyGuise::Padded));
        check("3bDLzvWkhtljbyf___jveak", Ok(ProxyGuise::Padded));
        let domain = "a.example".to_owned();
        let text = "eeb0cbcef5a486d9636f27fffff8ef79a9612e6578616d706c65";
        check(text, Ok(ProxyGuise::Tls { domain }));
    }

    #[test]
    fn other_text_is_refused() {
        check("", Err(BadProxyKey::Kind(0)));
        check("no secret", Err(BadProxyKey::Encoding));
        check("b0cb", Err(BadProxyKey::Kind(2)));
        check("eeb0cbcef5a486d9636f27fffff8ef79a9", Err(BadProxyKey::Kind(17)));
        check("ddb0cbcef5a486d9636f27fffff8ef79a961", Err(BadProxyKey::Kind(18)));
        check("aab0cbcef5a486d9636f27fffff8ef79a9", Err(BadProxyKey::Kind(17)));
        check("eeb0cbcef5a486d9636f27fffff8ef79a90d0a", Err(BadProxyKey::Domain));
        let long = format!("eeb0cbcef5a486d9636f27fffff8ef79a9{}", "61".repeat(183));
        check(&long, Err(BadProxyKey::Domain));
    }

    #[test]
    fn links_say_what_was_configured_and_debug_output_does_not() {
        for text in [
            "b0cbcef5a486d9636f27fffff8ef79a9",
            "ddb0cbcef5a486d9636f27fffff8ef79a9",
            "eeb0cbcef5a486d9636f27fffff8ef79a9612e6578616d706c65",
        ] {
            let key: ProxyKey = text.parse().unwrap();
            assert_eq!(key.to_link_text(), text);
            assert!(!format!("{key:?}").contains("cb"));
        }
    }
}
