//! The listener: two pages, for programs.

use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use heliogram_dc::{Ailment, Health, Server};
use heliogram_ids::Timestamp;
use http_body_util::Full;
use hyper::body::{Bytes, Incoming};
use hyper::header::{ALLOW, CONTENT_TYPE, HeaderValue};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{Method, Request, Response, StatusCode};
use hyper_util::rt::{TokioIo, TokioTimer};
use prometheus_client::encoding::prometheus_text::{self, encode};
use prometheus_client::registry::Registry;
use serde_json::json;
use tokio::net::TcpListener;
use tokio::sync::Semaphore;
use tokio::task::{JoinHandle, JoinSet};

use super::heap::Heap;
use super::process::Process;

type Page = Response<Full<Bytes>>;

/// What is shown, and of whom.
struct Exhibits {
    registry: Registry,
    server: Arc<Server>,
}

/// The listener at work; it ends with the value.
pub(crate) struct Observatory(JoinHandle<()>);

/// Serves both pages on a socket. The registry has what the cloud's parts have to show; what the
/// process, which began at that time, has to show is added.
pub(crate) fn start(
    listener: TcpListener,
    mut registry: Registry,
    server: Arc<Server>,
    began: Timestamp,
) -> Observatory {
    registry.register_collector(Box::new(Process { began }));
    registry.register_collector(Box::new(Heap));
    let exhibits = Arc::new(Exhibits { registry, server });
    Observatory(tokio::spawn(serve(listener, exhibits)))
}

impl Drop for Observatory {
    fn drop(&mut self) {
        self.0.abort();
    }
}

async fn serve(listener: TcpListener, exhibits: Arc<Exhibits>) {
    let seats = Arc::new(Semaphore::new(CONNECTIONS_MAX));
    let mut links = JoinSet::new();
    loop {
        let accepted = listener.accept().await;
        while links.try_join_next().is_some() {}
        match accepted {
            Ok((stream, _)) => {
                // Who scrapes comes again.
                let Ok(seat) = Arc::clone(&seats).try_acquire_owned() else { continue };
                let exhibits = Arc::clone(&exhibits);
                links.spawn(async move {
                    let service = service_fn(move |request| {
                        let exhibits = Arc::clone(&exhibits);
                        async move { Ok::<_, Infallible>(respond(&request, &exhibits).await) }
                    });
                    let served = http1::Builder::new()
                        .timer(TokioTimer::new())
                        .header_read_timeout(IDLE_MAX)
                        .serve_connection(TokioIo::new(stream), service)
                        .await;
                    if let Err(error) = served {
                        tracing::debug!(%error, "a scrape ended early");
                    }
                    drop(seat);
                });
            }
            Err(error) => {
                tracing::warn!(%error, "a scrape cannot be accepted");
                tokio::time::sleep(Duration::from_millis(50)).await;
            }
        }
    }
}

async fn respond(request: &Request<Incoming>, exhibits: &Arc<Exhibits>) -> Page {
    if !matches!(*request.method(), Method::GET | Method::HEAD) {
        let mut page = page(StatusCode::METHOD_NOT_ALLOWED, PLAIN, "GET or HEAD\n");
        page.headers_mut().insert(ALLOW, HeaderValue::from_static("GET, HEAD"));
        return page;
    }
    match request.uri().path() {
        "/metrics" => metrics(Arc::clone(exhibits)).await,
        "/healthz" => health(exhibits.server.health().await),
        _ => page(StatusCode::NOT_FOUND, PLAIN, "/metrics or /healthz\n"),
    }
}

/// Counting files may take a while when it is first done, so it is done where blocking is allowed.
async fn metrics(exhibits: Arc<Exhibits>) -> Page {
    let written = tokio::task::spawn_blocking(move || {
        let mut text = String::new();
        encode(&mut text, &exhibits.registry).map(|()| text)
    });
    match written.await {
        Ok(Ok(text)) => page(StatusCode::OK, prometheus_text::CONTENT_TYPE, text),
        Ok(Err(_)) | Err(_) => {
            tracing::error!("the metrics cannot be written down");
            page(StatusCode::INTERNAL_SERVER_ERROR, PLAIN, "see the log\n")
        }
    }
}

