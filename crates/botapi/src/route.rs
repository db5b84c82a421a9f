//! What a request's path asks for.

use crate::error::ApiError;
use crate::token::Token;

/// A path of the server.
#[derive(Debug, Eq, PartialEq)]
pub(crate) enum Route {
    /// `/bot<token>[/test]/<method>`. The method is lower-cased; empty means "see the arguments".
    Method { token: Token, method: String },
    /// `/file/bot<token>[/test]/<path>`.
    File { token: Token, path: String },
}

impl Route {
    /// Reads the undecoded path of a request.
    pub(crate) fn parse(path: &str) -> Result<Self, ApiError> {
        let decoded = percent_encoding::percent_decode_str(path).decode_utf8_lossy();
        if let Some(rest) = decoded.strip_prefix("/file/bot") {
            let (token, path) = split(rest)?;
            return Ok(Self::File { token, path: path.to_owned() });
        }
        let (token, method) = split(decoded.strip_prefix("/bot").ok_or_else(not_found)?)?;
        Ok(Self::Method { token, method: method.to_ascii_lowercase() })
    }
}

/// Token and what follows. The mark of the test environment is a plain prefix of the rest, so no
/// method's name could begin with it.
fn split(rest: &str) -> Result<(Token, &str), ApiError> {
    let (token, rest) = rest.split_once('/').ok_or_else(not_found)?;
    match rest.strip_prefix("test") {
        Some(rest) => {
            let rest = rest.strip_prefix('/').ok_or_else(not_found)?;
            Ok((Token::parse(token, true)?, rest))
        }
        None => Ok((Token::parse(token, false)?, rest)),
    }
}

fn not_found() -> ApiError {
    ApiError::exact(404, "Not Found")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(path: &str, expected: Result<(bool, &str), &str>) {
        let found = Route::parse(path).map(|route| match route {
            Route::Method { token, method } => (token.is_test(), method),
            Route::File { token, path } => (token.is_test(), format!("file {path}")),
        });
        let found = found.as_ref().map(|(test, text)| (*test, text.as_str()));
        assert_eq!(found.map_err(|error| error.description.as_str()), expected);
    }

    #[test]
    fn methods_are_found_whatever_their_case() {
        check("/bot1:a/GETME", Ok((false, "getme")));
        check("/bot1%3Aa/getMe", Ok((false, "getme")));
        check("/bot1:a/test/getMe", Ok((true, "getme")));
        check("/bot1:a/", Ok((false, "")));
        check("/file/bot1:a/photos/file_1.jpg", Ok((false, "file photos/file_1.jpg")));
    }

    #[test]
    fn other_paths_are_not_found() {
        check("/", Err("Not Found"));
        check("/bot1:a", Err("Not Found"));
        check("/bot1:a/testing", Err("Not Found"));
        check("/bot01:a/getMe", Err("Unauthorized: invalid token specified"));
    }
}
