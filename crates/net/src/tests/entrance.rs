//! Ways in past an entrance, over sockets of this machine.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use heliogram_crypto::{Random, SeededRandom};
use heliogram_ids::{DcId, Timestamp};
use heliogram_mtproto::Fault;
use heliogram_mtproto::link::{ClientConfig, ClientLink, ClientTransport, Disguise, LinkLimits};
use heliogram_mtproto::transport::{Framing, ProxyDoor, ProxyKey, ProxyLimits};
use parking_lot::Mutex;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};

use crate::{
    Clock, Closed, Connection, Entrance, Limits, MtProxy, MtProxyLimits, PeerInfo, ProxyProtocol,
    Server, Service, Waker, open_fake_tls,
};

/// Says back what it hears, and remembers who came.
#[derive(Default)]
struct Echo {
    peers: Mutex<Vec<PeerInfo>>,
}

struct Echoing(Vec<u8>);

impl Service for Echo {
    type Connection = Echoing;

    fn connect(self: &Arc<Self>, peer: PeerInfo, _: Waker) -> Echoing {
        self.peers.lock().push(peer);
        Echoing(Vec::new())
    }
}

impl Connection for Echoing {
    fn handle_bytes(
        &mut self,
        _: Timestamp,
        bytes: &mut [u8],
        _: &mut dyn Random,
    ) -> Result<(), Fault> {
        self.0.extend_from_slice(bytes);
        Ok(())
    }

    fn handle_wake(&mut self, _: Timestamp, _: &mut dyn Random) -> Result<(), Fault> {
        Ok(())
    }

    fn handle_timeout(&mut self, _: Timestamp, _: &mut dyn Random) -> Result<(), Fault> {
        Ok(())
    }

    fn poll_transmit(&mut self, _: Timestamp, _: &mut dyn Random, out: &mut Vec<u8>) {
        out.append(&mut self.0);
    }

    fn poll_timeout(&self) -> Option<Timestamp> {
        None
    }

    fn handle_closed(&mut self, _: Timestamp, _: &Closed) {}
}

const NOW: Timestamp = Timestamp::from_secs(1_700_000_000);
const PADDED: &str = "dd00112233445566778899aabbccddeeff";
const TLS: &str = "ee00112233445566778899aabbccddeeff736974652e6578616d706c65";

/// A server behind an entrance, and its address.
async fn serve(entrance: Entrance) -> (Server<Echo>, Arc<Echo>, SocketAddr) {
    let echo = Arc::new(Echo::default());
    let server = Server::new(Arc::clone(&echo), Clock::starting_at(NOW), Limits::DEFAULT);
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let serving = server.clone();
    tokio::spawn(async move { serving.listen_at(listener, entrance).await });
    (server, echo, address)
}

fn mtproxy(keys: &[&str], fallback: Option<SocketAddr>) -> Entrance {
    mtproxy_within(MtProxyLimits::DEFAULT, keys, fallback)
}

fn mtproxy_within(limits: MtProxyLimits, keys: &[&str], fallback: Option<SocketAddr>) -> Entrance {
    let keys = keys.iter().map(|key| key.parse().unwrap()).collect();
    let door = ProxyDoor::new(keys, vec![DcId::new(2).unwrap()], ProxyLimits::DEFAULT);
    let mtproxy = MtProxy::new(door, fallback.map(|address| address.to_string()), limits);
    Entrance { mtproxy: Some(Arc::new(mtproxy)), ..Entrance::default() }
}

fn proxy_protocol() -> Entrance {
    let trusted = vec!["127.0.0.1/32".parse().unwrap()];
    let protocol = ProxyProtocol::from_networks(trusted);
    Entrance { proxy_protocol: Some(Arc::new(protocol)), ..Entrance::default() }
}

async fn read(stream: &mut TcpStream, len: usize) -> Vec<u8> {
    let mut found = vec![0; len];
    let reading = stream.read_exact(&mut found);
    tokio::time::timeout(Duration::from_secs(10), reading).await.expect("it comes").unwrap();
    found
}

async fn read_to_end(stream: &mut TcpStream) -> Vec<u8> {
    let mut found = Vec::new();
    let reading = stream.read_to_end(&mut found);
    let _ = tokio::time::timeout(Duration::from_secs(10), reading).await.expect("it ends");
    found
}

/// The 64 bytes that open a disguised stream for data centre 2.
fn opening(key: &str) -> Vec<u8> {
    let key: ProxyKey = key.parse().unwrap();
    let disguise = Disguise::new(Framing::Padded, 2, Some(key.secret)).unwrap();
    let transport = ClientTransport::Obfuscated(disguise);
    let config = ClientConfig { transport, limits: LinkLimits::DEFAULT };
    let mut bytes = Vec::new();
    ClientLink::new(&config, &mut SeededRandom::new(1)).poll_transmit(&mut bytes);
    assert_eq!(bytes.len(), 64);
    bytes
}

