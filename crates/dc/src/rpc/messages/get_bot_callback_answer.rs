//! `messages.getBotCallbackAnswer`: the question; `messages.setBotCallbackAnswer`: the answer.

use std::time::Duration;

use heliogram_ids::Peer;
use heliogram_tl as tl;
use heliogram_tl::{Decode as _, Encode as _, types};

use crate::cx::{Reading, Writing};
use crate::domain::callbacks::{self, Pressed};
use crate::domain::passwords;
use crate::domain::text::utf16_len;
use crate::error::{Rpc, RpcError};
use crate::fanout::{CallbackQuery, Effect, Notice};
use crate::rpc::input;
use crate::rpc::route::Answer;

/// `messages.getBotCallbackAnswer`: a button was pressed; its bot is asked what is to happen.
///
/// The answer is open until the bot gives it, unless the bot allowed an earlier one to be repeated.
///
/// # Errors
/// `PEER_ID_INVALID`, `MESSAGE_ID_INVALID`, `DATA_INVALID` if the message has no such button,
/// `PASSWORD_MISSING`, `PASSWORD_HASH_INVALID`, `SRP_ID_INVALID` and `SRP_PASSWORD_CHANGED` for buttons
/// that want a password, `BOT_RESPONSE_TIMEOUT`.
pub(super) fn get_bot_callback_answer(
    cx: &mut Writing<'_>,
    req: tl::messages::GetBotCallbackAnswer,
) -> Rpc<Answer<tl::messages::BotCallbackAnswer>> {
    let peer = input::peer(cx, &req.peer)?;
    let id = input::message_id(req.msg_id).ok_or(RpcError::MESSAGE_ID_INVALID)?;
    let data = req.data.filter(|_| !req.game).ok_or(RpcError::DATA_INVALID)?.to_vec();

    let (message, needs_password) = callbacks::button(cx.db, cx.me, peer, id, &data)?;
    let found = callbacks::bot_of(cx.db, &message)?;
    let (bot, message_id) = found.ok_or(RpcError::MESSAGE_ID_INVALID)?;
    if needs_password {
        check_password(cx, req.password.as_ref())?;
    }

    let pressed = Pressed { user: cx.me, copy: message.copy, data };
    if let Some(answer) = cx.world.callbacks.kept(&pressed, cx.now)
        && let Ok(answer) = tl::messages::BotCallbackAnswer::from_bytes(&answer.into())
    {
        return Ok(Answer::Now(answer));
    }
    let query = CallbackQuery {
        id: cx.rng.i64(),
        user: cx.me,
        peer: Peer::User(cx.me),
        message: message_id,
        chat_instance: cx.world.access.chat_instance(bot, Peer::User(cx.me)),
        data: pressed.data.clone(),
    };
    let id = query.id;
    let timeout = cx.world.limits().callback_answer_timeout;
    cx.world.callbacks.open(id, bot, pressed, cx.now, timeout)?;
    cx.outbox.tell(bot, Notice::Callback { query });
    Ok(Answer::Parked(id))
}

/// `messages.setBotCallbackAnswer`: a bot answers a press of its button.
///
/// # Errors
/// `QUERY_ID_INVALID` if nobody asked this bot under that number, or the time is over;
/// `MESSAGE_TOO_LONG`.
pub(super) fn set_bot_callback_answer(
    cx: &mut Reading<'_>,
    req: tl::messages::SetBotCallbackAnswer,
) -> Rpc<bool> {
    if req.message.as_ref().is_some_and(|text| utf16_len(text) > MESSAGE_UTF16_MAX) {
        return Err(RpcError::MESSAGE_TOO_LONG);
    }
    let cache_time = req.cache_time.clamp(0, CACHE_SECONDS_MAX);

    let pressed = cx.world.callbacks.close(req.query_id, cx.me, cx.now)?;

    let answer = types::messages::BotCallbackAnswer {
        alert: req.alert,
        has_url: req.url.is_some(),
        native_ui: true,
        message: req.message.filter(|text| !text.is_empty()),
        url: req.url,
        cache_time,
    };
    let answer = tl::messages::BotCallbackAnswer::from(answer).to_bytes();
    if cache_time > 0 {
        let until = cx.now + Duration::from_secs(u64::from(cache_time.unsigned_abs()));
        cx.world.callbacks.keep(pressed, until, cx.now, answer.clone());
    }
    cx.outbox.then(Effect::Answer { query: req.query_id, answer });
    Ok(true)
}

fn check_password(cx: &Writing<'_>, given: Option<&tl::InputCheckPasswordSrp>) -> Rpc<()> {
    let password = passwords::find(cx.db, cx.me)?.ok_or(RpcError::PASSWORD_MISSING)?;
    let proof = given.and_then(input::password);
    let (limits, key) = (cx.world.limits(), cx.caller.auth_key);
    cx.world.challenges.check(cx.now, limits, key, cx.me, &password, proof).map(drop)
}

/// Longest text that a press may show.
const MESSAGE_UTF16_MAX: u32 = 200;
/// Longest time for which an answer is repeated: a day.
const CACHE_SECONDS_MAX: i32 = 86_400;
