//! How other commands reach a running cloud: one JSON line each way over a socket in its directory.

use std::io::{BufRead as _, BufReader, Write as _};
use std::os::unix::fs::PermissionsExt as _;
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use heliogram_dc::{NewBot, NewUser, RpcError, Server};
use heliogram_ids::DcId;
use serde::{Deserialize, Serialize};
use tokio::io::{AsyncBufReadExt as _, AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::UnixListener;

use crate::backup::{self, Made};

/// Longest request line.
const LINE_BYTES_MAX: u64 = 16 << 10;
/// How long a command waits for the cloud.
const PATIENCE: Duration = Duration::from_secs(10);

/// What can be asked of a running cloud.
#[derive(Debug, Deserialize, Serialize)]
#[serde(rename_all = "snake_case", tag = "command")]
pub(crate) enum Request {
    NewUser {
        phone: String,
        first_name: String,
        last_name: String,
        username: Option<String>,
        dc: Option<i32>,
    },
    NewBot {
        name: String,
        username: String,
        owner: String,
    },
    /// Where clients connect.
    Addresses,
    /// A backup into a folder that the cloud can write.
    Backup {
        target: PathBuf,
        keep: Option<usize>,
    },
}

/// What it answers.
#[derive(Debug, Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Response {
    User(i64),
    Token(String),
    Addresses { listen: String, bot_api: String, dc_id: i32 },
    Backup(Made),
    Error(String),
}

/// Where the cloud of a directory listens for commands.
pub(crate) fn socket(data: &Path) -> PathBuf {
    data.join("control.sock")
}

/// Asks the cloud that runs on `data`; `None` if none does.
pub(crate) fn ask(data: &Path, request: &Request) -> Option<std::io::Result<Response>> {
    let stream = UnixStream::connect(socket(data)).ok()?;
    Some(exchange(stream, request))
}

fn exchange(mut stream: UnixStream, request: &Request) -> std::io::Result<Response> {
    // A backup takes as long as it takes.
    let is_long = matches!(request, Request::Backup { .. });
    stream.set_read_timeout((!is_long).then_some(PATIENCE))?;
    let mut line = serde_json::to_vec(request)?;
    line.push(b'\n');
    stream.write_all(&line)?;
    let mut answer = String::new();
    BufReader::new(stream).read_line(&mut answer)?;
    Ok(serde_json::from_str(&answer)?)
}

/// What the cloud answers with, beside its rows.
pub(crate) struct Desk {
    pub(crate) server: Arc<Server>,
    pub(crate) data: PathBuf,
    pub(crate) listen: String,
    pub(crate) bot_api: String,
    pub(crate) dc_id: i32,
}

/// Opens the socket of a directory. Whoever holds the directory owns it, so a leftover goes.
pub(crate) fn listen(data: &Path) -> std::io::Result<UnixListener> {
    let path = socket(data);
    match std::fs::remove_file(&path) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    let listener = UnixListener::bind(&path)?;
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o600))?;
    Ok(listener)
}

/// Answers commands for as long as it is polled.
pub(crate) async fn serve(listener: UnixListener, desk: Arc<Desk>) {
    loop {
        let stream = match listener.accept().await {
            Ok((stream, _)) => stream,
            Err(error) => {
                tracing::error!(%error, "cannot accept on the control socket");
                tokio::time::sleep(Duration::from_secs(1)).await;
                continue;
            }
        };
        let desk = Arc::clone(&desk);
        tokio::spawn(async move {
            if let Err(error) = answer(stream, desk).await {
                tracing::debug!(%error, "a command was not finished");
            }
        });
    }
}

async fn answer(mut stream: tokio::net::UnixStream, desk: Arc<Desk>) -> std::io::Result<()> {
    let (read, mut write) = stream.split();
    let mut line = String::new();
    let mut read = tokio::io::BufReader::new(read.take(LINE_BYTES_MAX));
    tokio::time::timeout(PATIENCE, read.read_line(&mut line)).await??;
    let response = match serde_json::from_str(&line) {
        // Accounts are made by the store's writer: waiting for it would block this worker.
        Ok(request) => tokio::task::spawn_blocking(move || run(&desk, request)).await?,
        Err(error) => Response::Error(format!("bad command: {error}")),
    };
    let mut out = serde_json::to_vec(&response)?;
    out.push(b'\n');
    write.write_all(&out).await
}

fn run(desk: &Desk, request: Request) -> Response {
    match request {
        Request::Addresses => Response::Addresses {
            listen: desk.listen.clone(),
            bot_api: desk.bot_api.clone(),
            dc_id: desk.dc_id,
        },
        Request::Backup { target, keep } => {
            match backup::make(&desk.server, &desk.data, &target, keep) {
                Ok(made) => Response::Backup(made),
                Err(error) => Response::Error(error.to_string()),
            }
        }
        request => carry_out(&desk.server, request),
    }
}

/// Runs a command that is about rows, on an open cloud.
pub(crate) fn carry_out(server: &Server, request: Request) -> Response {
    let outcome = match request {
        Request::NewUser { phone, first_name, last_name, username, dc } => {
            let home = dc.map(|dc| DcId::new(dc).ok_or(RpcError::DC_ID_INVALID)).transpose();
            let new = |home| NewUser { phone, first_name, last_name, username, home };
            home.and_then(|home| server.new_user(new(home))).map(Response::User)
        }
        Request::NewBot { name, username, owner } => {
            server.new_bot(NewBot { name, username, owner_phone: owner }).map(Response::Token)
        }
        Request::Addresses | Request::Backup { .. } => {
            return Response::Error("no cloud runs here".to_owned());
        }
    };
    outcome.unwrap_or_else(|error| Response::Error(error.to_string()))
}
