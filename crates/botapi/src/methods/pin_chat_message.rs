//! `pinChatMessage`, `unpinChatMessage`, `unpinAllChatMessages`.

use heliogram_ids::{MessageId, Peer, UserId};
use heliogram_tl as tl;

use crate::account::{Account, Place};
use crate::args::Args;
use crate::bots::Bot;
use crate::error::ApiError;
use crate::params;
use crate::reply::{Answer, Success};

/// `pinChatMessage`: puts a message to the top of its chat.
///
/// # Errors
/// `message to pin not found`.
pub(super) async fn pin_chat_message(bot: &Bot, args: &Args) -> Answer {
    let params = params::PinChatMessage::read(args)?;
    let account = bot.account()?;
    let place = account.place_to_write(&params.chat_id).await?;
    let id = known(account, &place, params.message_id, "pin").await?;
    let request = tl::messages::UpdatePinnedMessage {
        silent: params.disable_notification.unwrap_or_default(),
        unpin: false,
        // Both sides of a private chat see what a bot pins, as officially.
        pm_oneside: false,
        peer: place.input,
        id: id.get(),
    };
    account.open(account.invoke(&request).await?);
    Success::of(&true)
}

/// `unpinChatMessage`: takes a message down, the newest pinned one unless another is named.
///
/// # Errors
/// `message to unpin not found`.
pub(super) async fn unpin_chat_message(bot: &Bot, args: &Args) -> Answer {
    let params = params::UnpinChatMessage::read(args)?;
    let account = bot.account()?;
    let place = account.place_to_write(&params.chat_id).await?;
    let id = match params.message_id.filter(|id| *id != 0) {
        Some(id) => known(account, &place, id, "unpin").await?,
        None => newest(account, &place)
            .await?
            .ok_or_else(|| ApiError::bad_request("message to unpin not found"))?,
    };
    let request = tl::messages::UpdatePinnedMessage {
        unpin: true,
        peer: place.input,
        id: id.get(),
        ..tl::messages::UpdatePinnedMessage::default()
    };
    account.open(account.invoke(&request).await?);
    Success::of(&true)
}

/// `unpinAllChatMessages`: takes every message down.
///
/// # Errors
/// `chat not found`.
pub(super) async fn unpin_all_chat_messages(bot: &Bot, args: &Args) -> Answer {
    let params = params::UnpinAllChatMessages::read(args)?;
    let account = bot.account()?;
    let peer = account.place_to_write(&params.chat_id).await?.input;
    let request = tl::messages::UnpinAllMessages { peer, ..Default::default() };
    account.invoke(&request).await?;
    Success::of(&true)
}

async fn known(
    account: &Account,
    place: &Place,
    id: i64,
    verb: &str,
) -> Result<MessageId, ApiError> {
    let not_found = || ApiError::bad_request(format!("message to {verb} not found"));
    let id = i32::try_from(id).ok().and_then(MessageId::new).ok_or_else(not_found)?;
    account.find(place.peer, &place.input, id).await?.ok_or_else(not_found)?;
    Ok(id)
}

/// The pinned message that is shown.
async fn newest(account: &Account, place: &Place) -> Result<Option<MessageId>, ApiError> {
    let full = match place.peer {
        Peer::User(id) => return newest_of_user(account, id).await,
        Peer::Chat(id) => account.invoke(&tl::messages::GetFullChat { chat_id: id.get() }).await?,
        Peer::Channel(_) => {
            let channel = Account::input_channel(&place.input);
            let channel = channel.ok_or_else(|| ApiError::bad_request("chat not found"))?;
            account.invoke(&tl::channels::GetFullChannel { channel }).await?
        }
    };
    let tl::messages::ChatFull::ChatFull(full) = full;
    let id = match full.full_chat {
        tl::ChatFull::ChatFull(full) => full.pinned_msg_id,
        tl::ChatFull::ChannelFull(full) => full.pinned_msg_id,
        tl::ChatFull::CommunityFull(_) => None,
    };
    Ok(id.and_then(MessageId::new))
}

async fn newest_of_user(account: &Account, id: UserId) -> Result<Option<MessageId>, ApiError> {
    let request = tl::users::GetFullUser { id: account.input_user(id).await? };
    let tl::users::UserFull::UserFull(full) = account.invoke(&request).await?;
    let tl::UserFull::UserFull(full) = full.full_user;
    Ok(full.pinned_msg_id.and_then(MessageId::new))
}
