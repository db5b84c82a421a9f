//! Errors that the server answers: a code, a name, and the number that some names carry.

use std::fmt;
use std::time::Duration;

/// The answer to a request that the server refused.
///
/// Names with a number in them are split: `FLOOD_WAIT_23` is `FLOOD_WAIT` with 23 as `arg`, and
/// `FILE_PART_3_MISSING` is `FILE_PART_MISSING` with 3. [`text`](Self::text) keeps the original.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct RpcError {
    /// Class of the error, after HTTP: 303, 400, 401, 403, 406, 420, 500 and negative ones.
    pub code: i32,
    /// The name without its number: what to match against.
    pub name: Box<str>,
    /// The number that stood in the name.
    pub arg: Option<i64>,
    text: Box<str>,
}

impl RpcError {
    /// Takes apart the text of an `rpc_error`.
    pub fn parse(code: i32, text: &str) -> Self {
        let mut arg = None;
        let name: Vec<&str> = text
            .split('_')
            .filter(|part| match number(part) {
                Some(found) => {
                    // The first number is the one with a meaning: `INPUT_METHOD_INVALID_7_0`.
                    arg.get_or_insert(found);
                    false
                }
                None => true,
            })
            .collect();
        Self { code, name: name.join("_").into(), arg, text: text.into() }
    }

    /// The error as the server spelt it.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Whether this is the error of that name, number aside.
    pub fn is(&self, name: &str) -> bool {
        &*self.name == name
    }

    /// How long the server wants the caller to wait before the same request may succeed.
    ///
    /// Covers `FLOOD_WAIT`, `FLOOD_PREMIUM_WAIT`, `SLOWMODE_WAIT` and every other error of code
    /// 420 that names seconds.
    pub fn wait(&self) -> Option<Duration> {
        let seconds = u64::try_from(self.arg?).ok()?;
        (self.code == 420 && self.name.ends_with("_WAIT")).then(|| Duration::from_secs(seconds))
    }

    /// The data centre that the server refers the caller to, for errors of code 303.
    pub fn migrate_to(&self) -> Option<i32> {
        let dc = i32::try_from(self.arg?).ok()?;
        (self.code == 303 && self.name.ends_with("_MIGRATE")).then_some(dc)
    }

    /// Whether the server had trouble of its own, so that repeating the request may help.
    pub fn is_transient(&self) -> bool {
        self.code >= 500 || self.code < 0
    }

    /// Whether the authorization is gone: everything but a missing second factor.
    pub fn is_logout(&self) -> bool {
        (self.code == 401 && !self.is("SESSION_PASSWORD_NEEDED")) || self.is("AUTH_KEY_DUPLICATED")
    }
}

impl fmt::Display for RpcError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} ({})", self.text, self.code)
    }
}

impl std::error::Error for RpcError {}

// Signs are refused: `parse` of the standard library would take `+5` for a number.
fn number(part: &str) -> Option<i64> {
    let digits = !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    if digits { part.parse().ok() } else { None }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, name: &str, arg: Option<i64>) {
        let error = RpcError::parse(420, text);
        assert_eq!((&*error.name, error.arg), (name, arg));
        assert_eq!(error.text(), text);
    }

    #[test]
    fn the_number_is_taken_out_of_the_name() {
        check("FLOOD_WAIT_23", "FLOOD_WAIT", Some(23));
        check("FILE_PART_3_MISSING", "FILE_PART_MISSING", Some(3));
        check("INPUT_METHOD_INVALID_1192227_0", "INPUT_METHOD_INVALID", Some(1_192_227));
        check("PHONE_MIGRATE_2", "PHONE_MIGRATE", Some(2));
    }

    #[test]
    fn names_without_a_number_stay_as_they_are() {
        check("PEER_ID_INVALID", "PEER_ID_INVALID", None);
        check("2FA_CONFIRM_WAIT_86400", "2FA_CONFIRM_WAIT", Some(86_400));
        check("Timeout", "Timeout", None);
        check("", "", None);
        check("A_99999999999999999999", "A_99999999999999999999", None);
    }

    #[test]
    fn waits_are_named_by_code_420_alone() {
        let wait = |code, text| RpcError::parse(code, text).wait();
        assert_eq!(wait(420, "FLOOD_WAIT_23"), Some(Duration::from_secs(23)));
        assert_eq!(wait(420, "FLOOD_PREMIUM_WAIT_3"), Some(Duration::from_secs(3)));
        assert_eq!(wait(420, "FROZEN_METHOD_INVALID"), None);
        assert_eq!(wait(400, "FLOOD_WAIT_23"), None);
    }

    #[test]
    fn a_missing_password_is_not_a_logout() {
        assert!(!RpcError::parse(401, "SESSION_PASSWORD_NEEDED").is_logout());
        assert!(RpcError::parse(401, "AUTH_KEY_UNREGISTERED").is_logout());
    }

    #[test]
    fn migration_names_the_data_centre() {
        assert_eq!(RpcError::parse(303, "FILE_MIGRATE_4").migrate_to(), Some(4));
        assert_eq!(RpcError::parse(400, "FILE_MIGRATE_4").migrate_to(), None);
    }
}
