//! Names of methods: official, old, and in whatever case they come.

use super::names::NAMES;
use crate::error::ApiError;

/// Names of old that still work.
const ALIASES: &[(&str, &str)] = &[
    ("kickchatmember", "banChatMember"),
    ("getchatmemberscount", "getChatMemberCount"),
    ("setstickersetthumb", "setStickerSetThumbnail"),
];

/// The official spelling of a method.
pub(crate) fn official_name(method: &str) -> Option<&'static str> {
    let alias = ALIASES.iter().find(|(old, _)| old.eq_ignore_ascii_case(method));
    let name = || NAMES.iter().find(|name| name.eq_ignore_ascii_case(method)).copied();
    alias.map(|(_, name)| *name).or_else(name)
}

pub(super) fn not_found() -> ApiError {
    ApiError::method_not_found()
}

/// The method exists and we do not serve it: said plainly, and logged for the operator.
pub(super) fn not_served(name: &'static str) -> ApiError {
    tracing::warn!(method = name, "a bot asked for a method that is not supported yet");
    ApiError::bad_request("method is not supported yet")
}

#[cfg(test)]
mod tests {
    use super::super::ROWS;
    use super::*;

    #[test]
    fn the_table_and_the_schema_name_the_same_methods() {
        let rows: Vec<&str> = ROWS.iter().map(|(name, _)| *name).collect();
        assert_eq!(rows, NAMES);
        assert_eq!(rows.len(), 185);
    }

    #[test]
    fn methods_are_found_in_any_case_and_under_old_names() {
        assert_eq!(official_name("GETME"), Some("getMe"));
        assert_eq!(official_name("kickChatMember"), Some("banChatMember"));
        assert_eq!(official_name("getMee"), None);
    }
}
