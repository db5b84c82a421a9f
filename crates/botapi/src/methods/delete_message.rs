//! `deleteMessage`, `deleteMessages`.

use heliogram_ids::MessageId;
use heliogram_tl as tl;

use crate::account::{Account, Place};
use crate::args::Args;
use crate::bots::Bot;
use crate::error::ApiError;
use crate::methods::message_ids;
use crate::params;
use crate::reply::{Answer, Success};

/// `deleteMessage`: one message, for everybody.
///
/// # Errors
/// `message identifier is not specified`, `message to delete not found`, `message can't be
/// deleted`.
pub(super) async fn delete_message(bot: &Bot, args: &Args) -> Answer {
    let params = params::DeleteMessage::read(args)?;
    let account = bot.account()?;
    let id = i32::try_from(params.message_id).ok().and_then(MessageId::new);
    let Some(id) = id else {
        let place = account.place(&params.chat_id).await;
        let text = match place {
            Ok(_) if params.message_id == 0 => "message identifier is not specified",
            Ok(_) => "message to delete not found",
            Err(error) => return Err(error),
        };
        return Err(ApiError::bad_request(text));
    };
    let place = account.place_to_write(&params.chat_id).await?;
    account.forget(place.peer, id);
    if account.find(place.peer, &place.input, id).await?.is_none() {
        return Err(ApiError::bad_request("message to delete not found"));
    }
    delete(account, &place, &[id]).await?;
    Success::of(&true)
}

/// `deleteMessages`: up to a hundred at once; those that are gone are passed over.
///
/// # Errors
/// `message identifiers are not specified`, `too many message identifiers specified`.
pub(super) async fn delete_messages(bot: &Bot, args: &Args) -> Answer {
    let params = params::DeleteMessages::read(args)?;
    let ids = message_ids(params.message_ids.as_deref())?;
    let account = bot.account()?;
    let place = account.place_to_write(&params.chat_id).await?;
    delete(account, &place, &ids).await?;
    Success::of(&true)
}

async fn delete(account: &Account, place: &Place, ids: &[MessageId]) -> Result<(), ApiError> {
    let id = ids.iter().map(|id| id.get()).collect();
    match Account::input_channel(&place.input) {
        Some(channel) => {
            account.invoke(&tl::channels::DeleteMessages { channel, id }).await?;
        }
        None => {
            account.invoke(&tl::messages::DeleteMessages { revoke: true, id }).await?;
        }
    }
    ids.iter().for_each(|id| account.forget(place.peer, *id));
    Ok(())
}
