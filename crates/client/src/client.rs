//! The handle that everything starts from.

use std::sync::Arc;
use std::time::Duration;

use heliogram_net::{Clock, Entropy};
use heliogram_tl as tl;
use heliogram_tl::{Decode, Function};

use crate::book::Book;
use crate::builder::{Application, ClientBuilder};
use crate::connect::{Pool, Purpose, Status};
use crate::errands::Errands;
use crate::retry::{Policy, Retry};
use crate::session::{Login, SessionError, SessionString};
use crate::updates::{Tap, UpdateStream};
use crate::{InvokeError, RpcError};

/// An account's connection to its data centre. Cheap to clone; all clones are one client.
///
/// When the last clone is dropped the connection is closed and what is not yet written down is.
#[derive(Clone)]
pub struct Client(Arc<Parts>);

/// What a client is made of.
pub(crate) struct Parts {
    pub(crate) pool: Pool,
    pub(crate) book: Arc<Book>,
    pub(crate) tap: Arc<Tap>,
    pub(crate) clock: Clock,
    pub(crate) entropy: Entropy,
    pub(crate) errands: Errands,
    pub(crate) application: Application,
    pub(crate) policy: Policy,
}

impl Client {
    /// Collects what a client needs to know.
    pub fn builder() -> ClientBuilder {
        ClientBuilder::default()
    }

    pub(crate) fn assemble(parts: Parts) -> Self {
        Self(Arc::new(parts))
    }

    /// Sends a request and waits for its result.
    ///
    /// Waits that the server imposes are kept, up to the limit set in the builder; trouble on
    /// the server's side is given a few more tries. Lost connections are invisible: the request
    /// is sent again under its old number, so it is executed once. Dropping the future gives
    /// the result up.
    ///
    /// # Errors
    /// What the server answered, if waiting and repeating did not help.
    pub async fn invoke<F: Function>(&self, request: &F) -> Result<F::Return, InvokeError> {
        self.invoke_on(Purpose::Home, request).await
    }

    /// Like [`invoke`](Self::invoke), over a connection chosen for its purpose.
    pub(crate) async fn invoke_on<F: Function>(
        &self,
        purpose: Purpose,
        request: &F,
    ) -> Result<F::Return, InvokeError> {
        let body = tl::Bytes::from(request.to_bytes());
        let mut retry = Retry::new(self.0.policy);
        loop {
            let error = match self.0.pool.call(purpose, F::ID, body.clone()).await {
                Ok(result) => return Ok(F::Return::from_bytes(&result)?),
                Err(InvokeError::Rpc(error)) => error,
                Err(error) => return Err(error),
            };
            match retry.after(&error) {
                Some(pause) => {
                    tracing::debug!(method = F::NAME, %error, ?pause, "request waits");
                    tokio::time::sleep(pause).await;
                }
                None => return Err(self.on_refusal(error)),
            }
        }
    }

    /// Who is logged in, as far as this session knows.
    pub fn login(&self) -> Option<Login> {
        self.0.book.login()
    }

    /// Every update from where the last run stopped, after gaps are healed.
    ///
    /// One stream per client: two would share the updates between them.
    ///
    /// # Errors
    /// When nobody is logged in.
    pub fn updates(&self) -> Result<UpdateStream, InvokeError> {
        UpdateStream::new(self.clone())
    }

    /// Like [`updates`](Self::updates), but a session that never read any begins with the oldest
    /// that the server still has, instead of with the next.
    ///
    /// That is what the host of a bot wants: people write to a bot before it first runs.
    ///
    /// # Errors
    /// If nobody is logged in.
    pub fn updates_from_oldest(&self) -> Result<UpdateStream, InvokeError> {
        self.book().begin_at_oldest(self.clock().now());
        self.updates()
    }

    /// How the connection to the data centre stands.
    pub fn status(&self) -> tokio::sync::watch::Receiver<Status> {
        self.0.pool.status()
    }

    /// The login as one line of text. It is as good as the account's password.
    pub fn session_string(&self) -> SessionString {
        self.0.book.read(SessionString::export)
    }

    /// Writes down what has changed; otherwise done now and then, and at the end.
    ///
    /// # Errors
    /// When the session's store fails.
    pub async fn flush(&self) -> Result<(), SessionError> {
        self.write(Book::flush).await
    }

    /// Closes the connection and the session. Requests under way end with `Closed`.
    ///
    /// The session's store is dropped, so that the next client can open it, also while clones of
    /// this one are still held somewhere.
    ///
    /// # Errors
    /// When the session's store fails. It stays open then, and this can be called again.
    pub async fn shutdown(&self) -> Result<(), SessionError> {
        self.0.pool.close();
        self.0.tap.close();
        self.write(Book::close).await
    }

    async fn write(
        &self,
        write: impl FnOnce(&Book) -> Result<(), SessionError> + Send + 'static,
    ) -> Result<(), SessionError> {
        let book = Arc::clone(&self.0.book);
        let written = self.errands().run(move || write(&book)).await;
        written.unwrap_or_else(|panic| Err(SessionError::Other(panic.into())))
    }

    pub(crate) fn book(&self) -> &Arc<Book> {
        &self.0.book
    }

    pub(crate) fn tap(&self) -> &Tap {
        &self.0.tap
    }

    pub(crate) fn clock(&self) -> &Clock {
        &self.0.clock
    }

    /// Where its randomness comes from, for what is drawn on its behalf.
    pub fn entropy(&self) -> Entropy {
        self.0.entropy.clone()
    }

    pub(crate) fn errands(&self) -> Errands {
        self.0.errands
    }

    pub(crate) fn application(&self) -> &Application {
        &self.0.application
    }

    /// Waits until the home line is up, or has failed for long enough.
    pub(crate) async fn online(&self, within: Duration) -> Result<(), String> {
        let mut status = self.status();
        let online = status.wait_for(|status| matches!(status, Status::Online));
        match tokio::time::timeout(within, online).await {
            Ok(Ok(_)) => Ok(()),
            Ok(Err(_)) => Err("client was shut down".to_owned()),
            Err(_) => Err(match &*self.status().borrow() {
                Status::Offline(why) => why.to_string(),
                _ => "no answer in time".to_owned(),
            }),
        }
    }

    fn on_refusal(&self, error: RpcError) -> InvokeError {
        if error.is_logout() && self.login().is_some() {
            tracing::warn!(%error, "authorization is gone");
        }
        error.into()
    }
}

impl Drop for Parts {
    fn drop(&mut self) {
        self.pool.close();
        if let Err(error) = self.book.close() {
            tracing::warn!(%error, "session is not written down");
        }
    }
}

impl std::fmt::Debug for Client {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Client").field("login", &self.login()).finish_non_exhaustive()
    }
}
