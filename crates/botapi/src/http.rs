//! The listener: HTTP in, envelopes and files out.

use std::convert::Infallible;
use std::io;
use std::net::IpAddr;
use std::path::{Component, Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use futures_util::stream;
use http_body_util::combinators::UnsyncBoxBody;
use http_body_util::{BodyExt, Full, StreamBody};
use hyper::body::{Frame, Incoming};
use hyper::header::{
    CONNECTION, CONTENT_LENGTH, CONTENT_TYPE, HeaderMap, HeaderValue, RETRY_AFTER,
};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{Method, Request, Response, StatusCode};
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite};
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::task::JoinSet;

use crate::args::Args;
use crate::body;
use crate::bots::Bots;
use crate::error::ApiError;
use crate::reply::{self, Answer};
use crate::route::Route;
use crate::seats::{Busy, Seat, Seats};
use crate::token::Token;

type Body = UnsyncBoxBody<Bytes, io::Error>;

/// How long a connection may take until the head of its next request is whole.
const IDLE_TIMEOUT: Duration = Duration::from_secs(500);
/// Headers of one request; more are 431.
const HEADERS_MAX: usize = 500;
const FILE_CHUNK_BYTES: usize = 128 << 10;
const SHUTDOWN_GRACE: Duration = Duration::from_secs(5);

/// Folders of a bot that hold downloads; the rest of its folder is nobody's business.
const FILE_FOLDERS: &[&str] = &[
    "thumbnails",
    "profile_photos",
    "photos",
    "voice",
    "videos",
    "documents",
    "stickers",
    "music",
    "animations",
    "video_notes",
    "passport",
    "wallpapers",
    "notification_sounds",
    "stories",
];

/// Serves until `shutdown` resolves. Then polls that wait are answered with what there is, idle
/// connections are closed, and requests that run may finish for a few seconds.
///
/// # Errors
/// The listener fails for good.
pub async fn serve(
    listener: TcpListener,
    bots: Arc<Bots>,
    shutdown: impl Future<Output = ()>,
) -> io::Result<()> {
    let limits = &bots.options().limits;
    let seats = Seats::new(limits.connections_max, limits.connections_per_address_max);
    let mut links = JoinSet::new();
    let (ended, ending) = watch::channel(());
    tokio::pin!(shutdown);
    loop {
        let accepted = tokio::select! {
            biased;
            () = &mut shutdown => break,
            accepted = listener.accept() => accepted,
        };
        while links.try_join_next().is_some() {}
        match accepted {
            Ok((stream, peer)) => {
                // Whoever speaks for others, or is the operator, is not counted.
                let address = Some(peer.ip()).filter(|ip| !is_private(*ip));
                // A stranger too many is turned away at once rather than kept waiting.
                let Some(seat) = seats.take(address) else { continue };
                // Answers are small and awaited one by one.
                let _ = stream.set_nodelay(true);
                let (bots, ending) = (Arc::clone(&bots), ending.clone());
                links.spawn(link(stream, peer.ip(), bots, seat, ending));
            }
            Err(error) => {
                tracing::warn!(%error, "a connection cannot be accepted");
                tokio::time::sleep(Duration::from_millis(50)).await;
            }
        }
    }
    // Parked polls and idle connections would hold the door open for a minute.
    drop(ended);
    bots.end_polls();
    let _ =
        tokio::time::timeout(SHUTDOWN_GRACE, async { while links.join_next().await.is_some() {} })
            .await;
    Ok(())
}

/// Serves one connection that somebody else has accepted, until the peer hangs up.
pub async fn serve_connection<S>(stream: S, peer: IpAddr, bots: Arc<Bots>)
where
    S: AsyncRead + AsyncWrite + Unpin + 'static,
{
    let (_open, ending) = watch::channel(());
    if let Some(seat) = Seats::new(1, 1).take(None) {
        link(stream, peer, bots, seat, ending).await;
    }
}

/// Serves one connection, until `ending` has lost its sender.
async fn link<S>(
    stream: S,
    peer: IpAddr,
    bots: Arc<Bots>,
    seat: Arc<Seat>,
    mut ending: watch::Receiver<()>,
) where
    S: AsyncRead + AsyncWrite + Unpin + 'static,
{
    let headers_bytes_max = bots.options().limits.headers_bytes_max;
    let service = service_fn(|request| {
        let (bots, busy) = (Arc::clone(&bots), seat.busy());
        async move { Ok::<_, Infallible>(respond(request, peer, &bots, busy).await) }
    });
    let served = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(IDLE_TIMEOUT)
        .max_buf_size(headers_bytes_max)
        .max_headers(HEADERS_MAX)
        .half_close(true)
        .serve_connection(TokioIo::new(stream), service);
    tokio::pin!(served);
    let served = tokio::select! {
        biased;
        served = served.as_mut() => served,
        _ = ending.changed() => {
            served.as_mut().graceful_shutdown();
            served.await
        }
        () = seat.dismissed() => return,
    };
    if let Err(error) = served {
        tracing::debug!(%error, "a connection ended early");
    }
}

