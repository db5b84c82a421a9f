//! Admission and draining, over pipes.

use std::sync::Arc;
use std::time::Duration;

use heliogram_crypto::Random;
use heliogram_ids::Timestamp;
use heliogram_mtproto::Fault;
use tokio::io::{AsyncReadExt, AsyncWriteExt, DuplexStream};

use crate::{Clock, Closed, Connection, Limits, PeerInfo, Refused, Server, Service, Waker};

/// Greets everyone, then says nothing; `stubborn` ones never stop talking. Who says something is
/// known from then on, and it is held.
struct Greeter {
    stubborn: bool,
}

struct Greeting {
    queued: Vec<u8>,
    stubborn: bool,
    held: usize,
}

impl Service for Greeter {
    type Connection = Greeting;

    fn connect(self: &Arc<Self>, _: PeerInfo, waker: Waker) -> Greeting {
        waker.wake();
        Greeting { queued: Vec::new(), stubborn: self.stubborn, held: 0 }
    }
}

impl Connection for Greeting {
    fn handle_bytes(
        &mut self,
        _: Timestamp,
        bytes: &mut [u8],
        _: &mut dyn Random,
    ) -> Result<(), Fault> {
        self.held += bytes.len();
        Ok(())
    }

    fn is_known(&self) -> bool {
        self.held > 0
    }

    fn held_bytes(&self) -> usize {
        self.held
    }

    fn handle_wake(&mut self, _: Timestamp, _: &mut dyn Random) -> Result<(), Fault> {
        self.queued.extend_from_slice(b"hello");
        Ok(())
    }

    fn handle_timeout(&mut self, _: Timestamp, _: &mut dyn Random) -> Result<(), Fault> {
        Ok(())
    }

    fn handle_drain(&mut self, _: Timestamp) {
        self.queued.extend_from_slice(b"bye");
    }

    fn poll_transmit(&mut self, _: Timestamp, _: &mut dyn Random, out: &mut Vec<u8>) {
        out.append(&mut self.queued);
        if self.stubborn {
            out.resize(4096, b'x');
        }
    }

    fn poll_timeout(&self) -> Option<Timestamp> {
        None
    }

    fn handle_closed(&mut self, _: Timestamp, _: &Closed) {}
}

fn server(stubborn: bool) -> Server<Greeter> {
    let clock = Clock::starting_at(Timestamp::from_secs(1_700_000_000));
    let limits =
        Limits { connections_max: 2, pipe_bytes: 1024, held_bytes_max: 100_000, ..Limits::DEFAULT };
    Server::new(Arc::new(Greeter { stubborn }), clock, limits)
}

async fn read(stream: &mut DuplexStream, count: usize) -> Vec<u8> {
    let mut found = vec![0; count];
    stream.read_exact(&mut found).await.unwrap();
    found
}

#[tokio::test(start_paused = true)]
async fn a_pipe_is_served_like_a_socket() {
    let server = server(false);
    let mut pipe = server.pipe().unwrap();
    assert_eq!(read(&mut pipe, 5).await, b"hello");
    assert_eq!(server.connections(), 1);
    pipe.shutdown().await.unwrap();
    assert_eq!(pipe.read_to_end(&mut Vec::new()).await.unwrap(), 0);
}

#[tokio::test(start_paused = true)]
async fn a_full_server_refuses() {
    let server = server(false);
    let _inside = [server.pipe().unwrap(), server.pipe().unwrap()];
    assert_eq!(server.pipe().unwrap_err(), Refused::Full);
}

/// A pipe whose other end stands for a peer from elsewhere, greeted.
async fn visit(server: &Server<Greeter>) -> DuplexStream {
    let remote = Some(([192, 0, 2, 1], 1).into());
    let mut pipe = server.pipe_at(PeerInfo { remote, ..PeerInfo::IN_PROCESS }).unwrap();
    assert_eq!(read(&mut pipe, 5).await, b"hello");
    pipe
}

#[tokio::test(start_paused = true)]
async fn a_stranger_has_a_minute_to_be_known() {
    let server = server(false);
    let mut known = visit(&server).await;
    let mut stranger = visit(&server).await;
    known.write_all(b"it is me").await.unwrap();
    let began = tokio::time::Instant::now();
    stranger.read_to_end(&mut Vec::new()).await.unwrap();
    assert_eq!(began.elapsed().as_secs(), 60);
    assert_eq!(server.connections(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_newcomer_takes_the_place_of_a_stranger() {
    let server = server(false);
    let mut known = visit(&server).await;
    known.write_all(b"it is me").await.unwrap();
    let mut stranger = visit(&server).await;
    let _newcomer = visit(&server).await;
    let began = tokio::time::Instant::now();
    stranger.read_to_end(&mut Vec::new()).await.unwrap();
    assert_eq!((began.elapsed().as_secs(), server.connections()), (0, 2));
}

#[tokio::test(start_paused = true)]
async fn who_makes_a_server_hold_most_is_closed() {
    let server = server(false);
    let mut modest = visit(&server).await;
    modest.write_all(&[7; 10_000]).await.unwrap();
    let mut greedy = visit(&server).await;
    let writing = greedy.write_all(&[7; 200_000]).await;
    assert!(writing.is_err());
    tokio::time::sleep(Duration::from_secs(1)).await;
    assert_eq!(server.connections(), 1);
    modest.write_all(&[7]).await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn draining_lets_everyone_finish() {
    let server = server(false);
    let mut pipe = server.pipe().unwrap();
    assert_eq!(read(&mut pipe, 5).await, b"hello");
    server.drain().await;
    assert_eq!(read(&mut pipe, 3).await, b"bye");
    assert_eq!((server.connections(), server.pipe().unwrap_err()), (0, Refused::Draining));
}

#[tokio::test(start_paused = true)]
async fn draining_cuts_off_whoever_never_finishes() {
    let server = server(true);
    let pipe = server.pipe().unwrap();
    tokio::task::yield_now().await;
    server.drain().await;
    assert_eq!(server.connections(), 0);
    drop(pipe);
}
