//! A chat as a bot names it: by number, or by username.

use serde::{Serialize, Serializer};
use serde_json::Value;

use crate::error::ApiError;
use crate::json::{Fault, Field};

/// The parameter `chat_id` and its kin, before the chat is looked up.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub enum ChatRef {
    /// Nothing was given.
    #[default]
    Empty,
    /// A marked id: users positive, groups and channels negative.
    Id(i64),
    /// A username, without its `@`.
    Username(String),
    /// Neither of the two: no chat can be found by it.
    Unknown(String),
}

impl ChatRef {
    /// Reads the text of the parameter.
    pub fn parse(text: &str) -> Self {
        let text = text.trim();
        if text.is_empty() {
            return Self::Empty;
        }
        if let Some(username) = text.strip_prefix('@') {
            return Self::Username(username.to_owned());
        }
        text.parse().map_or_else(|_| Self::Unknown(text.to_owned()), Self::Id)
    }

    /// The reference, unless nothing was given.
    ///
    /// # Errors
    /// `chat_id is empty`.
    pub fn given(&self) -> Result<&Self, ApiError> {
        match self {
            Self::Empty => Err(ApiError::bad_request("chat_id is empty")),
            given => Ok(given),
        }
    }
}

impl Field for ChatRef {
    fn field(name: &str, value: &Value) -> Result<Self, Fault> {
        String::field(name, value).map(|text| Self::parse(&text))
    }
}

impl Serialize for ChatRef {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Empty => serializer.serialize_none(),
            Self::Id(id) => serializer.serialize_i64(*id),
            Self::Username(name) => serializer.collect_str(&format_args!("@{name}")),
            Self::Unknown(text) => serializer.serialize_str(text),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, expected: ChatRef) {
        assert_eq!(ChatRef::parse(text), expected);
    }

    #[test]
    fn chats_are_named_by_number_or_username() {
        check("", ChatRef::Empty);
        check(" -1001234 ", ChatRef::Id(-1_001_234));
        check("@durov", ChatRef::Username("durov".to_owned()));
        check("durov", ChatRef::Unknown("durov".to_owned()));
    }
}