async fn respond(
    request: Request<Incoming>,
    peer: IpAddr,
    bots: &Bots,
    busy: Busy,
) -> Response<Body> {
    let (asked, response) = handle(request, peer, bots, busy).await;
    let status = response.status().as_u16();
    match asked {
        Asked::Method { name, took } => bots.meters().note_call(&name, status, took),
        Asked::File => bots.meters().note_file(status),
        Asked::Nothing => bots.meters().note_stranger(status),
    }
    response
}

/// What a request turned out to be about.
enum Asked {
    /// A method, and how long it ran.
    Method { name: String, took: Duration },
    /// A file.
    File,
    /// Nothing that there is.
    Nothing,
}

async fn handle(
    request: Request<Incoming>,
    peer: IpAddr,
    bots: &Bots,
    busy: Busy,
) -> (Asked, Response<Body>) {
    if !matches!(*request.method(), Method::GET | Method::POST) {
        return (Asked::Nothing, bare(StatusCode::NOT_IMPLEMENTED));
    }
    let (parts, body) = request.into_parts();
    let options = bots.options();
    let route = Route::parse(parts.uri.path());
    let is_welcome = match &route {
        Ok(Route::Method { token, .. }) => bots.may_know(token),
        Ok(Route::File { .. }) | Err(_) => false,
    };
    // The body is read whatever the path says: a client that is still sending would otherwise
    // see a broken connection instead of the answer. What strangers send is kept nowhere.
    let args = if is_welcome {
        let (query, spool) = (parts.uri.query(), &options.temp_dir);
        let places = bots.large_texts();
        body::read(query, &parts.headers, body, spool, &options.limits, places).await
    } else {
        body::skip(body, &options.limits).await.map(|()| Args::default())
    };
    let args = match args {
        Ok(args) => args,
        Err(status) => return (Asked::Nothing, bare(status)),
    };
    if parts.uri.scheme().is_some() || !parts.uri.path().starts_with('/') {
        let text = "Not Found: absolute URI is specified in the Request-Line";
        return (Asked::Nothing, answer(&Err(ApiError::exact(404, text))));
    }
    match route {
        Ok(Route::Method { token, method }) => {
            let named = args.string("method").unwrap_or_default();
            let method = if method.is_empty() { named } else { method };
            let origin = origin(peer, &parts.headers);
            let began = options.clock.now();
            let answered = bots.call_from(origin, &token, &method, &args).await;
            let took = options.clock.now().saturating_since(began);
            note_call(&token, &method, &answered);
            (Asked::Method { name: method, took }, answer(&answered))
        }
        Ok(Route::File { token, path }) => (Asked::File, file(bots, &token, &path, busy).await),
        Err(error) => (Asked::Nothing, answer(&Err(error))),
    }
}

/// One line for each call under a target of its own: what is asked of this server, and what comes of
/// it, can be read off the log.
fn note_call(token: &Token, method: &str, answered: &Answer) {
    const TARGET: &str = "heliogram_botapi::calls";
    let key = token.id();
    match answered {
        Ok(_) => tracing::debug!(target: TARGET, method, fate = "handled", key, "call"),
        Err(error) => {
            let error = &error.description;
            tracing::debug!(target: TARGET, method, fate = "refused", key, %error, "call");
        }
    }
}

/// Whom a request comes from: behind a proxy of our own network, whom the proxy names. Who sits on
/// this very machine or network and names nobody is the operator, and is not counted.
fn origin(peer: IpAddr, headers: &HeaderMap) -> Option<IpAddr> {
    if !is_private(peer) {
        return Some(peer);
    }
    headers.get("x-real-ip")?.to_str().ok()?.trim().parse().ok()
}

/// Whether an address is of our own network.
fn is_private(peer: IpAddr) -> bool {
    match peer.to_canonical() {
        IpAddr::V4(ip) => ip.is_loopback() || ip.is_private() || ip.is_link_local(),
        IpAddr::V6(ip) => ip.is_loopback() || ip.is_unique_local() || ip.is_unicast_link_local(),
    }
}

