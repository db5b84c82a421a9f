//! What a caller is told when a request is refused: Telegram's own codes and spellings.
//!
//! Every error is a constant, so that a search for its name finds where it is given.
//!
//! Spec: core.telegram.org/api/errors.

use std::borrow::Cow;
use std::fmt;
use std::time::Duration;

use heliogram_ids::DcId;
use heliogram_store::{BlobError, StoreError};

/// The result of everything that can be refused.
pub(crate) type Rpc<T> = Result<T, RpcError>;

/// An `rpc_error`: a code and a name, some names with a number at the end.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct RpcError {
    code: i32,
    name: &'static str,
    arg: Option<i64>,
}

impl RpcError {
    const fn bad_request(name: &'static str) -> Self {
        Self { code: 400, name, arg: None }
    }

    const fn unauthorized(name: &'static str) -> Self {
        Self { code: 401, name, arg: None }
    }

    const fn forbidden(name: &'static str) -> Self {
        Self { code: 403, name, arg: None }
    }

    const fn not_acceptable(name: &'static str) -> Self {
        Self { code: 406, name, arg: None }
    }

    const fn internal(name: &'static str) -> Self {
        Self { code: 500, name, arg: None }
    }

    /// 420: too much of this; come back after `wait`.
    pub fn flood_wait(wait: Duration) -> Self {
        let seconds = i64::try_from(wait.as_secs().max(1)).unwrap_or(i64::MAX);
        Self { code: 420, name: "FLOOD_WAIT_", arg: Some(seconds) }
    }

    /// 303: what is asked for lies in another data centre.
    const fn migrate(name: &'static str, dc: DcId) -> Self {
        Self { code: 303, name, arg: Some(dc.get() as i64) }
    }

    /// 303: the account of that number is at home in `dc`.
    pub const fn phone_migrate(dc: DcId) -> Self {
        Self::migrate("PHONE_MIGRATE_", dc)
    }

    /// 303: the caller's account is at home in `dc`.
    pub const fn user_migrate(dc: DcId) -> Self {
        Self::migrate("USER_MIGRATE_", dc)
    }

    /// 303: the file lies in `dc`.
    pub const fn file_migrate(dc: DcId) -> Self {
        Self::migrate("FILE_MIGRATE_", dc)
    }

    /// 400: a part that the message refers to never arrived.
    pub const fn file_part_missing(part: i32) -> Self {
        Self { code: 400, name: "FILE_PART_", arg: Some(part as i64) }
    }

    /// The number of the error's class.
    pub const fn code(&self) -> i32 {
        self.code
    }

    /// The name with an `X` for a number: one of a fixed list.
    pub(crate) fn name(&self) -> &'static str {
        match (self.name, self.arg) {
            (name, None) => name,
            ("FLOOD_WAIT_", _) => "FLOOD_WAIT_X",
            ("PHONE_MIGRATE_", _) => "PHONE_MIGRATE_X",
            ("USER_MIGRATE_", _) => "USER_MIGRATE_X",
            ("FILE_MIGRATE_", _) => "FILE_MIGRATE_X",
            ("FILE_PART_", _) => "FILE_PART_X_MISSING",
            (name, Some(_)) => name,
        }
    }

    /// The name as it goes on the wire.
    pub fn text(&self) -> Cow<'static, str> {
        match self.arg {
            None => Cow::Borrowed(self.name),
            Some(part) if self.name == "FILE_PART_" => {
                Cow::Owned(format!("FILE_PART_{part}_MISSING"))
            }
            Some(arg) => Cow::Owned(format!("{}{arg}", self.name)),
        }
    }
}

macro_rules! errors {
    ($($class:ident: $($name:ident)*;)*) => {
        impl RpcError {
            $($(
                #[doc = concat!("`", stringify!($name), "`.")]
                pub const $name: Self = Self::$class(stringify!($name));
            )*)*
        }
    };
}

