//! From a token to an account.

use std::fmt;
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use heliogram_client::session::SessionError;
use heliogram_client::updates::UpdateStream;
use heliogram_client::{Client, ClientBuilder, InvokeError};
use heliogram_ids::{MessageId, Peer, UserId};
use heliogram_tl as tl;
use heliogram_tl::Function;

use super::errors;
use super::session::Provisional;
use crate::error::ApiError;
use crate::generations::Generations;
use crate::roster::Roster;
use crate::together::Together;
use crate::token::Token;

/// A bot's account, logged in.
pub(crate) struct Account {
    client: Client,
    me: UserId,
    roster: Roster,
    recent: Mutex<Recent>,
    /// The bot, for all who want to know at the same time.
    described: Together<Result<Arc<tl::types::User>, ApiError>>,
    /// The authorization is gone; the next call logs in anew.
    lost: AtomicBool,
}

/// Messages as they stood on the wire: a fraction of what they take when decoded.
pub(super) type Recent = Generations<(Peer, MessageId), Box<[u8]>>;

/// Logs a bot in, and keeps its session in `folder` from then on.
///
/// Nothing is left on the disk by a token that the data centre refuses.
///
/// # Errors
/// 401 for a refused token, 429 and 502 as the data centre is.
pub(crate) async fn log_in(
    builder: ClientBuilder,
    token: &Token,
    folder: &Path,
) -> Result<Account, ApiError> {
    let path = folder.join("session");
    let session = if path.exists() { resume(&path)? } else { Provisional::new() };
    let client = builder
        .session(session.clone())
        .flood_wait_max(FLOOD_WAIT_MAX)
        .connect_max(CONNECT_MAX)
        .connect()
        .await
        .map_err(|error| errors::connect(&error))?;
    let login = client.sign_in_bot(token.secret_text()).await;
    let login = login.map_err(|error| errors::login(&error))?;
    std::fs::create_dir_all(folder).map_err(|error| crate::bots::disk(&error))?;
    session.settle(&path).map_err(|error| errors::connect(&error.into()))?;
    Ok(Account::new(client, login.user_id))
}

/// The session of an earlier run. One that is damaged is put aside: the token logs in again.
fn resume(path: &Path) -> Result<Provisional, ApiError> {
    match Provisional::resume(path) {
        Err(SessionError::NotASession { path, why }) => {
            let aside = path.with_extension("damaged");
            std::fs::rename(&path, &aside).map_err(|error| crate::bots::disk(&error))?;
            let (path, kept) = (path.display(), aside.display());
            tracing::error!(%path, %kept, why, "a bot's session is lost, it logs in anew");
            Ok(Provisional::new())
        }
        resumed => resumed.map_err(|error| errors::connect(&error.into())),
    }
}

/// Longer waits are the bot's to keep.
const FLOOD_WAIT_MAX: Duration = Duration::from_secs(2);
/// How long a first request waits for the data centre.
const CONNECT_MAX: Duration = Duration::from_secs(20);
/// Messages remembered, in each of two generations.
const RECENT_MAX: usize = 128;

impl Account {
    fn new(client: Client, me: UserId) -> Self {
        Self {
            client,
            me,
            roster: Roster::default(),
            recent: Mutex::new(Generations::new(RECENT_MAX)),
            described: Together::default(),
            lost: AtomicBool::new(false),
        }
    }

    /// The client, for what is more than one request.
    pub(crate) const fn client(&self) -> &Client {
        &self.client
    }

    /// The bot's own id.
    pub(crate) const fn me(&self) -> UserId {
        self.me
    }

    /// A number by which the data centre tells a repetition from another message.
    pub(crate) fn random_id(&self) -> i64 {
        self.client.entropy().draw().cast_signed()
    }

    /// Whom the bot has met.
    pub(crate) const fn roster(&self) -> &Roster {
        &self.roster
    }

    pub(super) fn recent(&self) -> MutexGuard<'_, Recent> {
        self.recent.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The updates since the last run; all there are, if this is the first.
    pub(crate) fn updates(&self) -> Result<UpdateStream, ApiError> {
        self.client.updates_from_oldest().map_err(|error| errors::refusal(&error, None))
    }

    /// Sends a request and waits for its result.
    ///
    /// # Errors
    /// As the data centre refuses, in the words of the Bot API.
    pub(crate) async fn invoke<F: Function>(&self, request: &F) -> Result<F::Return, ApiError> {
        self.invoke_or(request, None).await
    }

    /// As [`Account::invoke`], with the method's own word for any 400.
    pub(crate) async fn invoke_or<F: Function>(
        &self,
        request: &F,
        default: Option<&str>,
    ) -> Result<F::Return, ApiError> {
        self.ask(request).await.map_err(|error| errors::refusal(&error, default))
    }

    /// As [`Account::invoke`], with the error as it came.
    pub(crate) async fn ask<F: Function>(&self, request: &F) -> Result<F::Return, InvokeError> {
        let result = self.client.invoke(request).await;
        if let Err(error) = &result {
            self.note(error);
        }
        result
    }

    /// Takes down whether an error ends the login.
    pub(super) fn note(&self, error: &InvokeError) {
        if error.rpc().is_some_and(heliogram_client::RpcError::is_logout) {
            self.lost.store(true, Ordering::Relaxed);
        }
    }

    /// Whether the next call has to log in anew.
    pub(crate) fn is_lost(&self) -> bool {
        self.lost.load(Ordering::Relaxed)
    }

    /// Logs in anew over the same client.
    ///
    /// # Errors
    /// As for the first login.
    pub(crate) async fn log_in_again(&self, token: &Token) -> Result<(), ApiError> {
        let login = self.client.sign_in_bot(token.secret_text()).await;
        login.map_err(|error| errors::login(&error))?;
        self.lost.store(false, Ordering::Relaxed);
        Ok(())
    }

    /// Ends the authorization at the data centre.
    ///
    /// # Errors
    /// The data centre could not be told.
    pub(crate) async fn log_out(&self) -> Result<(), ApiError> {
        self.client.log_out().await.map_err(|error| errors::refusal(&error, None))?;
        self.lost.store(true, Ordering::Relaxed);
        Ok(())
    }

    /// The bot as the data centre describes it now.
    ///
    /// # Errors
    /// As the data centre refuses.
    pub(crate) async fn describe_me(&self) -> Result<Arc<tl::types::User>, ApiError> {
        let question = async {
            match self.client.me().await {
                Ok(me) => {
                    self.roster.learn(&[me.clone().into()], []);
                    Ok(Arc::new(me))
                }
                Err(error) => {
                    self.note(&error);
                    Err(errors::refusal(&error, None))
                }
            }
        };
        self.described.ask(question).await
    }
}

impl fmt::Debug for Account {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Account").field("me", &self.me).finish_non_exhaustive()
    }
}
