//! `banChatMember`, `unbanChatMember`.

use heliogram_ids::{Peer, UserId};
use heliogram_tl as tl;

use crate::account::Account;
use crate::args::Args;
use crate::bots::Bot;
use crate::chat_ref::ChatRef;
use crate::error::ApiError;
use crate::params;
use crate::reply::{Answer, Success};

/// `banChatMember`: sends somebody away, for a while or for ever.
///
/// # Errors
/// `invalid user_id specified`, `user is an administrator of the chat`.
pub(super) async fn ban_chat_member(bot: &Bot, args: &Args) -> Answer {
    let params = params::BanChatMember::read(args)?;
    let id = user_id(params.user_id)?;
    let account = bot.account()?;
    let place = account.place_to_write(&params.chat_id).await?;
    let revoke = params.revoke_messages.unwrap_or_default();
    match (place.peer, Account::input_channel(&place.input)) {
        (Peer::Chat(chat), _) => {
            let user_id = account.input_user(id).await?;
            let (chat_id, revoke_history) = (chat.get(), revoke);
            let request = tl::messages::DeleteChatUser { revoke_history, chat_id, user_id };
            account.open(account.invoke(&request).await?);
        }
        (Peer::Channel(_), Some(channel)) => {
            let rights = tl::types::ChatBannedRights {
                view_messages: true,
                until_date: until(params.until_date.unwrap_or_default(), bot.now().unix()),
                ..Default::default()
            };
            edit(account, channel, id, rights).await?;
        }
        _ => return Err(ApiError::bad_request("can't ban members in private chats")),
    }
    Success::of(&true)
}

/// `unbanChatMember`: lets somebody come back. A member is sent away, unless `only_if_banned`.
///
/// # Errors
/// `method is available for supergroup and channel chats only`.
pub(super) async fn unban_chat_member(bot: &Bot, args: &Args) -> Answer {
    let params = params::UnbanChatMember::read(args)?;
    let id = user_id(params.user_id)?;
    let account = bot.account()?;
    let place = account.place_to_write(&params.chat_id).await?;
    let channel = Account::input_channel(&place.input).ok_or_else(|| {
        ApiError::bad_request("method is available for supergroup and channel chats only")
    })?;
    let participant = participant(account, id).await?;
    let request = tl::channels::GetParticipant { channel: channel.clone(), participant };
    let banned = match account.ask(&request).await {
        Ok(tl::channels::ChannelParticipant::ChannelParticipant(found)) => {
            matches!(found.participant, tl::ChannelParticipant::ChannelParticipantBanned(_))
        }
        Err(error) if error.is("USER_NOT_PARTICIPANT") => return Success::of(&true),
        Err(error) => return Err(crate::account::refusal(&error, None)),
    };
    if !banned && params.only_if_banned.unwrap_or_default() {
        return Success::of(&true);
    }
    if !banned {
        let away = tl::types::ChatBannedRights { view_messages: true, ..Default::default() };
        edit(account, channel.clone(), id, away).await?;
    }
    edit(account, channel, id, tl::types::ChatBannedRights::default()).await?;
    Success::of(&true)
}

async fn edit(
    account: &Account,
    channel: tl::InputChannel,
    id: UserId,
    rights: tl::types::ChatBannedRights,
) -> Result<(), ApiError> {
    let participant = participant(account, id).await?;
    let banned_rights = rights.into();
    let request = tl::channels::EditBanned { channel, participant, banned_rights };
    account.open(account.invoke(&request).await?);
    Ok(())
}

async fn participant(account: &Account, id: UserId) -> Result<tl::InputPeer, ApiError> {
    let place = account.place(&ChatRef::Id(id.get())).await;
    place.map(|place| place.input).map_err(|_| ApiError::bad_request("user not found"))
}

fn user_id(id: i64) -> Result<UserId, ApiError> {
    UserId::new(id).ok_or_else(|| ApiError::bad_request("invalid user_id specified"))
}

/// When a ban ends: less than half a minute and more than a year are for ever.
fn until(date: i64, now: i32) -> i32 {
    let length = date.saturating_sub(now.into());
    let counts = (30..=366 * 86_400).contains(&length);
    i32::try_from(date).ok().filter(|_| counts).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_ban_that_is_too_short_or_too_long_is_for_ever() {
        let now = 1_000_000;
        assert_eq!(until(0, now), 0);
        assert_eq!(until(1_000_029, now), 0);
        assert_eq!(until(1_000_030, now), 1_000_030);
        assert_eq!(until(i64::from(now) + 367 * 86_400, now), 0);
    }
}
