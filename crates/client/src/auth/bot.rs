//! Bots log in with their token.

use heliogram_ids::UserId;
use heliogram_tl as tl;

use crate::session::Login;
use crate::{Client, InvokeError};

impl Client {
    /// Logs in as a bot, unless this session is that bot already.
    ///
    /// # Errors
    /// `ACCESS_TOKEN_INVALID` and `ACCESS_TOKEN_EXPIRED` among others.
    pub async fn sign_in_bot(&self, token: &str) -> Result<Login, InvokeError> {
        // The number before the colon is the bot's id: another token of the same bot will do.
        let claimed =
            token.split_once(':').and_then(|(id, _)| id.parse().ok()).and_then(UserId::new);
        if let Some(login) = self.login()
            && login.is_bot
            && claimed == Some(login.user_id)
            && self.is_authorized().await?
        {
            return Ok(login);
        }
        let application = self.application();
        let request = tl::auth::ImportBotAuthorization {
            flags: 0,
            api_id: application.id,
            api_hash: (&*application.hash).into(),
            bot_auth_token: token.into(),
        };
        let authorization = self.invoke(&request).await?;
        self.on_authorization(&authorization).await
    }

    /// Whether the server still knows this login.
    ///
    /// # Errors
    /// When the server could not be asked.
    pub async fn is_authorized(&self) -> Result<bool, InvokeError> {
        if self.login().is_none() {
            return Ok(false);
        }
        match self.invoke(&tl::updates::GetState {}).await {
            Ok(_) => Ok(true),
            Err(InvokeError::Rpc(error)) if error.is_logout() => {
                self.book().set_login(None);
                Ok(false)
            }
            Err(error) => Err(error),
        }
    }

    /// Takes down who is logged in now, and writes it down: whoever loses that with the process has
    /// a login that nobody uses.
    pub(super) async fn on_authorization(
        &self,
        authorization: &tl::auth::Authorization,
    ) -> Result<Login, InvokeError> {
        let tl::auth::Authorization::Authorization(authorization) = authorization else {
            return Err(InvokeError::GivenUp("the server wants a sign-up where none is possible"));
        };
        self.book().learn([&authorization.user], []);
        let login = login_of(&authorization.user)
            .ok_or(InvokeError::GivenUp("the server named nobody as logged in"))?;
        self.book().set_login(Some(login));
        if let Err(error) = self.flush().await {
            tracing::warn!(%error, "login is not written down");
        }
        Ok(login)
    }
}

fn login_of(user: &tl::User) -> Option<Login> {
    match user {
        tl::User::User(user) => Some(Login { user_id: UserId::new(user.id)?, is_bot: user.bot }),
        tl::User::UserEmpty(_) => None,
    }
}
