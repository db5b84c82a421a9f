//! Numbers of messages: those that bots pass, and those that we draw.

use heliogram_ids::MessageId;

use crate::error::ApiError;

/// The messages that a method for several is about.
///
/// # Errors
/// `message identifiers are not specified`, `too many message identifiers specified`, `invalid
/// message identifier specified`.
pub(super) fn message_ids(ids: Option<&[i64]>) -> Result<Vec<MessageId>, ApiError> {
    let ids = ids.unwrap_or_default();
    if ids.is_empty() {
        return Err(ApiError::bad_request("message identifiers are not specified"));
    }
    if ids.len() > IDS_MAX {
        return Err(ApiError::bad_request("too many message identifiers specified"));
    }
    let id = |id: &i64| i32::try_from(*id).ok().and_then(MessageId::new);
    let invalid = || ApiError::bad_request("invalid message identifier specified");
    ids.iter().map(|one| id(one).ok_or_else(invalid)).collect()
}

const IDS_MAX: usize = 100;

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn refused(ids: &[i64], expected: &str) {
        let error = message_ids(Some(ids)).unwrap_err();
        assert_eq!(error.description, format!("Bad Request: {expected}"));
    }

    #[test]
    fn several_messages_are_some_and_not_too_many() {
        refused(&[], "message identifiers are not specified");
        refused(&[1; 101], "too many message identifiers specified");
        refused(&[0], "invalid message identifier specified");
        assert_eq!(message_ids(Some(&[1, 2])).unwrap().len(), 2);
    }
}
