//! The texts that bots match on: how an upstream error becomes the answer of the Bot API.

use heliogram_ids::Peer;

/// A refused request, as it goes into the envelope.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[error("{code} {description}")]
pub struct ApiError {
    /// The HTTP status and the `error_code`.
    pub code: u16,
    /// The `description`, prefix included.
    pub description: String,
    /// `parameters.retry_after`, in seconds; also sent as the header `Retry-After`.
    pub retry_after: Option<u32>,
    /// `parameters.migrate_to_chat_id`.
    pub migrate_to_chat_id: Option<i64>,
}

/// What was being sent when the data centre said `MEDIA_EMPTY`.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Content {
    /// A contact.
    Contact,
    /// A game.
    Game,
    /// An invoice.
    Invoice,
    /// A poll.
    Poll,
    /// A forwarded story.
    Story,
    /// Text, a file, or anything else.
    Other,
}

impl ApiError {
    /// An answer whose description is given in full.
    pub fn exact(code: u16, description: impl Into<String>) -> Self {
        let description = description.into();
        Self { code, description, retry_after: None, migrate_to_chat_id: None }
    }

    /// 400, with the prefix and the first letter set by the rule.
    pub fn bad_request(message: impl AsRef<str>) -> Self {
        Self::exact(400, prefixed("Bad Request", message.as_ref()))
    }

    /// 403, with the prefix and the first letter set by the rule.
    pub fn forbidden(message: impl AsRef<str>) -> Self {
        Self::exact(403, prefixed("Forbidden", message.as_ref()))
    }

    /// 409, for two consumers of one queue.
    pub fn conflict(message: &str) -> Self {
        Self::exact(409, format!("Conflict: {message}"))
    }

    /// 429, with the number of seconds to wait.
    pub fn too_many_requests(seconds: u32) -> Self {
        let description = format!("Too Many Requests: retry after {seconds}");
        Self { retry_after: Some(seconds), ..Self::exact(429, description) }
    }

    /// The chat has a successor: the id that replaces it comes along.
    pub fn upgraded(successor: Peer) -> Self {
        let message = "group chat was upgraded to a supergroup chat";
        Self { migrate_to_chat_id: Some(successor.marked()), ..Self::bad_request(message) }
    }

    /// A required string parameter is absent.
    pub fn required(parameter: &str) -> Self {
        Self::bad_request(format!("parameter \"{parameter}\" is required"))
    }

    /// The method's name is not in the table.
    pub fn method_not_found() -> Self {
        Self::exact(404, "Not Found: method not found")
    }

    /// The token has been refused or its secret cannot be one.
    pub fn unauthorized() -> Self {
        Self::exact(401, "Unauthorized")
    }

    /// An error of the data centre. `default` is the method's own word for any 400.
    pub fn upstream(code: i32, message: &str, default: Option<&str>) -> Self {
        if code == 429 {
            return flood(message);
        }
        let mut code = if code < 400 || code == 404 { 400 } else { code };
        if code == 403 && is_constant(message) {
            code = 400;
        }
        let mut message = message;
        if code == 400 {
            message = default.unwrap_or(message);
            if let Some((_, new_code, text)) = REWRITTEN.iter().find(|(name, ..)| *name == message)
            {
                (code, message) = (*new_code, *text);
            }
        }
        match code {
            400 => Self::bad_request(message),
            401 => Self::exact(401, prefixed("Unauthorized", message)),
            403 => Self::forbidden(message),
            500 => Self::exact(500, prefixed("Internal Server Error", message)),
            _ => Self::exact(400, format!("Bad Request: {message}")),
        }
    }

    /// An error of the data centre while sending: some constants mean more then.
    pub fn upstream_sending(code: i32, message: &str, target: Peer, content: Content) -> Self {
        let to_user = target.user().is_some();
        let (code, text) = match message {
            "MESSAGE_TOO_LONG" => (400, "message is too long"),
            "MEDIA_CAPTION_TOO_LONG" => (400, "message caption is too long"),
            "PEER_ID_INVALID" if to_user => (403, "bot can't initiate conversation with a user"),
            "USER_IS_BOT" if to_user => (403, "the bot can't send messages to the bot"),
            "CHAT_FORWARDS_RESTRICTED" => {
                (400, "message has protected content and can't be forwarded")
            }
            "MEDIA_EMPTY" => (400, content.empty()),
            "EXTENDED_MEDIA_INVALID" => (400, "invalid paid media file specified"),
            "PHOTO_EXT_INVALID" => (
                400,
                "photo has unsupported extension. Use one of .jpg, .jpeg, .gif, .png, .tif or .bmp",
            ),
            "REPLY_TO_MONOFORUM_PEER_INVALID" => {
                (400, "wrong direct messages topic identifier specified")
            }
            _ => (code, message),
        };
        Self::upstream(code, text, None)
    }
}

impl Content {
    const fn empty(self) -> &'static str {
        match self {
            Self::Contact => "wrong phone number specified",
            Self::Game => "wrong game short name specified",
            Self::Invoice => "wrong invoice information specified",
            Self::Poll => "wrong poll data specified",
            Self::Story => "wrong story file specified",
            Self::Other => "wrong file identifier/HTTP URL specified",
        }
    }
}

