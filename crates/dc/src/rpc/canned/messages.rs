//! Lists of messages, folders and attachments that nothing in this cloud can fill yet.

use heliogram_tl as tl;
use heliogram_tl::types;

use crate::cx::Reading;
use crate::error::{Rpc, RpcError};
use crate::render;
use crate::rpc::input;

/// `messages.getAttachMenuBots`: no bot adds anything to the menu of attachments.
pub(super) fn get_attach_menu_bots(
    _: &mut Reading<'_>,
    _: tl::messages::GetAttachMenuBots,
) -> Rpc<tl::AttachMenuBots> {
    Ok(types::AttachMenuBots::default().into())
}

/// `messages.getDefaultHistoryTTL`: messages stay until they are deleted.
pub(super) fn get_default_history_ttl(
    _: &mut Reading<'_>,
    _: tl::messages::GetDefaultHistoryTtl,
) -> Rpc<tl::DefaultHistoryTtl> {
    Ok(types::DefaultHistoryTtl::default().into())
}

/// `messages.getDialogFilters`: folders cannot be made.
pub(super) fn get_dialog_filters(
    _: &mut Reading<'_>,
    _: tl::messages::GetDialogFilters,
) -> Rpc<tl::messages::DialogFilters> {
    Ok(types::messages::DialogFilters::default().into())
}

/// `messages.getPinnedSavedDialogs`: parts of Saved Messages cannot be pinned.
pub(super) fn get_pinned_saved_dialogs(
    _: &mut Reading<'_>,
    _: tl::messages::GetPinnedSavedDialogs,
) -> Rpc<tl::messages::SavedDialogs> {
    Ok(types::messages::SavedDialogs::default().into())
}

/// `messages.getQuickReplies`: prepared answers are for businesses.
pub(super) fn get_quick_replies(
    _: &mut Reading<'_>,
    _: tl::messages::GetQuickReplies,
) -> Rpc<tl::messages::QuickReplies> {
    Ok(types::messages::QuickReplies::default().into())
}

/// `messages.getSplitRanges`: a history is whole, and asked for as a whole.
pub(super) fn get_split_ranges(
    _: &mut Reading<'_>,
    _: tl::messages::GetSplitRanges,
) -> Rpc<Vec<tl::MessageRange>> {
    Ok(vec![types::MessageRange { min_id: 1, max_id: i32::MAX }.into()])
}

/// `messages.getSponsoredMessages`: there is no advertising.
pub(super) fn get_sponsored_messages(
    _: &mut Reading<'_>,
    _: tl::messages::GetSponsoredMessages,
) -> Rpc<tl::messages::SponsoredMessages> {
    Ok(tl::messages::SponsoredMessages::SponsoredMessagesEmpty)
}

/// `messages.getSuggestedDialogFilters`: nor are folders suggested.
pub(super) fn get_suggested_dialog_filters(
    _: &mut Reading<'_>,
    _: tl::messages::GetSuggestedDialogFilters,
) -> Rpc<Vec<tl::DialogFilterSuggested>> {
    Ok(Vec::new())
}

/// `messages.getRecentLocations`: live locations cannot be shared.
///
/// # Errors
/// `PEER_ID_INVALID`.
pub(super) fn get_recent_locations(
    cx: &mut Reading<'_>,
    req: tl::messages::GetRecentLocations,
) -> Rpc<tl::messages::Messages> {
    input::peer(cx, &req.peer)?;
    Ok(types::messages::Messages::default().into())
}

/// `messages.getScheduledHistory`: messages cannot be scheduled.
///
/// # Errors
/// `PEER_ID_INVALID`.
pub(super) fn get_scheduled_history(
    cx: &mut Reading<'_>,
    req: tl::messages::GetScheduledHistory,
) -> Rpc<tl::messages::Messages> {
    input::peer(cx, &req.peer)?;
    Ok(types::messages::Messages::default().into())
}

/// `messages.getScheduledMessages`: the same by id.
///
/// # Errors
/// `PEER_ID_INVALID`.
pub(super) fn get_scheduled_messages(
    cx: &mut Reading<'_>,
    req: tl::messages::GetScheduledMessages,
) -> Rpc<tl::messages::Messages> {
    input::peer(cx, &req.peer)?;
    Ok(types::messages::Messages::default().into())
}

