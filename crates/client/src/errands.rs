//! Who does what blocks: writing a session down, hashing a password.

use tokio::task::JoinError;

/// Where a client runs what would hold others up.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub(crate) enum Errands {
    /// On a thread of the runtime's.
    #[default]
    Threads,
    /// Where it stands: nothing runs beside it, so a run can be repeated.
    InPlace,
}

impl Errands {
    /// Runs `errand` and waits for its result.
    ///
    /// # Errors
    /// If it panicked on its thread.
    pub(crate) async fn run<R: Send + 'static>(
        self,
        errand: impl FnOnce() -> R + Send + 'static,
    ) -> Result<R, JoinError> {
        match self {
            Self::Threads => tokio::task::spawn_blocking(errand).await,
            Self::InPlace => Ok(errand()),
        }
    }
}
