//! Parameters of the Bot API: JSON inside arguments, read as any method.
//!
//! The first two bytes choose the method; the rest is the body, as a bot sends it in JSON. Whatever stands
//! there, a method reads its parameters or refuses them with an error that bots know, and the error fits
//! into an answer.

use std::path::Path;

use bytes::Bytes;
use heliogram_botapi::fuzzing::{Head, envelope, read_args};
use heliogram_botapi::{ApiError, Args, Limits, params};

pub(super) fn check(input: &[u8]) {
    let Some((method, body)) = input.split_first_chunk() else { return };
    let method = usize::from(u16::from_le_bytes(*method)) % METHODS.len();
    let head = Head { query: "", content_type: b"application/json", encoding: b"" };
    let pieces = vec![Bytes::copy_from_slice(body)];
    let Ok(args) = read_args(head, pieces, Path::new("/nowhere"), &Limits::DEFAULT) else { return };
    let (_, read) = METHODS[method];
    let Err(error) = read(&args) else { return };
    assert_eq!(error.code, 400, "{error}");
    let text = error.description.strip_prefix("Bad Request: ");
    assert!(text.is_some_and(|text| !text.is_empty()), "{error}");
    let sent = envelope(&Err(error.clone()));
    let again: serde_json::Value = serde_json::from_slice(&sent).expect("an answer is JSON");
    assert_eq!(again["description"], error.description.as_str());
}

pub(super) fn seeds() -> Vec<Vec<u8>> {
    let seed = |name: &str, body: &str| {
        let at = METHODS.iter().position(|(own, _)| *own == name).unwrap_or(0);
        let at = u16::try_from(at).unwrap_or(0);
        [&at.to_le_bytes()[..], body.as_bytes()].concat()
    };
    SEEDS.iter().map(|(name, body)| seed(name, body)).collect()
}

