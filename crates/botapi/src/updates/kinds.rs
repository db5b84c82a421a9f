//! Kinds of updates: their names, which of them a bot gets unasked, and how long they matter.

use std::time::Duration;

macro_rules! kinds {
    ($($(#[$doc:meta])* $kind:ident $name:literal $seconds:literal $key:literal;)*) => {
        /// What an update tells; the name is the field of `Update` that carries it.
        #[derive(Clone, Copy, Debug, Eq, PartialEq)]
        pub enum UpdateKind { $($(#[$doc])* #[doc = concat!("`", $name, "`.")] $kind,)* }

        impl UpdateKind {
            /// Every kind, in the order of the official mask.
            pub const ALL: &[Self] = &[$(Self::$kind,)*];

            /// The field of `Update`.
            pub const fn name(self) -> &'static str {
                match self { $(Self::$kind => $name,)* }
            }

            /// How long after its event an update of this kind is still delivered.
            pub const fn lifetime(self) -> Duration {
                Duration::from_secs(match self { $(Self::$kind => $seconds,)* })
            }

            /// Updates with the same key are delivered one after another: the subject (a chat or
            /// a user) set apart by this number.
            const fn key_class(self) -> i64 {
                match self { $(Self::$kind => $key,)* }
            }
        }
    };
}

kinds! {
    Message "message" 86400 0;
    EditedMessage "edited_message" 86400 0;
    ChannelPost "channel_post" 86400 0;
    EditedChannelPost "edited_channel_post" 86400 0;
    InlineQuery "inline_query" 30 1;
    ChosenInlineResult "chosen_inline_result" 600 2;
    CallbackQuery "callback_query" 150 3;
    CustomEvent "custom_event" 600 0;
    CustomQuery "custom_query" 600 0;
    ShippingQuery "shipping_query" 150 4;
    PreCheckoutQuery "pre_checkout_query" 150 4;
    Poll "poll" 86400 0;
    PollAnswer "poll_answer" 86400 0;
    MyChatMember "my_chat_member" 86400 5;
    ChatMember "chat_member" 86400 6;
    ChatJoinRequest "chat_join_request" 86400 6;
    ChatBoost "chat_boost" 86400 7;
    RemovedChatBoost "removed_chat_boost" 86400 7;
    MessageReaction "message_reaction" 86400 8;
    MessageReactionCount "message_reaction_count" 86400 9;
    BusinessConnection "business_connection" 86400 10;
    BusinessMessage "business_message" 86400 11;
    EditedBusinessMessage "edited_business_message" 86400 11;
    DeletedBusinessMessages "deleted_business_messages" 86400 11;
    PurchasedPaidMedia "purchased_paid_media" 86400 12;
    ManagedBot "managed_bot" 86400 13;
    GuestMessage "guest_message" 86400 12;
    Subscription "subscription" 86400 14;
    StoppedMessageGeneration "stopped_message_generation" 86400 15;
}

impl UpdateKind {
    /// The queue key for an update about `subject`; 0 stands alone.
    pub const fn key(self, subject: i64) -> i64 {
        subject.wrapping_add(self.key_class() << 33)
    }

    const fn bit(self) -> u64 {
        1 << self as u64
    }
}

/// Which kinds a bot wants.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Allowed(u64);

impl Default for Allowed {
    /// Everything but the three kinds that must be asked for.
    fn default() -> Self {
        let all = UpdateKind::ALL.iter().fold(0, |mask, kind| mask | kind.bit());
        let asked = UpdateKind::ChatMember.bit()
            | UpdateKind::MessageReaction.bit()
            | UpdateKind::MessageReactionCount.bit();
        Self(all & !asked)
    }
}

impl Allowed {
    /// Reads `allowed_updates`. `None` keeps what was set before: the parameter is absent or not a
    /// list. Unknown names are passed over, and a list without known ones means the default.
    pub fn parse(text: &str) -> Option<Self> {
        let names: Vec<serde_json::Value> = serde_json::from_str(text).ok()?;
        let known = names.iter().filter_map(serde_json::Value::as_str).filter_map(|name| {
            let name = name.to_ascii_lowercase();
            UpdateKind::ALL.iter().find(|kind| kind.name() == name)
        });
        let mask = known.fold(0, |mask, kind| mask | kind.bit());
        Some(if mask == 0 { Self::default() } else { Self(mask) })
    }

    /// Whether updates of this kind are queued.
    pub const fn contains(self, kind: UpdateKind) -> bool {
        self.0 & kind.bit() != 0
    }

    /// The names, unless they are the default.
    pub fn names(self) -> Option<Vec<String>> {
        let kinds = UpdateKind::ALL.iter().filter(|kind| self.contains(**kind));
        (self != Self::default()).then(|| kinds.map(|kind| kind.name().to_owned()).collect())
    }

    pub(crate) const fn mask(self) -> u64 {
        self.0
    }

    pub(crate) const fn from_mask(mask: u64) -> Self {
        Self(mask)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, expected: Option<Option<&[&str]>>) {
        let names = Allowed::parse(text).map(Allowed::names);
        let expected = expected.map(|names| {
            names.map(|names| names.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>())
        });
        assert_eq!(names, expected);
    }

    #[test]
    fn lists_are_read_leniently() {
        check(r#"["MESSAGE","poll"]"#, Some(Some(&["message", "poll"])));
        check("[]", Some(None));
        check(r#"["unknown"]"#, Some(None));
        check("message", None);
        check("", None);
    }

    #[test]
    fn three_kinds_must_be_asked_for() {
        assert!(!Allowed::default().contains(UpdateKind::ChatMember));
        assert!(Allowed::default().contains(UpdateKind::MyChatMember));
        assert!(!Allowed::default().contains(UpdateKind::MessageReactionCount));
    }
}
