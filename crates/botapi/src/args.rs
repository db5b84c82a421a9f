//! Arguments of one request: names and texts from the query string and the body, first one wins,
//! and the files that came along. Reading them is lenient: garbage is zero, not an error.

use std::path::Path;
use std::sync::Arc;

use serde_json::Value;
use tempfile::TempPath;

use crate::chat_ref::ChatRef;
use crate::error::ApiError;
use crate::json::Field;
use crate::reply_markup::{self, ReplyMarkup};
use crate::types::InlineKeyboardMarkup;

/// What a bot passed to a method.
#[derive(Clone, Debug, Default)]
pub struct Args {
    pairs: Vec<(String, Vec<u8>)>,
    /// What the pairs cost; counted as they come, since it is asked after each of them.
    bytes: usize,
    files: Vec<Upload>,
}

/// A file part of a multipart request, spooled to disk. The last holder removes it.
#[derive(Clone, Debug)]
pub struct Upload {
    /// Name of the form field.
    pub field: String,
    /// File name as the bot gave it.
    pub name: String,
    /// Length in bytes.
    pub size: u64,
    spool: Arc<TempPath>,
}

/// A file parameter: an upload of the same request, or a text that names a file.
#[derive(Clone, Debug, PartialEq)]
pub enum InputFile {
    /// Sent along with the request.
    Upload(Upload),
    /// A `file_id`, an address, or in local mode a `file:` URI.
    Text(String),
}

impl Upload {
    pub(crate) fn new(field: String, name: String, size: u64, spool: TempPath) -> Self {
        Self { field, name, size, spool: Arc::new(spool) }
    }

    /// Where the content lies while this value lives.
    pub fn path(&self) -> &Path {
        &self.spool
    }
}

impl PartialEq for Upload {
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.spool, &other.spool)
    }
}

impl Args {
    /// Adds a text argument; an earlier one of the same name keeps precedence.
    pub(crate) fn push(&mut self, name: impl Into<String>, value: impl Into<Vec<u8>>) {
        let (name, value) = (name.into(), value.into());
        self.bytes += name.len() + value.len() + PAIR_BYTES;
        self.pairs.push((name, value));
    }

    /// Adds everything in `later`, behind what is there.
    pub(crate) fn append(&mut self, mut later: Self) {
        self.bytes += later.bytes;
        self.pairs.append(&mut later.pairs);
        self.files.append(&mut later.files);
    }

    pub(crate) fn push_file(&mut self, upload: Upload) {
        self.files.push(upload);
    }

    /// What all names and values cost, for the limit on parameters.
    pub(crate) const fn bytes(&self) -> usize {
        self.bytes
    }

    /// Number of file parts.
    pub(crate) fn files(&self) -> usize {
        self.files.len()
    }

    fn raw(&self, name: &str) -> Option<&[u8]> {
        self.pairs.iter().find(|(own, _)| own == name).map(|(_, value)| value.as_slice())
    }

    /// The text for numbers and names, where bad UTF-8 is as good as garbage.
    fn loose(&self, name: &str) -> Option<&str> {
        self.raw(name).and_then(|value| std::str::from_utf8(value).ok())
    }

    /// Whether the parameter was passed at all.
    pub fn has(&self, name: &str) -> bool {
        self.raw(name).is_some()
    }

    /// A text; absent is empty.
    ///
    /// # Errors
    /// `strings must be encoded in UTF-8`.
    pub fn string(&self, name: &str) -> Result<String, ApiError> {
        self.optional_string(name).map(Option::unwrap_or_default)
    }

    /// A text that may be absent.
    ///
    /// # Errors
    /// `strings must be encoded in UTF-8`.
    pub fn optional_string(&self, name: &str) -> Result<Option<String>, ApiError> {
        let Some(raw) = self.raw(name) else { return Ok(None) };
        let text = std::str::from_utf8(raw)
            .map_err(|_| ApiError::bad_request("strings must be encoded in UTF-8"))?;
        Ok(Some(text.to_owned()))
    }

    /// A number; absent or unreadable is 0.
    pub fn integer(&self, name: &str) -> i64 {
        self.optional_integer(name).unwrap_or_default()
    }

    /// A number that may be absent; unreadable is 0.
    pub fn optional_integer(&self, name: &str) -> Option<i64> {
        self.raw(name).map(|_| self.loose(name).map_or(0, lenient_integer))
    }

    /// A number forced into a range: out of range is never an error.
    pub fn clamped(&self, name: &str, default: i64, min: i64, max: i64) -> i64 {
        self.optional_integer(name).unwrap_or(default).clamp(min, max)
    }

