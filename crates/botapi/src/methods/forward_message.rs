//! `forwardMessage`, `forwardMessages`, `copyMessage`, `copyMessages`.

use heliogram_ids::MessageId;
use heliogram_tl as tl;

use super::send_message::{Preview, refused, send_media, send_words};
use crate::account::{Account, Place, Sent};
use crate::args::Args;
use crate::bots::Bot;
use crate::chat_ref::ChatRef;
use crate::compose::{self, Addressed, Envelope, Words};
use crate::convert;
use crate::error::{ApiError, Content};
use crate::methods::message_ids;
use crate::params;
use crate::reply::{Answer, Success};
use crate::types;

/// `forwardMessage`: one message, under its author's name.
///
/// # Errors
/// `message to forward not found`, `message has protected content and can't be forwarded`.
pub(super) async fn forward_message(bot: &Bot, args: &Args) -> Answer {
    let params = params::ForwardMessage::read(args)?;
    let account = bot.account()?;
    let (from, id, _) = source(account, &params.from_chat_id, params.message_id, "forward").await?;
    let envelope = Envelope {
        chat_id: params.chat_id,
        message_thread_id: params.message_thread_id,
        disable_notification: params.disable_notification,
        protect_content: params.protect_content,
        message_effect_id: params.message_effect_id,
        ..Envelope::default()
    };
    let to = envelope.address(account).await?;
    let messages = forward(account, &from, to, &[id], Manner::default()).await?;
    let message = messages.first().ok_or_else(cannot)?;
    Success::of(&account.present(message).await?)
}

/// `forwardMessages`: up to a hundred; those that are gone are passed over.
///
/// # Errors
/// `message identifiers are not specified`, `too many message identifiers specified`.
pub(super) async fn forward_messages(bot: &Bot, args: &Args) -> Answer {
    let params = params::ForwardMessages::read(args)?;
    let envelope = Envelope {
        chat_id: params.chat_id,
        message_thread_id: params.message_thread_id,
        disable_notification: params.disable_notification,
        protect_content: params.protect_content,
        ..Envelope::default()
    };
    let ids = params.message_ids.as_deref();
    several(bot.account()?, envelope, &params.from_chat_id, ids, Manner::default()).await
}

/// `copyMessage`: the content of a message, as a message of the bot's own.
///
/// # Errors
/// `message to copy not found`.
pub(super) async fn copy_message(bot: &Bot, args: &Args) -> Answer {
    let params = params::CopyMessage::read(args)?;
    let account = bot.account()?;
    let caption = match &params.caption {
        Some(text) => {
            let mode = params.parse_mode.as_deref();
            let entities = params.caption_entities.as_deref();
            Some(compose::caption(account, Some(text), mode, entities).await?)
        }
        None => None,
    };
    let found = source(account, &params.from_chat_id, params.message_id, "copy").await?;
    let (from, id, message) = found;
    let above = params.show_caption_above_media.unwrap_or_default();
    let envelope = Envelope {
        chat_id: params.chat_id,
        message_thread_id: params.message_thread_id,
        disable_notification: params.disable_notification,
        protect_content: params.protect_content,
        allow_paid_broadcast: params.allow_paid_broadcast,
        message_effect_id: params.message_effect_id,
        reply_parameters: params.reply_parameters,
        reply_to_message_id: params.reply_to_message_id,
        allow_sending_without_reply: params.allow_sending_without_reply,
        reply_markup: params.reply_markup,
        ..Envelope::default()
    };
    let to = envelope.address(account).await?;
    if matches!(message, tl::Message::MessageService(_)) {
        return Err(ApiError::bad_request("message can't be copied"));
    }
    // Forwarding knows neither keyboards nor other captions.
    if to.reply_markup.is_some() || to.reply_to.is_some() || caption.is_some() {
        return resend(account, to, message, caption, above).await;
    }
    let manner = Manner { drop_author: true, ..Manner::default() };
    let messages = forward(account, &from, to, &[id], manner).await?;
    numbers(&messages).first().map_or_else(|| Err(cannot()), Success::of)
}

