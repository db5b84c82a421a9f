//! The way to the data centre: session file, key, address, and what to say if one of them fails.

use std::error::Error;
use std::path::Path;
use std::time::Duration;

use heliogram_client::session::{FileSession, SessionStore as _};
use heliogram_client::{Client, InvokeError, ProxyConnector};
use heliogram_crypto::rsa::PublicKey;
use heliogram_ids::DcId;

use crate::cli::Via;

/// What a command comes to.
pub(super) type Outcome<T> = Result<T, Box<dyn Error>>;

/// Runs one command of the client to its end.
pub(super) fn run<F: Future<Output = Outcome<()>>>(command: F) -> Outcome<()> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let outcome = runtime.block_on(command);
    // A prompt that nobody answered sits in a thread that nobody can stop.
    runtime.shutdown_background();
    outcome
}

/// Connects with a session that is logged in.
pub(super) async fn connect(via: &Via) -> Outcome<Client> {
    // Opening would make the file.
    if !via.session.exists() {
        return Err(not_logged_in(&via.session).into());
    }
    let session = FileSession::open(&via.session)?;
    if session.load()?.login.is_none() {
        return Err(not_logged_in(&via.session).into());
    }
    open(via, session).await
}

/// Connects with a session, whether it is logged in or not.
pub(super) async fn connect_stranger(via: &Via) -> Outcome<Client> {
    // The key first: a command that cannot work should leave no session file behind.
    public_key(via)?;
    open(via, FileSession::open(&via.session)?).await
}

async fn open(via: &Via, session: FileSession) -> Outcome<Client> {
    let number = via.dc_id;
    let dc = DcId::new(number).ok_or_else(|| {
        format!("data centre {number} does not exist: numbers run from 1 to 1000")
    })?;
    let client = Client::builder()
        .api(via.api_id, via.api_hash.as_str())
        .session(session)
        .connect_max(CONNECT_MAX);
    let keys = [public_key(via)?];
    let (client, address) = match &via.mtproxy {
        None => (client.dc_at(dc, via.address.to_string(), keys), via.address.to_string()),
        Some(link) => {
            let proxy = ProxyConnector::new(link.address(), link.key.clone(), dc);
            (client.dc(dc, proxy, keys), link.address())
        }
    };
    Ok(client.connect().await.map_err(|error| format!("{address}: {error}"))?)
}

fn public_key(via: &Via) -> Outcome<PublicKey> {
    let path = via.key.clone().unwrap_or_else(|| via.data.join("server.pub.pem"));
    let text = std::fs::read_to_string(&path).map_err(|error| {
        format!(
            "cannot read the key of the data centre, {}: {error}; name it with --key",
            path.display()
        )
    })?;
    Ok(PublicKey::from_pem(&text).map_err(|error| format!("{}: {error}", path.display()))?)
}

/// Says what a refused request means for who typed the command; `chat` is the chat it was about.
pub(super) fn explain(error: InvokeError, via: &Via, chat: &str) -> String {
    match error {
        InvokeError::UnknownPeer => format!("`{chat}` is nobody whom this session has met"),
        InvokeError::Rpc(error) if error.is_logout() => not_logged_in(&via.session),
        InvokeError::Rpc(error)
            if error.is("USERNAME_NOT_OCCUPIED") || error.is("PHONE_NOT_OCCUPIED") =>
        {
            format!("there is no `{chat}`")
        }
        error => error.to_string(),
    }
}

fn not_logged_in(session: &Path) -> String {
    format!("session {} is not logged in; run `heliogram login`", session.display())
}

/// Who types does not wait as long as a service would.
const CONNECT_MAX: Duration = Duration::from_secs(10);