/// One of each kind of object that is read.
const SEEDS: &[(&str, &str)] = &[
    (
        "SendMessage",
        r#"{"chat_id":"@x","text":"t","entities":[{"type":"bold","offset":0,"length":1}],"reply_parameters":{"message_id":5,"quote":"q"},"link_preview_options":{"is_disabled":true}}"#,
    ),
    (
        "SendMessage",
        r#"{"chat_id":1,"text":"t","reply_markup":{"inline_keyboard":[[{"text":"a","callback_data":"b"},{"text":"u","url":"http://a.b"}]]}}"#,
    ),
    (
        "SendMessage",
        r#"{"chat_id":1,"text":"t","reply_markup":{"keyboard":[["a",{"text":"b","request_contact":true}]],"resize_keyboard":true}}"#,
    ),
    (
        "SendMediaGroup",
        r#"{"chat_id":1,"media":[{"type":"photo","media":"x","caption":"c"},{"type":"video","media":"attach://f","width":3}]}"#,
    ),
    (
        "AnswerInlineQuery",
        r#"{"inline_query_id":"1","results":[{"type":"article","id":"1","title":"t","input_message_content":{"message_text":"m"}},{"type":"photo","id":"2","photo_file_id":"AgAC"}]}"#,
    ),
    (
        "SendPoll",
        r#"{"chat_id":1,"question":"q","options":["a",{"text":"b"}],"correct_option_id":1}"#,
    ),
    (
        "SetMyCommands",
        r#"{"commands":[{"command":"a","description":"b"}],"scope":{"type":"chat","chat_id":1}}"#,
    ),
    (
        "RestrictChatMember",
        r#"{"chat_id":1,"user_id":2,"permissions":{"can_send_messages":true},"until_date":"5"}"#,
    ),
    (
        "SendInvoice",
        r#"{"chat_id":1,"title":"t","payload":"p","currency":"USD","prices":[{"label":"a","amount":5}]}"#,
    ),
    (
        "CreateNewStickerSet",
        r#"{"user_id":1,"name":"n","title":"t","stickers":[{"sticker":"s","format":"static","emoji_list":["x"]}]}"#,
    ),
    (
        "EditMessageMedia",
        r#"{"chat_id":1,"message_id":2,"media":{"type":"animation","media":"x"}}"#,
    ),
    (
        "SetMessageReaction",
        r#"{"chat_id":1,"message_id":2,"reaction":[{"type":"emoji","emoji":"x"}]}"#,
    ),
    ("GetUpdates", r#"{"offset":1,"allowed_updates":["message"]}"#),
];

type Read = fn(&Args) -> Result<(), ApiError>;

macro_rules! methods {
    ($($name:ident)*) => {
        &[$((stringify!($name), |args| params::$name::read(args).map(drop))),*]
    };
}

const METHODS: &[(&str, Read)] = methods! {
    AddStickerToSet AnswerCallbackQuery AnswerChatJoinRequestQuery AnswerGuestQuery
    AnswerInlineQuery AnswerPreCheckoutQuery AnswerShippingQuery AnswerWebAppQuery
    ApproveChatJoinRequest ApproveSuggestedPost BanChatMember BanChatSenderChat CloseForumTopic
    CloseGeneralForumTopic ConvertGiftToStars CopyMessage CopyMessages CreateChatInviteLink
    CreateChatSubscriptionInviteLink CreateForumTopic CreateInvoiceLink CreateNewStickerSet
    DeclineChatJoinRequest DeclineSuggestedPost DeleteAllMessageReactions DeleteBusinessMessages
    DeleteChatPhoto DeleteChatStickerSet DeleteEphemeralMessage DeleteForumTopic DeleteMessage
    DeleteMessageReaction DeleteMessages DeleteMyCommands DeleteStickerFromSet DeleteStickerSet
    DeleteStory DeleteWebhook EditChatInviteLink EditChatSubscriptionInviteLink
    EditEphemeralMessageCaption EditEphemeralMessageMedia EditEphemeralMessageReplyMarkup
    EditEphemeralMessageText EditForumTopic EditGeneralForumTopic EditMessageCaption
    EditMessageChecklist EditMessageLiveLocation EditMessageMedia EditMessageReplyMarkup
    EditMessageText EditStory EditUserStarSubscription ExportChatInviteLink ForwardMessage
    ForwardMessages GetBusinessAccountGifts GetBusinessAccountStarBalance GetBusinessConnection
    GetChat GetChatAdministrators GetChatGifts GetChatMember GetChatMemberCount
    GetChatMenuButton GetCustomEmojiStickers GetFile GetGameHighScores
    GetManagedBotAccessSettings GetManagedBotToken GetMyCommands GetMyDefaultAdministratorRights
    GetMyDescription GetMyName GetMyShortDescription GetStarTransactions GetStickerSet
    GetUpdates GetUserChatBoosts GetUserGifts GetUserPersonalChatMessages GetUserProfileAudios
    GetUserProfilePhotos GiftPremiumSubscription HideGeneralForumTopic LeaveChat PinChatMessage
    PostStory PromoteChatMember ReadBusinessMessage RefundStarPayment
    RemoveBusinessAccountProfilePhoto RemoveChatVerification RemoveUserVerification
    ReopenForumTopic ReopenGeneralForumTopic ReplaceManagedBotToken ReplaceStickerInSet
    RepostStory RestrictChatMember RevokeChatInviteLink SavePreparedInlineMessage
    SavePreparedKeyboardButton SendAnimation SendAudio SendChatAction SendChatJoinRequestWebApp
    SendChecklist SendContact SendDice SendDocument SendGame SendGift SendInvoice SendLivePhoto
    SendLocation SendMediaGroup SendMessage SendMessageDraft SendPaidMedia SendPhoto SendPoll
    SendRichMessage SendRichMessageDraft SendSticker SendVenue SendVideo SendVideoNote SendVoice
    SetBusinessAccountBio SetBusinessAccountGiftSettings SetBusinessAccountName
    SetBusinessAccountProfilePhoto SetBusinessAccountUsername SetChatAdministratorCustomTitle
    SetChatDescription SetChatMemberTag SetChatMenuButton SetChatPermissions SetChatPhoto
    SetChatStickerSet SetChatTitle SetCustomEmojiStickerSetThumbnail SetGameScore
    SetManagedBotAccessSettings SetMessageReaction SetMyCommands SetMyDefaultAdministratorRights
    SetMyDescription SetMyName SetMyProfilePhoto SetMyShortDescription SetPassportDataErrors
    SetStickerEmojiList SetStickerKeywords SetStickerMaskPosition SetStickerPositionInSet
    SetStickerSetThumbnail SetStickerSetTitle SetUserEmojiStatus SetWebhook
    StopMessageLiveLocation StopPoll TransferBusinessAccountStars TransferGift UnbanChatMember
    UnbanChatSenderChat UnhideGeneralForumTopic UnpinAllChatMessages UnpinAllForumTopicMessages
    UnpinAllGeneralForumTopicMessages UnpinChatMessage UpgradeGift UploadStickerFile VerifyChat
    VerifyUser
};
