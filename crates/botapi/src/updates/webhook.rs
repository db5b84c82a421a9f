//! Delivery to a webhook: the schedule says what is next, this sends it and reports back.

use std::net::SocketAddr;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use heliogram_client::Clock;
use heliogram_ids::Timestamp;
use reqwest::header::{CONTENT_TYPE, RETRY_AFTER};
use reqwest::{Client, Response, StatusCode};
use tokio::net::TcpStream;
use tokio::sync::mpsc;
use tokio::task::{JoinHandle, JoinSet};

use super::feed::Feed;
use super::schedule::Schedule;
use super::settings::{Hook, bad_webhook};
use super::trust;
use crate::args::Args;
use crate::body;
use crate::error::ApiError;
use crate::meters::Meters;
use crate::multipart::media_type;

/// What a webhook has to say beyond "delivered".
#[derive(Debug)]
pub(crate) enum Call {
    /// The answer named a method: it is run, and its result is nobody's.
    Method { method: String, args: Args },
    /// The webhook has said "gone" for a day: it is to be removed.
    Gone,
}

/// How delivery has been going, for `getWebhookInfo`.
#[derive(Clone, Debug, Default)]
pub(crate) struct Health {
    pub(crate) address: Option<SocketAddr>,
    pub(crate) last_error: Option<(Timestamp, String)>,
}

/// A running delivery. Dropping it ends it; what was in flight is sent again by the next one.
#[derive(Debug)]
pub(crate) struct Courier {
    health: Arc<Mutex<Health>>,
    task: JoinHandle<()>,
}

/// What became of one attempt.
enum Outcome {
    Accepted(Option<Call>),
    Refused { reason: Option<String>, retry_after: Option<Duration>, gone: bool },
}

struct Attempt {
    lane: i64,
    id: i32,
    outcome: Outcome,
}

/// How long a webhook may take to be connected to.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);
/// How long it may be silent; the update is then delivered again later.
const IDLE_TIMEOUT: Duration = Duration::from_secs(60);
const UNHEALTHY_AFTER: Duration = Duration::from_secs(10);
const UNHEALTHY_PAUSE: Duration = Duration::from_secs(2);
const GONE_AFTER: Duration = Duration::from_secs(23 * 3600);
const RESOLVE_EVERY: Duration = Duration::from_secs(30 * 60);
/// How much of its answer is read.
const ANSWER_BYTES_MAX: usize = 1 << 20;
const OFFERED_AT_ONCE: usize = 1000;

/// Resolves the address and opens a connection to it, as the bot waits for the answer.
///
/// # Errors
/// `bad webhook: …`
pub(crate) async fn verify(
    hook: &Hook,
    local: bool,
    proxied: bool,
) -> Result<SocketAddr, ApiError> {
    let address = hook.resolve(local).await?;
    if proxied {
        return Ok(address);
    }
    match tokio::time::timeout(CONNECT_TIMEOUT, TcpStream::connect(address)).await {
        Ok(Ok(_)) => Ok(address),
        Ok(Err(error)) => Err(bad_webhook(&error.to_string())),
        Err(_) => Err(bad_webhook("Connection timed out")),
    }
}

fn client(
    hook: &Hook,
    address: SocketAddr,
    folder: &Path,
    proxy: Option<&str>,
) -> Result<Client, String> {
    let words = |error: reqwest::Error| error.to_string();
    let connections = usize::try_from(hook.max_connections).unwrap_or(usize::MAX);
    crate::tls::provide();
    let mut builder = Client::builder()
        .connect_timeout(CONNECT_TIMEOUT)
        .read_timeout(IDLE_TIMEOUT)
        .pool_idle_timeout(IDLE_TIMEOUT)
        .pool_max_idle_per_host(connections)
        .redirect(reqwest::redirect::Policy::none())
        .no_proxy();
    if let Some(host) = hook.url.domain() {
        builder = builder.resolve(host, address);
    }
    if let Some(proxy) = proxy {
        builder = builder.proxy(reqwest::Proxy::all(proxy).map_err(words)?);
    }
    if hook.certificate {
        let pem = std::fs::read(folder.join("cert.pem")).map_err(|error| error.to_string())?;
        let trust = trust::only(&pem).ok_or("no certificate in cert.pem")?;
        builder = builder.tls_backend_preconfigured(trust);
    }
    builder.build().map_err(words)
}