    /// A fractional number; absent or unreadable is 0.
    pub fn float(&self, name: &str) -> f64 {
        self.optional_float(name).unwrap_or_default()
    }

    /// A fractional number that may be absent; unreadable is 0.
    pub fn optional_float(&self, name: &str) -> Option<f64> {
        self.raw(name).map(|_| {
            let text = self.loose(name).unwrap_or_default().trim();
            text.parse::<f64>().ok().filter(|number| number.is_finite()).unwrap_or_default()
        })
    }

    /// True for `true`, `yes` and `1`; anything else is false.
    pub fn boolean(&self, name: &str) -> bool {
        self.optional_boolean(name).unwrap_or_default()
    }

    /// As [`Args::boolean`], but tells absent from false.
    pub fn optional_boolean(&self, name: &str) -> Option<bool> {
        self.raw(name).map(|_| {
            let text = self.loose(name).unwrap_or_default().trim().to_ascii_lowercase();
            matches!(text.as_str(), "true" | "yes" | "1")
        })
    }

    /// A chat.
    pub fn chat(&self, name: &str) -> ChatRef {
        self.loose(name).map(ChatRef::parse).unwrap_or_default()
    }

    /// A chat that may be absent.
    pub fn optional_chat(&self, name: &str) -> Option<ChatRef> {
        Some(self.chat(name)).filter(|chat| *chat != ChatRef::Empty)
    }

    /// A file: the part of this name, the part that `attach://` names, or the text itself.
    ///
    /// # Errors
    /// `strings must be encoded in UTF-8`.
    pub fn file(&self, name: &str) -> Result<Option<InputFile>, ApiError> {
        if let Some(upload) = self.files.iter().find(|upload| upload.field == name) {
            return Ok(Some(InputFile::Upload(upload.clone())));
        }
        let text = self.string(name)?;
        Ok(self.named_file(&text))
    }

    /// The file that a text inside JSON names; empty text and unknown attachments name none.
    pub fn named_file(&self, text: &str) -> Option<InputFile> {
        match text.strip_prefix("attach://") {
            Some(part) => {
                let upload = self.files.iter().find(|upload| upload.field == part);
                upload.cloned().map(InputFile::Upload)
            }
            None if text.is_empty() => None,
            None => Some(InputFile::Text(text.to_owned())),
        }
    }

    /// Any markup.
    ///
    /// # Errors
    /// As the object is malformed.
    pub fn reply_markup(&self, name: &str) -> Result<Option<ReplyMarkup>, ApiError> {
        let text = self.string(name)?;
        if text.is_empty() { Ok(None) } else { reply_markup::parse(&text) }
    }

    /// Markup of a message that is edited: only inline keyboards can be.
    ///
    /// # Errors
    /// `inline keyboard expected`, and as the object is malformed.
    pub fn inline_markup(&self, name: &str) -> Result<Option<InlineKeyboardMarkup>, ApiError> {
        match self.reply_markup(name)? {
            None => Ok(None),
            Some(ReplyMarkup::Inline(markup)) => Ok(Some(markup)),
            Some(_) => Err(ApiError::bad_request("inline keyboard expected")),
        }
    }

    /// An object or a list in JSON; absent, empty and null are none.
    pub(crate) fn json<T: Field>(&self, name: &str) -> Result<Option<T>, ApiError> {
        let text = self.string(name)?;
        if text.trim().is_empty() {
            return Ok(None);
        }
        let words = words(name);
        let value: Value = serde_json::from_str(&text).map_err(|_| {
            ApiError::bad_request(format!("can't parse {} JSON object", words.subject))
        })?;
        if value.is_null() {
            return Ok(None);
        }
        T::field("", &value).map(Some).map_err(|fault| match fault.0.as_str() {
            "expected an Array" if !words.array.is_empty() => ApiError::bad_request(words.array),
            "expected an Object" if words.array.is_empty() && !value.is_array() => {
                ApiError::bad_request(format!("object expected as {}", words.subject))
            }
            text => ApiError::bad_request(format!("{}{text}", words.item)),
        })
    }
}

/// What an argument costs however short it is: a body of nothing but `&=` holds millions.
const PAIR_BYTES: usize = size_of::<(String, Vec<u8>)>();

/// How a JSON parameter is spoken of in errors.
struct Words {
    subject: String,
    /// Said when a list was wanted and something else came; empty for objects.
    array: &'static str,
    /// Said before what is wrong inside.
    item: String,
}