/// `messages.getUnreadMentions`: nobody is mentioned where there are no groups.
///
/// # Errors
/// `PEER_ID_INVALID`.
pub(super) fn get_unread_mentions(
    cx: &mut Reading<'_>,
    req: tl::messages::GetUnreadMentions,
) -> Rpc<tl::messages::Messages> {
    input::peer(cx, &req.peer)?;
    Ok(types::messages::Messages::default().into())
}

/// `messages.getUnreadPollVotes`: there are no polls.
///
/// # Errors
/// `PEER_ID_INVALID`.
pub(super) fn get_unread_poll_votes(
    cx: &mut Reading<'_>,
    req: tl::messages::GetUnreadPollVotes,
) -> Rpc<tl::messages::Messages> {
    input::peer(cx, &req.peer)?;
    Ok(types::messages::Messages::default().into())
}

/// `messages.getUnreadReactions`: there are no reactions.
///
/// # Errors
/// `PEER_ID_INVALID`.
pub(super) fn get_unread_reactions(
    cx: &mut Reading<'_>,
    req: tl::messages::GetUnreadReactions,
) -> Rpc<tl::messages::Messages> {
    input::peer(cx, &req.peer)?;
    Ok(types::messages::Messages::default().into())
}

/// `messages.readMentions`: mentions are read; there are none.
///
/// # Errors
/// `PEER_ID_INVALID`.
pub(super) fn read_mentions(
    cx: &mut Reading<'_>,
    req: tl::messages::ReadMentions,
) -> Rpc<tl::messages::AffectedHistory> {
    input::peer(cx, &req.peer)?;
    render::affected_history(cx.mine(), &[], 0)
}

/// `messages.readReactions`: reactions are seen; there are none.
///
/// # Errors
/// `PEER_ID_INVALID`.
pub(super) fn read_reactions(
    cx: &mut Reading<'_>,
    req: tl::messages::ReadReactions,
) -> Rpc<tl::messages::AffectedHistory> {
    input::peer(cx, &req.peer)?;
    render::affected_history(cx.mine(), &[], 0)
}

/// `messages.getChats`: basic groups by id; there are none.
///
/// # Errors
/// `CHAT_ID_INVALID`.
pub(super) fn get_chats(
    _: &mut Reading<'_>,
    req: tl::messages::GetChats,
) -> Rpc<tl::messages::Chats> {
    if !req.id.is_empty() {
        return Err(RpcError::CHAT_ID_INVALID);
    }
    Ok(types::messages::Chats::default().into())
}

/// `messages.getCommonChats`: groups that somebody shares with the caller; there are none.
///
/// # Errors
/// `USER_ID_INVALID`.
pub(super) fn get_common_chats(
    cx: &mut Reading<'_>,
    req: tl::messages::GetCommonChats,
) -> Rpc<tl::messages::Chats> {
    input::user(cx, &req.user_id)?;
    Ok(types::messages::Chats::default().into())
}

/// `messages.getMessagesViews`: only posts of channels are counted, so no message here has views.
///
/// # Errors
/// `PEER_ID_INVALID`, `LIMIT_INVALID` for more ids than one request may name.
pub(super) fn get_messages_views(
    cx: &mut Reading<'_>,
    req: tl::messages::GetMessagesViews,
) -> Rpc<tl::messages::MessageViews> {
    input::peer(cx, &req.peer)?;
    if req.id.len() > cx.world.limits().message_ids_max {
        return Err(RpcError::LIMIT_INVALID);
    }
    let views = req.id.iter().map(|_| types::MessageViews::default().into()).collect();
    Ok(types::messages::MessageViews { views, ..Default::default() }.into())
}

/// `messages.getWebPage`: this cloud opens no links, so it knows no page.
pub(super) fn get_web_page(
    _: &mut Reading<'_>,
    req: tl::messages::GetWebPage,
) -> Rpc<tl::messages::WebPage> {
    let webpage = types::WebPageEmpty { id: 0, url: Some(req.url) }.into();
    Ok(types::messages::WebPage { webpage, ..Default::default() }.into())
}

