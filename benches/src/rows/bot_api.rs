//! P18: `getMe` of the Bot API, against the least that a common HTTP server of Rust can do: a constant
//! of the same length.
//!
//! Both are asked by the same client over the same number of connections, and each runs on one thread
//! of its own.

use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::http::header::CONTENT_TYPE;
use axum::routing::get;
use heliogram_botapi::{Bots, Options, Upstream};
use heliogram_client::Client;
use heliogram_dc::NewBot;
use tokio::net::TcpListener;
use tokio::runtime::Runtime;

use super::cloud::{Cloud, dc_id};
use crate::rounds::race;
use crate::row::{Bar, Outcome, Row, Unit};
use crate::{Trouble, place};

const CONNECTIONS: usize = 32;

pub(super) fn rows() -> Result<Vec<Row>, Trouble> {
    let dir = place::scratch()?;
    let cloud = Cloud::in_memory()?;
    let (name, username) = ("Bench".to_owned(), "bench_bot".to_owned());
    let token = cloud.server.new_bot(NewBot { name, username, owner_phone: String::new() })?;
    let bots = Arc::new(Bots::new(Options {
        upstream: Some(upstream(&cloud)?),
        ..Options::new(dir.path().join("bots"))
    })?);
    let (listener, address) = listen(&cloud.runtime)?;
    cloud.runtime.spawn(heliogram_botapi::serve(listener, bots, std::future::pending()));
    let path = format!("/bot{token}/getMe");
    let mut ours = Callers::connect(address, &path)?;
    let body = ours.call()?;
    if !body.contains(r#""username":"bench_bot""#) {
        return Err(format!("getMe answers {body}").into());
    }

    let runtime =
        tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build()?;
    let mut hello = Callers::connect(hello(&runtime, &path, body.clone())?, &path)?;
    if hello.call()? != body {
        return Err("the two servers answer differently".into());
    }
    let times = race(&mut [&mut || drop(ours.call().expect("the bot answers")), &mut || {
        drop(hello.call().expect("a constant is sent"))
    }]);
    let rate = |who| Unit::PerSecond.of(CONNECTIONS as f64 * 1e9 / times.nanos(who));
    Ok(vec![Row {
        target: "P18",
        what: "Bot API getMe, 32 connections",
        outcome: Outcome::Measured {
            ours: rate(0),
            partner: "axum, a constant",
            theirs: rate(1),
            figure: Unit::Share.of(times.ratio(1, 0)),
            bar: Bar::AtLeast(0.5),
        },
    }])
}

/// The way to the data centre that the binary gives its bots: a pipe.
fn upstream(cloud: &Cloud) -> Result<Upstream, Trouble> {
    let (server, dc, key) = (Arc::clone(&cloud.server), dc_id()?, cloud.key()?);
    Ok(Upstream::new(move || {
        let server = Arc::clone(&server);
        let pipe = move || {
            let pipe = server.pipe().map_err(std::io::Error::other);
            async move { pipe }
        };
        Client::builder().api(1, "bench").dc(dc, pipe, [key])
    }))
}

fn listen(runtime: &Runtime) -> Result<(TcpListener, SocketAddr), Trouble> {
    let listener = runtime.block_on(TcpListener::bind(("127.0.0.1", 0)))?;
    let address = listener.local_addr()?;
    Ok((listener, address))
}

/// The ceiling.
fn hello(runtime: &Runtime, path: &str, body: String) -> Result<SocketAddr, Trouble> {
    let (listener, address) = listen(runtime)?;
    let body: &'static str = body.leak();
    let answer = move || async move { ([(CONTENT_TYPE, "application/json")], body) };
    let router = Router::new().route(path, get(answer));
    runtime.spawn(async move { axum::serve(listener, router).await });
    Ok(address)
}

/// Connections that are kept, each with at most one question on its way.
struct Callers {
    streams: Vec<TcpStream>,
    request: Vec<u8>,
    buffer: Vec<u8>,
}

impl Callers {
    fn connect(address: SocketAddr, path: &str) -> Result<Self, Trouble> {
        let connect = |_| {
            let stream = TcpStream::connect(address)?;
            stream.set_nodelay(true)?;
            stream.set_read_timeout(Some(Duration::from_secs(20)))?;
            Ok(stream)
        };
        let streams: Result<_, Trouble> = (0..CONNECTIONS).map(connect).collect();
        let request = format!("GET {path} HTTP/1.1\r\nHost: bench\r\n\r\n").into_bytes();
        Ok(Self { streams: streams?, request, buffer: vec![0; 16 << 10] })
    }

    /// Asks over every connection, then reads all answers; returns the last one's body.
    fn call(&mut self) -> Result<String, Trouble> {
        for stream in &mut self.streams {
            stream.write_all(&self.request)?;
        }
        let mut body = None;
        for stream in &mut self.streams {
            body = Some(answer(stream, &mut self.buffer)?);
        }
        let body = body.ok_or("no connections")?;
        Ok(String::from_utf8(self.buffer[body].to_vec())?)
    }
}

/// Reads one answer; returns where in the buffer its body is.
fn answer(stream: &mut TcpStream, buffer: &mut [u8]) -> Result<std::ops::Range<usize>, Trouble> {
    let mut len = 0;
    loop {
        let read = stream.read(&mut buffer[len..])?;
        if read == 0 {
            return Err("the server hung up".into());
        }
        len += read;
        let text = std::str::from_utf8(&buffer[..len])?;
        let Some(head) = text.find("\r\n\r\n") else { continue };
        let start = head + 4;
        if !text.starts_with("HTTP/1.1 200 ") {
            return Err(format!("the server answers {text}").into());
        }
        let length = text[..head].lines().find_map(|line| {
            let (name, value) = line.split_once(": ")?;
            name.eq_ignore_ascii_case("content-length").then(|| value.parse::<usize>())
        });
        let end = start + length.ok_or("an answer without a length")??;
        if len == end {
            return Ok(start..end);
        }
    }
}