/// What a courier works with.
pub(crate) struct Errand {
    pub(crate) feed: Arc<Feed>,
    pub(crate) hook: Hook,
    pub(crate) folder: std::path::PathBuf,
    pub(crate) local: bool,
    pub(crate) proxy: Option<String>,
    pub(crate) calls: mpsc::Sender<Call>,
    pub(crate) meters: Arc<Meters>,
    pub(crate) clock: Clock,
}

impl Courier {
    /// Begins to deliver.
    pub(crate) fn start(errand: Errand) -> Self {
        let health = Arc::new(Mutex::new(Health::default()));
        let round = Round {
            errand,
            health: Arc::clone(&health),
            schedule: Schedule::default(),
            flights: JoinSet::new(),
            line: None,
            last_success: None,
            gone_since: None,
        };
        Self { health, task: tokio::spawn(round.run()) }
    }

    /// How it has been going.
    pub(crate) fn health(&self) -> Health {
        self.health.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

impl Drop for Courier {
    fn drop(&mut self) {
        self.task.abort();
    }
}

struct Round {
    errand: Errand,
    health: Arc<Mutex<Health>>,
    schedule: Schedule,
    flights: JoinSet<Attempt>,
    /// The HTTP client, and when the name was last resolved.
    line: Option<(Client, Timestamp)>,
    last_success: Option<Timestamp>,
    gone_since: Option<Timestamp>,
}

impl Round {
    async fn run(mut self) {
        let feed = Arc::clone(&self.errand.feed);
        self.last_success = Some(self.errand.clock.now());
        loop {
            let arrival = feed.arrival();
            self.absorb();
            self.dispatch().await;
            let pause = self.pause();
            tokio::select! {
                biased;
                Some(Ok(attempt)) = self.flights.join_next(), if !self.flights.is_empty() => {
                    self.land(attempt).await;
                }
                () = arrival => {}
                () = tokio::time::sleep(pause) => {}
            }
        }
    }

    /// Takes over what the queue has gained.
    fn absorb(&mut self) {
        let state = self.errand.feed.lock();
        let fresh = state.queue.from(self.schedule.seen().saturating_add(1)).take(OFFERED_AT_ONCE);
        for (id, update) in fresh {
            self.schedule.offer(id, update.key);
        }
    }

    fn is_healthy(&self, now: Timestamp) -> bool {
        self.last_success.is_some_and(|last| now.saturating_since(last) < UNHEALTHY_AFTER)
            || self.health.lock().unwrap_or_else(PoisonError::into_inner).last_error.is_none()
    }

    async fn dispatch(&mut self) {
        let now = self.errand.clock.now();
        let connections = if self.is_healthy(now) { self.errand.hook.max_connections } else { 1 };
        while self.flights.len() < usize::try_from(connections).unwrap_or(usize::MAX) {
            let Some((lane, id)) = self.schedule.next(now) else { return };
            let waiting = self.errand.feed.lock().queue.find(id).map(|update| update.json(id));
            let Some(json) = waiting else {
                self.schedule.done(lane);
                continue;
            };
            match self.line(now).await {
                Ok(client) => {
                    let (url, secret) =
                        (self.errand.hook.url.clone(), self.errand.hook.secret.clone());
                    self.flights.spawn(async move {
                        Attempt { lane, id, outcome: send(client, url, secret, json).await }
                    });
                }
                Err(reason) => {
                    let outcome = Outcome::Refused {
                        reason: Some(reason),
                        retry_after: Some(UNHEALTHY_PAUSE),
                        gone: false,
                    };
                    self.land(Attempt { lane, id, outcome }).await;
                    return;
                }
            }
        }
    }

    /// The client; made anew when the name is due to be resolved again.
    async fn line(&mut self, now: Timestamp) -> Result<Client, String> {
        if let Some((client, since)) = &self.line
            && now.saturating_since(*since) < RESOLVE_EVERY
        {
            return Ok(client.clone());
        }
        let Errand { hook, folder, local, proxy, .. } = &self.errand;
        let address = hook.resolve(*local).await.map_err(|error| {
            error.description.trim_start_matches("Bad Request: bad webhook: ").to_owned()
        })?;
        let client = client(hook, address, folder, proxy.as_deref())?;
        self.health.lock().unwrap_or_else(PoisonError::into_inner).address = Some(address);
        self.line = Some((client.clone(), now));
        Ok(client)
    }

    /// How long nothing will be due.
    fn pause(&self) -> Duration {
        let now = self.errand.clock.now();
        let due = self.schedule.due().map_or(IDLE_TIMEOUT, |due| due.saturating_since(now));
        due.max(Duration::from_millis(10))
    }

    async fn land(&mut self, attempt: Attempt) {
        let now = self.errand.clock.now();
        let Attempt { lane, id, outcome } = attempt;
        self.errand.meters.note_delivery(matches!(outcome, Outcome::Accepted(_)));
        match outcome {
            Outcome::Accepted(call) => {
                self.last_success = Some(now);
                self.gone_since = None;
                self.remove(id);
                self.schedule.done(lane);
                if let Some(call) = call {
                    // The receiver lives as long as the bot; a closed one is being shut down.
                    let _ = self.errand.calls.send(call).await;
                }
            }
            Outcome::Refused { reason, retry_after, gone } => {
                self.note(now, reason);
                self.retry(lane, id, now, retry_after);
                let since = if gone { Some(self.gone_since.unwrap_or(now)) } else { None };
                self.gone_since = since;
                if since.is_some_and(|since| now.saturating_since(since) > GONE_AFTER) {
                    let _ = self.errand.calls.send(Call::Gone).await;
                }
            }
        }
    }

    fn note(&mut self, now: Timestamp, reason: Option<String>) {
        if let Some(reason) = reason {
            let mut health = self.health.lock().unwrap_or_else(PoisonError::into_inner);
            health.last_error = Some((now, reason));
        }
    }

    fn retry(&mut self, lane: i64, id: i32, now: Timestamp, retry_after: Option<Duration>) {
        // Spread by the id, so that lanes that failed together do not return together.
        let cap = Duration::from_secs(60 + u64::from(id.unsigned_abs() % 61));
        let when = self.schedule.failed(lane, now, retry_after, cap);
        let expires = self.errand.feed.lock().queue.find(id).map(|update| update.expires);
        if expires.is_none_or(|expires| expires < i64::from(when.unix())) {
            self.remove(id);
            self.schedule.give_up(lane, when);
        }
    }

    fn remove(&self, id: i32) {
        if let Err(error) = self.errand.feed.lock().queue.remove(id) {
            tracing::error!(%error, "the update queue cannot be written");
        }
    }
}

async fn send(client: Client, url: url::Url, secret: Option<String>, json: String) -> Outcome {
    let mut request = client.post(url).header(CONTENT_TYPE, "application/json").body(json);
    if let Some(secret) = secret {
        request = request.header("X-Telegram-Bot-Api-Secret-Token", secret);
    }
    match request.send().await {
        Ok(response) if response.status().is_success() => Outcome::Accepted(call(response).await),
        Ok(response) => refused(&response),
        Err(error) => {
            let reason = if error.is_timeout() && !error.is_connect() {
                "Read timeout expired".to_owned()
            } else {
                failure(&error)
            };
            Outcome::Refused { reason: Some(reason), retry_after: None, gone: false }
        }
    }
}

fn refused(response: &Response) -> Outcome {
    let status = response.status();
    let reason = status.canonical_reason().unwrap_or_default();
    let seconds = response.headers().get(RETRY_AFTER).and_then(|value| value.to_str().ok());
    Outcome::Refused {
        reason: Some(format!("Wrong response from the webhook: {} {reason}", status.as_u16())),
        retry_after: seconds.and_then(|text| text.trim().parse().ok()).map(Duration::from_secs),
        gone: status == StatusCode::GONE,
    }
}

/// The innermost reason, in the words that bot owners look for.
fn failure(error: &reqwest::Error) -> String {
    let mut cause: &dyn std::error::Error = error;
    while let Some(deeper) = cause.source() {
        if let Some(tls) = deeper.downcast_ref::<rustls::Error>() {
            return format!("SSL error {{{tls}}}");
        }
        cause = deeper;
    }
    if error.is_connect() {
        return format!("Can't connect to the webhook: {cause}");
    }
    cause.to_string()
}

/// The method call in a webhook's answer, if there is one that may be made this way.
async fn call(mut response: Response) -> Option<Call> {
    let content_type = response.headers().get(CONTENT_TYPE)?.to_str().ok()?;
    let kind = media_type(content_type);
    let mut text = Vec::new();
    while let Some(chunk) = response.chunk().await.ok()? {
        if text.len() + chunk.len() > ANSWER_BYTES_MAX {
            return None;
        }
        text.extend_from_slice(&chunk);
    }
    let mut args = Args::default();
    let read = match kind.as_str() {
        "application/json" => body::json(&mut args, &text, ANSWER_BYTES_MAX),
        _ => body::urlencoded(&mut args, &text, ANSWER_BYTES_MAX),
    };
    read.ok()?;
    let method = args.string("method").ok()?.to_ascii_lowercase();
    let barred = ["setwebhook", "deletewebhook", "close", "logout", ""].contains(&method.as_str());
    (!barred && !method.starts_with("get")).then_some(Call::Method { method, args })
}

#[cfg(test)]
mod tests {
    use heliogram_client::Entropy;
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    use tokio::net::TcpListener;

    use super::*;
    use crate::updates::{Allowed, NewUpdate, UpdateKind};

    const NOW: Timestamp = Timestamp::from_secs(1_000_000);

    /// Answers one request and returns what was asked.
    async fn answer(listener: &TcpListener, status: &str, body: &str) -> String {
        let (mut stream, _) = listener.accept().await.unwrap();
        let mut request = String::new();
        while !request.ends_with("}}") {
            let mut chunk = [0; 4096];
            let read = stream.read(&mut chunk).await.unwrap();
            request.push_str(std::str::from_utf8(&chunk[..read]).unwrap());
        }
        let answer = format!(
            "HTTP/1.1 {status}\r\nContent-Type: application/json\r\nConnection: close\r\n\
             Content-Length: {}\r\n\r\n{body}",
            body.len()
        );
        stream.write_all(answer.as_bytes()).await.unwrap();
        request
    }

    // The HTTP client wants a real address, so this one test listens on one.
    #[tokio::test]
    async fn a_refused_update_comes_again_and_an_answer_may_call_a_method() {
        let folder = tempfile::tempdir().unwrap();
        let feed = Arc::new(
            Feed::open(folder.path(), Allowed::default(), NOW, Entropy::system()).unwrap(),
        );
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/hook", listener.local_addr().unwrap());
        let hook = Hook {
            url: url::Url::parse(&url).unwrap(),
            secret: Some("s3cret".to_owned()),
            ip_address: None,
            max_connections: 4,
            certificate: false,
        };
        let (calls, mut inbox) = mpsc::channel(1);
        let courier = Courier::start(Errand {
            feed: Arc::clone(&feed),
            hook,
            folder: folder.path().to_owned(),
            local: true,
            proxy: None,
            calls,
            meters: Arc::default(),
            clock: Clock::starting_at(NOW),
        });
        let json = "{\"text\":\"hi\"}".to_owned();
        let update = NewUpdate { kind: UpdateKind::Message, subject: 5, date: NOW, json };
        feed.push(&update, NOW).unwrap();

        let first = answer(&listener, "500 Internal Server Error", "").await;
        assert!(first.contains("x-telegram-bot-api-secret-token: s3cret"));
        let again = answer(&listener, "200 OK", r#"{"method":"sendMessage","chat_id":5}"#).await;
        assert!(again.ends_with("\"message\":{\"text\":\"hi\"}}"));

        let Some(Call::Method { method, args }) = inbox.recv().await else {
            panic!("the answer called a method");
        };
        assert_eq!((method.as_str(), args.integer("chat_id")), ("sendmessage", 5));
        assert_eq!(feed.pending(), 0);
        let (_, reason) = courier.health().last_error.unwrap();
        assert_eq!(reason, "Wrong response from the webhook: 500 Internal Server Error");
    }
}
