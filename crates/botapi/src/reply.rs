//! The envelope around every answer.

use serde::Serialize;
use serde_json::value::{RawValue, to_raw_value};

use crate::error::ApiError;

/// What a handler returns.
pub type Answer = Result<Success, ApiError>;

/// A result, already in JSON.
#[derive(Clone, Debug)]
pub struct Success {
    result: Box<RawValue>,
    description: Option<&'static str>,
}

impl Success {
    /// A result of any type of the Bot API.
    ///
    /// # Errors
    /// 500 if the value has no JSON form, which our types cannot bring about.
    pub fn of<T: Serialize + ?Sized>(value: &T) -> Answer {
        match to_raw_value(value) {
            Ok(result) => Ok(Self { result, description: None }),
            Err(error) => {
                tracing::error!(%error, "a result has no JSON form");
                Err(ApiError::exact(500, "Internal Server Error: failed to serialize the result"))
            }
        }
    }

    /// JSON text that has been made before: a batch of queued updates.
    ///
    /// # Errors
    /// 500 if the text is not JSON.
    pub(crate) fn raw(json: String) -> Answer {
        RawValue::from_string(json)
            .map(|result| Self { result, description: None })
            .map_err(|_| ApiError::exact(500, "Internal Server Error: damaged update"))
    }

    /// `true`, with the sentence that the webhook methods add.
    pub(crate) fn described(description: &'static str) -> Answer {
        Self::of(&true).map(|success| Self { description: Some(description), ..success })
    }

    /// The bare result.
    pub fn json(&self) -> &str {
        self.result.get()
    }
}

#[derive(Serialize)]
struct Envelope<'a> {
    ok: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    result: Option<&'a RawValue>,
    #[serde(skip_serializing_if = "Option::is_none")]
    error_code: Option<u16>,
    #[serde(skip_serializing_if = "Option::is_none")]
    description: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    parameters: Option<Parameters>,
}

#[derive(Serialize)]
struct Parameters {
    #[serde(skip_serializing_if = "Option::is_none")]
    migrate_to_chat_id: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    retry_after: Option<u32>,
}

/// The body of an HTTP answer.
pub(crate) fn envelope(answer: &Answer) -> Vec<u8> {
    let envelope = match answer {
        Ok(success) => Envelope {
            ok: true,
            result: Some(&success.result),
            error_code: None,
            description: success.description,
            parameters: None,
        },
        Err(error) => {
            let has = error.retry_after.is_some() || error.migrate_to_chat_id.is_some();
            let parameters = Parameters {
                migrate_to_chat_id: error.migrate_to_chat_id,
                retry_after: error.retry_after,
            };
            Envelope {
                ok: false,
                result: None,
                error_code: Some(error.code),
                description: Some(&error.description),
                parameters: has.then_some(parameters),
            }
        }
    };
    serde_json::to_vec(&envelope).expect("an envelope holds only strings, numbers and JSON")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(answer: &Answer, expected: &str) {
        assert_eq!(String::from_utf8(envelope(answer)).unwrap(), expected);
    }

    #[test]
    fn answers_stand_in_the_envelope() {
        check(&Success::of(&7), r#"{"ok":true,"result":7}"#);
        check(
            &Success::described("Webhook was set"),
            r#"{"ok":true,"result":true,"description":"Webhook was set"}"#,
        );
        check(
            &Err(ApiError::too_many_requests(5)),
            r#"{"ok":false,"error_code":429,"description":"Too Many Requests: retry after 5","parameters":{"retry_after":5}}"#,
        );
        check(
            &Err(ApiError::bad_request("Chat not found")),
            r#"{"ok":false,"error_code":400,"description":"Bad Request: chat not found"}"#,
        );
    }
}
