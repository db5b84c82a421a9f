//! Emoji for statuses, backgrounds and pictures: there are no sets to choose from.

use heliogram_tl as tl;
use heliogram_tl::types;
use tl::{account, messages};

use super::answer::answers;

answers! {
    /// Statuses of channels would be custom emoji.
    channel_default_emoji_statuses: account::GetChannelDefaultEmojiStatuses = types::account::EmojiStatuses::default().into();
    /// None is forbidden for channels, as there are none.
    channel_restricted_status_emojis: account::GetChannelRestrictedStatusEmojis = types::EmojiList::default().into();
    /// There are no collectible gifts to be shown as a status.
    collectible_emoji_statuses: account::GetCollectibleEmojiStatuses = types::account::EmojiStatuses::default().into();
    /// Patterns behind names would be custom emoji.
    default_background_emojis: account::GetDefaultBackgroundEmojis = types::EmojiList::default().into();
    /// Pictures would be made of them.
    default_group_photo_emojis: account::GetDefaultGroupPhotoEmojis = types::EmojiList::default().into();
    /// See there.
    default_profile_photo_emojis: account::GetDefaultProfilePhotoEmojis = types::EmojiList::default().into();
    /// No custom emoji goes with any emoji.
    search_custom_emoji: messages::SearchCustomEmoji = types::EmojiList::default().into();
    /// There are no sets of them.
    search_emoji_sticker_sets: messages::SearchEmojiStickerSets = types::messages::FoundStickerSets::default().into();
}