/// An error that is older than any answer: no body, and the connection is closed.
fn bare(status: StatusCode) -> Response<Body> {
    let mut response = Response::new(full(Vec::new()));
    *response.status_mut() = status;
    response.headers_mut().insert(CONNECTION, HeaderValue::from_static("close"));
    response
}

fn answer(answer: &Answer) -> Response<Body> {
    let mut response = Response::new(full(reply::envelope(answer)));
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    headers.insert(CONNECTION, HeaderValue::from_static("keep-alive"));
    if let Err(error) = answer {
        if let Some(seconds) = error.retry_after {
            headers.insert(RETRY_AFTER, HeaderValue::from(seconds));
        }
        *response.status_mut() =
            StatusCode::from_u16(error.code).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    }
    response
}

fn full(bytes: Vec<u8>) -> Body {
    Full::new(Bytes::from(bytes)).map_err(|never| match never {}).boxed_unsync()
}

/// A downloaded file, streamed. Its connection is busy until the end.
async fn file(bots: &Bots, token: &Token, path: &str, busy: Busy) -> Response<Body> {
    let found = match safe_path(&bots.folder(token), path) {
        Some(path) => tokio::fs::File::open(path).await.ok(),
        None => None,
    };
    let not_found = || answer(&Err(ApiError::exact(404, "Not Found")));
    let Some(file) = found else { return not_found() };
    let length = match file.metadata().await {
        Ok(metadata) if metadata.is_file() => metadata.len(),
        _ => return not_found(),
    };
    let chunks = stream::try_unfold((file, busy), |(mut file, busy)| async move {
        let mut chunk = vec![0; FILE_CHUNK_BYTES];
        let read = file.read(&mut chunk).await?;
        chunk.truncate(read);
        Ok((read > 0).then(|| (Frame::data(Bytes::from(chunk)), (file, busy))))
    });
    let mut response = Response::new(StreamBody::new(chunks).boxed_unsync());
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/octet-stream"));
    headers.insert(CONTENT_LENGTH, HeaderValue::from(length));
    response
}

/// The file under a bot's folder, if the path leads into a folder of downloads and not out of it.
pub(crate) fn safe_path(folder: &Path, path: &str) -> Option<PathBuf> {
    let path = Path::new(path);
    let plain = path.components().all(|part| matches!(part, Component::Normal(_)));
    let first = path.components().next()?.as_os_str().to_str()?;
    (plain && FILE_FOLDERS.contains(&first)).then(|| folder.join(path))
}

#[cfg(test)]
mod tests {
    use tokio::io::AsyncWriteExt;

    use super::*;
    use crate::options::Options;

    const TOKEN: &str = "42:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";

    #[test]
    fn only_downloads_are_served() {
        let folder = Path::new("/srv/1:a");
        let check = |path: &str| safe_path(folder, path).is_some();
        assert!(check("photos/file_1.jpg"));
        assert!(!check("updates.log"));
        assert!(!check("photos/../updates.log"));
        assert!(!check("/etc/passwd"));
        assert!(!check(""));
    }

    /// Sends one request to a fresh server: the status line's code, and the body.
    async fn ask(head: &str, body: &str) -> (String, String) {
        let folder = tempfile::tempdir().unwrap();
        let bots = Arc::new(Bots::new(Options::new(folder.path().join("work"))).unwrap());
        let (mut client, server) = tokio::io::duplex(1 << 16);
        let served = tokio::spawn(async move {
            let (_open, ending) = watch::channel(());
            let seat = Seats::new(1, 1).take(None).unwrap();
            link(server, IpAddr::from([127, 0, 0, 1]), bots, seat, ending).await;
        });
        let head = head.replace("TOKEN", TOKEN);
        let request = format!(
            "{head}\r\nHost: x\r\nConnection: close\r\nContent-Length: {}\r\n\r\n{body}",
            body.len()
        );
        client.write_all(request.as_bytes()).await.unwrap();
        let mut answer = String::new();
        client.read_to_string(&mut answer).await.unwrap();
        served.await.unwrap();
        let (head, body) = answer.split_once("\r\n\r\n").unwrap();
        (head.split(' ').nth(1).unwrap().to_owned(), body.to_owned())
    }

    #[track_caller]
    fn check(found: (String, String), code: &str, body: &str) {
        assert_eq!((found.0.as_str(), found.1.as_str()), (code, body));
    }

