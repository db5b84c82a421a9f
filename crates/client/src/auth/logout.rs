//! Logging out.

use heliogram_tl as tl;

use crate::{Client, InvokeError};

impl Client {
    /// Ends the authorization here and on the server.
    ///
    /// # Errors
    /// When the server could not be told; the login stays then.
    pub async fn log_out(&self) -> Result<(), InvokeError> {
        match self.invoke(&tl::auth::LogOut {}).await {
            Ok(_) => {}
            Err(InvokeError::Rpc(error)) if error.is_logout() => {}
            Err(error) => return Err(error),
        }
        self.book().set_login(None);
        Ok(())
    }
}
