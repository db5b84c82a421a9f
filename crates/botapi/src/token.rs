//! The token in a request's path: which bot, and the secret that proves it.

use std::fmt;

use heliogram_ids::UserId;

use crate::error::ApiError;

/// A token of the right shape. Whether the bot exists is the data centre's to say.
#[derive(Clone, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct Token {
    text: String,
    id: i64,
    test: bool,
}

const TOKEN_BYTES_MAX: usize = 80;
const SECRET_BYTES_MIN: usize = 24;

impl Token {
    /// Reads a path segment. `test` is whether the request is for the test environment.
    ///
    /// # Errors
    /// 401 for a wrong shape, 421 when the part before the colon is no number.
    pub fn parse(text: &str, test: bool) -> Result<Self, ApiError> {
        let invalid = || ApiError::exact(401, "Unauthorized: invalid token specified");
        let shaped = !text.starts_with('0') && text.len() <= TOKEN_BYTES_MAX && !text.contains('/');
        let (number, _) = text.split_once(':').filter(|_| shaped).ok_or_else(invalid)?;
        // A sign would give one bot a second token, and with it a second session.
        let id = number.parse().ok().filter(|_| !number.starts_with('+'));
        let unallowed = "Misdirected Request: unallowed token specified";
        let id: i64 = id.ok_or_else(|| ApiError::exact(421, unallowed))?;
        if !(1..1 << 54).contains(&id) {
            return Err(invalid());
        }
        Ok(Self { text: text.to_owned(), id, test })
    }

    /// The bot's number, before the colon.
    pub const fn id(&self) -> i64 {
        self.id
    }

    /// The bot as a user, if its number can be one.
    pub const fn user(&self) -> Option<UserId> {
        UserId::new(self.id)
    }

    /// Whether the token is for the test environment.
    pub const fn is_test(&self) -> bool {
        self.test
    }

    /// The token itself, for the login.
    pub fn secret_text(&self) -> &str {
        &self.text
    }

    /// Whether the part after the colon can be a secret at all: base64url, long enough.
    pub fn can_log_in(&self) -> bool {
        let secret = self.text.split_once(':').map_or("", |(_, secret)| secret);
        let letter = |b: u8| b.is_ascii_alphanumeric() || b == b'-' || b == b'_';
        secret.len() >= SECRET_BYTES_MIN && secret.bytes().all(letter)
    }

    /// Name of the bot's folder.
    pub fn folder(&self) -> String {
        if self.test { format!("{}:T", self.text) } else { self.text.clone() }
    }
}

impl fmt::Debug for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Token({}:…)", self.id)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, expected: Result<i64, u16>) {
        assert_eq!(Token::parse(text, false).map(|t| t.id()).map_err(|e| e.code), expected);
    }

    #[test]
    fn tokens_have_a_number_and_a_secret() {
        check("42:abc", Ok(42));
        check("", Err(401));
        check("042:abc", Err(401));
        check("42", Err(401));
        check("x:abc", Err(421));
        check("-1:abc", Err(401));
        check("+42:abc", Err(421));
        check("18014398509481984:abc", Err(401));
        check(&format!("42:{}", "a".repeat(80)), Err(401));
    }

    #[test]
    fn the_secret_is_never_printed() {
        let token = Token::parse("42:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA", true).unwrap();
        assert!(token.can_log_in());
        assert_eq!(format!("{token:?}"), "Token(42:…)");
        assert!(token.folder().ends_with(":T"));
        assert!(!Token::parse("42:short", false).unwrap().can_log_in());
    }
}
