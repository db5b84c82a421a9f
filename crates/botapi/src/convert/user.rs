//! Users.

use heliogram_tl as tl;

use crate::types;

/// A user as others see it.
pub(crate) fn user(user: &tl::types::User) -> types::User {
    let text = |text: &Option<tl::Str>| text.as_ref().map(|text| text.to_string());
    types::User {
        id: user.id,
        is_bot: user.bot,
        first_name: text(&user.first_name).unwrap_or_default(),
        last_name: text(&user.last_name).filter(|name| !name.is_empty()),
        username: username(user.username.as_ref(), user.usernames.as_deref()),
        language_code: text(&user.lang_code).filter(|code| !code.is_empty()),
        is_premium: user.premium,
        added_to_attachment_menu: user.attach_menu_enabled,
        ..types::User::default()
    }
}

/// The bot as it sees itself.
pub(crate) fn me(me: &tl::types::User) -> types::User {
    types::User {
        language_code: None,
        can_join_groups: Some(!me.bot_nochats),
        can_read_all_group_messages: Some(me.bot_chat_history),
        supports_guest_queries: Some(me.bot_guestchat),
        supports_inline_queries: Some(me.bot_inline_placeholder.is_some()),
        can_connect_to_business: Some(me.bot_business),
        has_main_web_app: Some(me.bot_has_main_app),
        has_topics_enabled: Some(me.bot_forum_view),
        allows_users_to_create_topics: Some(me.bot_forum_can_manage_topics),
        can_manage_bots: Some(me.bot_can_manage_bots),
        supports_join_request_queries: Some(me.bot_guard),
        ..user(me)
    }
}

/// The name to show: the plain one, or the first of several that is in use.
pub(super) fn username(one: Option<&tl::Str>, several: Option<&[tl::Username]>) -> Option<String> {
    let active = || {
        several.into_iter().flatten().find_map(|tl::Username::Username(name)| {
            (name.active || name.editable).then_some(&name.username)
        })
    };
    one.or_else(active).map(|name| name.to_string()).filter(|name| !name.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_bot_itself_is_told_what_it_can_do() {
        let bot = tl::types::User {
            id: 42,
            bot: true,
            bot_nochats: true,
            first_name: Some("Echo".into()),
            username: Some("echo_bot".into()),
            ..Default::default()
        };
        let json = serde_json::to_value(user(&bot)).unwrap();
        let expected =
            serde_json::json!({"id":42,"is_bot":true,"first_name":"Echo","username":"echo_bot"});
        assert_eq!(json, expected);
        let json = serde_json::to_value(me(&bot)).unwrap();
        assert_eq!(json["can_join_groups"], false);
        assert_eq!(json["supports_inline_queries"], false);
    }
}