fn health(health: Result<Health, Ailment>) -> Page {
    match health {
        Ok(Health { commit, push_backlog }) => {
            let backlog = push_backlog.as_secs_f64();
            let body = json!({ "status": "ok", "commit": commit, "push_backlog_seconds": backlog });
            page(StatusCode::OK, JSON, body.to_string())
        }
        Err(ailment) => {
            let body = json!({ "status": "failing", "reason": ailment.to_string() });
            page(StatusCode::SERVICE_UNAVAILABLE, JSON, body.to_string())
        }
    }
}

fn page(status: StatusCode, kind: &'static str, body: impl Into<Bytes>) -> Page {
    let mut page = Response::new(Full::new(body.into()));
    *page.status_mut() = status;
    page.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static(kind));
    page
}

const PLAIN: &str = "text/plain; charset=utf-8";
const JSON: &str = "application/json";
/// Scrapers and load balancers of one cloud are few.
const CONNECTIONS_MAX: usize = 64;
/// How long a connection may be silent between requests, and a request may take to arrive.
const IDLE_MAX: Duration = Duration::from_secs(90);

#[cfg(test)]
mod tests {
    use heliogram_dc::{CodeDelivery, Config, Home, Limits, Mode};
    use heliogram_ids::DcId;
    use http_body_util::BodyExt as _;
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
    use tokio::net::TcpStream;

    use super::*;

    /// The status line's code, the kind and the body that a cloud in memory answers with.
    async fn ask(head: &str) -> (String, String, String) {
        let config = Config {
            dc_id: DcId::new(2).expect("two is a data centre"),
            further: Vec::new(),
            mode: Mode::Development,
            addresses: Vec::new(),
            code_delivery: CodeDelivery::LogOnly,
            limits: Limits::DEFAULT,
        };
        let server = Arc::new(Server::open(&Home::Memory, config).expect("it opens"));
        let mut registry = Registry::default();
        server.register(&mut registry);
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let address = listener.local_addr().expect("bound");
        let began = Timestamp::from_secs(1000);
        let observatory = start(listener, registry, Arc::clone(&server), began);
        let mut stream = TcpStream::connect(address).await.expect("somebody listens");
        let request = format!("{head} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
        stream.write_all(request.as_bytes()).await.expect("it reads");
        let mut answer = String::new();
        stream.read_to_string(&mut answer).await.expect("it answers");
        drop(observatory);
        server.stop().await;
        let (head, body) = answer.split_once("\r\n\r\n").expect("a head and a body");
        let kind = head.lines().find_map(|line| line.strip_prefix("content-type: "));
        let code = head.split(' ').nth(1).unwrap_or_default();
        (code.to_owned(), kind.unwrap_or_default().to_owned(), body.to_owned())
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn the_metrics_are_those_of_the_cloud_and_of_the_process() {
        let (code, kind, body) = ask("GET /metrics").await;
        assert_eq!((code.as_str(), kind.as_str()), ("200", prometheus_text::CONTENT_TYPE));
        for line in [
            "heliogram_connections 0",
            "heliogram_commit_failures_total 0",
            "process_start_time_seconds 1000",
            "# TYPE process_cpu_seconds_total counter",
            "# TYPE heliogram_heap_bytes gauge",
        ] {
            assert!(body.lines().any(|found| found == line), "{line}: {body}");
        }
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn a_cloud_that_is_well_says_so() {
        let (code, kind, body) = ask("GET /healthz").await;
        assert_eq!((code.as_str(), kind.as_str()), ("200", JSON));
        let body: serde_json::Value = serde_json::from_str(&body).expect("it is JSON");
        assert_eq!(body["status"], "ok");
        assert!(body["commit"].as_u64().is_some_and(|commit| commit > 0), "{body}");
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn there_is_nothing_else_to_see_and_nothing_to_change() {
        assert_eq!(ask("GET /").await.0, "404");
        assert_eq!(ask("POST /metrics").await.0, "405");
        let (code, _, body) = ask("HEAD /metrics").await;
        assert_eq!((code.as_str(), body.as_str()), ("200", ""));
    }

    #[tokio::test]
    async fn a_cloud_that_is_not_well_says_why() {
        let page = health(Err(Ailment::Writer(Duration::from_secs(5))));
        assert_eq!(page.status(), StatusCode::SERVICE_UNAVAILABLE);
        let body = page.into_body().collect().await.expect("it is whole").to_bytes();
        let expected = r#"{"status":"failing","reason":"a commit has not come for 5 s"}"#;
        assert_eq!(body, expected);
    }
}
