//! People log in step by step. Each step is a value that the answer turns into the next.

use heliogram_tl as tl;

use super::password::PasswordStep;
use crate::session::Login;
use crate::{Client, InvokeError};

/// What the login needs next.
#[derive(Debug)]
#[must_use]
pub enum LoginStep {
    /// The code that was sent.
    Code(CodeStep),
    /// The password of the second factor.
    Password(PasswordStep),
    /// A name: nobody has this number yet.
    SignUp(SignUpStep),
    /// Nothing more.
    Done(Login),
}

/// Waits for the code that was sent to the phone.
#[derive(Clone, Debug)]
pub struct CodeStep {
    client: Client,
    phone: String,
    hash: tl::Str,
    kind: tl::auth::SentCodeType,
}

/// Waits for the name of a new account.
#[derive(Clone, Debug)]
pub struct SignUpStep {
    client: Client,
    phone: String,
    hash: tl::Str,
    terms: Option<tl::help::TermsOfService>,
}

impl Client {
    /// Begins a login by phone number.
    ///
    /// # Errors
    /// `PHONE_NUMBER_INVALID`, `PHONE_NUMBER_BANNED`, `API_ID_INVALID` among others.
    pub async fn login_phone(&self, phone: &str) -> Result<LoginStep, InvokeError> {
        let application = self.application();
        let request = tl::auth::SendCode {
            phone_number: phone.into(),
            api_id: application.id,
            api_hash: (&*application.hash).into(),
            settings: tl::types::CodeSettings::default().into(),
        };
        match self.invoke(&request).await? {
            tl::auth::SentCode::SentCode(sent) => Ok(LoginStep::Code(CodeStep {
                client: self.clone(),
                phone: phone.to_owned(),
                hash: sent.phone_code_hash,
                kind: sent.r#type,
            })),
            tl::auth::SentCode::SentCodeSuccess(success) => {
                self.on_authorization(&success.authorization).await.map(LoginStep::Done)
            }
            tl::auth::SentCode::SentCodePaymentRequired(_) => {
                Err(InvokeError::GivenUp("the server wants to be paid for the code"))
            }
        }
    }
}

impl CodeStep {
    /// How the code was sent, and how long it is.
    pub const fn kind(&self) -> &tl::auth::SentCodeType {
        &self.kind
    }

    /// Goes on with the code. After `PHONE_CODE_INVALID` the step may be tried again.
    ///
    /// # Errors
    /// `PHONE_CODE_INVALID`, `PHONE_CODE_EXPIRED` among others.
    pub async fn submit(&self, code: &str) -> Result<LoginStep, InvokeError> {
        let request = tl::auth::SignIn {
            phone_number: self.phone.as_str().into(),
            phone_code_hash: self.hash.clone(),
            phone_code: Some(code.trim().into()),
            email_verification: None,
        };
        match self.client.invoke(&request).await {
            Ok(tl::auth::Authorization::AuthorizationSignUpRequired(required)) => {
                Ok(self.sign_up(required.terms_of_service))
            }
            Ok(authorization) => {
                self.client.on_authorization(&authorization).await.map(LoginStep::Done)
            }
            Err(error) if error.is("SESSION_PASSWORD_NEEDED") => {
                PasswordStep::begin(&self.client).await.map(LoginStep::Password)
            }
            // Before layer 104 this was how a sign-up was asked for.
            Err(error) if error.is("PHONE_NUMBER_UNOCCUPIED") => Ok(self.sign_up(None)),
            Err(error) => Err(error),
        }
    }

    fn sign_up(&self, terms: Option<tl::help::TermsOfService>) -> LoginStep {
        LoginStep::SignUp(SignUpStep {
            client: self.client.clone(),
            phone: self.phone.clone(),
            hash: self.hash.clone(),
            terms,
        })
    }
}

impl SignUpStep {
    /// What the new user agrees to.
    pub const fn terms(&self) -> Option<&tl::help::TermsOfService> {
        self.terms.as_ref()
    }

    /// Makes the account.
    ///
    /// # Errors
    /// `FIRSTNAME_INVALID` among others.
    pub async fn submit(&self, first_name: &str, last_name: &str) -> Result<Login, InvokeError> {
        let request = tl::auth::SignUp {
            no_joined_notifications: false,
            phone_number: self.phone.as_str().into(),
            phone_code_hash: self.hash.clone(),
            first_name: first_name.into(),
            last_name: last_name.into(),
        };
        let authorization = self.client.invoke(&request).await?;
        self.client.on_authorization(&authorization).await
    }
}