#[tokio::test]
async fn a_header_tells_where_a_connection_comes_from() {
    let (_server, echo, address) = serve(proxy_protocol()).await;
    let mut stream = TcpStream::connect(address).await.unwrap();
    stream.write_all(b"PROXY TCP4 203.0.113.7 192.0.2.1 5555 443\r\nhel").await.unwrap();
    stream.write_all(b"lo").await.unwrap();
    assert_eq!(read(&mut stream, 5).await, b"hello");
    let peer = echo.peers.lock()[0];
    assert_eq!(peer.remote, Some("203.0.113.7:5555".parse().unwrap()));
    assert_eq!((peer.local, peer.dc), (Some(address), None));
}

#[tokio::test]
async fn without_a_header_nobody_comes_in() {
    let (server, echo, address) = serve(proxy_protocol()).await;
    let mut stream = TcpStream::connect(address).await.unwrap();
    stream.write_all(&[0xef; 64]).await.unwrap();
    assert_eq!(read_to_end(&mut stream).await, b"");
    assert_eq!((server.connections(), echo.peers.lock().len()), (0, 0));
}

#[tokio::test]
async fn a_client_of_the_proxy_is_served_in_the_open() {
    let (_server, echo, address) = serve(mtproxy(&[TLS, PADDED], None)).await;
    let mut stream = TcpStream::connect(address).await.unwrap();
    stream.write_all(&opening(PADDED)).await.unwrap();
    // The echo of the preamble that the door puts where the disguised one was.
    assert_eq!(read(&mut stream, 4).await.len(), 4);
    assert_eq!(echo.peers.lock()[0].dc, DcId::new(2));
    stream.write_all(&[7; 100]).await.unwrap();
    let echoed = read(&mut stream, 100).await;
    assert_ne!(echoed, [7; 100], "one direction's key stream is not the other's");
}

#[tokio::test]
async fn a_megabyte_passes_through_fake_tls_both_ways() {
    let (_server, echo, address) = serve(mtproxy(&[PADDED, TLS], None)).await;
    let stream = TcpStream::connect(address).await.unwrap();
    let secret = TLS.parse::<ProxyKey>().unwrap().secret;
    let stream = open_fake_tls(stream, secret, "site.example", NOW).await.unwrap();
    let (mut reading, mut writing) = tokio::io::split(stream);
    let writer = tokio::spawn(async move {
        let sent = [&opening(TLS)[..], &vec![7; 1 << 20]].concat();
        writing.write_all(&sent).await.unwrap();
        writing.flush().await.unwrap();
        writing
    });
    let (mut heard, mut buffer) = (0, vec![0; 8192]);
    while heard < 4 + (1 << 20) {
        let reading = reading.read(&mut buffer);
        let count = tokio::time::timeout(Duration::from_secs(10), reading).await.unwrap().unwrap();
        assert_ne!(count, 0);
        heard += count;
    }
    assert_eq!(heard, 4 + (1 << 20));
    drop(writer.await.unwrap());
    assert_eq!(echo.peers.lock()[0].dc, DcId::new(2));
}

#[tokio::test]
async fn a_stranger_talks_to_the_fallback() {
    let fallback = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let entrance = mtproxy(&[TLS], Some(fallback.local_addr().unwrap()));
    let (_server, echo, address) = serve(entrance).await;
    let mut stream = TcpStream::connect(address).await.unwrap();
    stream.write_all(b"GET / HTTP/1.1\r\n\r\n").await.unwrap();
    let (mut visited, _) = fallback.accept().await.unwrap();
    assert_eq!(read(&mut visited, 18).await, b"GET / HTTP/1.1\r\n\r\n");
    visited.write_all(b"HTTP/1.1 200 OK\r\n\r\n").await.unwrap();
    drop(visited);
    assert_eq!(read_to_end(&mut stream).await, b"HTTP/1.1 200 OK\r\n\r\n");
    assert!(echo.peers.lock().is_empty());
}

#[tokio::test]
async fn who_says_too_little_is_a_stranger_after_a_while() {
    let fallback = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let limits =
        MtProxyLimits { greeting_max: Duration::from_millis(300), ..MtProxyLimits::DEFAULT };
    let entrance = mtproxy_within(limits, &[PADDED], Some(fallback.local_addr().unwrap()));
    let (_server, _, address) = serve(entrance).await;
    let mut stream = TcpStream::connect(address).await.unwrap();
    stream.write_all(b"SSH-2.0-x\r\n").await.unwrap();
    let (mut visited, _) = fallback.accept().await.unwrap();
    assert_eq!(read(&mut visited, 11).await, b"SSH-2.0-x\r\n");
}

#[tokio::test]
async fn a_stranger_without_a_fallback_hears_nothing_until_the_end() {
    let (server, echo, address) = serve(mtproxy(&[PADDED, TLS], None)).await;
    let mut stream = TcpStream::connect(address).await.unwrap();
    stream.write_all(&opening("dd99112233445566778899aabbccddeeff")).await.unwrap();
    let mut byte = [0];
    let silence = tokio::time::timeout(Duration::from_millis(200), stream.read(&mut byte)).await;
    assert!(silence.is_err(), "{silence:?}");
    assert_eq!((server.connections(), echo.peers.lock().len()), (1, 0));
    server.drain().await;
    assert_eq!(read_to_end(&mut stream).await, b"");
    assert_eq!(server.connections(), 0);
}
