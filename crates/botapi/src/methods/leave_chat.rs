//! `leaveChat`.

use heliogram_ids::Peer;
use heliogram_tl as tl;

use crate::account::Account;
use crate::args::Args;
use crate::bots::Bot;
use crate::error::ApiError;
use crate::params;
use crate::reply::{Answer, Success};

/// `leaveChat`: the bot goes.
///
/// # Errors
/// `chat not found`; private chats cannot be left.
pub(super) async fn leave_chat(bot: &Bot, args: &Args) -> Answer {
    let params = params::LeaveChat::read(args)?;
    let account = bot.account()?;
    let place = account.place(&params.chat_id).await?;
    match (place.peer, Account::input_channel(&place.input)) {
        (Peer::Chat(chat), _) => {
            let user_id = tl::InputUser::InputUserSelf;
            let chat_id = chat.get();
            let request = tl::messages::DeleteChatUser { revoke_history: false, chat_id, user_id };
            account.invoke(&request).await?;
        }
        (Peer::Channel(_), Some(channel)) => {
            account.invoke(&tl::channels::LeaveChannel { channel }).await?;
        }
        _ => return Err(ApiError::bad_request("chat not found")),
    }
    Success::of(&true)
}