errors! {
    bad_request:
        ABOUT_TOO_LONG ACCESS_TOKEN_EXPIRED ACCESS_TOKEN_INVALID API_ID_INVALID AUTH_BYTES_INVALID
        AUTH_TOKEN_ALREADY_ACCEPTED AUTH_TOKEN_EXCEPTION AUTH_TOKEN_EXPIRED AUTH_TOKEN_INVALID
        BOT_INVALID BOT_METHOD_INVALID BOT_RESPONSE_TIMEOUT BUTTON_COPY_TEXT_INVALID BUTTON_DATA_INVALID
        BUTTON_TEXT_INVALID BUTTON_TYPE_INVALID BUTTON_URL_INVALID CHANNEL_INVALID CHAT_FORWARDS_RESTRICTED
        CHAT_ID_INVALID CONNECTION_API_ID_INVALID CONNECTION_LAYER_INVALID CONNECTION_NOT_INITED
        CONTACT_ID_INVALID CONTACT_NAME_EMPTY DATA_INVALID DC_ID_INVALID EMAIL_INVALID
        ENCRYPTED_MESSAGE_INVALID ENTITIES_TOO_LONG ENTITY_BOUNDS_INVALID ENTITY_MENTION_USER_INVALID
        EXPIRES_AT_INVALID FILE_ID_INVALID FILE_PARTS_INVALID FILE_PART_EMPTY FILE_PART_INVALID
        FILE_PART_LENGTH_INVALID FILE_PART_SIZE_CHANGED FILE_PART_SIZE_INVALID FILE_PART_TOO_BIG
        FILE_REFERENCE_EMPTY FILE_REFERENCE_EXPIRED FILE_REFERENCE_INVALID FIRSTNAME_INVALID
        FOLDER_ID_INVALID HASH_INVALID IMAGE_PROCESS_FAILED INPUT_CONSTRUCTOR_INVALID INPUT_FETCH_ERROR
        INPUT_METHOD_INVALID INPUT_REQUEST_TOO_LONG INPUT_USER_DEACTIVATED LANG_CODE_INVALID
        LANG_CODE_NOT_SUPPORTED LASTNAME_INVALID PREMIUM_ACCOUNT_REQUIRED
        EMOTICON_INVALID LIMIT_INVALID LOCATION_INVALID MEDIA_GROUPED_INVALID MULTI_MEDIA_TOO_LONG MAX_ID_INVALID MD5_CHECKSUM_INVALID MEDIA_CAPTION_TOO_LONG
        MEDIA_EMPTY MEDIA_INVALID MEDIA_NEW_INVALID MEDIA_PREV_INVALID MESSAGE_EDIT_TIME_EXPIRED
        MESSAGE_EMPTY MESSAGE_IDS_EMPTY MESSAGE_ID_INVALID MESSAGE_NOT_MODIFIED MESSAGE_TOO_LONG
        METHOD_INVALID MSG_ID_INVALID MSG_WAIT_FAILED MSG_WAIT_TIMEOUT NEW_SALT_INVALID NEW_SETTINGS_INVALID
        OFFSET_INVALID PASSWORD_HASH_INVALID PASSWORD_MISSING PEER_ID_INVALID
        PERSISTENT_TIMESTAMP_EMPTY PERSISTENT_TIMESTAMP_INVALID PHONE_CODE_EMPTY PHONE_CODE_EXPIRED
        PHONE_CODE_HASH_EMPTY PHONE_CODE_INVALID PHONE_NOT_OCCUPIED PHONE_NUMBER_FLOOD PHONE_NUMBER_INVALID
        PHONE_NUMBER_OCCUPIED PHONE_NUMBER_UNOCCUPIED PHOTO_CROP_SIZE_SMALL PHOTO_EXT_INVALID
        PHOTO_FILE_MISSING PHOTO_ID_INVALID PHOTO_INVALID PHOTO_INVALID_DIMENSIONS PINNED_DIALOGS_TOO_MUCH
        QUERY_ID_INVALID QUOTE_TEXT_INVALID RANDOM_ID_EMPTY RANDOM_ID_INVALID REPLY_MARKUP_INVALID
        REPLY_MARKUP_TOO_LONG REPLY_MESSAGE_ID_INVALID SCHEDULE_BOT_NOT_ALLOWED SCHEDULE_DATE_INVALID SEARCH_QUERY_EMPTY SMS_CODE_CREATE_FAILED
        SRP_ID_INVALID SRP_PASSWORD_CHANGED START_PARAM_INVALID TEMP_AUTH_KEY_ALREADY_BOUND
        TEMP_AUTH_KEY_EMPTY TTL_DAYS_INVALID TTL_MEDIA_INVALID TYPES_EMPTY USERNAME_INVALID
        USERNAME_NOT_MODIFIED USERNAME_NOT_OCCUPIED USERNAME_OCCUPIED USERS_TOO_MUCH USER_BOT
        USER_BOT_INVALID USER_BOT_REQUIRED USER_ID_INVALID USER_IS_BOT WEBPAGE_CURL_FAILED
        WEBPAGE_MEDIA_EMPTY YOU_BLOCKED_USER BOT_COMMAND_INVALID BOT_COMMAND_DESCRIPTION_INVALID
        PRIVACY_KEY_INVALID PRIVACY_VALUE_INVALID PRIVACY_TOO_LONG PASSWORD_EMPTY PHONE_NUMBER_BANNED FORWARD_MESSAGES_EMPTY
        CHAT_NOT_MODIFIED MESSAGE_TOO_OLD RANDOM_LENGTH_INVALID STICKERSET_INVALID;
    unauthorized:
        AUTH_KEY_INVALID AUTH_KEY_PERM_EMPTY AUTH_KEY_UNREGISTERED SESSION_EXPIRED SESSION_PASSWORD_NEEDED
        SESSION_REVOKED USER_DEACTIVATED;
    forbidden:
        CHAT_WRITE_FORBIDDEN MESSAGE_AUTHOR_REQUIRED MESSAGE_DELETE_FORBIDDEN MESSAGE_NOT_READ_YET
        USER_IS_BLOCKED
        USER_PRIVACY_RESTRICTED;
    not_acceptable:
        FRESH_RESET_AUTHORISATION_FORBIDDEN PHONE_PASSWORD_FLOOD UPDATE_APP_TO_LOGIN;
    internal:
        AUTH_RESTART INTERNAL RANDOM_ID_DUPLICATE;
}

impl fmt::Display for RpcError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.code, self.text())
    }
}

impl std::error::Error for RpcError {}

/// Our disk failed: the caller is told to try again, and a line says what happened.
impl From<StoreError> for RpcError {
    fn from(error: StoreError) -> Self {
        match error {
            // The writer has said why, and what to do, when it stopped.
            StoreError::Stopped(_) => tracing::debug!(%error, "a write is refused"),
            _ => tracing::error!(%error, "store failed"),
        }
        Self::INTERNAL
    }
}

impl From<BlobError> for RpcError {
    fn from(error: BlobError) -> Self {
        tracing::error!(%error, "blob store failed");
        Self::INTERNAL
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_stand_where_clients_look_for_them() {
        assert_eq!(RpcError::flood_wait(Duration::from_secs(23)).text(), "FLOOD_WAIT_23");
        assert_eq!(RpcError::file_part_missing(7).text(), "FILE_PART_7_MISSING");
        assert_eq!(RpcError::PEER_ID_INVALID.to_string(), "400 PEER_ID_INVALID");
    }
}
