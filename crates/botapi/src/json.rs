//! Reads parameter objects from JSON as leniently as the official server, with its error texts.

use serde_json::{Map, Value};

/// Why an object could not be read. The text goes to the bot after the parameter's own words.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[error("{0}")]
pub struct Fault(pub(crate) String);

impl Fault {
    /// A required field is absent or null.
    fn absent(name: &str) -> Self {
        Self(format!("Can't find field \"{name}\""))
    }

    /// A value of another type than the field wants.
    pub(crate) fn mistyped(name: &str, wanted: &str) -> Self {
        if name.is_empty() {
            return Self(format!("expected an {wanted}"));
        }
        Self(format!("Field \"{name}\" must be of type {wanted}"))
    }

    /// The discriminating field names no known member.
    pub(crate) fn unsupported(tag: &str) -> Self {
        Self(format!("type \"{tag}\" is unsupported"))
    }

    /// No member of a sum fits the fields that are there.
    pub(crate) fn shapeless(name: &str) -> Self {
        Self(format!("{} is not specified", name.replace('_', " ")))
    }
}

/// A value that can stand in a field. The name is that of the field, for the error text.
pub(crate) trait Field: Sized {
    fn field(name: &str, value: &Value) -> Result<Self, Fault>;
}

impl Field for String {
    fn field(name: &str, value: &Value) -> Result<Self, Fault> {
        match value {
            Value::String(text) => Ok(text.clone()),
            // Seen: scripts send numbers where the page says String, and always could.
            Value::Number(number) => Ok(number.to_string()),
            _ => Err(Fault::mistyped(name, "String")),
        }
    }
}

impl Field for i64 {
    fn field(name: &str, value: &Value) -> Result<Self, Fault> {
        let parsed = match value {
            Value::Number(number) => number.as_i64(),
            Value::String(text) => text.trim().parse().ok(),
            _ => return Err(Fault::mistyped(name, "Number")),
        };
        parsed.ok_or_else(|| Fault(format!("Field \"{name}\" must be a valid Number")))
    }
}

impl Field for f64 {
    fn field(name: &str, value: &Value) -> Result<Self, Fault> {
        let parsed = match value {
            Value::Number(number) => number.as_f64(),
            Value::String(text) => text.trim().parse().ok(),
            _ => return Err(Fault::mistyped(name, "Number")),
        };
        parsed.ok_or_else(|| Fault(format!("Field \"{name}\" must be a valid Number")))
    }
}

impl Field for bool {
    fn field(name: &str, value: &Value) -> Result<Self, Fault> {
        value.as_bool().ok_or_else(|| Fault::mistyped(name, "Boolean"))
    }
}

impl<T: Field> Field for Vec<T> {
    fn field(name: &str, value: &Value) -> Result<Self, Fault> {
        let items = value.as_array().ok_or_else(|| Fault::mistyped(name, "Array"))?;
        items.iter().map(|item| T::field(name, item)).collect()
    }
}

impl<T: Field> Field for Box<T> {
    fn field(name: &str, value: &Value) -> Result<Self, Fault> {
        T::field(name, value).map(Self::new)
    }
}

/// The object in a field.
pub(crate) fn object<'a>(name: &str, value: &'a Value) -> Result<&'a Map<String, Value>, Fault> {
    value.as_object().ok_or_else(|| Fault::mistyped(name, "Object"))
}

/// A field's value; null counts as absent.
fn present<'a>(object: &'a Map<String, Value>, name: &str) -> Option<&'a Value> {
    object.get(name).filter(|value| !value.is_null())
}

/// Whether a field is there and not null.
pub(crate) fn has(object: &Map<String, Value>, name: &str) -> bool {
    present(object, name).is_some()
}

/// A field that must be there.
pub(crate) fn required<T: Field>(object: &Map<String, Value>, name: &str) -> Result<T, Fault> {
    T::field(name, present(object, name).ok_or_else(|| Fault::absent(name))?)
}

/// A field that may be absent.
pub(crate) fn optional<T: Field>(
    object: &Map<String, Value>,
    name: &str,
) -> Result<Option<T>, Fault> {
    present(object, name).map(|value| T::field(name, value)).transpose()
}

/// A field that is true or absent.
pub(crate) fn flag(object: &Map<String, Value>, name: &str) -> Result<bool, Fault> {
    optional(object, name).map(Option::unwrap_or_default)
}

/// The same value, read as a member of a sum.
pub(crate) fn nested<T: Field>(name: &str, value: &Value) -> Result<T, Fault> {
    T::field(name, value)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::types::{InlineQueryResult, InputMedia, InputPollOption, MessageEntity};

    #[track_caller]
    fn check(value: &Value, expected: &str) {
        assert_eq!(MessageEntity::field("", value).unwrap_err().to_string(), expected);
    }

    #[test]
    fn a_missing_field_is_named() {
        check(&json!({"type": "bold"}), "Can't find field \"offset\"");
        check(&json!({"type": "bold", "offset": null}), "Can't find field \"offset\"");
        check(&json!({"type": [], "offset": 1}), "Field \"type\" must be of type String");
        check(
            &json!({"type": "bold", "offset": "x", "length": 1}),
            "Field \"offset\" must be a valid Number",
        );
        check(&json!(7), "expected an Object");
    }

    #[test]
    fn numbers_may_come_as_strings() {
        let entity = MessageEntity::field("", &json!({"type": "bold", "offset": "3", "length": 1}));
        assert_eq!(entity.unwrap().offset, 3);
    }

    #[test]
    fn a_string_stands_for_a_poll_option() {
        assert_eq!(InputPollOption::field("", &json!("yes")).unwrap().text, "yes");
    }

    #[test]
    fn the_type_field_chooses_the_member() {
        let media = InputMedia::field("", &json!({"type": "photo", "media": "x"})).unwrap();
        assert!(matches!(media, InputMedia::Photo(photo) if photo.media == "x"));
        let error = InputMedia::field("", &json!({"type": "tune", "media": "x"})).unwrap_err();
        assert_eq!(error.to_string(), "type \"tune\" is unsupported");
    }

    #[test]
    fn a_cached_result_is_told_by_its_file_id() {
        let cached = json!({"type": "photo", "id": "1", "photo_file_id": "AgAC"});
        let fresh = json!({"type": "photo", "id": "1", "photo_url": "u", "thumbnail_url": "t"});
        let read = |value| InlineQueryResult::field("", value).unwrap();
        assert!(matches!(read(&cached), InlineQueryResult::CachedPhoto(_)));
        assert!(matches!(read(&fresh), InlineQueryResult::Photo(_)));
    }
}
