//! Getting in and out.

use grammers_client::SignInError;
use grammers_client::client::PasswordToken;
use grammers_client::peer::User;
use grammers_mtsender::UpdatesConfiguration;
use grammers_tl_types as tl;
use serde_json::{Value, json};

use crate::actor::Actor;
use crate::ears::Ears;
use crate::settings::API_HASH;
use crate::things;
use crate::trouble::{Told, Trouble};

impl Actor {
    pub(crate) async fn log_in(&mut self, order: &Value) -> Told {
        let [phone, code] = ["phone", "code"].map(|name| order[name].as_str().unwrap_or_default());
        if self.code.as_ref().is_none_or(|(asked_for, _)| asked_for != phone) {
            let token = self.client.request_login_code(phone, API_HASH).await?;
            self.code = Some((phone.to_owned(), token));
        }
        let user = match self.sign_in(code).await {
            Err(SignInError::PasswordRequired(token)) => {
                self.is_code_right = true;
                let Some(password) = order["password"].as_str() else {
                    return Err(SignInError::PasswordRequired(token).into());
                };
                self.client.check_password(token, password).await?
            }
            other => other?,
        };
        self.listen(user).await
    }

    /// A code is good once; after it, the password's parameters are asked for anew.
    async fn sign_in(&self, code: &str) -> Result<User, SignInError> {
        if self.is_code_right {
            let tl::enums::account::Password::Password(password) = self
                .client
                .invoke(&tl::functions::account::GetPassword {})
                .await
                .map_err(SignInError::Other)?;
            return Err(SignInError::PasswordRequired(PasswordToken::new(password)));
        }
        let (_, token) = self.code.as_ref().expect("the code was asked for: by the caller");
        self.client.sign_in(token, code).await
    }

    pub(crate) async fn log_in_bot(&mut self, order: &Value) -> Told {
        let token = order["token"].as_str().unwrap_or_default();
        let user = self.client.bot_sign_in(token, API_HASH).await?;
        self.listen(user).await
    }

    pub(crate) async fn resume(&mut self) -> Told {
        if !self.client.is_authorized().await? {
            return Err(Trouble::named("AUTH_KEY_UNREGISTERED"));
        }
        let user = self.client.get_me().await?;
        self.listen(user).await
    }

    async fn listen(&mut self, user: User) -> Told {
        self.heard.is_me(user.id());
        if let Some(updates) = self.updates.take() {
            let configuration = UpdatesConfiguration { catch_up: true };
            let stream = self.client.stream_updates(updates, configuration).await?;
            self.ears = Some(Ears::open(stream, self.heard.clone()));
        }
        Ok(things::user(&user))
    }

    pub(crate) async fn rename(&mut self, order: &Value) -> Told {
        let first_name = order["first_name"].as_str().map(str::to_owned);
        self.client
            .invoke(&tl::functions::account::UpdateProfile {
                first_name,
                last_name: None,
                about: None,
            })
            .await?;
        Ok(Value::Null)
    }

    pub(crate) async fn sessions(&mut self) -> Told {
        let tl::enums::account::Authorizations::Authorizations(listed) =
            self.client.invoke(&tl::functions::account::GetAuthorizations {}).await?;
        let told = listed.authorizations.iter().map(|tl::enums::Authorization::Authorization(each)| {
            json!({ "current": each.current, "hash": each.hash.to_string() })
        });
        Ok(told.collect())
    }

    pub(crate) async fn end_session(&mut self, order: &Value) -> Told {
        let hash = order["hash"].as_str().and_then(|hash| hash.parse().ok());
        let hash = hash.ok_or_else(|| Trouble::named("no hash in the order"))?;
        self.client.invoke(&tl::functions::account::ResetAuthorization { hash }).await?;
        Ok(Value::Null)
    }

    pub(crate) async fn log_out(&mut self) -> Told {
        self.client.sign_out().await?;
        Ok(Value::Null)
    }
}