/// `messages.getWebPagePreview`: for the same reason no text has a preview.
pub(super) fn get_web_page_preview(
    _: &mut Reading<'_>,
    _: tl::messages::GetWebPagePreview,
) -> Rpc<tl::messages::WebPagePreview> {
    let media = tl::MessageMedia::MessageMediaEmpty;
    Ok(types::messages::WebPagePreview { media, ..Default::default() }.into())
}

/// `messages.reportMessagesDelivery`: only gateways for codes want to know what arrived.
pub(super) fn report_messages_delivery(
    _: &mut Reading<'_>,
    _: tl::messages::ReportMessagesDelivery,
) -> Rpc<bool> {
    Ok(true)
}

/// `messages.reportReadMetrics`: how long a message is looked at is not measured here.
pub(super) fn report_read_metrics(
    _: &mut Reading<'_>,
    _: tl::messages::ReportReadMetrics,
) -> Rpc<bool> {
    Ok(true)
}

/// `messages.getArchivedStickers`: nobody can have put a set away where none exists.
pub(super) fn get_archived_stickers(
    _: &mut Reading<'_>,
    _: tl::messages::GetArchivedStickers,
) -> Rpc<tl::messages::ArchivedStickers> {
    Ok(types::messages::ArchivedStickers::default().into())
}

/// `messages.getCustomEmojiDocuments`: custom emoji that are asked for by number; none is known.
pub(super) fn get_custom_emoji_documents(
    _: &mut Reading<'_>,
    _: tl::messages::GetCustomEmojiDocuments,
) -> Rpc<Vec<tl::Document>> {
    Ok(Vec::new())
}

/// `messages.getEmojiKeywords`: words by which emoji are found; apps bring their own.
pub(super) fn get_emoji_keywords(
    _: &mut Reading<'_>,
    req: tl::messages::GetEmojiKeywords,
) -> Rpc<tl::EmojiKeywordsDifference> {
    Ok(no_keywords(req.lang_code, 0))
}

/// `messages.getEmojiKeywordsDifference`: what changed among them.
pub(super) fn get_emoji_keywords_difference(
    _: &mut Reading<'_>,
    req: tl::messages::GetEmojiKeywordsDifference,
) -> Rpc<tl::EmojiKeywordsDifference> {
    Ok(no_keywords(req.lang_code, req.from_version))
}

fn no_keywords(lang_code: tl::Str, from_version: i32) -> tl::EmojiKeywordsDifference {
    let (version, keywords) = (from_version.max(1), Vec::new());
    types::EmojiKeywordsDifference { lang_code, from_version, version, keywords }.into()
}

/// `messages.getEmojiProfilePhotoGroups`: categories of emoji for profile photos.
pub(super) fn get_emoji_profile_photo_groups(
    _: &mut Reading<'_>,
    _: tl::messages::GetEmojiProfilePhotoGroups,
) -> Rpc<tl::messages::EmojiGroups> {
    Ok(types::messages::EmojiGroups::default().into())
}

/// `messages.getMyStickers`: sets that the caller made.
pub(super) fn get_my_stickers(
    _: &mut Reading<'_>,
    _: tl::messages::GetMyStickers,
) -> Rpc<tl::messages::MyStickers> {
    Ok(types::messages::MyStickers::default().into())
}

/// `messages.getOldFeaturedStickers`: sets that were advertised once.
pub(super) fn get_old_featured_stickers(
    _: &mut Reading<'_>,
    _: tl::messages::GetOldFeaturedStickers,
) -> Rpc<tl::messages::FeaturedStickers> {
    Ok(types::messages::FeaturedStickers::default().into())
}

/// `messages.getStickerSet`: one set by its name; none is known.
///
/// # Errors
/// `STICKERSET_INVALID`.
pub(super) fn get_sticker_set(
    _: &mut Reading<'_>,
    _: tl::messages::GetStickerSet,
) -> Rpc<tl::messages::StickerSet> {
    Err(RpcError::STICKERSET_INVALID)
}

/// `messages.searchStickerSets`: sets by words; none is known.
pub(super) fn search_sticker_sets(
    _: &mut Reading<'_>,
    _: tl::messages::SearchStickerSets,
) -> Rpc<tl::messages::FoundStickerSets> {
    Ok(types::messages::FoundStickerSets::default().into())
}