/// `copyMessages`: up to a hundred; those that are gone are passed over.
///
/// # Errors
/// `message identifiers are not specified`, `too many message identifiers specified`.
pub(super) async fn copy_messages(bot: &Bot, args: &Args) -> Answer {
    let params = params::CopyMessages::read(args)?;
    let envelope = Envelope {
        chat_id: params.chat_id,
        message_thread_id: params.message_thread_id,
        disable_notification: params.disable_notification,
        protect_content: params.protect_content,
        ..Envelope::default()
    };
    let drop_captions = params.remove_caption.unwrap_or_default();
    let manner = Manner { drop_author: true, drop_captions };
    let ids = params.message_ids.as_deref();
    several(bot.account()?, envelope, &params.from_chat_id, ids, manner).await
}

/// What is left out of the copies.
#[derive(Clone, Copy, Debug, Default)]
struct Manner {
    drop_author: bool,
    drop_captions: bool,
}

async fn several(
    account: &Account,
    envelope: Envelope,
    from: &ChatRef,
    ids: Option<&[i64]>,
    manner: Manner,
) -> Answer {
    let ids = message_ids(ids)?;
    if ids.windows(2).any(|pair| pair[0] >= pair[1]) {
        return Err(ApiError::bad_request(
            "message identifiers must be in a strictly increasing order",
        ));
    }
    let from = account.place(from).await?;
    let to = envelope.address(account).await?;
    let messages = forward(account, &from, to, &ids, manner).await?;
    Success::of(&numbers(&messages))
}

async fn source(
    account: &Account,
    chat: &ChatRef,
    id: i64,
    verb: &str,
) -> Result<(Place, MessageId, tl::Message), ApiError> {
    if *chat == ChatRef::Empty {
        return Err(ApiError::required("from_chat_id"));
    }
    let not_found = || ApiError::bad_request(format!("message to {verb} not found"));
    let from = account.place(chat).await?;
    let id = i32::try_from(id).ok().and_then(MessageId::new).ok_or_else(not_found)?;
    let message = account.find(from.peer, &from.input, id).await?.ok_or_else(not_found)?;
    Ok((from, id, message))
}

async fn forward(
    account: &Account,
    from: &Place,
    to: Addressed,
    ids: &[MessageId],
    manner: Manner,
) -> Result<Vec<tl::Message>, ApiError> {
    let mut sent = Vec::new();
    for _ in ids {
        sent.push(Sent { random_id: account.random_id(), ..Sent::default() });
    }
    let request = tl::messages::ForwardMessages {
        silent: to.silent,
        drop_author: manner.drop_author,
        drop_media_captions: manner.drop_captions,
        noforwards: to.noforwards,
        allow_paid_floodskip: to.paid,
        from_peer: from.input.clone(),
        id: ids.iter().map(|id| id.get()).collect(),
        random_id: sent.iter().map(|sent| sent.random_id).collect(),
        to_peer: to.place.input,
        top_msg_id: to.reply_to.as_ref().and_then(|reply| match reply {
            tl::InputReplyTo::InputReplyToMessage(reply) => reply.top_msg_id,
            _ => None,
        }),
        effect: to.effect,
        ..tl::messages::ForwardMessages::default()
    };
    let updates = account.ask(&request).await;
    let updates = updates.map_err(|error| refused(&error, to.place.peer, Content::Other))?;
    account.sent(updates, &sent)
}

/// Sends the content of a message anew, with what forwarding cannot change.
async fn resend(
    account: &Account,
    to: Addressed,
    message: tl::Message,
    caption: Option<Words>,
    above: bool,
) -> Answer {
    let tl::Message::Message(message) = message else { return Err(cannot()) };
    let own = Words { text: message.message, entities: message.entities };
    let media = match message.media.as_ref() {
        None | Some(tl::MessageMedia::MessageMediaWebPage(_)) => None,
        Some(media) => Some(compose::again(media).ok_or_else(cannot)?),
    };
    let words = if media.is_some() { caption.unwrap_or(own) } else { own };
    let answer = match media {
        Some(media) => {
            let above = above || message.invert_media;
            send_media(account, to, words, media, above, Content::Other).await?
        }
        None => send_words(account, to, words, &Preview::default()).await?,
    };
    let message_id = serde_json::from_str::<serde_json::Value>(answer.json())
        .ok()
        .and_then(|message| message["message_id"].as_i64())
        .ok_or_else(cannot)?;
    Success::of(&types::MessageId { message_id })
}

fn numbers(messages: &[tl::Message]) -> Vec<types::MessageId> {
    let ids = messages.iter().filter_map(convert::message_id);
    ids.map(|id| types::MessageId { message_id: id.get().into() }).collect()
}

fn cannot() -> ApiError {
    ApiError::bad_request("message can't be copied")
}
