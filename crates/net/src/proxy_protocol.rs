//! The PROXY protocol: a load balancer's word on where a connection really comes from.

use std::io;
use std::net::{IpAddr, SocketAddr};

use ipnet::IpNet;
use proxy_header::{Error as HeaderError, ParseConfig, ProxyHeader};
use tokio::io::{AsyncRead, AsyncReadExt as _};

/// Networks whose machines speak for others, in front of every connection they make.
// Spec: HAProxy, doc/proxy-protocol.txt: both versions, and never from whom one does not trust.
#[derive(Clone, Debug)]
pub struct ProxyProtocol {
    trusted: Vec<IpNet>,
}

/// Why a connection cannot be placed.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Unplaced {
    /// It comes from a network whose word does not count.
    #[error("not from a trusted network")]
    Untrusted,
    /// It began with something else.
    #[error("no PROXY protocol header")]
    NoHeader,
    /// The header goes on and on.
    #[error("PROXY protocol header above {HEADER_BYTES_MAX} bytes")]
    Long,
    /// Reading failed.
    #[error("stream failed: {0}")]
    Io(#[from] io::Error),
}

/// A connection whose header was read.
#[derive(Debug, Eq, PartialEq)]
pub(crate) struct Placed {
    /// Where it comes from; `None` for the balancer's own connections, which look whether we live.
    pub(crate) remote: Option<SocketAddr>,
    /// What was read behind the header.
    pub(crate) first: Vec<u8>,
}

impl ProxyProtocol {
    /// Headers are demanded of everybody, and believed if they come from one of `trusted`.
    pub fn from_networks(trusted: Vec<IpNet>) -> Self {
        Self { trusted }
    }

    /// Reads the header.
    pub(crate) async fn read<S>(
        &self,
        stream: &mut S,
        from: Option<SocketAddr>,
    ) -> Result<Placed, Unplaced>
    where
        S: AsyncRead + Unpin,
    {
        if !from.is_some_and(|from| self.trusts(from.ip())) {
            return Err(Unplaced::Untrusted);
        }
        let mut read = Vec::with_capacity(READ_BYTES);
        loop {
            if stream.read_buf(&mut read).await? == 0 {
                return Err(Unplaced::NoHeader);
            }
            if let Some((remote, header_len)) = parse(&read)? {
                return Ok(Placed { remote, first: read.split_off(header_len) });
            }
            if read.len() > HEADER_BYTES_MAX {
                return Err(Unplaced::Long);
            }
        }
    }

    fn trusts(&self, from: IpAddr) -> bool {
        let from = from.to_canonical();
        self.trusted.iter().any(|network| network.contains(&from))
    }
}

/// The address of a header and its length, once it is complete.
fn parse(read: &[u8]) -> Result<Option<(Option<SocketAddr>, usize)>, Unplaced> {
    match ProxyHeader::parse(read, ParseConfig::default()) {
        Ok((header, len)) => {
            let remote = header.proxied_address().map(|address| address.source);
            Ok(Some((remote, len)))
        }
        Err(HeaderError::BufferTooShort) => Ok(None),
        Err(_) => Err(Unplaced::NoHeader),
    }
}

/// Longest header: those with a client's certificate in them run to a few kilobytes.
const HEADER_BYTES_MAX: usize = 8 << 10;

/// Enough for a header without extensions and what a client says first.
const READ_BYTES: usize = 512;

#[cfg(test)]
mod tests {
    use super::*;

    const V2: [u8; 12] = *b"\r\n\r\n\0\r\nQUIT\n";

    fn v2(tail: &[u8]) -> Vec<u8> {
        [&V2, tail].concat()
    }

    async fn read(bytes: &[u8], from: &str) -> Result<Placed, Unplaced> {
        let trusted = ["127.0.0.0/8", "::1/128", "10.1.0.0/16"].map(|net| net.parse().unwrap());
        let from = from.parse().unwrap();
        let stream = &mut &bytes[..];
        ProxyProtocol::from_networks(trusted.to_vec()).read(stream, Some(from)).await
    }

    #[track_caller]
    fn address(found: &Placed) -> String {
        assert_eq!(found.first, b"rest");
        found.remote.map_or_else(|| "own".to_owned(), |remote| remote.to_string())
    }

    #[tokio::test]
    async fn both_versions_name_the_client() {
        let v1 = b"PROXY TCP4 203.0.113.7 192.0.2.1 5555 443\r\nrest";
        assert_eq!(address(&read(v1, "127.0.0.1:9").await.unwrap()), "203.0.113.7:5555");
        let v1 = b"PROXY TCP6 2001:db8::7 2001:db8::1 5555 443\r\nrest";
        assert_eq!(address(&read(v1, "[::1]:9").await.unwrap()), "[2001:db8::7]:5555");
        let four = v2(b"\x21\x11\0\x0c\xcb\0\x71\x07\xc0\0\x02\x01\x15\xb3\x01\xbbrest");
        assert_eq!(address(&read(&four, "10.1.2.3:9").await.unwrap()), "203.0.113.7:5555");
        let extended =
            v2(b"\x21\x11\0\x10\xcb\0\x71\x07\xc0\0\x02\x01\x15\xb3\x01\xbb\xe0\0\x01xrest");
        assert_eq!(address(&read(&extended, "127.0.0.1:9").await.unwrap()), "203.0.113.7:5555");
    }

    #[tokio::test]
    async fn a_balancer_may_come_on_its_own_behalf() {
        let unknown = b"PROXY UNKNOWN\r\nrest";
        assert_eq!(address(&read(unknown, "127.0.0.1:9").await.unwrap()), "own");
        let local = v2(b"\x20\0\0\0rest");
        assert_eq!(address(&read(&local, "127.0.0.1:9").await.unwrap()), "own");
    }

    #[tokio::test]
    async fn who_says_something_else_is_not_placed() {
        for bytes in
            [&[0xef][..], &[0xee; 64], b"GET / HTTP/1.1\r\n\r\n", b"PROXY TCP4 a b c d\r\n"]
        {
            let error = read(bytes, "127.0.0.1:9").await.unwrap_err();
            assert!(matches!(error, Unplaced::NoHeader), "{bytes:?}: {error}");
        }
        let endless = v2(&[&b"\x21\x11\xff\xff"[..], &[0; 70_000]].concat());
        assert!(matches!(read(&endless, "127.0.0.1:9").await, Err(Unplaced::Long)));
    }

    #[tokio::test]
    async fn only_trusted_networks_are_asked() {
        let v1 = b"PROXY TCP4 203.0.113.7 192.0.2.1 5555 443\r\n";
        assert!(matches!(read(v1, "10.2.0.1:9").await, Err(Unplaced::Untrusted)));
        assert!(read(v1, "[::ffff:10.1.0.1]:9").await.is_ok(), "however the address is written");
    }

    #[tokio::test]
    async fn a_header_may_come_in_pieces() {
        let v2 = v2(b"\x21\x11\0\x0c\xcb\0\x71\x07\xc0\0\x02\x01\x15\xb3\x01\xbb");
        for header in [&v2[..], b"PROXY TCP4 203.0.113.7 192.0.2.1 5555 443\r\n"] {
            for len in 0..header.len() {
                assert!(matches!(parse(&header[..len]), Ok(None)), "{len}");
            }
            assert!(matches!(parse(header), Ok(Some((Some(_), len))) if len == header.len()));
        }
    }
}
