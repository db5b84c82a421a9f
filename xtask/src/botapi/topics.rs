//! Which file a type or a method's parameters live in: by the section of the official page, and
//! within its two large sections by name.

use super::schema::{Method, Type};

/// Name prefixes of the section "Available types", first match wins.
const TYPES: &[(&str, &str)] = &[
    ("BotAccess", "bot"),
    ("BotSubscription", "updates"),
    ("Bot", "bot"),
    ("MenuButton", "bot"),
    ("MessageGeneration", "updates"),
    ("Birthdate", "chat"),
    ("Business", "business"),
    ("Story", "business"),
    ("Inaccessible", "message"),
    ("InlineKeyboard", "markup"),
    ("Keyboard", "markup"),
    ("ReplyKeyboard", "markup"),
    ("ForceReply", "markup"),
    ("LoginUrl", "markup"),
    ("WebAppInfo", "markup"),
    ("SwitchInline", "markup"),
    ("CopyText", "markup"),
    ("Disabled", "markup"),
    ("CallbackQuery", "markup"),
    ("PreparedKeyboard", "markup"),
    ("PreparedInline", "inline"),
    ("Sent", "inline"),
    ("InputStory", "business"),
    ("InputPoll", "polls"),
    ("Poll", "polls"),
    ("Checklist", "polls"),
    ("InputChecklist", "polls"),
    ("Input", "input_media"),
    ("Gift", "gifts"),
    ("UniqueGift", "gifts"),
    ("OwnedGift", "gifts"),
    ("AcceptedGift", "gifts"),
    ("Giveaway", "service"),
    ("ChatBackground", "service"),
    ("Background", "service"),
    ("ChatBoostAdded", "service"),
    ("ChatOwner", "service"),
    ("ChatShared", "service"),
    ("Shared", "service"),
    ("UsersShared", "service"),
    ("WriteAccess", "service"),
    ("VideoChat", "service"),
    ("ForumTopicC", "service"),
    ("ForumTopicE", "service"),
    ("ForumTopicR", "service"),
    ("GeneralForum", "service"),
    ("CommunityChat", "service"),
    ("Suggested", "service"),
    ("PaidMessage", "service"),
    ("DirectMessagePrice", "service"),
    ("Proximity", "service"),
    ("MessageAutoDelete", "service"),
    ("ManagedBot", "service"),
    ("WebAppData", "service"),
    ("ChatBoost", "boosts"),
    ("UserChatBoosts", "boosts"),
    ("Reaction", "boosts"),
    ("MessageReaction", "boosts"),
    ("ChatMember", "members"),
    ("ChatJoin", "members"),
    ("ChatInvite", "members"),
    ("ChatAdministrator", "members"),
    ("ChatPermissions", "members"),
    ("Chat", "chat"),
    ("User", "chat"),
    ("Community", "chat"),
    ("ForumTopic", "chat"),
    ("DirectMessages", "chat"),
    ("Message", "message"),
    ("Maybe", "message"),
    ("Text", "message"),
    ("External", "message"),
    ("ReplyParameters", "message"),
    ("Ephemeral", "message"),
    ("LinkPreview", "message"),
];

/// Name prefixes of methods, first match wins.
const METHODS: &[(&str, &str)] = &[
    ("sendMessageDraft", "drafts"),
    ("sendRich", "drafts"),
    ("sendChatJoin", "members"),
    ("answerChatJoin", "members"),
    ("sendChatAction", "chats"),
    ("sendGift", "gifts"),
    ("sendGame", "games"),
    ("sendInvoice", "payments"),
    ("sendSticker", "media"),
    ("sendMessage", "messages"),
    ("forward", "messages"),
    ("copy", "messages"),
    ("send", "media"),
    ("editEphemeral", "ephemeral"),
    ("deleteEphemeral", "ephemeral"),
    ("editMessage", "edits"),
    ("stop", "edits"),
    ("deleteMessage", "edits"),
    ("deleteAllMessageReactions", "edits"),
    ("setMessageReaction", "edits"),
    ("approveSuggested", "edits"),
    ("declineSuggested", "edits"),
];

/// Words in method names, first match wins.
const METHOD_WORDS: &[(&str, &str)] = &[
    ("Business", "business"),
    ("Story", "business"),
    ("ForumTopic", "forum_topics"),
    ("Gift", "gifts"),
    ("Premium", "gifts"),
    ("Verification", "gifts"),
    ("verify", "gifts"),
    ("ManagedBot", "profile"),
    ("My", "profile"),
    ("MenuButton", "profile"),
    ("Member", "members"),
    ("Invite", "members"),
    ("Join", "members"),
    ("SenderChat", "members"),
    ("Administrator", "members"),
    ("Permissions", "members"),
    ("Chat", "chats"),
    ("User", "chats"),
    ("getFile", "chats"),
    ("Callback", "inline"),
    ("Query", "inline"),
    ("Prepared", "inline"),
];

pub(super) fn of_type(declared: &Type) -> &'static str {
    if let Some(topic) = section(&declared.section) {
        return topic;
    }
    by_prefix(TYPES, &declared.name).unwrap_or("media")
}

pub(super) fn of_method(method: &Method) -> &'static str {
    let by_word = || METHOD_WORDS.iter().find(|(word, _)| method.name.contains(word));
    by_prefix(METHODS, &method.name)
        .or_else(|| section(&method.section).filter(|topic| *topic != "inline"))
        .or_else(|| by_word().map(|(_, topic)| *topic))
        .unwrap_or("chats")
}

fn section(title: &str) -> Option<&'static str> {
    Some(match title {
        "Getting updates" => "updates",
        "Stickers" => "stickers",
        "Rich messages" => "rich_text",
        "Inline mode" => "inline",
        "Payments" => "payments",
        "Telegram Passport" => "passport",
        "Games" => "games",
        _ => return None,
    })
}

fn by_prefix(table: &[(&str, &'static str)], name: &str) -> Option<&'static str> {
    table.iter().find(|(prefix, _)| name.starts_with(prefix)).map(|(_, topic)| *topic)
}
