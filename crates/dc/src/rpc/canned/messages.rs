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