/// Constants of the data centre that have words of their own, with the code they get.
const REWRITTEN: &[(&str, i32, &str)] = &[
    ("CHAT_ABOUT_NOT_MODIFIED", 400, "chat description is not modified"),
    ("EXTERNAL_URL_INVALID", 400, "wrong HTTP URL specified"),
    ("File generation failed", 400, "can't upload file by URL"),
    ("INPUT_USER_DEACTIVATED", 403, "Forbidden: user is deactivated"),
    ("MEDIA_GROUPED_INVALID", 400, "can't use the media of the specified type in the album"),
    ("MESSAGE_DELETE_FORBIDDEN", 400, "message can't be deleted"),
    (
        "MESSAGE_NOT_MODIFIED",
        400,
        "message is not modified: specified new message content and reply markup are exactly the \
         same as a current content and reply markup of the message",
    ),
    ("PACK_SHORT_NAME_INVALID", 400, "invalid sticker set name is specified"),
    ("PACK_SHORT_NAME_OCCUPIED", 400, "sticker set name is already occupied"),
    (
        "QUERY_ID_INVALID",
        400,
        "query is too old and response timeout expired or query ID is invalid",
    ),
    ("REPLY_MARKUP_TOO_LONG", 400, "reply markup is too long"),
    ("STICKER_EMOJI_INVALID", 400, "invalid sticker emojis"),
    ("USER_ADMIN_INVALID", 400, "user is an administrator of the chat"),
    ("USER_IS_BLOCKED", 403, "bot was blocked by the user"),
    ("WC_CONVERT_URL_INVALID", 400, "wrong HTTP URL specified"),
    ("WEBPAGE_CURL_FAILED", 400, "failed to get HTTP URL content"),
    ("WEBPAGE_MEDIA_EMPTY", 400, "wrong type of the web page content"),
];

fn flood(message: &str) -> ApiError {
    let seconds = message.strip_prefix("Too Many Requests: retry after ");
    match seconds.and_then(|text| text.parse::<u32>().ok()).filter(|seconds| *seconds > 0) {
        Some(seconds) => ApiError::too_many_requests(seconds),
        None => ApiError::exact(500, prefixed("Internal Server Error", message)),
    }
}

/// Whether a message is a bare constant of the protocol.
fn is_constant(message: &str) -> bool {
    !message.is_empty()
        && message.bytes().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit() || b == b'_')
}

/// `prefix: message`, the first letter lower-cased unless it begins a constant or an acronym.
fn prefixed(prefix: &str, message: &str) -> String {
    if message.starts_with(prefix) {
        return message.to_owned();
    }
    let mut letters = message.chars();
    let first = letters.next().map(String::from).unwrap_or_default();
    let rest = letters.as_str();
    let keeps = rest.starts_with(|c: char| c == '_' || c.is_ascii_uppercase());
    let first = if keeps { first } else { first.to_ascii_lowercase() };
    format!("{prefix}: {first}{rest}")
}

#[cfg(test)]
mod tests {
    use heliogram_ids::UserId;

    use super::*;

    #[track_caller]
    fn check(code: i32, message: &str, default: Option<&str>, expected: (u16, &str)) {
        let error = ApiError::upstream(code, message, default);
        assert_eq!((error.code, error.description.as_str()), expected);
    }

    #[test]
    fn words_lose_their_capital_and_constants_keep_it() {
        check(400, "Chat not found", None, (400, "Bad Request: chat not found"));
        check(400, "CHAT_ADMIN_REQUIRED", None, (400, "Bad Request: CHAT_ADMIN_REQUIRED"));
        check(400, "X_Y", None, (400, "Bad Request: X_Y"));
        check(400, "Bad Request: done", None, (400, "Bad Request: done"));
    }

    #[test]
    fn forbidden_constants_are_demoted() {
        check(403, "CHAT_WRITE_FORBIDDEN", None, (400, "Bad Request: CHAT_WRITE_FORBIDDEN"));
        check(403, "Not enough rights", None, (403, "Forbidden: not enough rights"));
        check(403, "USER_IS_BLOCKED", None, (403, "Forbidden: bot was blocked by the user"));
        check(406, "CHANNEL_PRIVATE", None, (400, "Bad Request: CHANNEL_PRIVATE"));
    }

    #[test]
    fn the_methods_own_word_replaces_any_400() {
        check(
            400,
            "USERNAME_INVALID",
            Some("chat not found"),
            (400, "Bad Request: chat not found"),
        );
        check(500, "INTERNAL", Some("chat not found"), (500, "Internal Server Error: INTERNAL"));
    }

    #[test]
    fn floods_say_how_long_to_wait() {
        let error = ApiError::upstream(429, "Too Many Requests: retry after 17", None);
        assert_eq!(error.retry_after, Some(17));
        check(429, "retry later", None, (500, "Internal Server Error: retry later"));
    }

    #[test]
    fn a_stranger_cannot_be_written_first() {
        let user = Peer::User(UserId::new(5).unwrap());
        let error = ApiError::upstream_sending(400, "PEER_ID_INVALID", user, Content::Other);
        assert_eq!(error.description, "Forbidden: bot can't initiate conversation with a user");
        let error = ApiError::upstream_sending(400, "MEDIA_EMPTY", user, Content::Game);
        assert_eq!(error.description, "Bad Request: wrong game short name specified");
    }
}
