//! `reply_markup`: four kinds of object under one name, told by the field that is there.

use serde_json::{Map, Value};

use crate::error::ApiError;
use crate::json::{self, Fault, Field};
use crate::types::{
    ForceReply, InlineKeyboardButton, InlineKeyboardMarkup, KeyboardButton, ReplyKeyboardMarkup,
    ReplyKeyboardRemove,
};

/// What a message carries below it, or does to the reader's keyboard.
#[derive(Clone, Debug, PartialEq)]
pub enum ReplyMarkup {
    /// Buttons attached to the message.
    Inline(InlineKeyboardMarkup),
    /// A keyboard in place of the reader's own.
    Keyboard(ReplyKeyboardMarkup),
    /// The reader's own keyboard again.
    Remove(ReplyKeyboardRemove),
    /// The reader is asked to reply.
    ForceReply(ForceReply),
}

/// Reads the text of the parameter; an absent, null or empty object is no markup.
pub(crate) fn parse(text: &str) -> Result<Option<ReplyMarkup>, ApiError> {
    let value: Value = serde_json::from_str(text)
        .map_err(|_| ApiError::bad_request("can't parse reply keyboard markup JSON object"))?;
    match &value {
        Value::Null => Ok(None),
        Value::Object(object) => read(object).map_err(|fault| ApiError::bad_request(fault.0)),
        _ => Err(ApiError::bad_request("object expected as reply markup")),
    }
}

fn read(object: &Map<String, Value>) -> Result<Option<ReplyMarkup>, Fault> {
    if let Some(rows) = object.get("keyboard").filter(|rows| !rows.is_null()) {
        return Ok(keyboard(object, rows)?.map(ReplyMarkup::Keyboard));
    }
    if let Some(rows) = object.get("inline_keyboard").filter(|rows| !rows.is_null()) {
        let inline_keyboard = inline_rows(rows)?;
        let any = inline_keyboard.iter().any(|row| !row.is_empty());
        let force_reply = json::optional(object, "force_reply")?;
        let markup = InlineKeyboardMarkup { inline_keyboard, force_reply };
        return Ok(any.then_some(ReplyMarkup::Inline(markup)));
    }
    let flag = |names: [&str; 2]| -> Result<bool, Fault> {
        Ok(json::flag(object, names[0])? || json::flag(object, names[1])?)
    };
    let selective = Some(flag(["selective", "personal_keyboard"])?);
    if flag(["remove_keyboard", "hide_keyboard"])? {
        let remove = ReplyKeyboardRemove { remove_keyboard: true, selective };
        return Ok(Some(ReplyMarkup::Remove(remove)));
    }
    if flag(["force_reply", "force_reply_keyboard"])? {
        let input_field_placeholder = json::optional(object, "input_field_placeholder")?;
        let force = ForceReply { force_reply: true, input_field_placeholder, selective };
        return Ok(Some(ReplyMarkup::ForceReply(force)));
    }
    Ok(None)
}

fn keyboard(
    object: &Map<String, Value>,
    rows: &Value,
) -> Result<Option<ReplyKeyboardMarkup>, Fault> {
    let buttons = rows_of(rows, "Field \"keyboard\" must be an Array of Arrays", |button| {
        KeyboardButton::field("", button).map_err(|fault| {
            let text = match button {
                Value::String(_) | Value::Object(_) => fault.0,
                _ => "KeyboardButton must be a String or an Object".to_owned(),
            };
            Fault(format!("can't parse keyboard button: {text}"))
        })
    })?;
    if buttons.iter().all(Vec::is_empty) {
        return Ok(None);
    }
    Ok(Some(ReplyKeyboardMarkup {
        keyboard: buttons,
        is_persistent: json::optional(object, "is_persistent")?,
        resize_keyboard: json::optional(object, "resize_keyboard")?,
        one_time_keyboard: json::optional(object, "one_time_keyboard")?,
        input_field_placeholder: json::optional(object, "input_field_placeholder")?,
        selective: Some(
            json::flag(object, "selective")? || json::flag(object, "personal_keyboard")?,
        ),
        ..ReplyKeyboardMarkup::default()
    }))
}

fn inline_rows(rows: &Value) -> Result<Vec<Vec<InlineKeyboardButton>>, Fault> {
    let shape = "Field \"inline_keyboard\" of the InlineKeyboardMarkup must be an Array of Arrays";
    rows_of(rows, shape, |button| {
        inline_button(button)
            .map_err(|fault| Fault(format!("can't parse inline keyboard button: {}", fault.0)))
    })
}

fn inline_button(value: &Value) -> Result<InlineKeyboardButton, Fault> {
    let object = value.as_object().ok_or_else(|| Fault("expected an Object".to_owned()))?;
    let button = InlineKeyboardButton::field("", value)?;
    let acts = object.iter().any(|(name, value)| {
        !value.is_null() && !matches!(name.as_str(), "text" | "icon_custom_emoji_id" | "style")
    });
    if !acts {
        return Err(Fault("Text buttons are unallowed in the inline keyboard".to_owned()));
    }
    Ok(button)
}

fn rows_of<T>(
    rows: &Value,
    shape: &str,
    button: impl Fn(&Value) -> Result<T, Fault>,
) -> Result<Vec<Vec<T>>, Fault> {
    let wrong = || Fault(shape.to_owned());
    let rows = rows.as_array().ok_or_else(wrong)?.iter();
    rows.map(|row| row.as_array().ok_or_else(wrong)?.iter().map(&button).collect()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn refused(text: &str, expected: &str) {
        assert_eq!(parse(text).unwrap_err().description, format!("Bad Request: {expected}"));
    }

    #[test]
    fn malformed_markup_is_refused_in_the_official_words() {
        refused("{", "can't parse reply keyboard markup JSON object");
        refused("[]", "object expected as reply markup");
        refused(r#"{"keyboard":["a"]}"#, "field \"keyboard\" must be an Array of Arrays");
        refused(
            r#"{"inline_keyboard":[{}]}"#,
            "field \"inline_keyboard\" of the InlineKeyboardMarkup must be an Array of Arrays",
        );
        refused(
            r#"{"inline_keyboard":[[{"url":"x"}]]}"#,
            "can't parse inline keyboard button: Can't find field \"text\"",
        );
        refused(
            r#"{"inline_keyboard":[[{"text":"x"}]]}"#,
            "can't parse inline keyboard button: Text buttons are unallowed in the inline keyboard",
        );
        refused(
            r#"{"keyboard":[[1]]}"#,
            "can't parse keyboard button: KeyboardButton must be a String or an Object",
        );
    }

    #[test]
    fn strings_are_buttons_too() {
        let Some(ReplyMarkup::Keyboard(markup)) = parse(r#"{"keyboard":[["a","b"]]}"#).unwrap()
        else {
            panic!("a keyboard was given");
        };
        assert_eq!(markup.keyboard[0][1].text, "b");
    }

    #[test]
    fn an_empty_markup_is_none() {
        assert_eq!(parse("null").unwrap(), None);
        assert_eq!(parse("{}").unwrap(), None);
        assert_eq!(parse(r#"{"inline_keyboard":[[]]}"#).unwrap(), None);
        assert!(matches!(parse(r#"{"hide_keyboard":true}"#), Ok(Some(ReplyMarkup::Remove(_)))));
    }
}
