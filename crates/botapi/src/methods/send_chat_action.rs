//! `sendChatAction`.

use heliogram_tl as tl;

use crate::args::Args;
use crate::bots::Bot;
use crate::error::ApiError;
use crate::params;
use crate::reply::{Answer, Success};

/// `sendChatAction`: shows what the bot is busy with.
///
/// # Errors
/// `wrong parameter action in request`, `chat not found`.
pub(super) async fn send_chat_action(bot: &Bot, args: &Args) -> Answer {
    let params = params::SendChatAction::read(args)?;
    let action = action(&params.action)?;
    let account = bot.account()?;
    let place = account.place_to_write(&params.chat_id).await?;
    let thread = params.message_thread_id.and_then(|id| i32::try_from(id).ok());
    let top_msg_id = thread.filter(|id| *id > 0);
    let request = tl::messages::SetTyping { peer: place.input, top_msg_id, action };
    account.invoke(&request).await?;
    Success::of(&true)
}

fn action(name: &str) -> Result<tl::SendMessageAction, ApiError> {
    use tl::SendMessageAction as A;
    Ok(match name.to_ascii_lowercase().as_str() {
        "cancel" => A::SendMessageCancelAction,
        "typing" => A::SendMessageTypingAction,
        "record_video" => A::SendMessageRecordVideoAction,
        "upload_video" => tl::types::SendMessageUploadVideoAction::default().into(),
        "record_audio" | "record_voice" => A::SendMessageRecordAudioAction,
        "upload_audio" | "upload_voice" => {
            tl::types::SendMessageUploadAudioAction::default().into()
        }
        "upload_photo" => tl::types::SendMessageUploadPhotoAction::default().into(),
        "upload_document" => tl::types::SendMessageUploadDocumentAction::default().into(),
        "choose_sticker" => A::SendMessageChooseStickerAction,
        "pick_up_location" | "find_location" => A::SendMessageGeoLocationAction,
        "record_video_note" => A::SendMessageRecordRoundAction,
        "upload_video_note" => tl::types::SendMessageUploadRoundAction::default().into(),
        _ => return Err(ApiError::bad_request("wrong parameter action in request")),
    })
}
