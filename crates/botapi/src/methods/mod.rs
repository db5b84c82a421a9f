//! The methods, in the order of the official page. A row without a handler is a method that is
//! known and not served yet.

mod answer_callback_query;
mod ban_chat_member;
mod delete_message;
mod edit_message;
mod forward_message;
mod get_chat;
mod get_chat_member;
mod get_file;
mod get_me;
mod get_updates;
mod get_user_profile_photos;
mod identifiers;
mod leave_chat;
mod my_profile;
mod names;
mod pin_chat_message;
mod send_chat_action;
mod send_contact;
mod send_media;
mod send_media_group;
mod send_message;
mod table;

use identifiers::message_ids;
pub(crate) use table::official_name;

use crate::args::Args;
use crate::bots::Bot;
use crate::reply::Answer;

/// One row per method: its official name, and the function that answers it.
macro_rules! methods {
    ($($name:literal $(=> $handler:path)?;)*) => {
        /// Runs a method under any of its names and in any case.
        ///
        /// # Errors
        /// 404 for an unknown name, and whatever the method says.
        pub(crate) async fn call(bot: &Bot, method: &str, args: &Args) -> Answer {
            match table::official_name(method).unwrap_or_default() {
                $($name => methods!(@run bot, args, $name $(, $handler)?),)*
                _ => Err(table::not_found()),
            }
        }

        const ROWS: &[(&str, bool)] = &[$(($name, methods!(@has $($handler)?)),)*];

        /// Every method of the official page in its order, and whether it is served.
        pub fn coverage() -> &'static [(&'static str, bool)] {
            ROWS
        }
    };
    (@run $bot:ident, $args:ident, $name:literal, $handler:path) => {
        Box::pin($handler($bot, $args)).await
    };
    (@run $bot:ident, $args:ident, $name:literal) => { Err(table::not_served($name)) };
    (@has $handler:path) => { true };
    (@has) => { false };
}

