//! Stickers, reactions, effects and animations: nobody has published any.

use heliogram_tl as tl;
use heliogram_tl::types;
use tl::messages as request;

use super::answer::answers;

answers! {
    /// No sets are installed.
    all_stickers: request::GetAllStickers = types::messages::AllStickers::default().into();
    /// See there.
    emoji_stickers: request::GetEmojiStickers = types::messages::AllStickers::default().into();
    /// See there.
    mask_stickers: request::GetMaskStickers = types::messages::AllStickers::default().into();
    /// See there.
    faved_stickers: request::GetFavedStickers = types::messages::FavedStickers::default().into();
    /// See there.
    recent_stickers: request::GetRecentStickers = types::messages::RecentStickers::default().into();
    /// See there.
    featured_stickers: request::GetFeaturedStickers = types::messages::FeaturedStickers::default().into();
    /// See there.
    featured_emoji_stickers: request::GetFeaturedEmojiStickers = types::messages::FeaturedStickers::default().into();
    /// None of them is new.
    read_featured_stickers: request::ReadFeaturedStickers = true;
    /// No sticker is found by any word.
    search_stickers: request::SearchStickers = types::messages::FoundStickers::default().into();
    /// No photo was decorated with any.
    attached_stickers: request::GetAttachedStickers = Vec::new();
    /// No sticker goes with any emoji.
    stickers: request::GetStickers = types::messages::Stickers::default().into();
    /// No animations are saved.
    saved_gifs: request::GetSavedGifs = types::messages::SavedGifs::default().into();
    /// An empty list takes reactions out of the client's menus.
    available_reactions: request::GetAvailableReactions = types::messages::AvailableReactions::default().into();
    /// See there.
    available_effects: request::GetAvailableEffects = types::messages::AvailableEffects::default().into();
    /// See there.
    top_reactions: request::GetTopReactions = types::messages::Reactions::default().into();
    /// See there.
    recent_reactions: request::GetRecentReactions = types::messages::Reactions::default().into();
    /// See there.
    default_tag_reactions: request::GetDefaultTagReactions = types::messages::Reactions::default().into();
    /// See there.
    saved_reaction_tags: request::GetSavedReactionTags = types::messages::SavedReactionTags::default().into();
    /// Emoji are sorted by the client.
    emoji_groups: request::GetEmojiGroups = types::messages::EmojiGroups::default().into();
    /// See there.
    emoji_status_groups: request::GetEmojiStatusGroups = types::messages::EmojiGroups::default().into();
    /// See there.
    emoji_sticker_groups: request::GetEmojiStickerGroups = types::messages::EmojiGroups::default().into();
    /// There are no words that call emoji up.
    emoji_keywords_languages: request::GetEmojiKeywordsLanguages = Vec::new();
}
