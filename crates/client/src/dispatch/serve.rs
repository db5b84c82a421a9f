//! Runs a router over the updates of a client.

use std::sync::Arc;

use super::context::{Context, Event};
use super::router::Router;
use crate::{Client, InvokeError};

impl Client {
    /// Hands every update to `router`, one after the other, until the client is shut down.
    ///
    /// An update counts as handled when its handler is done: a crash in between repeats it.
    ///
    /// # Errors
    /// When the authorization is gone.
    pub async fn serve<S: Send + Sync + 'static>(
        &self,
        router: &Router<S>,
        state: S,
    ) -> Result<(), InvokeError> {
        let state = Arc::new(state);
        let mut updates = self.updates()?;
        loop {
            let incoming = match updates.next().await {
                Ok(incoming) => incoming,
                Err(InvokeError::Closed) => return Ok(()),
                Err(error) => return Err(error),
            };
            let event = Event::new(self, incoming);
            let state = Arc::clone(&state);
            router.dispatch(&Context { client: self.clone(), event, state }).await;
        }
    }
}