methods! {
    "getUpdates" => get_updates::get_updates;
    "setWebhook" => get_updates::set_webhook;
    "deleteWebhook" => get_updates::delete_webhook;
    "getWebhookInfo" => get_updates::get_webhook_info;
    "getMe" => get_me::get_me;
    "logOut" => get_me::log_out;
    "close" => get_me::close;
    "sendMessage" => send_message::send_message;
    "forwardMessage" => forward_message::forward_message;
    "forwardMessages" => forward_message::forward_messages;
    "copyMessage" => forward_message::copy_message;
    "copyMessages" => forward_message::copy_messages;
    "sendPhoto" => send_media::send_photo;
    "sendLivePhoto";
    "sendAudio" => send_media::send_audio;
    "sendDocument" => send_media::send_document;
    "sendVideo" => send_media::send_video;
    "sendAnimation" => send_media::send_animation;
    "sendVoice" => send_media::send_voice;
    "sendVideoNote" => send_media::send_video_note;
    "sendPaidMedia";
    "sendMediaGroup" => send_media_group::send_media_group;
    "sendLocation" => send_contact::send_location;
    "sendVenue" => send_contact::send_venue;
    "sendContact" => send_contact::send_contact;
    "sendPoll";
    "sendChecklist";
    "sendDice" => send_contact::send_dice;
    "sendMessageDraft";
    "sendChatAction" => send_chat_action::send_chat_action;
    "setMessageReaction";
    "getUserProfilePhotos" => get_user_profile_photos::get_user_profile_photos;
    "getUserProfileAudios";
    "setUserEmojiStatus";
    "getFile" => get_file::get_file;
    "banChatMember" => ban_chat_member::ban_chat_member;
    "unbanChatMember" => ban_chat_member::unban_chat_member;
    "restrictChatMember";
    "promoteChatMember";
    "setChatAdministratorCustomTitle";
    "setChatMemberTag";
    "banChatSenderChat";
    "unbanChatSenderChat";
    "setChatPermissions";
    "exportChatInviteLink";
    "createChatInviteLink";
    "editChatInviteLink";
    "createChatSubscriptionInviteLink";
    "editChatSubscriptionInviteLink";
    "revokeChatInviteLink";
    "approveChatJoinRequest";
    "declineChatJoinRequest";
    "answerChatJoinRequestQuery";
    "sendChatJoinRequestWebApp";
    "setChatPhoto";
    "deleteChatPhoto";
    "setChatTitle";
    "setChatDescription";
    "pinChatMessage" => pin_chat_message::pin_chat_message;
    "unpinChatMessage" => pin_chat_message::unpin_chat_message;
    "unpinAllChatMessages" => pin_chat_message::unpin_all_chat_messages;
    "leaveChat" => leave_chat::leave_chat;
    "getChat" => get_chat::get_chat;
    "getChatAdministrators" => get_chat_member::get_chat_administrators;
    "getChatMemberCount" => get_chat_member::get_chat_member_count;
    "getChatMember" => get_chat_member::get_chat_member;
    "getUserPersonalChatMessages";
    "setChatStickerSet";
    "deleteChatStickerSet";
    "getForumTopicIconStickers";
    "createForumTopic";
    "editForumTopic";
    "closeForumTopic";
    "reopenForumTopic";
    "deleteForumTopic";
    "unpinAllForumTopicMessages";
    "editGeneralForumTopic";
    "closeGeneralForumTopic";
    "reopenGeneralForumTopic";
    "hideGeneralForumTopic";
    "unhideGeneralForumTopic";
    "unpinAllGeneralForumTopicMessages";
    "answerCallbackQuery" => answer_callback_query::answer_callback_query;
    "answerGuestQuery";
    "getUserChatBoosts";
    "getBusinessConnection";
    "getManagedBotToken";
    "replaceManagedBotToken";
    "getManagedBotAccessSettings";
    "setManagedBotAccessSettings";
    "setMyCommands" => my_profile::set_my_commands;
    "deleteMyCommands" => my_profile::delete_my_commands;
    "getMyCommands" => my_profile::get_my_commands;
    "setMyName" => my_profile::set_my_name;
    "getMyName" => my_profile::get_my_name;
    "setMyDescription" => my_profile::set_my_description;
    "getMyDescription" => my_profile::get_my_description;
    "setMyShortDescription" => my_profile::set_my_short_description;
    "getMyShortDescription" => my_profile::get_my_short_description;
    "setMyProfilePhoto";
    "removeMyProfilePhoto";
    "setChatMenuButton";
    "getChatMenuButton";
    "setMyDefaultAdministratorRights";
    "getMyDefaultAdministratorRights";
    "getAvailableGifts";
    "sendGift";
    "giftPremiumSubscription";
    "verifyUser";
    "verifyChat";
    "removeUserVerification";
    "removeChatVerification";
    "readBusinessMessage";
    "deleteBusinessMessages";
    "setBusinessAccountName";
    "setBusinessAccountUsername";
    "setBusinessAccountBio";
    "setBusinessAccountProfilePhoto";
    "removeBusinessAccountProfilePhoto";
    "setBusinessAccountGiftSettings";
    "getBusinessAccountStarBalance";
    "transferBusinessAccountStars";
    "getBusinessAccountGifts";
    "getUserGifts";
    "getChatGifts";
    "convertGiftToStars";
    "upgradeGift";
    "transferGift";
    "postStory";
    "repostStory";
    "editStory";
    "deleteStory";
    "answerWebAppQuery";
    "savePreparedInlineMessage";
    "savePreparedKeyboardButton";
    "editMessageText" => edit_message::edit_message_text;
    "editMessageCaption" => edit_message::edit_message_caption;
    "editMessageMedia" => send_media_group::edit_message_media;
    "editMessageLiveLocation";
    "stopMessageLiveLocation";
    "editMessageChecklist";
    "editMessageReplyMarkup" => edit_message::edit_message_reply_markup;
    "stopPoll";
    "editEphemeralMessageText";
    "editEphemeralMessageMedia";
    "editEphemeralMessageCaption";
    "editEphemeralMessageReplyMarkup";
    "approveSuggestedPost";
    "declineSuggestedPost";
    "deleteMessage" => delete_message::delete_message;
    "deleteMessages" => delete_message::delete_messages;
    "deleteEphemeralMessage";
    "deleteMessageReaction";
    "deleteAllMessageReactions";
    "sendSticker" => send_media::send_sticker;
    "getStickerSet";
    "getCustomEmojiStickers";
    "uploadStickerFile";
    "createNewStickerSet";
    "addStickerToSet";
    "setStickerPositionInSet";
    "deleteStickerFromSet";
    "replaceStickerInSet";
    "setStickerEmojiList";
    "setStickerKeywords";
    "setStickerMaskPosition";
    "setStickerSetTitle";
    "setStickerSetThumbnail";
    "setCustomEmojiStickerSetThumbnail";
    "deleteStickerSet";
    "sendRichMessage";
    "sendRichMessageDraft";
    "answerInlineQuery";
    "sendInvoice";
    "createInvoiceLink";
    "answerShippingQuery";
    "answerPreCheckoutQuery";
    "getMyStarBalance";
    "getStarTransactions";
    "refundStarPayment";
    "editUserStarSubscription";
    "setPassportDataErrors";
    "sendGame";
    "setGameScore";
    "getGameHighScores";
}