    #[tokio::test]
    async fn strangers_are_told_why() {
        let refused = ask("GET /bot042:a/getMe HTTP/1.1", "").await;
        check(
            refused,
            "401",
            r#"{"ok":false,"error_code":401,"description":"Unauthorized: invalid token specified"}"#,
        );
        let refused = ask("GET /bot42:short/getMe HTTP/1.1", "").await;
        check(refused, "401", r#"{"ok":false,"error_code":401,"description":"Unauthorized"}"#);
        let unknown = ask("GET /botTOKEN/getMee HTTP/1.1", "").await;
        check(
            unknown,
            "404",
            r#"{"ok":false,"error_code":404,"description":"Not Found: method not found"}"#,
        );
        check(
            ask("GET / HTTP/1.1", "").await,
            "404",
            r#"{"ok":false,"error_code":404,"description":"Not Found"}"#,
        );
        check(ask("PUT /botTOKEN/getMe HTTP/1.1", "").await, "501", "");
    }

    #[tokio::test]
    async fn methods_answer_however_they_are_asked() {
        let empty = r#"{"ok":true,"result":[]}"#;
        check(ask("GET /botTOKEN/GETUPDATES HTTP/1.1", "").await, "200", empty);
        check(ask("GET /botTOKEN/?method=getUpdates HTTP/1.1", "").await, "200", empty);
        let json = "POST /botTOKEN/ HTTP/1.1\r\nContent-Type: application/json";
        check(ask(json, r#"{"method":"getUpdates","limit":0}"#).await, "200", empty);
    }

    #[tokio::test]
    async fn a_server_that_stops_answers_who_waits_and_closes_who_idles() {
        let folder = tempfile::tempdir().unwrap();
        let bots = Arc::new(Bots::new(Options::new(folder.path().join("work"))).unwrap());
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let (stop, stopped) = tokio::sync::oneshot::channel::<()>();
        let until = async { drop(stopped.await) };
        let served = tokio::spawn(serve(listener, Arc::clone(&bots), until));

        let mut silent = tokio::net::TcpStream::connect(address).await.unwrap();
        let mut idle = tokio::net::TcpStream::connect(address).await.unwrap();
        idle.write_all(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n").await.unwrap();
        assert_ne!(idle.read(&mut [0; 1024]).await.unwrap(), 0);
        let mut polling = tokio::net::TcpStream::connect(address).await.unwrap();
        let poll = format!("GET /bot{TOKEN}/getUpdates?timeout=50 HTTP/1.1\r\nHost: x\r\n\r\n");
        polling.write_all(poll.as_bytes()).await.unwrap();
        let token = Token::parse(TOKEN, false).unwrap();
        while !bots.is_parked(&token) {
            tokio::task::yield_now().await;
        }

        stop.send(()).unwrap();
        let finished = tokio::time::timeout(SHUTDOWN_GRACE / 2, served).await;
        finished.expect("nobody holds the door open").unwrap().unwrap();
        let mut answer = String::new();
        polling.read_to_string(&mut answer).await.unwrap();
        assert!(answer.ends_with(r#"{"ok":true,"result":[]}"#), "{answer}");
        assert_eq!(silent.read(&mut [0]).await.unwrap(), 0);
        assert_eq!(idle.read(&mut [0]).await.unwrap(), 0);
    }

    #[tokio::test]
    async fn a_webhook_must_be_https_and_public() {
        let form =
            "POST /botTOKEN/setWebhook HTTP/1.1\r\nContent-Type: application/x-www-form-urlencoded";
        let refused = ask(form, "url=http%3A%2F%2Fexample.com").await;
        check(
            refused,
            "400",
            r#"{"ok":false,"error_code":400,"description":"Bad Request: bad webhook: An HTTPS URL must be provided for webhook"}"#,
        );
        let refused = ask(form, "url=https%3A%2F%2F127.0.0.1").await;
        check(
            refused,
            "400",
            r#"{"ok":false,"error_code":400,"description":"Bad Request: bad webhook: IP address 127.0.0.1 is reserved"}"#,
        );
        let deleted = ask("GET /botTOKEN/deleteWebhook HTTP/1.1", "").await;
        check(
            deleted,
            "200",
            r#"{"ok":true,"result":true,"description":"Webhook is already deleted"}"#,
        );
        let info = ask("GET /botTOKEN/getWebhookInfo HTTP/1.1", "").await;
        check(
            info,
            "200",
            r#"{"ok":true,"result":{"url":"","has_custom_certificate":false,"pending_update_count":0}}"#,
        );
    }
}
