//! Why an order was not carried out.

use std::error::Error;

use grammers_client::{InvocationError, SignInError};
use serde_json::Value;

/// What comes of an order.
pub type Told<T = Value> = Result<T, Trouble>;

/// Why not.
pub enum Trouble {
    /// The server's error by its name, or what the library says.
    Refused(String),
    /// The library has no such thing.
    Cannot(&'static str),
}

impl Trouble {
    /// An error with a name that the library keeps to itself.
    pub fn named(name: &str) -> Self {
        Self::Refused(name.to_owned())
    }
}

impl From<InvocationError> for Trouble {
    fn from(error: InvocationError) -> Self {
        // A number is taken out of the name.
        Self::Refused(match error {
            InvocationError::Rpc(error) => match error.value {
                Some(value) => format!("{}_{value}", error.name),
                None => error.name,
            },
            error => error.to_string(),
        })
    }
}

impl From<SignInError> for Trouble {
    fn from(error: SignInError) -> Self {
        match error {
            SignInError::Other(error) => error.into(),
            SignInError::SignUpRequired => Self::named("PHONE_NUMBER_UNOCCUPIED"),
            SignInError::InvalidCode => Self::named("PHONE_CODE_INVALID"),
            SignInError::PasswordRequired(_) => Self::named("SESSION_PASSWORD_NEEDED"),
            SignInError::InvalidPassword(_) => Self::named("PASSWORD_HASH_INVALID"),
        }
    }
}

impl From<std::io::Error> for Trouble {
    fn from(error: std::io::Error) -> Self {
        // Uploads wrap what the server said.
        match error.downcast::<InvocationError>() {
            Ok(error) => error.into(),
            Err(error) => Self::Refused(error.to_string()),
        }
    }
}

impl From<Box<dyn Error + Send + Sync>> for Trouble {
    fn from(error: Box<dyn Error + Send + Sync>) -> Self {
        Self::Refused(error.to_string())
    }
}
