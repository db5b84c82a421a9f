//! What actors speak of. Absent, null and false are the same.

use serde::{Deserialize, Deserializer, Serialize};

/// Who the actor is.
#[derive(Clone, Debug, Deserialize)]
pub(in crate::interop) struct Ready {
    pub(in crate::interop) client: String,
    pub(in crate::interop) version: String,
    pub(in crate::interop) layer: Option<i32>,
}

/// A person or a bot.
#[derive(Clone, Debug, Default, Deserialize)]
pub(in crate::interop) struct User {
    pub(in crate::interop) id: i64,
    #[serde(default, deserialize_with = "or_nothing")]
    pub(in crate::interop) first_name: String,
    pub(in crate::interop) username: Option<String>,
    pub(in crate::interop) phone: Option<String>,
}

/// A message, in the numbers of whoever speaks of it.
#[derive(Clone, Debug, Default, Deserialize)]
pub(in crate::interop) struct Message {
    pub(in crate::interop) id: i64,
    pub(in crate::interop) chat: Option<i64>,
    pub(in crate::interop) from: Option<i64>,
    #[serde(default, deserialize_with = "or_nothing")]
    pub(in crate::interop) out: bool,
    #[serde(default, deserialize_with = "or_nothing")]
    pub(in crate::interop) text: String,
    #[serde(default, deserialize_with = "or_nothing")]
    pub(in crate::interop) entities: Vec<Entity>,
    pub(in crate::interop) reply_to: Option<i64>,
    #[serde(default, deserialize_with = "or_nothing")]
    pub(in crate::interop) edited: bool,
    pub(in crate::interop) media: Option<Media>,
    #[serde(default, deserialize_with = "or_nothing")]
    pub(in crate::interop) buttons: Vec<Vec<Button>>,
}

/// A format of a piece of text.
#[derive(Clone, Debug, Default, Deserialize, Eq, Ord, PartialEq, PartialOrd, Serialize)]
pub(in crate::interop) struct Entity {
    // The order of the fields is the order of entities.
    pub(in crate::interop) offset: usize,
    pub(in crate::interop) length: usize,
    #[serde(rename = "type")]
    pub(in crate::interop) kind: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(in crate::interop) url: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(in crate::interop) language: Option<String>,
}

/// A file in a message.
#[derive(Clone, Debug, Deserialize)]
pub(in crate::interop) struct Media {
    pub(in crate::interop) kind: String,
    pub(in crate::interop) size: Option<u64>,
    pub(in crate::interop) name: Option<String>,
}

/// A key of a keyboard below a message.
#[derive(Clone, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
pub(in crate::interop) struct Button {
    pub(in crate::interop) text: String,
    #[serde(default, deserialize_with = "or_nothing")]
    pub(in crate::interop) data: String,
}

/// One of an account's sessions.
#[derive(Clone, Debug, Deserialize)]
pub(in crate::interop) struct Login {
    #[serde(default, deserialize_with = "or_nothing")]
    pub(in crate::interop) current: bool,
    pub(in crate::interop) hash: String,
}

/// What a bot answered to a press.
#[derive(Clone, Debug, Default, Deserialize)]
pub(in crate::interop) struct Pressed {
    #[serde(default, deserialize_with = "or_nothing")]
    pub(in crate::interop) text: String,
}

/// What happened without being asked for.
#[derive(Clone, Debug, Deserialize)]
#[serde(tag = "event", rename_all = "snake_case")]
pub(in crate::interop) enum Event {
    Message { message: Message },
    Edit { message: Message },
    Delete { messages: Vec<i64> },
    Read { up_to: i64 },
    Typing { from: i64 },
    Name { user: i64, first_name: String },
    Press { press: serde_json::Value, from: i64, data: String, message: Option<i64> },
}

impl Event {
    /// The message of an event that is a new one.
    pub(in crate::interop) fn message(&self) -> Option<&Message> {
        match self {
            Self::Message { message } => Some(message),
            _ => None,
        }
    }
}

fn or_nothing<'de, D: Deserializer<'de>, T: Default + Deserialize<'de>>(
    from: D,
) -> Result<T, D::Error> {
    Ok(Option::<T>::deserialize(from)?.unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn absent_null_and_false_are_the_same() {
        for line in [
            r#"{"id":5}"#,
            r#"{"id":5,"text":null,"out":null,"entities":null,"media":null}"#,
            r#"{"id":5,"text":"","out":false,"entities":[],"buttons":[]}"#,
        ] {
            let message: Message = serde_json::from_str(line).unwrap();
            assert!(!message.out && message.text.is_empty() && message.entities.is_empty());
        }
    }

    #[test]
    fn events_are_told_apart_by_their_name() {
        let check = |line: &str| serde_json::from_str::<Event>(line);
        let event = check(r#"{"event":"delete","messages":[1,2]}"#).unwrap();
        assert!(matches!(event, Event::Delete { messages } if messages == [1, 2]));
        let event = check(r#"{"event":"press","press":"7","from":3,"data":"y"}"#).unwrap();
        assert!(matches!(event, Event::Press { from: 3, message: None, .. }));
        assert!(check(r#"{"event":"sneeze"}"#).is_err());
    }
}