/// Parameters with words of their own: subject, the want of a list, and the noun of one item.
const WORDS: &[(&str, &str, &str, &str)] = &[
    ("commands", "commands", "expected an Array of BotCommand", "BotCommand"),
    ("entities", "entities", "expected an Array of MessageEntity", "MessageEntity"),
    ("caption_entities", "entities", "expected an Array of MessageEntity", "MessageEntity"),
    ("media", "media", "expected an Array of InputMedia", "InputMedia"),
    ("menu_button", "menu button", "", "menu button"),
    ("message_ids", "message identifiers", "expected an Array of message identifiers", ""),
    ("options", "options", "expected an Array of String as options", "InputPollOption"),
    ("permissions", "permissions", "", "chat permissions"),
    ("prices", "prices", "expected an Array of labeled prices", "labeled price"),
    ("reply_parameters", "reply parameters", "", "reply parameters"),
    (
        "results",
        "encoded inline query results",
        "expected an Array of inline query results",
        "inline query result",
    ),
    ("scope", "BotCommandScope", "", "BotCommandScope"),
    (
        "shipping_options",
        "shipping options",
        "expected an Array of shipping options",
        "shipping option",
    ),
    ("sticker", "sticker", "", "InputSticker"),
    ("stickers", "stickers", "expected an Array of InputSticker", "InputSticker"),
];

fn words(name: &str) -> Words {
    let prefix = |item: &str| match item {
        "" => String::new(),
        item => format!("can't parse {item}: "),
    };
    match WORDS.iter().find(|(own, ..)| *own == name) {
        Some((_, subject, array, item)) => {
            Words { subject: (*subject).to_owned(), array, item: prefix(item) }
        }
        None => {
            let subject = name.replace('_', " ");
            Words { item: prefix(&subject), subject, array: "" }
        }
    }
}

/// The digits at the start, with a sign; what follows them is ignored.
fn lenient_integer(text: &str) -> i64 {
    let text = text.trim();
    let (sign, digits) = match text.strip_prefix('-') {
        Some(rest) => (-1, rest),
        None => (1, text),
    };
    let end = digits.find(|c: char| !c.is_ascii_digit()).unwrap_or(digits.len());
    let digits = digits.get(..end).unwrap_or_default();
    digits.parse::<i64>().map_or(0, |number| sign * number)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::params;

    fn args(pairs: &[(&str, &str)]) -> Args {
        let mut args = Args::default();
        for (name, value) in pairs {
            args.push(*name, *value);
        }
        args
    }

    #[test]
    fn the_first_of_a_name_wins() {
        assert_eq!(args(&[("a", "1"), ("a", "2")]).integer("a"), 1);
    }

    #[test]
    fn garbage_is_zero_and_false() {
        let args = args(&[("a", "x"), ("b", " YES "), ("c", "on"), ("d", "-12x")]);
        assert_eq!(args.optional_integer("a"), Some(0));
        assert_eq!(args.optional_integer("z"), None);
        assert!(args.boolean("b"));
        assert!(!args.boolean("c"));
        assert_eq!(args.integer("d"), -12);
        assert_eq!(args.clamped("d", 100, 1, 100), 1);
    }

    #[test]
    fn bad_utf8_is_refused_only_where_it_matters() {
        let mut args = Args::default();
        args.push("text", vec![0xff]);
        assert_eq!(args.integer("text"), 0);
        let error = args.string("text").unwrap_err();
        assert_eq!(error.description, "Bad Request: strings must be encoded in UTF-8");
    }

    #[track_caller]
    fn refused(pairs: &[(&str, &str)], expected: &str) {
        let error = params::SendMessage::read(&args(pairs)).unwrap_err();
        assert_eq!(error.description, format!("Bad Request: {expected}"));
    }

    #[test]
    fn each_json_parameter_has_its_words() {
        refused(&[("reply_parameters", "{")], "can't parse reply parameters JSON object");
        refused(&[("reply_parameters", "5")], "object expected as reply parameters");
        refused(
            &[("entities", r#"[{"type":"bold"}]"#)],
            "can't parse MessageEntity: Can't find field \"offset\"",
        );
    }

    #[test]
    fn a_json_null_is_absent() {
        let read = params::SendMessage::read(&args(&[("entities", "null"), ("chat_id", "@x")]));
        let params = read.unwrap();
        assert_eq!(params.entities, None);
        assert_eq!(params.chat_id, ChatRef::Username("x".to_owned()));
    }
}
